#!/usr/bin/python3
"""Writes fixtures.txt: what PyTorch computes for the cases below.

    apt-get install python3-torch      # Debian's, hence the interpreter above; 2.6 or newer
    tests/parity/generate.py

tensor_cases.cpp and nn_cases.cpp call the same functions of Rewind under the same names, and
parity_test.cpp compares. For each case the file holds its inputs, its outputs, the first
derivatives of sum(output * weights) with respect to each input that is a leaf, and the second ones,
the derivatives of sum(first * weights). A case's inputs depend on its name alone, so that a new
case adds lines and changes none. Linear functions are squared in many cases: their second
derivatives would be zero otherwise.

Left out is what Rewind means to do differently: the second derivatives of 0 ** exponent with
respect to the exponent, which are NaN here.
"""

import pathlib
import random
from functools import partial

import torch
from torch import nn
from torch.autograd import functional
from torch.nn import functional as F

cases = {}


def case(name, function, *inputs):
    assert name not in cases, name
    cases[name] = (function, inputs)


# --- Inputs: functions that make a tensor with a case's own random numbers ------------------------


def real(*shape, low=-2.5, high=2.5):
    """Different numbers other than zero; multiples of 1/64, which float32 holds exactly."""

    def make(rng):
        steps = [i for i in range(int(low * 64), int(high * 64) + 1) if i != 0]
        chosen = rng.sample(steps, torch.Size(shape).numel())
        return (torch.tensor(chosen, dtype=torch.float64) / 64).reshape(shape).requires_grad_()

    return make


def positive(*shape):
    return real(*shape, low=0.25, high=3)


def fixed(make):
    """An input that is no leaf."""
    return lambda rng: make(rng).detach()


def integers(*shape, below, low=0):
    def make(rng):
        chosen = [rng.randrange(low, below) for _ in range(torch.Size(shape).numel())]
        return torch.tensor(chosen, dtype=torch.int64).reshape(shape)

    return make


def mask(*shape):
    return lambda rng: integers(*shape, below=2)(rng).bool()


def values(data):
    """These very numbers: a leaf where they are floating."""

    def make(rng):
        t = torch.tensor(data)
        return t.double().requires_grad_() if t.is_floating_point() else t

    return make


def probabilities(*shape):
    return lambda rng: (positive(*shape)(rng).detach() / 4).requires_grad_()


# --- Elementwise ----------------------------------------------------------------------------------

x = real(3, 4)
case("abs", lambda x: x.abs(), x)
case("neg", lambda x: -x, x)
case("sign", lambda x: x.sign(), x)
case("square", lambda x: x.square(), x)
case("sqrt", lambda x: x.sqrt(), positive(3, 4))
case("rsqrt", lambda x: x.rsqrt(), positive(3, 4))
case("reciprocal", lambda x: x.reciprocal(), x)
case("exp", lambda x: x.exp(), x)
case("expm1", lambda x: x.expm1(), x)
case("expm1_of_tiny", lambda x: x.expm1(), values([1e-3, -1e-9, 1e-17, 0.0]))
case("log", lambda x: x.log(), positive(3, 4))
case("log1p", lambda x: x.log1p(), positive(3, 4))
case("log1p_of_tiny", lambda x: x.log1p(), values([1e-3, -1e-9, 1e-17, 0.0]))
case("sin", lambda x: x.sin(), x)
case("cos", lambda x: x.cos(), x)
case("erf", lambda x: x.erf(), x)
case("floor", lambda x: x.floor(), x)
case("ceil", lambda x: x.ceil(), x)
case("round", lambda x: x.round(), x)
case("round_halves", lambda x: x.round(), values([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]))
case("tanh", lambda x: x.tanh(), x)
case("tanh_of_large", lambda x: x.tanh(), values([-400.0, -20.0, 15.0, 800.0]))
case("sigmoid", lambda x: x.sigmoid(), x)
case("sigmoid_of_large", lambda x: x.sigmoid(), values([-750.0, -40.0, 30.0, 800.0]))
case("relu", lambda x: x.relu(), x)
case("leaky_relu", lambda x: F.leaky_relu(x), x)
case("leaky_relu_slope", lambda x: F.leaky_relu(x, 0.3), x)
case("gelu", lambda x: F.gelu(x), x)
case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), x)
case("gelu_of_large", lambda x: F.gelu(x), values([-30.0, -8.0, 7.0, 40.0]))
case("elu", lambda x: F.elu(x), x)
case("elu_alpha", lambda x: F.elu(x, 0.3), x)
case("celu", lambda x: F.celu(x, 0.5), x)
case("selu", lambda x: F.selu(x), x)
case("elu_of_large", lambda x: F.elu(x), values([-700.0, -40.0, 19.0, 800.0]))
case("silu", lambda x: F.silu(x), x)
case("softplus", lambda x: F.softplus(x), x)
case("softplus_beta", lambda x: F.softplus(x, beta=3), x)
case("softplus_threshold", lambda x: F.softplus(x, beta=2, threshold=1.5), x)
case("softplus_of_large", lambda x: F.softplus(x), values([-700.0, -40.0, 19.0, 21.0, 800.0]))

