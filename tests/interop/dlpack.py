"""Tensors from memory to memory by DLPack, with the library interop_dlpack: dlpack.py LIBRARY."""
import ctypes
import sys

import numpy as np
import torch
from torch.utils import dlpack

from tensors import same, tensors

library = ctypes.CDLL(sys.argv[1])
library.rewind_give.restype = ctypes.c_void_p
library.rewind_take.restype = ctypes.c_char_p
library.rewind_take.argtypes = [ctypes.c_int, ctypes.c_void_p]
make = ctypes.pythonapi.PyCapsule_New
make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
rename = ctypes.pythonapi.PyCapsule_SetName
rename.argtypes = [ctypes.py_object, ctypes.c_char_p]
USED = b"used_dltensor"


class Given:
    """A tensor of C++, as libraries ask for one."""

    def __init__(self, place):
        self.capsule = make(library.rewind_give(place), b"dltensor", None)

    def __dlpack__(self, **options):
        return self.capsule

    def __dlpack_device__(self):
        return (1, 0)


def take(what, place, capsule):
    given = pointer(capsule, b"dltensor")
    rename(capsule, USED)
    message = library.rewind_take(place, given).decode()
    assert not message, f"{what}: {message}"



def since(library, *version):
    return tuple(int(x) for x in library.__version__.split(".")[:2]) >= version


# Earlier versions know no bool in DLPack.
torch_has_bool, numpy_has_bool = since(torch, 2, 2), since(np, 1, 25)
all = tensors()
assert library.rewind_count() == len(all)
to_torch = to_numpy = 0
for place, (name, t) in enumerate(all.items()):
    if t.dtype != torch.bool or torch_has_bool:
        got = dlpack.from_dlpack(Given(place).capsule)
        same(name, got, t)
        mine = t.clone(memory_format=torch.preserve_format)
        take(name, place, dlpack.to_dlpack(mine))
        if t.dtype == torch.float32 and t.numel() and not t.flatten()[0].isnan():
            assert mine.flatten()[0] == t.flatten()[0] + 1, f"{name}: not the same memory"
        to_torch += 1
    if t.dtype != torch.bfloat16 and (t.dtype != torch.bool or numpy_has_bool):
        array = np.from_dlpack(Given(place))
        same(name, torch.as_tensor(array.copy(order="K")), t)
        mine = t.numpy().copy(order="K")
        take(name, place, mine.__dlpack__())
        to_numpy += 1
print(f"DLPack: {to_torch} tensors to and from PyTorch {torch.__version__}, {to_numpy} to and from "
      f"NumPy {np.__version__}")
