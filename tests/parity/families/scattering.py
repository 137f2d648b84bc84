"""Writing by index and mask, squared."""

import torch

from .common import case, cube, fixed, integers, mask, real, refused, squared, values, x, y

often = values([[0, 2, 1, 2], [2, 2, 0, 0]])
once = values([[0, 2, 1, 2], [2, 0, 0, 1]])
one = real()
whole = integers(3, 4, below=9, low=-4)
zeros = values([[0.0, 2.0, -1.0, 0.0], [0.0, 0.0, 3.0, 1.0], [1.5, 0.0, 0.0, 2.0]])
some = real(3, 4, low=0.5)

case("scatter", squared(lambda x, i, s: x.scatter(0, i, s)), x, once, real(2, 4))
case("scatter_larger_source", squared(lambda x, i, s: x.scatter(1, i, s)), x, values([[3], [0]]), fixed(y))
case("scatter_number", squared(lambda x, i: x.scatter(0, i, 1.5)), x, often)
case("scatter_add_mode", lambda x, i, s: x.scatter(0, i, s, reduce="add"), fixed(x), often, fixed(y))
case(
    "scatter_multiply_mode", lambda x, i: x.scatter(0, i, 2.5, reduce="multiply"), fixed(x), often
)
case("scatter_nothing", squared(lambda x, i, s: x.scatter(0, i, s)), x, integers(0, 4, below=1), fixed(y))
case("scatter_into_number", squared(lambda x, i, s: x.scatter(0, i, s)), one, values(0), real())
case("scatter_bool", lambda x, i, s: x.scatter(0, i, s), mask(3, 4), once, mask(3, 4))
refused("scatter_index_refused", lambda x, i, s: x.scatter(0, i, s), x, values([[3]]), y)
refused("scatter_dtype_refused", lambda x, i, s: x.scatter(0, i, s), x, once, whole)
refused("scatter_shape_refused", lambda x, i, s: x.scatter(0, i, s), x, once, real(1, 4))
for reduce in ["sum", "prod", "mean", "amax", "amin"]:
    for include in [True, False]:
        name = f"scatter_reduce_{reduce}" + ("" if include else "_of_others")
        f = lambda x, i, s, r=reduce, n=include: x.scatter_reduce(0, i, s, r, include_self=n)
        case(name, squared(f), x, often, real(2, 4))
        case(name + "_of_int", f, whole, often, integers(3, 4, below=9, low=-4))
case(
    "scatter_reduce_last_dim",
    squared(lambda x, i, s: x.scatter_reduce(-1, i, s, "prod")),
    some,
    integers(3, 3, below=4),
    real(3, 3, low=0.5),
)
case(
    "scatter_reduce_prod_of_zeros",
    lambda x, i, s: x.scatter_reduce(0, i, s, "prod"),
    some,
    values([[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]]),
    zeros,
)
case(
    "scatter_reduce_amax_of_ties",
    squared(lambda x, i, s: x.scatter_reduce(0, i, s, "amax")),
    values([1.0, 2.0, -1.0]),
    values([0, 0, 1, 1, 2]),
    values([1.0, 1.0, 2.0, 0.5, -3.0]),
)
case(
    "scatter_reduce_amax_of_nan",
    lambda x, i, s: x.scatter_reduce(0, i, s, "amax"),
    fixed(values([1.0, float("nan"), -1.0])),
    values([0, 0, 1, 2]),
    fixed(values([float("nan"), 3.0, 2.0, 0.5])),
)
for reduce in ["sum", "prod", "amax", "amin"]:
    case(
        f"scatter_reduce_{reduce}_of_bool",
        lambda x, i, s, r=reduce: x.scatter_reduce(0, i, s, r),
        mask(3, 4),
        often,
        mask(3, 4),
    )
