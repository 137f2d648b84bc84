"""Products of matrices."""

import torch
from torch.nn import functional as F

from .common import case, integers, real, values

case("matmul_1_1", torch.matmul, real(4), real(4))
case("matmul_2_1", torch.matmul, real(3, 4), real(4))
case("matmul_1_2", torch.matmul, real(3), real(3, 4))
case("matmul_2_2", torch.matmul, real(3, 4), real(4, 2))
case("matmul_3_1", torch.matmul, real(2, 3, 4), real(4))
case("matmul_1_3", torch.matmul, real(3), real(2, 3, 4))
case("matmul_3_2", torch.matmul, real(2, 3, 4), real(4, 2))
case("matmul_2_3", torch.matmul, real(3, 4), real(2, 4, 2))
case("matmul_3_3", torch.matmul, real(2, 3, 2), real(2, 2, 4))
case("matmul_broadcast", torch.matmul, real(2, 1, 2, 3), real(3, 3, 2))
case("matmul_transposed", lambda a, b: a.t() @ b.t(), real(4, 3), real(2, 4))
case("matmul_by_itself", lambda a: a @ a, real(3, 3))
case("matmul_of_nothing", lambda a, b: a.reshape(2, 0) @ b.reshape(0, 3), values([]), values([]))
case("matmul_of_ints", torch.matmul, integers(2, 3, below=9), integers(3, 2, below=9))
case("mm", torch.mm, real(2, 3), real(3, 5))
case("bmm", torch.bmm, real(3, 2, 2), real(3, 2, 3))
case("linear", F.linear, real(3, 4), real(2, 4), real(2))
case("linear_no_bias", F.linear, real(3, 4), real(2, 4))
case("linear_of_vector", F.linear, real(4), real(2, 4), real(2))
case("linear_of_batches", F.linear, real(2, 3, 4), real(2, 4), real(2))
