"""Holds all .onnx files of the folder to ONNX's checker."""
import pathlib
import sys

import onnx

failed, later, paths = 0, 0, sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
for path in paths:
    opset = onnx.load(str(path), load_external_data=False).opset_import[0].version
    if opset > onnx.defs.onnx_opset_version():
        later += 1
        print(f"{path.stem}: of version {opset}, which this checker does not know")
        continue
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except Exception as e:
        failed += 1
        print(f"{path.stem}: FAILED: {e}")
print(f"ONNX {onnx.__version__}'s checker takes {len(paths) - failed - later} of "
      f"{len(paths) - later}")
sys.exit(failed > 0 or not paths)