refused("scatter_reduce_refused", lambda x, i, s: x.scatter_reduce(0, i, s, "sum"), x, often, one)
case("index_fill", squared(lambda x, i: x.index_fill(1, i, 1.5)), x, values([-1, 0]))
case("index_fill_tensor", squared(lambda x, i, v: x.index_fill(0, i, v)), x, values([2, 0]), one)
case("index_fill_by_number", squared(lambda x, i: x.index_fill(0, i, 1.5)), x, values(1))
case("index_fill_of_int", lambda x, i: x.index_fill(0, i, 7), whole, values([1]))
refused("index_fill_refused", lambda x, i: x.index_fill(0, i, 1.5), x, values([3]))
refused("index_fill_rank_refused", lambda x, i, v: x.index_fill(0, i, v), x, values([1]), real(1))
case("index_copy", squared(lambda x, i, s: x.index_copy(0, i, s)), x, values([2, 0]), real(2, 4))
case("index_copy_last", squared(lambda x, i, s: x.index_copy(-1, i, s)), x, values([3]), real(3, 1))
refused("index_copy_refused", lambda x, i, s: x.index_copy(0, i, s), x, values([2, 0]), y)
refused("index_copy_back_refused", lambda x, i, s: x.index_copy(0, i, s), x, values([-1]), real(1, 4))
for reduce in ["prod", "mean", "amax", "amin"]:
    for include in [True, False]:
        case(
            f"index_reduce_{reduce}" + ("" if include else "_of_others"),
            squared(
                lambda x, i, s, r=reduce, n=include: x.index_reduce(0, i, s, r, include_self=n)
            ),
            x,
            values([2, 0, 2]),
            y,
        )
refused("index_reduce_refused", lambda x, i, s: x.index_reduce(0, i, s, "mean"), x, values([1]), y)
case("index_add_alpha", squared(lambda x, i, s: x.index_add(0, i, s, alpha=2.5)), x, values([2, 0, 2]), y)
case("take", squared(lambda x, i: x.take(i)), x, values([[3, -1], [0, 3]]))
case("take_of_number", squared(lambda x, i: x.take(i)), one, values([0, -1]))
case("take_by_number", squared(lambda x, i: x.take(i)), x, values(5))
refused("take_refused", lambda x, i: x.take(i), x, values([12]))
case("take_along_dim", squared(lambda x, i: x.take_along_dim(i, 1)), x, values([[3], [0], [2]]))
case("take_along_dim_wide", squared(lambda x, i: x.take_along_dim(i, 0)), x, values([[1]]))
case("take_along_dim_flat", squared(lambda x, i: x.take_along_dim(i)), x, values([[11, 0]]))
refused("take_along_dim_refused", lambda x, i: x.take_along_dim(i, 1), x, values([0]))
case("put", squared(lambda x, i, s: x.put(i, s)), x, values([[3, -2], [0, 5]]), real(2, 2))
case("put_added", squared(lambda x, i, s: x.put(i, s, True)), x, values([3, -1, 3]), real(3))
refused("put_refused", lambda x, i, s: x.put(i, s), x, values([1, 2]), real(3))
case(
    "masked_scatter",
    squared(lambda x, m, s: x.masked_scatter(m, s)),
    x,
    values([[True, False, False, True], [False] * 4, [True, True, False, False]]),
    real(6),
)
case(
    "masked_scatter_broadcast",
    squared(lambda x, m, s: x.masked_scatter(m, s)),
    x,
    values([True, False, True, False]),
    y,
)
refused("masked_scatter_refused", lambda x, m, s: x.masked_scatter(m, s), x, values([True] * 4), real(3))
case("masked_fill_tensor", squared(lambda x, m, v: x.masked_fill(m, v)), x, mask(3, 4), one)
case("masked_fill_int_tensor", lambda x, m, v: x.masked_fill(m, v), whole, mask(4), values(3))
refused("masked_fill_rank_refused", lambda x, m, v: x.masked_fill(m, v), x, mask(3, 4), real(1))
case("argwhere", torch.argwhere, mask(3, 4))
case("where_places", lambda m: torch.where(m), mask(3, 4))
case("where_place_of_number", lambda m: torch.where(m), values(True))
case("one_hot_counted", torch.nn.functional.one_hot, integers(2, 3, below=4))