zeros = values([-1.0, 0.0, 0.0, 2.0])
case("abs_at_zero", lambda x: x.abs(), zeros)
case("sign_at_zero", lambda x: x.sign(), zeros)
case("relu_at_zero", lambda x: x.relu(), zeros)
case("leaky_relu_at_zero", lambda x: F.leaky_relu(x), zeros)
case("square_by_pow_at_zero", lambda x: x**2, zeros)
case("pow_0_at_zero", lambda x: x**0, zeros)
case("pow_1_at_zero", lambda x: x**1, zeros)

y = real(3, 4)
row = real(4)
column = real(3, 1)
case("add", lambda a, b: a + b, x, y)
case("add_broadcast", lambda a, b: (a + b).square(), column, row)
case("add_alpha", lambda a, b: torch.add(a, b, alpha=2.5), x, row)
case("add_scalar", lambda x: x + 0.75, x)
case("sub", lambda a, b: a - b, x, y)
case("sub_broadcast", lambda a, b: (a - b).square(), row, x)
case("sub_alpha", lambda a, b: torch.sub(a, b, alpha=-0.5), x, column)
case("sub_from_scalar", lambda x: (1.5 - x).square(), x)
case("mul", lambda a, b: a * b, x, y)
case("mul_broadcast", lambda a, b: a * b, column, row)
case("mul_by_itself", lambda x: x * x * x, x)
case("mul_scalar", lambda x: (x * -1.25).square(), x)
case("div", lambda a, b: a / b, x, y)
case("div_broadcast", lambda a, b: a / b, row, column)
case("div_by_scalar", lambda x: (x / 3).square(), x)
case("div_scalar_by", lambda x: 2 / x, x)
case("rank_0", lambda a, b: a * b, real(), x)
case("pow", lambda a, b: a**b, positive(3, 4), real(4))
case("pow_2", lambda x: x**2, x)
case("pow_3", lambda x: x**3, x)
case("pow_-1", lambda x: x**-1, x)
case("pow_-1.5", lambda x: x**-1.5, positive(3, 4))
case("pow_0.5", lambda x: x**0.5, positive(3, 4))
case("pow_2.5", lambda x: x**2.5, positive(3, 4))
case("pow_of_scalar", lambda x: 2.5**x, x)
case(
    "pow_of_negative",
    lambda a, b: a**b,
    values([-2.0, -0.5, -3.0]),
    fixed(values([2.0, 3.0, -1.0])),
)
case("pow_of_zero", lambda a, b: a**b, values([0.0] * 3), fixed(values([1.0, 2.0, 3.0])))
case("maximum", lambda a, b: torch.maximum(a, b).square(), x, row)
case("minimum", lambda a, b: torch.minimum(a, b).square(), column, x)
case("maximum_of_equal", torch.maximum, values([1.0, 2.0, 3.0]), values([1.0, 5.0, 3.0]))
case("minimum_of_equal", torch.minimum, values([1.0, 2.0, 3.0]), values([1.0, 5.0, 3.0]))
case("maximum_of_nan", torch.maximum, fixed(values([float("nan"), 2.0])), fixed(values([1.0, 5.0])))
case("clamp", lambda x: x.clamp(-0.5, 1.25).square(), x)
case("clamp_min", lambda x: x.clamp(min=0.25).square(), x)
case("clamp_max", lambda x: x.clamp(max=-0.25).square(), x)
case("clamp_at_bounds", lambda x: x.clamp(-1, 2), values([-2.0, -1.0, 0.0, 2.0, 3.0]))
case("where", lambda m, a, b: torch.where(m, a, b).square(), mask(3, 4), x, y)
case("where_broadcast", lambda m, a, b: torch.where(m, a, b).square(), mask(3, 1), row, x)
case("where_scalar", lambda m, a: torch.where(m, a, 0.5).square(), mask(4), x)
case("where_scalar_first", lambda m, a: torch.where(m, -1.5, a).square(), mask(3, 4), x)

