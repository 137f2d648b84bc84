#!/usr/bin/python3
"""Writes dtypes.txt: what PyTorch makes of every dtype, and of every pair of them.

    apt-get install python3-torch      # 2.0 or newer: older ones lack float16 on the CPU
    tests/parity/dtypes.py

dtypes_test.cpp calls the same functions of Rewind. A line is one call,

    KIND NAME ARGUMENT… -> DTYPE VALUE VALUE …

or ends in `-> refused`. Arguments are dtypes, of the fixed numbers below, or Python's kinds of
numbers.
"""

import itertools
import pathlib

import torch
from torch.nn import functional as F

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "bfloat16", "float32", "float64"]
SCALARS = {"bool": True, "int": 3, "float": 0.5}

UNARY = """abs neg sign square sqrt rsqrt reciprocal exp expm1 log log1p sin cos erf floor ceil round
tanh sigmoid relu isnan isfinite logical_not bitwise_not sum prod mean var std amax amin argmax argmin
any all nonzero clone""".split()
FUNCTIONS = {
    "leaky_relu": F.leaky_relu,
    "silu": F.silu,
    "gelu": F.gelu,
    "softplus": F.softplus,
    "softmax": lambda x: torch.softmax(x, 0),
    "log_softmax": lambda x: torch.log_softmax(x, 0),
    "logsumexp": lambda x: torch.logsumexp(x, 0),
    "clamp": lambda x: torch.clamp(x, 0, 2),
    "tril": lambda x: torch.tril(x.reshape(2, 3)),
    "pad": lambda x: F.pad(x, (1, 2)),
    "layer_norm": lambda x: F.layer_norm(x, (6,)),
    "max_pool2d": lambda x: F.max_pool2d(x.reshape(1, 2, 3), 2, 1),
    "avg_pool2d": lambda x: F.avg_pool2d(x.reshape(1, 2, 3), 2, 1),
    "zeros_like": torch.zeros_like,
    "full_like": lambda x: torch.full_like(x, 1),
}
FUNCTIONS |= {name: getattr(torch, name) for name in UNARY}
BINARY = """add sub mul div pow maximum minimum remainder eq lt ge bitwise_and bitwise_xor logical_and
matmul""".split()
WITH_SCALAR = "add sub mul div pow remainder eq lt".split()


def numbers(dtype, second=False):
    if dtype == "bool":
        values = [True, True, True, True, False, True] if second else [1, 0, 1, 1, 0, 0]
    elif dtype == "uint8":
        values = [2, 1, 3, 200, 5, 4] if second else [0, 1, 2, 3, 7, 250]
    elif "int" in dtype:
        values = [2, -1, 3, 1, -2, 4] if second else [-3, -1, 0, 1, 2, 5]
    else:
        values = [1, 2, -0.5, 4, 0.25, -3] if second else [-2, -0.5, 0, 0.75, 1, 3]
    return torch.tensor(values, dtype=getattr(torch, dtype))


def write(file, kind, name, arguments, function):
    try:
        result = function()
        values = [repr(float(v)).removesuffix(".0") for v in result.flatten()]
        text = " ".join([str(result.dtype).removeprefix("torch.")] + values)
    except (RuntimeError, TypeError, IndexError, ZeroDivisionError):
        text = "refused"
    print(kind, name, *arguments, "->", text, file=file)


def main():
    with open(pathlib.Path(__file__).with_name("dtypes.txt"), "w") as file:
        print(f"# Written by dtypes.py with PyTorch {torch.__version__}.", file=file)
        for name, d in itertools.product(FUNCTIONS, DTYPES):
            write(file, "unary", name, [d], lambda: FUNCTIONS[name](numbers(d)))
        for name, a, b in itertools.product(BINARY, DTYPES, DTYPES):
            f = getattr(torch, name)
            write(file, "binary", name, [a, b], lambda: f(numbers(a), numbers(b, True)))
        for name, d, kind in itertools.product(WITH_SCALAR, DTYPES, SCALARS):
            f = getattr(torch, name)
            write(file, "scalar", name, [d, kind], lambda: f(numbers(d), SCALARS[kind]))
        for a, b in itertools.product(DTYPES, DTYPES):
            x = numbers(a)
            if a.endswith(("16", "32", "64")) and "float" in a:
                x = x.abs()  # a negative number has no place in uint8
            write(file, "cast", "to", [a, b], lambda: x.to(getattr(torch, b)))
        table = torch.arange(12.0).reshape(6, 2)
        for d in DTYPES:
            index = numbers(d).abs().clamp(max=5) if d != "bool" else numbers(d)
            write(file, "index", "index", [d], lambda: table[index])
            write(file, "index", "index_select", [d], lambda: table.index_select(0, index))


main()
