#!/usr/bin/env python3
"""Writes the files beside it by Python's safetensors, for safetensors_test.cpp. Run by hand."""

import os

import torch
from safetensors.torch import save_file

folder = os.path.dirname(os.path.abspath(__file__))


def numbers(dtype):
    return (torch.arange(6) - 2).view(2, 3).to(dtype)


tensors = {
    "f32": numbers(torch.float32),
    "f64": numbers(torch.float64),
    "f16": numbers(torch.float16),
    "bf16": numbers(torch.bfloat16),
    "i64": numbers(torch.int64),
    "i32": numbers(torch.int32),
    "i16": numbers(torch.int16),
    "i8": numbers(torch.int8),
    "u8": torch.arange(6).to(torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "number": torch.tensor(0.1, dtype=torch.float64),
    "empty": torch.zeros(0, 3),
    "layer.weight": torch.arange(4.0).view(2, 2).t().contiguous(),
    'Z "quoted" \\ \n\x01 é': torch.ones(1),
}
save_file(tensors, os.path.join(folder, "all.safetensors"))
save_file(
    {"a": torch.zeros(3, dtype=torch.int16)},
    os.path.join(folder, "metadata.safetensors"),
    {"format": "pt"},
)
save_file({}, os.path.join(folder, "none.safetensors"))
