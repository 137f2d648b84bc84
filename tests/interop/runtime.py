"""ONNX Runtime in Python, see runtime.mjs: runtime.py FOLDER."""
import pathlib
import sys

import onnxruntime
from safetensors.numpy import load_file, save_file

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
for path in paths:
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    tensors, results = load_file(path.with_suffix(".safetensors")), {}
    for prefix in "", "other.":
        feed = {x.name: tensors[f"{prefix}input{i}"] for i, x in enumerate(session.get_inputs())}
        for i, y in enumerate(session.run(None, feed)):
            results[f"{prefix}result{i}"] = y.copy(order="C")
    save_file(results, path.with_suffix(".runtime.safetensors"))
print(f"ONNX Runtime {onnxruntime.__version__} has run {len(paths)} files")