few = fixed(values([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]]))
compared = fixed(values([1.0, -1.0, 2.5]))
case("eq", lambda a, b: a == b, few, compared)
case("ne", lambda a, b: a != b, few, compared)
case("lt", lambda a, b: a < b, few, compared)
case("le", lambda a, b: a <= b, few, compared)
case("gt", lambda a, b: a > b, few, compared)
case("ge", lambda a, b: a >= b, few, compared)
case("le_scalar", lambda a: a <= 1, few)
case("logical", lambda a, b: ~(a & b) | (a & ~b), mask(2, 3), mask(3))
special = fixed(values([1.0, float("nan"), float("inf"), -float("inf")]))
case("isnan", lambda x: x.isnan(), special)
case("isfinite", lambda x: x.isfinite(), special)
case("add_of_int_and_double", lambda a, b: a + b, integers(3, below=9), real(3))
case("mul_of_bool_and_double", lambda a, b: a * b, mask(3), real(3))
case("mul_of_int_by_double", lambda a: a * 2.5, integers(4, below=9))
case("div_of_ints", lambda a, b: a / b, integers(4, below=9), integers(4, below=9, low=1))
case("sqrt_of_int", lambda a: a.sqrt(), integers(4, below=9))


def in_place(f):
    """f changes what an op made of its first argument."""

    def run(x, *rest):
        y = x * x - 1
        f(y, *rest)
        return y

    return run


case("add_", in_place(lambda x, y: x.add_(y, alpha=0.5)), x, row)
case("mul_", in_place(lambda x, y: x.mul_(y)), x, row)
case("sub_", in_place(lambda x, y: x.sub_(y).mul_(2)), x, y)
case("div_", in_place(lambda x, y: x.div_(y)), x, column)
case("copy_", in_place(lambda x, y: x.copy_(y * y)), x, row)
case("fill_", in_place(lambda x: x.fill_(0.5)), x)
case("masked_fill_", in_place(lambda x, m: x.masked_fill_(m, 2.0)), x, mask(4))
case("relu_", in_place(lambda x: x.relu_()), x)
case("clamp_", in_place(lambda x: x.clamp_(-0.5, 2)), x)

# Through views.


def changed_views(x, w):
    x.narrow(0, 1, 2).mul_(w)
    x[0:2, ::3].copy_(w[:2] * w[2:])
    x.diagonal().add_(w[1:])
    x.t()[1:].relu_()


def overlapping_views(x, w):
    upper, lower = x[:2], x[1:]
    upper.mul_(w)
    lower.add_(upper.clone())
    upper.copy_(lower.clone())


def filled_views(x, m):
    x[0].fill_(0.5)
    x[:, 2].zero_()
    x[1:].masked_fill_(m, 2.0)


def old_views(x, w):
    row, column = x[1], x[:, 2]
    x.mul_(w)
    row.mul_(column.sum())
    x[2].copy_(row.clone() ** 2)
    column.div_(w[0] * w[0] + 1)


def buffer_of_rows(x, w):
    buffer = torch.zeros(4, 4, dtype=torch.float64)
    buffer[0].copy_(w * w)
    for i in range(3):
        buffer[i + 1].copy_(buffer[i].clone() * x[i])
    return buffer


def put(*index, accumulate=False):
    index = tuple(torch.tensor(i) if isinstance(i, list) else i for i in index)

    def run(x, v):
        # Python's index_put_ takes no slices.
        if accumulate:
            places = torch.arange(x.numel()).reshape(x.shape)[index]
            x.view(-1).index_put_((places,), (v * v).expand(places.shape), accumulate=True)
        else:
            x[index] = v * v

    return in_place(run)


table, weight = real(3, 4), real(4)
case("views_", in_place(changed_views), table, weight)
case("overlapping_views_", in_place(overlapping_views), table, weight)
case("filled_views_", in_place(filled_views), table, mask(4))
case("old_views_", in_place(old_views), table, weight)
case("buffer_of_rows", buffer_of_rows, table, weight)
case("index_put_number", put(1), table, weight)
case("index_put_slices", put(slice(1, 3), slice(0, 4, 2)), table, real(2))
case("index_put_rows", put([2, 0]), table, weight)
case("index_put_pairs", put([2, 0], [1, 3]), table, real(2))
case("index_put_grid", put([[2], [0]], [1, 3]), table, real(2, 2))
case("index_put_repeated", put([2, 0, 2], accumulate=True), table, real(3, 4))
case(
    "index_put_apart",
    put([1, 0, 1], slice(None), [2, 1, 0], accumulate=True),
    real(2, 2, 3),
    real(3, 2),
)
chosen = [[True, False, False, True], [False] * 4, [True] * 4]
case("index_put_mask", put(chosen), table, real(6))

# --- Reductions -----------------------------------------------------------------------------------

