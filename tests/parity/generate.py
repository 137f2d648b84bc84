#!/usr/bin/python3
"""Writes fixtures/*.txt: what PyTorch computes for the cases in families/*.py.

    apt-get install python3-torch      # Debian's, hence the interpreter above; 2.6 or newer
    tests/parity/generate.py [FAMILY...]

The file in C++ of the same name calls the same functions of Rewind under the same names, and
parity_test.cpp compares. For each case the file holds its inputs, its outputs, the first
derivatives of sum(output * weights) with respect to each input that is a leaf, and the second ones,
the derivatives of sum(first * weights). A case's inputs depend on its name alone, so that a new
case adds lines and changes none. Linear functions are squared in many cases: their second
derivatives would be zero otherwise.

Of a refused case, which PyTorch answers with an exception, the file holds the inputs and the word
`refused`. Left out is what Rewind means to do differently: the second derivatives of 0 ** exponent with
respect to the exponent, which are NaN here.
"""

import importlib
import pathlib
import random
import sys

import torch

from families.common import cases

def weights(like, k):
    """The numbers that weigh the k-th output or first derivative: the same in parity_test.cpp."""
    i = torch.arange(like.numel(), dtype=torch.float64)
    return (((i * 37 + k * 11 + 5) % 64 - 31.5) / 32).reshape(like.shape)


def weighed(tensors):
    return sum((t * weights(t, k)).sum() for k, t in enumerate(tensors) if t.requires_grad)


def derivatives(y, leaves, create_graph=False):
    grads = [None] * len(leaves)
    if isinstance(y, torch.Tensor) and y.requires_grad:
        grads = torch.autograd.grad(y, leaves, create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(grads, leaves)]


def number(v):
    return str(int(v)) if isinstance(v, bool) else repr(v).removesuffix(".0")


def line(role, t):
    dtype = str(t.dtype).removeprefix("torch.")
    shape = ",".join(map(str, t.shape))
    zeros = t.count_nonzero() == 0
    numbers = "zeros" if zeros else " ".join(map(number, t.flatten().tolist()))
    return f"{role} {dtype} [{shape}] {numbers}\n"


def write_refusal(out, name, function, inputs):
    try:
        function(*inputs)
    except (AssertionError, RuntimeError, ValueError, IndexError, TypeError, NotImplementedError):
        for x in inputs:
            out.write(line("leaf" if x.requires_grad else "input", x))
        out.write("refused\n")
    else:
        raise SystemExit(f"{name} is not refused")


def write(out, name, function, inputs, is_refused):
    rng = random.Random(name)
    inputs = [make(rng) for make in inputs]
    if is_refused:
        out.write(f"case {name}\n")
        return write_refusal(out, name, function, inputs)
    outputs = function(*inputs)
    if isinstance(outputs, torch.Tensor):
        outputs = [outputs]
    leaves = [x for x in inputs if x.requires_grad]
    first = derivatives(weighed(outputs), leaves, create_graph=True)
    second = derivatives(weighed(first), leaves)
    out.write(f"case {name}\n")
    for x in inputs:
        out.write(line("leaf" if x.requires_grad else "input", x))
    for role, tensors in (("output", outputs), ("first", first), ("second", second)):
        for t in tensors:
            out.write(line(role, t))


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    for file in sorted((here / "families").glob("[a-z]*.py")):
        if sys.argv[1:] and file.stem not in sys.argv[1:]:
            continue
        cases.clear()
        importlib.import_module(f"families.{file.stem}")
        if not cases:
            continue
        path = here / "fixtures" / f"{file.stem}.txt"
        with path.open("w") as out:
            out.write(f"# Written by generate.py with PyTorch {torch.__version__}.\n")
            for name, (function, inputs, is_refused) in cases.items():
                write(out, name, function, inputs, is_refused)
        print(f"{file.stem}: {len(cases)} cases, {path.stat().st_size} bytes")
