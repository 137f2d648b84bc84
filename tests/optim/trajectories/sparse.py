#!/usr/bin/python3
"""Writes sparse.txt: what PyTorch's optimizers make of a table whose gradients are of rows. A line is
a step, and all numbers of the table; the last line of a case has the state's tensors, dense, in the
order of their names."""

import pathlib

import torch
from problem import write
from torch import nn, optim

torch.set_default_dtype(torch.float64)
rows, columns, steps = 6, 3, 8
cases = {}


def start():
    return ((torch.arange(rows * columns) * 5 % 13 - 6) / 4).reshape(rows, columns)


def indices(step):
    """Some rows, some of them twice; row 5 is never there."""
    return torch.tensor([(step * 3) % 5, (step * 7 + 1) % 5, (step * 3) % 5, (step + 2) % 3])


def case(name, cls, **options):
    table = nn.Embedding(rows, columns, sparse=True, _weight=start())
    optimizer = cls(table.parameters(), **options)
    lines = []
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        c = (torch.arange(4 * columns) * 3 % 7 - 3).reshape(4, columns) / 2
        (table(indices(step)).square() / 2 - c * table(indices(step))).sum().backward()
        optimizer.step()
        lines.append([step] + table.weight.flatten().tolist())
    state = optimizer.state[table.weight]
    tensors = [t.to_dense() for key, t in sorted(state.items()) if key != "step" and torch.is_tensor(t)]
    lines.append([v for t in tensors for v in t.flatten().tolist()])
    cases[name] = lines


case("sgd", optim.SGD, lr=0.1)
case("sgd_momentum", optim.SGD, lr=0.1, momentum=0.8, dampening=0.25)
case("sgd_nesterov", optim.SGD, lr=0.05, momentum=0.8, nesterov=True)
case("adagrad", optim.Adagrad, lr=0.2, lr_decay=0.1, initial_accumulator_value=0.25)
case("adagrad_maximize", optim.Adagrad, lr=0.1, maximize=True)
case("sparse_adam", optim.SparseAdam, lr=0.1)
case("sparse_adam_options", optim.SparseAdam, lr=0.05, betas=(0.7, 0.8), eps=1e-3, maximize=True)

if __name__ == "__main__":
    write(pathlib.Path(__file__).parent / "sparse.txt", f"PyTorch {torch.__version__}", cases)