cube = real(2, 3, 4)
case("sum", lambda x: x.sum().square(), cube)
case("sum_dim", lambda x: x.sum(1).square(), cube)
case("sum_dims", lambda x: x.sum((0, -1)).square(), cube)
case("sum_keepdim", lambda x: (x.sum(-1, keepdim=True) * x), cube)
case("sum_of_rank_0", lambda x: x.sum().square(), real())
case("sum_of_ints", lambda x: x.sum(0), integers(3, 4, below=100))
case("sum_of_bools", lambda x: x.sum(), mask(3, 4))
case("sum_of_nothing", lambda x: x.reshape(0, 3).sum(0), fixed(values([])))
case("mean", lambda x: x.mean().square(), cube)
case("mean_dim", lambda x: x.mean(0).square(), cube)
case("mean_dims_keepdim", lambda x: x.mean((1, 2), keepdim=True).square(), cube)
case("var", lambda x: x.var(), cube)
case("var_dim", lambda x: x.var(1), cube)
case("var_dims_keepdim", lambda x: x.var((0, 2), keepdim=True), cube)
case("var_biased", lambda x: x.var(-1, unbiased=False), cube)
case("std", lambda x: x.std(), cube)
case("std_dim", lambda x: x.std(2), cube)
case("std_dims_biased", lambda x: x.std((0, 1), unbiased=False, keepdim=True), cube)
case("amax", lambda x: x.amax().square(), cube)
case("amax_dims", lambda x: x.amax((0, 2)).square(), cube)
case("amin_keepdim", lambda x: x.amin(1, keepdim=True).square(), cube)
ties = values([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]])
case("amax_of_ties", lambda x: x.amax(1), ties)
case("amin_of_ties", lambda x: x.amin((0, 1)), values([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]]))
case("max", lambda x: x.max().square(), cube)
case("min", lambda x: x.min().square(), cube)
case("max_of_ties_anywhere", lambda x: x.max(), ties)
case("max_dim", lambda x: x.max(1), cube)
case("max_dim_keepdim", lambda x: x.max(-1, keepdim=True), cube)
case("max_dim_of_ties", lambda x: x.max(1), ties)
case("min_dim", lambda x: x.min(0), cube)
case("min_dim_of_nan", lambda x: x.min(0), fixed(values([1.0, float("nan"), 0.0])))
case("argmax", lambda x: x.argmax(), fixed(cube))
case("argmax_dim", lambda x: x.argmax(1), fixed(cube))
case("argmin_keepdim", lambda x: x.argmin(-1, keepdim=True), fixed(cube))
case("argmax_of_ties", lambda x: x.argmax(1), fixed(ties))
case("prod", lambda x: x.prod(), real(2, 3))
case("prod_dim", lambda x: x.prod(1), cube)
case("prod_keepdim", lambda x: x.prod(-1, keepdim=True), cube)
case("prod_with_a_zero", lambda x: x.prod(), values([2.0, 0.0, -1.5, 3.0]))
case("prod_with_zeros", lambda x: x.prod(1), values([[2.0, 0.0, -1.5], [0.0, 3.0, 0.0], [0.0] * 3]))
case("prod_of_ints", lambda x: x.prod(0), integers(3, 2, below=9, low=1))
case("logsumexp", lambda x: x.logsumexp(1), cube)
case("logsumexp_dims", lambda x: x.logsumexp((0, 2), keepdim=True), cube)
case("cumsum", lambda x: x.cumsum(1) ** 2, cube)
case("cumsum_of_bool", lambda x: x.bool().cumsum(0), fixed(integers(3, 4, below=2)))
case("logsumexp_of_large", lambda x: x.logsumexp(0), values([[900.0, -900.0], [900.0, -1000.0]]))
case("logsumexp_of_nothing_left", lambda x: x.logsumexp(0), fixed(values([-float("inf")] * 2)))
case("all", lambda x: x.all(1), mask(6, 2))
case("any", lambda x: x.any(1, keepdim=True), mask(6, 2))
case("all_of_numbers", lambda x: x.all(), few)
case("softmax", lambda x: x.softmax(1), x)
case("softmax_dim_0", lambda x: x.softmax(0), x)
case("softmax_middle", lambda x: x.softmax(1), cube)
large = values([[1000.0, 998.5, 0.0], [-1000.0, -999.0, -998.0]])
case("softmax_of_large", lambda x: x.softmax(-1), large)
case("log_softmax", lambda x: x.log_softmax(-1), x)
case("log_softmax_dim_0", lambda x: x.log_softmax(0), cube)
case("log_softmax_middle", lambda x: x.log_softmax(-2), cube)
case("log_softmax_of_large", lambda x: x.log_softmax(1), large)

# --- Products -------------------------------------------------------------------------------------

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

# --- Views, squared -------------------------------------------------------------------------------


def squared(f):
    """All results of f squared."""

    def run(*inputs):
        y = f(*inputs)
        return y.square() if isinstance(y, torch.Tensor) else [t.square() for t in y]

    return run


