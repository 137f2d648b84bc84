"""Holds the files of write_cases to ONNX's checker and to ONNX Runtime: python3 check.py FOLDER.

Debian's unstable has what it takes as python3-onnx, python3-onnxruntime and python3-safetensors.
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file


def difference(path):
    """The greatest one of all results, relative to the greatest number of each."""
    onnx.checker.check_model(str(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    tensors = load_file(path.with_suffix(".safetensors"))
    worst = 0
    for prefix in "", "other.":
        feed = {x.name: tensors[f"{prefix}input{i}"] for i, x in enumerate(session.get_inputs())}
        results = session.run(None, feed)
        expected = [tensors[f"{prefix}result{i}"] for i in range(len(results))]
        for got, want in zip(results, expected):
            assert got.shape == want.shape, f"shape {got.shape}, expected {want.shape}"
            assert got.dtype == want.dtype, f"{got.dtype}, expected {want.dtype}"
            error = np.abs(got.astype(np.float64) - want).max() / max(np.abs(want).max(), 1e-30)
            assert not np.isnan(error), "NaN"
            worst = max(worst, error)
    return worst


def main():
    failed = 0
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
    for path in paths:
        try:
            error = difference(path)
            assert error <= 1e-4, f"differs by {error:.2g} of the greatest number"
            print(f"{path.stem}: {error:.1e}, {path.stat().st_size} bytes")
        except Exception as e:
            failed += 1
            print(f"{path.stem}: FAILED: {e}")
    print(f"{len(paths) - failed} of {len(paths)} agree")
    sys.exit(failed > 0)


main()
