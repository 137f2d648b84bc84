"""Functions element by element, broadcasting, and both in place."""

import torch
from torch.nn import functional as F

from .common import case, few, fixed, integers, mask, positive, real, values, x, y

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