case("reshape", squared(lambda x: x.reshape(4, -1)), cube)
case("flatten", squared(lambda x: x.flatten(1)), cube)
case("unflatten", squared(lambda x: x.unflatten(-1, (2, 2))), cube)
case("transpose", squared(lambda x: x.transpose(0, -1)), cube)
case("t", squared(lambda x: x.t()), x)
case("permute", squared(lambda x: x.permute(2, 0, 1)), cube)
case("permute_reshape", squared(lambda x: x.permute(2, 0, 1).reshape(8, 3)), cube)
case("expand", squared(lambda x: x.expand(2, 3, -1)), real(3, 1))
case("squeeze", squared(lambda x: x.squeeze()), real(1, 3, 1, 2))
case("squeeze_dim", squared(lambda x: x.squeeze(2)), real(1, 3, 1, 2))
case("unsqueeze", squared(lambda x: x.unsqueeze(-2)), x)
case("select", squared(lambda x: x.select(1, -1)), cube)
case("slice", squared(lambda x: x[:, 1:, 0:4:2]), cube)
case("slice_beyond", squared(lambda x: x[:, -2:100]), cube)
case("narrow", squared(lambda x: x.narrow(2, 1, 2)), cube)
case("split", squared(lambda x: x.split(3, 2)), cube)
case("split_sizes", squared(lambda x: x.split([1, 3], -1)), cube)
case("chunk", squared(lambda x: x.chunk(3, -1)), real(2, 7))
case("unbind", squared(lambda x: x.unbind(1)), cube)
case("diagonal", squared(lambda x: x.diagonal()), x)
case("diagonal_dims", squared(lambda x: x.diagonal(1, 1, 2)), cube)
case("cat", squared(lambda a, b: torch.cat([a, b])), real(2, 3), real(1, 3))
case(
    "cat_dim", squared(lambda a, b, c: torch.cat([a, b, c], -1)), real(2, 1), real(2, 3), real(2, 2)
)
case("cat_of_int_and_double", lambda a, b: torch.cat([a, b]), integers(2, below=9), real(2))
case("stack", squared(lambda a, b: torch.stack([a, b])), x, y)
case("stack_last", squared(lambda a, b: torch.stack([a, b], -1)), x, y)
case("to_float32_and_back", lambda x: x.square().to(torch.float32).to(torch.float64), x)
case("double_to_int", lambda x: x.to(torch.int64), fixed(values([-1.75, -0.5, 0.5, 2.9])))

# --- Indexing, squared ----------------------------------------------------------------------------

case("index_number", squared(lambda x: x[1, -1]), cube)
case("index_ellipsis", squared(lambda x: x[..., 2]), cube)
case("index_none", squared(lambda x: x[:, None, 1]), cube)
case("index_tensor", squared(lambda x, i: x[i]), cube, values([1, 0, -1, 1]))
case("index_tensor_of_rank_2", squared(lambda x, i: x[:, i]), x, integers(2, 2, below=4))
case(
    "index_tensors", squared(lambda x, i, j: x[i, :, j]), cube, values([1, 0, 1]), values([3, 0, 3])
)
case(
    "index_tensors_side_by_side",
    squared(lambda x, i, j: x[:, i, j]),
    cube,
    values([[1], [0]]),
    values([3, 2]),
)
case("index_mask", squared(lambda x, m: x[m]), x, mask(3, 4))
case(
    "index_mask_of_rows",
    squared(lambda x, m: x[m, 1:]),
    real(4, 3),
    values([True, False, True, True]),
)
case("gather", squared(lambda x, i: x.gather(1, i)), x, integers(3, 5, below=4))
case("gather_dim_0", squared(lambda x, i: x.gather(0, i)), x, integers(2, 3, below=3))
case(
    "scatter_add",
    squared(lambda x, i, s: x.scatter_add(1, i, s)),
    x,
    integers(3, 5, below=4),
    real(3, 5),
)
case(
    "scatter_add_dim_0",
    squared(lambda x, i, s: x.scatter_add(0, i, s)),
    x,
    integers(2, 3, below=3),
    real(2, 3),
)
case("index_select", squared(lambda x, i: x.index_select(1, i)), cube, integers(5, below=3))
case(
    "index_add", squared(lambda x, i, s: x.index_add(0, i, s)), x, integers(5, below=3), real(5, 4)
)
case("masked_fill", squared(lambda x, m: x.masked_fill(m, 1.5)), x, mask(3, 4))
case("masked_fill_broadcast", squared(lambda x, m: x.masked_fill(m, -1.0)), x, mask(3, 1))
case("masked_select", squared(lambda x, m: x.masked_select(m)), x, mask(4))
case("nonzero", lambda x: x.nonzero(), few)
case("one_hot", lambda i: F.one_hot(i, 4), integers(2, 3, below=4))
case("tril", squared(lambda x: x.tril()), cube)
case("triu", squared(lambda x: x.triu(1)), cube)
case("tril_below", squared(lambda x: x.tril(-1)), x)

