"""What the Python side of `./dev interop` shares: the tensors that go both ways, which tensors.cpp
makes by the same formulas, and safetensors, with Debian 12 having no package of it."""
import json
import math
import sys

import torch

try:
    from safetensors.torch import load_file, save_file
except ImportError:  # after https://huggingface.co/docs/safetensors, format
    TYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32,
             "F64": torch.float64, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16,
             "I32": torch.int32, "I64": torch.int64, "BOOL": torch.bool}
    ORDER = ["I64", "F64", "F32", "I32", "BF16", "F16", "I16", "I8", "U8", "BOOL"]

    def load_file(path):
        with open(path, "rb") as file:
            content = file.read()
        length = int.from_bytes(content[:8], "little")
        assert length % 8 == 0, "the numbers don't begin at a multiple of 8"
        header, data, end, all = json.loads(content[8:8 + length]), content[8 + length:], 0, {}
        header.pop("__metadata__", None)
        for name, entry in header.items():
            begin, stop = entry["data_offsets"]
            assert begin == end, f"{name} begins at {begin}, expected {end}"
            end, type = stop, TYPES[entry["dtype"]]
            flat = torch.empty(0, dtype=type)
            if stop > begin:
                flat = torch.frombuffer(bytearray(data[begin:stop]), dtype=type)
            all[name] = flat.reshape(entry["shape"])
        assert end == len(data), "the file goes on after the last tensor"
        return all

    def save_file(tensors, path, metadata=None):
        codes = {type: code for code, type in TYPES.items()}
        header = {"__metadata__": metadata} if metadata else {}
        data = b""
        for name, t in sorted(tensors.items(), key=lambda x: (ORDER.index(codes[x[1].dtype]),
                                                              x[0].encode())):
            assert t.is_contiguous()
            content = raw(t)
            header[name] = {"dtype": codes[t.dtype], "shape": list(t.shape),
                            "data_offsets": [len(data), len(data) + len(content)]}
            data += content
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text + data)


def steps(shape):
    return (torch.arange(math.prod(shape)) * 7 % 23).reshape(shape)


def numbers(shape, dtype):
    if dtype == torch.bool:
        return steps(shape) > 10
    if dtype == torch.uint8:
        return steps(shape).to(dtype)
    signed = steps(shape) - 11
    return (signed.float() / 4).to(dtype) if dtype.is_floating_point else signed.to(dtype)


def extremes(dtype):
    f = torch.finfo(dtype)
    denormal = f.tiny * f.eps
    return torch.tensor([math.nan, math.inf, -math.inf, -0.0, denormal, f.max, f.min, f.eps],
                        dtype=dtype)


def tensors():
    shapes = {"number": (), "one": (1,), "matrix": (3, 5), "empty": (0, 4), "deep": (2, 1, 3, 2)}
    types = "float16 bfloat16 float32 float64 uint8 int8 int16 int32 int64 bool".split()
    all = {f"{type}.{name}": numbers(shape, getattr(torch, type))
           for type in types for name, shape in shapes.items()}
    all["special.float32"] = extremes(torch.float32)
    all["special.float64"] = extremes(torch.float64)
    all["int64.extremes"] = torch.tensor([-2**63, 2**63 - 1])
    all["turned"] = numbers((4, 3, 2), torch.float32).permute(2, 1, 0)
    all['é "quoted"'] = numbers((2,), torch.float32)
    return all


def raw(t):
    """The bytes of a tensor, in row-major order."""
    t = t.detach().contiguous().reshape(-1)
    return t.view(torch.uint8).numpy().tobytes() if t.numel() else b""


def same(what, got, expected):
    assert got.dtype == expected.dtype, f"{what}: {got.dtype}, expected {expected.dtype}"
    assert got.shape == expected.shape, f"{what}: {got.shape}, expected {expected.shape}"
    assert raw(got) == raw(expected), f"{what}: other numbers"


def weighted(results):
    """A sum of all results, each element of another weight, to go back from; see imported.cpp."""
    return sum((y.double() * torch.arange(y.numel()).double().cos().reshape(y.shape)).sum()
               for y in results if y.is_floating_point() and y.requires_grad)


def command(**functions):
    """Runs the function that the first argument names with the others."""
    functions[sys.argv[1].replace("-", "_")](*sys.argv[2:])
