#!/usr/bin/env python3
"""Writes the files beside it by torch.save, for pytorch_test.cpp. Run by hand."""

import collections
import os
import zipfile

import torch

folder = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(0)


def path(name):
    return os.path.join(folder, name)


def numbers(dtype):
    return (torch.arange(6) - 2).view(2, 3).to(dtype)


types = ["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "bool"]
tensors = {name: numbers(getattr(torch, name)) for name in types}
tensors["uint8"] = torch.arange(6, dtype=torch.uint8)
tensors["number"] = torch.tensor(0.1, dtype=torch.float64)
tensors["empty"] = torch.zeros(0, 3)

base = torch.arange(24.0).view(2, 3, 4)
views = collections.OrderedDict(
    base=base,
    turned=base.permute(2, 0, 1),
    row=base[1, 2],
    wide=torch.ones(2, 1).expand(2, 5),
    column=base[:, 1:, ::2],
    parameter=torch.nn.Parameter(torch.ones(3)),
    last=torch.arange(24.0).view(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
)

model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
for p in model.parameters():
    p.data = torch.arange(float(p.numel())).view(p.shape) / 4
adam = torch.optim.Adam(model.parameters(), lr=0.5)
model(torch.tensor([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.0]])).square().sum().backward()
adam.step()

nested = {
    "model": model.state_dict(),
    "optimizer": adam.state_dict(),
    "list": [1, 2.5, None, True, "text", (torch.ones(2), {3: torch.zeros(1)}), -5, 2**40, 2**70],
    "others": [torch.float16, torch.device("cpu"), torch.Size([1, 2]), b"bytes", {}, [], ()],
    "epoch": 300,
}

for suffix, new in [("", True), ("_legacy", False)]:
    options = {"_use_new_zipfile_serialization": new}
    torch.save(tensors, path(f"tensors{suffix}.pt"), **options)
    torch.save(views, path(f"views{suffix}.pt"), **options)
    torch.save(nested, path(f"nested{suffix}.pt"), **options)
    torch.save(model.state_dict(), path(f"model{suffix}.pt"), **options)
    torch.save(numbers(torch.float32), path(f"tensor{suffix}.pt"), **options)
with zipfile.ZipFile(path("tensor.pt")) as stored:
    with zipfile.ZipFile(path("deflated.pt"), "w", zipfile.ZIP_DEFLATED) as deflated:
        for name in stored.namelist():
            deflated.writestr(name, stored.read(name))


class Call:
    def __reduce__(self):
        return os.system, ("touch /tmp/rewind_was_here",)


torch.save({"a": torch.ones(1), "b": Call()}, path("refused_call.pt"))
torch.save(model, path("refused_module.pt"))
torch.save(torch.zeros(2, dtype=torch.uint16), path("refused_uint16.pt"))
torch.save(torch.zeros(2, dtype=torch.complex64), path("refused_complex.pt"))
torch.save(torch.eye(2).to_sparse(), path("refused_sparse.pt"))
torch.save({(1, 2): torch.ones(1)}, path("refused_key.pt"))
torch.save({"a.b": torch.ones(1), "a": {"b": torch.ones(1)}}, path("refused_twice.pt"))
torch.save({"a": torch.ones(1)}, path("refused_protocol.pt"), pickle_protocol=4)