image = real(1, 2, 4, 5)
case("pad", squared(lambda x: F.pad(x, (1, 2), value=1.5)), x)
case("pad_crop", squared(lambda x: F.pad(x, (-1, 2, 1, -1))), x)
case("pad_three_dims", squared(lambda x: F.pad(x, (0, 1, 1, 0, 1, 1))), real(1, 2, 3))
case("pad_reflect", squared(lambda x: F.pad(x, (3, 1, 2, 3), mode="reflect")), image)
case("pad_replicate", squared(lambda x: F.pad(x, (3, 1, 0, 6), mode="replicate")), image)
case("pad_circular", squared(lambda x: F.pad(x, (3, 1, 4, 0), mode="circular")), image)

# --- Losses ---------------------------------------------------------------------------------------

logits, labels = real(5, 4), values([2, 0, 3, 1, 2])
class_weights = fixed(positive(4))
images, image_labels = real(2, 3, 2, 2), integers(2, 2, 2, below=3)


def loss(name, function, *inputs, **options):
    for reduction in ("none", "mean", "sum"):
        case(f"{name}_{reduction}", partial(function, reduction=reduction, **options), *inputs)


loss("nll_loss", F.nll_loss, logits, labels)
loss("nll_loss_weight", F.nll_loss, logits, labels, class_weights, ignore_index=2)
loss("cross_entropy", F.cross_entropy, logits, labels)
loss("cross_entropy_weight", F.cross_entropy, logits, labels, class_weights)
loss("cross_entropy_ignore", F.cross_entropy, logits, labels, ignore_index=2)
loss("cross_entropy_smooth", F.cross_entropy, logits, labels, label_smoothing=0.2)
everything = {"ignore_index": 2, "label_smoothing": 0.3}
loss("cross_entropy_all", F.cross_entropy, logits, labels, class_weights, **everything)
everything = {"ignore_index": 1, "label_smoothing": 0.1}
image_weights = fixed(positive(3))
loss("cross_entropy_images", F.cross_entropy, images, image_labels, image_weights, **everything)
shares = probabilities(5, 4)
smooth = {"label_smoothing": 0.2}
loss("cross_entropy_probabilities", F.cross_entropy, logits, shares, class_weights, **smooth)
loss("mse_loss", F.mse_loss, x, y)
loss("l1_loss", F.l1_loss, x, y)
loss("bce_with_logits", F.binary_cross_entropy_with_logits, x, probabilities(3, 4))
case("nll_loss_images", lambda x, t: F.nll_loss(x, t, ignore_index=1), images, image_labels)
case("nll_loss_of_one", F.nll_loss, real(4), values(2))
case(
    "cross_entropy_of_one",
    lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1),
    real(4),
    values(2),
)
case("cross_entropy_image_probabilities", F.cross_entropy, images, probabilities(2, 3, 2, 2))
case("cross_entropy_of_large", F.cross_entropy, large, values([1, 0]))
case("cross_entropy_all_ignored", F.cross_entropy, fixed(real(2, 3)), values([-100, -100]))
case("l1_loss_of_equal", F.l1_loss, values([1.0, 2.0]), values([1.0, 3.0]))
case(
    "bce_with_logits_of_large",
    F.binary_cross_entropy_with_logits,
    values([-800.0, -30.0, 40.0, 800.0]),
    values([0.0, 1.0, 0.25, 0.5]),
)

# --- Convolution ----------------------------------------------------------------------------------


def conv(name, x, filters, bias=True, mode=None, border=None, **options):
    def run(x, w, b=None):
        return F.conv2d(x if mode is None else F.pad(x, border, mode=mode), w, b, **options)

    case(f"conv2d_{name}", run, x, real(*filters), *([real(filters[0])] if bias else []))


conv("plain", real(2, 2, 4, 4), (3, 2, 3, 2))
conv("no_bias", real(2, 2, 4, 4), (2, 2, 2, 3), bias=False)
conv("1x1", real(2, 3, 2, 3), (4, 3, 1, 1))
conv("stride", real(1, 2, 7, 6), (2, 2, 3, 2), stride=(2, 3))
conv("padding", real(1, 2, 3, 4), (2, 2, 3, 3), padding=(1, 2))
conv("wide_padding", real(1, 1, 3, 2), (2, 1, 2, 1), padding=(3, 2))
conv("stride_leaves_a_rest", real(1, 2, 6, 6), (2, 2, 3, 3), stride=2, padding=1)
conv("dilation", real(1, 2, 6, 7), (2, 2, 3, 2), dilation=(2, 3), padding=1)
conv("groups", real(1, 4, 4, 3), (6, 2, 3, 2), groups=2, padding=1)
conv("depthwise", real(1, 3, 4, 4), (3, 1, 3, 3), groups=3, padding=1)
conv("depthwise_two_each", real(1, 2, 5, 4), (4, 1, 3, 3), groups=2, stride=2, padding=1)
conv("one_image", real(2, 4, 4), (3, 2, 3, 3), padding=1)
conv("reflect", real(1, 2, 3, 4), (2, 2, 3, 3), mode="reflect", border=(2, 2, 1, 1))
border = (1, 1, 2, 2)
conv("replicate", real(1, 2, 3, 4), (2, 2, 3, 3), mode="replicate", border=border, stride=2)
conv("circular", real(1, 1, 4, 3), (2, 1, 3, 2), mode="circular", border=border)
conv("whole_image", real(2, 2, 3, 3), (2, 2, 3, 3))

