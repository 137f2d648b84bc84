"""Embeddings, and windows of signals."""

import torch
from torch.nn import functional as F

from .common import case, fixed, integers, real, refused, values

table = real(5, 3)
ids = integers(2, 4, below=5)

case("embedding", lambda i, w: F.embedding(i, w).square(), ids, table)
case("embedding_int32", lambda i, w: F.embedding(i.int(), w).square(), ids, table)
case("embedding_padding", lambda i, w: F.embedding(i, w, padding_idx=2), values([[2, 2, 0], [1, 2, 4]]), table)
case("embedding_padding_from_the_end", lambda i, w: F.embedding(i, w, padding_idx=-1), values([4, 4, 0]), table)
case("embedding_by_frequency", lambda i, w: F.embedding(i, w, scale_grad_by_freq=True), values([4, 4, 0, 4]), table)
case("embedding_by_frequency_padding", lambda i, w: F.embedding(i, w, padding_idx=4, scale_grad_by_freq=True), values([4, 0, 0, 1]), table)
case("embedding_max_norm", lambda i, w: F.embedding(i, w.detach().clone(), max_norm=1.5), values([4, 0, 0]), table)
case("embedding_max_norm_of_ones", lambda i, w: F.embedding(i, w.detach().clone(), max_norm=0.5, norm_type=1.0), values([4, 0, 0]), table)
case("embedding_of_one", lambda i, w: F.embedding(i, w), values(3), table)
case("embedding_of_none", lambda i, w: F.embedding(i.reshape(0, 2), w), integers(0, below=5), table)
case("embedding_transposed", lambda i, w: F.embedding(i.t(), w.t()), integers(2, 2, below=3), table)
refused("embedding_beyond", F.embedding, values([0, 5]), table)
refused("embedding_negative", F.embedding, values([0, -1]), table)
refused("embedding_of_floats", F.embedding, real(3), table)

entries = values([3, 0, 3, 1, 4, 2, 3])
offsets = values([0, 2, 2, 5])  # the second bag is empty


def bags(name, *inputs, make=lambda i, w, o: (i, w, o), **options):
    """Inputs: indices, then offsets and numbers of each index, where there are any, and a table. The
    result, and the gradients of what is no index: PyTorch has first derivatives alone."""

    def run(i, w, o=None, p=None):
        w, p = (t if t is None else t.detach().requires_grad_() for t in (w, p))
        y = F.embedding_bag(*make(i, w, o), per_sample_weights=p, **options)
        y.square().sum().backward()
        return [y.detach(), w.grad] + ([] if p is None else [p.grad])

    case(f"embedding_bag_{name}", run, *inputs)


kept = fixed(table)
for mode in ("sum", "mean", "max"):
    bags(mode, entries, kept, offsets, mode=mode)
    bags(f"{mode}_of_rows", integers(3, 2, below=5), kept, mode=mode)
    bags(f"{mode}_padding", entries, kept, offsets, mode=mode, padding_idx=3)
    bags(f"{mode}_padding_from_the_end", values([[4, 4], [1, 4]]), kept, mode=mode, padding_idx=-1)
    bags(f"{mode}_of_none", integers(0, below=5), kept, values([0, 0]), mode=mode)
    bags(f"{mode}_last_offset", entries, kept, values([0, 3, 3, 7]), mode=mode, include_last_offset=True)
for mode in ("sum", "mean"):
    bags(f"{mode}_by_frequency", entries, kept, offsets, mode=mode, scale_grad_by_freq=True)
bags("by_default", entries, kept, offsets)
bags("weighed", entries, kept, offsets, fixed(real(7)), mode="sum")
bags("weighed_padding", entries, kept, offsets, fixed(real(7)), mode="sum", padding_idx=3)
bags("int32", entries, kept, offsets, make=lambda i, w, o: (i.int(), w, o.int()))
bags("transposed", integers(2, 2, below=3), kept, mode="sum", make=lambda i, w, o: (i.t(), w.t(), o))
case("embedding_bag_max_norm", lambda i, w, o: F.embedding_bag(i, w.detach().clone(), o, max_norm=1.5), entries, table, offsets)
refused("embedding_bag_without_offsets", F.embedding_bag, entries, table)
refused("embedding_bag_of_three_dimensions", F.embedding_bag, integers(2, 2, 2, below=5), table)
refused("embedding_bag_offsets_of_rows", lambda i, w, o: F.embedding_bag(i, w, o), integers(2, 2, below=5), table, values([0, 1]))
refused("embedding_bag_beyond", lambda i, w, o: F.embedding_bag(i, w, o), values([0, 5]), table, values([0]))
refused("embedding_bag_offsets_from_one", lambda i, w, o: F.embedding_bag(i, w, o), entries, table, values([1, 2]))
refused("embedding_bag_offsets_beyond", lambda i, w, o: F.embedding_bag(i, w, o), entries, table, values([0, 9]))
refused("embedding_bag_weighed_mean", lambda i, w, o, p: F.embedding_bag(i, w, o, per_sample_weights=p), entries, table, offsets, real(7))
refused("embedding_bag_weighed_by_others", lambda i, w, o, p: F.embedding_bag(i, w, o, mode="sum", per_sample_weights=p), entries, table, offsets, real(6))
refused("embedding_bag_max_by_frequency", lambda i, w, o: F.embedding_bag(i, w, o, mode="max", scale_grad_by_freq=True), entries, table, offsets)
refused("embedding_bag_max_sparse", lambda i, w, o: F.embedding_bag(i, w, o, mode="max", sparse=True), entries, table, offsets)

for name in ("hann", "hamming", "blackman", "bartlett"):
    window = getattr(torch, f"{name}_window")
    case(f"{name}_window", lambda x, f=window: x * f(6, dtype=torch.float64), real(6))
    case(f"{name}_window_symmetric", lambda x, f=window: x * f(5, periodic=False, dtype=torch.float64), real(5))
    case(f"{name}_window_of_one", lambda x, f=window: x * f(1, periodic=False, dtype=torch.float64), real(1))
    refused(f"{name}_window_of_ints", lambda x, f=window: x * f(4, dtype=torch.int64), real(4))
case("hamming_window_alpha", lambda x: x * torch.hamming_window(5, True, 0.5, 0.25, dtype=torch.float64), real(5))
