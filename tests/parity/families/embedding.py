"""Embeddings, and windows of signals."""

import torch
from torch.nn import functional as F

from .common import case, integers, real, refused, values

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

for name in ("hann", "hamming", "blackman", "bartlett"):
    window = getattr(torch, f"{name}_window")
    case(f"{name}_window", lambda x, f=window: x * f(6, dtype=torch.float64), real(6))
    case(f"{name}_window_symmetric", lambda x, f=window: x * f(5, periodic=False, dtype=torch.float64), real(5))
    case(f"{name}_window_of_one", lambda x, f=window: x * f(1, periodic=False, dtype=torch.float64), real(1))
    refused(f"{name}_window_of_ints", lambda x, f=window: x * f(4, dtype=torch.int64), real(4))
case("hamming_window_alpha", lambda x: x * torch.hamming_window(5, True, 0.5, 0.25, dtype=torch.float64), real(5))
