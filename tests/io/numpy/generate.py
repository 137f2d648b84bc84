#!/usr/bin/env python3
"""Writes the files beside it by NumPy, for numpy_test.cpp. Run by hand."""

import os

import numpy as np
from numpy.lib import format

folder = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(folder, name)


def numbers(dtype):
    return (np.arange(6) - 2).reshape(2, 3).astype(dtype)


# Written in the same way by save_npy.
for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "?"]:
    np.save(path(f"{'b1' if dtype == '?' else dtype}.npy"), numbers(dtype))
np.save(path("fortran.npy"), np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)))
np.save(path("strided.npy"), np.arange(24, dtype="f4").reshape(2, 3, 4).transpose(1, 0, 2))
np.save(path("number.npy"), np.float64(0.1))
np.save(path("one.npy"), np.ones((1,), dtype="i8"))
np.save(path("empty.npy"), np.ones((3, 0), dtype="f4"))
np.save(path("long.npy"), np.zeros((1, 1234567, 0), dtype="u1"))

# Only read.
for dtype in [">f2", ">f4", ">f8", ">i2", ">i4", ">i8"]:
    np.save(path(f"big_{dtype[1:]}.npy"), numbers(dtype))
for version in [(2, 0), (3, 0)]:
    with open(path(f"version{version[0]}.npy"), "wb") as file:
        format.write_array(file, numbers("f4"), version)

# Refused.
for name, array in [
    ("u2", numbers("u2")),
    ("c8", numbers("c8")),
    ("text", np.array(["ab", "c"])),
    ("date", np.array(["2020-01-01"], dtype="datetime64[D]")),
    ("object", np.array([None, 1], dtype=object)),
    ("structure", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])),
]:
    np.save(path(f"refused_{name}.npy"), array)

arrays = {"x": numbers("f4"), "layer.weight": np.asfortranarray(numbers("i8")), "é": np.array(True)}
np.savez(path("arrays.npz"), **arrays)
np.savez_compressed(path("compressed.npz"), **arrays, zeros=np.zeros(1000))
