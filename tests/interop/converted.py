"""Brings ONNX's cases that PyTorch once exported, which are of version 6, to 13, by ONNX's own
converter: into the folder converted."""
import pathlib
import shutil

import onnx
from onnx import version_converter

for kind in "pytorch-operator", "pytorch-converted":
    for path in pathlib.Path(f"/usr/share/libonnx-testdata/data/{kind}").glob("*/model.onnx"):
        folder = pathlib.Path("converted", kind, path.parent.name)
        shutil.copytree(path.parent, folder)
        model = version_converter.convert_version(onnx.load(str(path)), 13)
        onnx.save(model, str(folder / "model.onnx"))
