#!/usr/bin/python3
"""Writes PyTorch's own samples of its operators (`op_db`), and what PyTorch makes of them.

    apt-get install python3-torch      # 2.14
    tests/parity/samples/samples.py FOLDER [--dtypes float64,int64] [--ops abs,nn.functional.glu]

A file FOLDER/DTYPE/OPERATOR.txt for each, which `parity_samples` reads (value.h says how); with
--errors FOLDER/errors/OPERATOR.txt, of what PyTorch refuses. Operators that change in place are
cases of the same file, `OPERATOR_`. Of an operator with many samples every n-th is taken.
"""

import argparse
import pathlib
import sys
import warnings

import torch
from torch.testing._internal.common_methods_invocations import op_db

warnings.filterwarnings("ignore")

# Of operators that draw random numbers, or leave memory as it is, only the dtype and shape hold.
RANDOM = """empty empty_like new_empty empty_strided empty_permuted new_empty_strided rand rand_like randn randn_like randint randint_like bernoulli
multinomial normal uniform cauchy exponential geometric log_normal nn.functional.dropout
nn.functional.dropout2d nn.functional.dropout3d nn.functional.alpha_dropout
nn.functional.feature_alpha_dropout nn.functional.rrelu""".split()
OUT_OF_SCOPE = ("fft.", "sparse.", "masked.", "torch.ops", "jiterator", "_segment", "stft", "istft")
MOST = 80


class Skip(Exception):
    pass


def number(v):
    return str(int(v)) if isinstance(v, bool) else repr(v).removesuffix(".0")


def tensor(t, leaf=False):
    if t.is_complex() or t.layout != torch.strided or t.is_quantized or t.device.type != "cpu":
        raise Skip("kind of tensor")
    dtype = str(t.dtype).removeprefix("torch.")
    span = 1 + sum((n - 1) * s for n, s in zip(t.shape, t.stride())) if t.numel() else 0
    if span > 20000:
        raise Skip("large")
    values = t.detach().as_strided((span,), (1,), t.storage_offset() if span else 0)
    shape, stride = (",".join(map(str, s)) for s in (t.shape, t.stride()))
    words = ["leaf" if leaf else "tensor", dtype, f"[{shape}]", f"[{stride}]", str(span)]
    return " ".join(words + [number(v) for v in values.tolist()])


def value(v):
    if isinstance(v, torch.Tensor):
        return tensor(v, v.requires_grad)
    if v is None:
        return "none"
    if isinstance(v, bool):
        return f"bool {int(v)}"
    if isinstance(v, int):
        return f"int {v}"
    if isinstance(v, float):
        return f"float {number(v)}"
    if isinstance(v, str):
        return f"word {v.replace(' ', '~') or '~'}"
    if isinstance(v, torch.dtype):
        return "dtype " + str(v).removeprefix("torch.")
    if isinstance(v, torch.memory_format):
        return "word " + str(v).removeprefix("torch.")
    if isinstance(v, (torch.device, torch.layout)):
        return "none"
    if isinstance(v, slice):
        return " ".join(["slice"] + [value(p) for p in (v.start, v.stop, v.step)])
    if v is Ellipsis:
        return "ellipsis"
    if isinstance(v, (list, tuple)):
        kind = "tuple" if isinstance(v, tuple) else "list"
        return " ".join([kind, str(len(v))] + [value(x) for x in v])
    if hasattr(v, "item"):
        return value(v.item())
    raise Skip(f"kind of argument {type(v)}")


def each(f, v):
    """v with f applied to the tensors in it."""
    if isinstance(v, torch.Tensor):
        return f(v)
    if type(v) in (list, tuple):
        return type(v)(each(f, x) for x in v)
    if isinstance(v, dict):
        return {k: each(f, x) for k, x in v.items()}
    return v


def tensors(v):
    found = []
    each(found.append, list(v.values()) if isinstance(v, dict) else v)
    return found


def flat(result):
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, (bool, int, float)):
        return [torch.tensor(result, dtype=torch.float64 if isinstance(result, float) else None)]
    if isinstance(result, (list, tuple)):
        return [t for r in result for t in flat(r)]
    raise Skip(f"result {type(result)}")


def weights(like, k):
    """The numbers that weigh the k-th output: as in generate.py."""
    i = torch.arange(like.numel(), dtype=torch.float64)
    return (((i * 37 + k * 11 + 5) % 64 - 31.5) / 32).reshape(like.shape).to(like.dtype)


def gradients(outputs, leaves):
    active = [(t, weights(t, k)) for k, t in enumerate(outputs) if t.requires_grad]
    if not active:
        return None
    roots, cotangents = zip(*active)
    return torch.autograd.grad(roots, leaves, cotangents, allow_unused=True)