# --- Pooling, squared -----------------------------------------------------------------------------

plane = real(1, 2, 5, 6)
case("max_pool2d", squared(lambda x: F.max_pool2d(x, 2)), plane)
case("max_pool2d_overlap", squared(lambda x: F.max_pool2d(x, 3, 1)), plane)
case("max_pool2d_padding", squared(lambda x: F.max_pool2d(x, 3, 2, 1)), plane)
case("max_pool2d_oblong", squared(lambda x: F.max_pool2d(x, (3, 2), (1, 3), (1, 0))), plane)
case("max_pool2d_dilation", squared(lambda x: F.max_pool2d(x, 2, 1, 0, (2, 3))), plane)
case("max_pool2d_ceil", squared(lambda x: F.max_pool2d(x, 2, 2, 0, ceil_mode=True)), plane)
case(
    "max_pool2d_ceil_padding",
    squared(lambda x: F.max_pool2d(x, (2, 3), 3, 1, ceil_mode=True)),
    plane,
)
case("max_pool2d_one_image", squared(lambda x: F.max_pool2d(x, 2)), real(2, 4, 4))
case("max_pool2d_indices", lambda x: F.max_pool2d(x, 3, 2, 1, return_indices=True), plane)
case(
    "max_pool2d_of_equal",
    lambda x: F.max_pool2d(x, 2, 1, return_indices=True),
    values([[[1.0, 2.0, 2.0], [2.0, 1.0, 2.0]]]),
)
case("avg_pool2d", squared(lambda x: F.avg_pool2d(x, 2)), plane)
case("avg_pool2d_padding", squared(lambda x: F.avg_pool2d(x, 3, 2, 1)), plane)
case(
    "avg_pool2d_padding_not_counted",
    squared(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
    plane,
)
case("avg_pool2d_oblong", squared(lambda x: F.avg_pool2d(x, (3, 2), (1, 3), (1, 0))), plane)
case("avg_pool2d_ceil", squared(lambda x: F.avg_pool2d(x, 2, ceil_mode=True)), plane)
case(
    "avg_pool2d_ceil_padding",
    squared(lambda x: F.avg_pool2d(x, (2, 3), 3, 1, ceil_mode=True)),
    plane,
)
case(
    "avg_pool2d_ceil_padding_not_counted",
    squared(lambda x: F.avg_pool2d(x, 3, 3, 1, ceil_mode=True, count_include_pad=False)),
    plane,
)
case("avg_pool2d_one_image", squared(lambda x: F.avg_pool2d(x, 2, 1)), real(2, 3, 3))
case("adaptive_avg_pool2d_1", squared(lambda x: F.adaptive_avg_pool2d(x, 1)), plane)
case("adaptive_avg_pool2d_uneven", squared(lambda x: F.adaptive_avg_pool2d(x, (3, 4))), plane)
case("adaptive_avg_pool2d_same", squared(lambda x: F.adaptive_avg_pool2d(x, (5, 6))), plane)
case(
    "adaptive_avg_pool2d_larger", squared(lambda x: F.adaptive_avg_pool2d(x, (3, 5))), real(2, 2, 3)
)

# --- Normalisation --------------------------------------------------------------------------------


def batch_norm(x, mean, var, weight=None, bias=None, **options):
    """The result, and the running statistics, which training updates."""
    mean, var = mean.clone(), var.clone()
    return F.batch_norm(x, mean, var, weight, bias, **options), mean, var


def norm(name, x, channels, affine=True, **options):
    inputs = [x, fixed(real(channels)), fixed(positive(channels))] + [real(channels)] * 2 * affine
    case(f"batch_norm_{name}", lambda *in_: batch_norm(*in_, **options), *inputs)


norm("training", real(2, 3, 2, 2), 3, training=True)
norm("training_momentum", real(4, 3), 3, training=True, momentum=0.3, eps=1e-2)
norm("training_of_sequences", real(2, 2, 4), 2, training=True)
norm("training_plain", real(2, 3, 2, 2), 3, affine=False, training=True)
norm("evaluation", real(2, 3, 2, 2), 3)
norm("evaluation_of_vectors", real(4, 3), 3, eps=1e-3)
norm("evaluation_plain", real(2, 3, 2, 2), 3, affine=False)
case(
    "batch_norm_without_running",
    lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
    real(3, 2, 2, 2),
    real(2),
    real(2),
)

# --- Whole functions: several ops in one graph ----------------------------------------------------


def attention(x, q, k, v):
    scores = (x @ q) @ (x @ k).transpose(-1, -2) / 2
    return scores.softmax(-1) @ (x @ v)


maps = [real(4, 4, low=-1, high=1) for _ in range(3)]
case("attention", attention, real(2, 3, 4, low=-1, high=1), *maps)


def layer_norm(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (x.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()


def conv_norm_relu_pool(x, w, g, b):
    y = F.conv2d(x, w, padding=1)
    return F.max_pool2d(F.relu(F.batch_norm(y, None, None, g, b, training=True)), 2)


case("layer_norm_by_hand", layer_norm, x)
norm_inputs = [real(2), real(2)]
case("conv_norm_relu_pool", conv_norm_relu_pool, real(2, 1, 4, 4), real(2, 1, 3, 3), *norm_inputs)

# --- Training: the parameters after each step of SGD ----------------------------------------------


def train(model, steps, loss, optimizer=torch.optim.SGD, **options):
    """Trains on one batch, from the state that is given; gives the state after each step."""

    def run(x, target, *state):
        names = [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]
        model.load_state_dict(dict(zip(names, state, strict=True)), strict=False)
        optim = optimizer(model.parameters(), **options)
        after = []
        for _ in range(steps):
            optim.zero_grad()
            loss(model(x), target).backward()
            optim.step()
            after += [model.state_dict()[n].clone() for n in names]
        return after

    return run


def state(model):
    return [
        fixed(positive(*t.shape) if name.endswith("var") else real(*t.shape, low=-1, high=1))
        for name, t in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    ]


mlp = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
case(
    "train_mlp",
    train(mlp, 5, F.mse_loss, lr=0.1, momentum=0.9),
    fixed(real(4, 3)),
    fixed(real(4, 2)),
    *state(mlp),
)
case(
    "train_mlp_decay",
    train(mlp, 4, F.mse_loss, lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.1),
    fixed(real(4, 3)),
    fixed(real(4, 2)),
    *state(mlp),
)
for name, optimizer, options in (
    ("adam", torch.optim.Adam, dict(lr=0.1)),
    ("adam_betas", torch.optim.Adam, dict(lr=0.05, betas=(0.7, 0.8), eps=1e-3, weight_decay=0.1)),
    ("adam_amsgrad", torch.optim.Adam, dict(lr=0.1, betas=(0.5, 0.6), amsgrad=True)),
    ("adamw", torch.optim.AdamW, dict(lr=0.1)),
    ("adamw_decay", torch.optim.AdamW, dict(lr=0.05, weight_decay=0.3, amsgrad=True)),
):
    case(
        f"train_mlp_{name}",
        train(mlp, 5, F.mse_loss, optimizer, **options),
        fixed(real(4, 3)),
        fixed(real(4, 2)),
        *state(mlp),
    )
conv_net = nn.Sequential(
    nn.Conv2d(1, 2, 3, padding=1),
    nn.BatchNorm2d(2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8, 3),
).double()
case(
    "train_conv_net",
    train(conv_net, 5, F.cross_entropy, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    fixed(real(3, 1, 4, 4)),
    integers(3, below=3),
    *state(conv_net),
)

# --- Derivatives of functions ---------------------------------------------------------------------


def mixed(x, y):
    return (x.tanh() @ (y * y)).sin()


def of_functions(function):
    """torch.autograd.functional's `function`; vectors come after the two inputs."""

    def run(x, y, *vectors):
        scalar = function in (functional.hessian, functional.hvp)
        f = (lambda x, y: mixed(x, y).square().sum()) if scalar else mixed
        v = () if not vectors else (vectors[0] if len(vectors) == 1 else vectors,)
        result = function(f, (x, y), *v, create_graph=True)
        return flat(result[-1] if vectors else result)

    return run


def flat(tensors):
    return [tensors] if isinstance(tensors, torch.Tensor) else [t for s in tensors for t in flat(s)]


a, b = real(2, 3, low=-1, high=1), real(3, 2, low=-1, high=1)
case("jacobian", of_functions(functional.jacobian), a, b)
case("hessian", of_functions(functional.hessian), a, b)
case("vjp", of_functions(functional.vjp), a, b, real(2, 2))
case("jvp", of_functions(functional.jvp), a, b, a, b)
case("hvp", of_functions(functional.hvp), a, b, a, b)

# --- Writing --------------------------------------------------------------------------------------


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


def write(out, name, function, inputs):
    rng = random.Random(name)
    inputs = [make(rng) for make in inputs]
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
    path = pathlib.Path(__file__).with_name("fixtures.txt")
    with path.open("w") as out:
        out.write(f"# Written by generate.py with PyTorch {torch.__version__}.\n")
        for name, (function, inputs) in cases.items():
            write(out, name, function, inputs)
    print(f"{len(cases)} cases, {path.stat().st_size} bytes")
