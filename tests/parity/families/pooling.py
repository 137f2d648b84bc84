"""Pooling, squared."""

from torch.nn import functional as F

from .common import case, real, squared, values, x

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