def attached(t):
    return t.detach().requires_grad_(t.requires_grad)


def arguments(sample):
    inputs = each(attached, [sample.input, *sample.args])
    return inputs, each(attached, dict(sample.kwargs))


def lines_of_input(name, inputs, kwargs):
    lines = [f"case {name}"]
    lines += [f"in {value(v)}" for v in inputs]
    lines += [f"kw {k} {value(v)}" for k, v in kwargs.items()]
    return lines


def lines_of(name, function, sample, in_place, is_random):
    inputs, kwargs = arguments(sample)
    lines = lines_of_input(name, inputs, kwargs)
    leaves = [t for t in tensors([inputs, kwargs]) if t.requires_grad]
    called = list(inputs)
    if in_place:
        called[0] = inputs[0].clone()
    try:
        result = function(*called, **kwargs)
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError) as e:
        if not in_place:
            raise Skip(f"refused: {e}")
        return lines + ["refused " + str(e).split("\n")[0][:150]]
    processed = result if in_place else sample.output_process_fn_grad(result)
    outputs = flat(processed)
    if any(t.is_complex() for t in outputs):
        raise Skip("complex")
    lines += [f"out {tensor(t)}" for t in outputs]
    grads = gradients(outputs, leaves)
    if grads and not is_random:
        for g, x in zip(grads, leaves):
            lines.append("grad " + ("none" if g is None else tensor(g)))
    return lines + ["random"] * is_random


def samples(op, dtype, reference):
    torch.manual_seed(0)
    inputs = op.reference_inputs if reference else op.sample_inputs
    grad = dtype.is_floating_point and op.supports_autograd
    all_of_them = list(inputs("cpu", dtype, requires_grad=grad))
    step = max(1, len(all_of_them) // MOST)
    return list(enumerate(all_of_them))[::step]


def draws(op, sample):
    if "fractional_max_pool" in op.name:
        return "_random_samples" not in sample.kwargs
    return sample.kwargs.get("dropout_p", 0) > 0 or "multi_head" in op.name


def write_samples(op, name, dtype, reference, file, notes):
    for k, sample in samples(op, dtype, reference):
        is_random = op.name in RANDOM or draws(op, sample)
        forms = [(name, op.op, False)]
        if op.inplace_variant and not sample.broadcasts_input and isinstance(sample.input, torch.Tensor):
            forms.append((name + "_", op.inplace_variant, True))
        for form, function, in_place in forms:
            try:
                torch.manual_seed(1)
                print(*lines_of(f"{form}#{k}", function, sample, in_place, is_random), sep="\n", file=file)
            except Skip as e:
                print(f"{dtype} {form}#{k}: {e}", file=notes)


def write_errors(op, name, file, notes):
    torch.manual_seed(0)
    for k, error in enumerate(op.error_inputs("cpu")):
        try:
            inputs, kwargs = arguments(error.sample_input)
            print(*lines_of_input(f"{name}#{k}", inputs, kwargs), sep="\n", file=file)
            print("refused " + error.error_regex.replace("\n", " ")[:150], file=file)
        except (Skip, RuntimeError) as e:
            print(f"errors {name}#{k}: {e}", file=notes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--dtypes", default="float64,float32,bfloat16,float16,int64,int32,uint8,bool")
    parser.add_argument("--ops", default="")
    parser.add_argument("--errors", action="store_true", help="what is refused")
    parser.add_argument("--reference", action="store_true", help="of the larger number of samples")
    options = parser.parse_args()
    kinds = ["errors"] if options.errors else options.dtypes.split(",")
    options.folder.mkdir(exist_ok=True)
    notes = (options.folder / "left_out.txt").open("a")
    for kind in kinds:
        folder = options.folder / kind
        folder.mkdir(exist_ok=True)
        for op in op_db:
            name = op.name + ("." + op.variant_test_name if op.variant_test_name else "")
            if name.startswith(OUT_OF_SCOPE) or (options.ops and name not in options.ops.split(",")):
                continue
            if kind == "errors" and not op.error_inputs_func:
                continue
            if kind != "errors" and getattr(torch, kind) not in op.supported_dtypes("cpu"):
                continue
            with (folder / f"{name}.txt").open("w") as file:
                try:
                    if kind == "errors":
                        write_errors(op, name, file, notes)
                    else:
                        write_samples(op, name, getattr(torch, kind), options.reference, file, notes)
                except Exception as e:
                    print(f"{kind} {name}: {type(e).__name__} {str(e)[:200]}", file=notes)
        print(kind, file=sys.stderr)


main()
