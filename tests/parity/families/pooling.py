"""Pooling, squared."""

import torch
from torch.nn import functional as F

from .common import case, fixed, integers, mask, positive, real, refused, squared, values, x

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

# --- Sequences and volumes, and what images have beside ------------------------------------------

sequence, volume, small = real(2, 2, 7), real(1, 2, 3, 4, 3), real(1, 2, 3, 4)
case("max_pool1d", squared(lambda x: F.max_pool1d(x, 3, 2, 1)), sequence)
case("max_pool1d_one", squared(lambda x: F.max_pool1d(x, 2, ceil_mode=True)), real(2, 5))
case(
    "max_pool1d_indices",
    lambda x: F.max_pool1d(x, 3, 1, 1, 2, return_indices=True),
    fixed(sequence),
)
case("max_pool1d_transposed", squared(lambda x: F.max_pool1d(x.mT, 2)), real(2, 4, 3))
case("max_pool1d_nan", lambda x: F.max_pool1d(x, 2, 1), values([[1.0, float("nan"), 2.0, 3.0]]))
case("max_pool3d", squared(lambda x: F.max_pool3d(x, 2, 1)), volume)
case(
    "max_pool3d_oblong",
    squared(lambda x: F.max_pool3d(x, (2, 3, 1), (1, 2, 2), (1, 0, 0), ceil_mode=True)),
    volume,
)
case(
    "max_pool3d_indices",
    lambda x: F.max_pool3d(x, 2, 2, 1, (1, 2, 1), return_indices=True),
    fixed(volume),
)
case("max_pool3d_one", squared(lambda x: F.max_pool3d(x, (1, 2, 2))), real(1, 2, 3, 3))
case("max_pool2d_int64", lambda x: F.max_pool2d(x, 2, 1, 1), integers(1, 3, 3, below=9, low=-9))
case("max_pool2d_int8", lambda x: F.max_pool2d(x.to(torch.int8), 2).long(), integers(1, 2, 4, below=9))
refused("max_pool2d_bool", lambda x: F.max_pool2d(x, 2), mask(1, 2, 2))
refused("max_pool1d_of_four", lambda x: F.max_pool1d(x, 2), real(1, 1, 2, 4))
refused("max_pool1d_too_small", lambda x: F.max_pool1d(x, 3), real(1, 1, 2))
refused("max_pool3d_padding_too_large", lambda x: F.max_pool3d(x, 2, 2, (0, 2, 0)), volume)
refused("max_pool1d_without_channels", lambda x: F.max_pool1d(x, 2), values([[]]))

case("avg_pool1d", squared(lambda x: F.avg_pool1d(x, 3, 2, 1)), sequence)
case(
    "avg_pool1d_not_counted",
    squared(lambda x: F.avg_pool1d(x, 3, 2, 1, True, False)),
    real(1, 1, 6),
)
case("avg_pool1d_one", squared(lambda x: F.avg_pool1d(x, 2)), real(2, 5))
case("avg_pool3d", squared(lambda x: F.avg_pool3d(x, 2, 1)), volume)
case(
    "avg_pool3d_oblong",
    squared(lambda x: F.avg_pool3d(x, (2, 3, 1), (1, 2, 2), (1, 0, 0), True, False)),
    volume,
)
case(
    "avg_pool3d_ceil_padding",
    squared(lambda x: F.avg_pool3d(x, (3, 2, 3), 2, 1, True)),
    volume,
)
case("avg_pool2d_divisor", squared(lambda x: F.avg_pool2d(x, 2, 1, 1, divisor_override=-3)), small)
case("avg_pool3d_divisor", squared(lambda x: F.avg_pool3d(x, 2, divisor_override=3)), volume)
case("avg_pool2d_int64", lambda x: F.avg_pool2d(x, 2, 1, 1), integers(1, 3, 3, below=9, low=-9))
case(
    "avg_pool3d_int64_divisor",
    lambda x: F.avg_pool3d(x, 2, 1, divisor_override=-3),
    integers(1, 2, 3, 3, below=9, low=-9),
)
refused("avg_pool2d_int32", lambda x: F.avg_pool2d(x.int(), 2), integers(1, 2, 2, below=9))
refused("avg_pool2d_divisor_0", lambda x: F.avg_pool2d(x, 2, divisor_override=0), small)
refused("avg_pool1d_stride_0", lambda x: F.avg_pool1d(x, 2, 0), sequence)

for p, name in ((2.0, "2"), (1.0, "1"), (3.0, "3"), (1.5, "1_5"), (-1.0, "minus_1")):
    case(f"lp_pool1d_{name}", lambda x, p=p: F.lp_pool1d(x, p, 3, 2), positive(1, 1, 7))
case("lp_pool2d", lambda x: F.lp_pool2d(x, 2.0, (2, 3), (1, 2)), small)
case("lp_pool2d_ceil", lambda x: F.lp_pool2d(x, 3.0, 2, ceil_mode=True), positive(1, 3, 3))
case("lp_pool3d", lambda x: F.lp_pool3d(x, 2.0, 2, 1), volume)
case("lp_pool1d_zeros", lambda x: F.lp_pool1d(x, 2.0, 2), values([[0.0, 0.0, 0.0, 3.0, 4.0, 3.0]]))
case("lp_pool1d_negative", lambda x: F.lp_pool1d(x, 3.0, 2), values([[-1.0, -1.0, -1.0, 3.0]]))
case("lp_pool1d_int64", lambda x: F.lp_pool1d(x, 2.0, 2).double(), integers(1, 4, below=9))
refused("lp_pool1d_0", lambda x: F.lp_pool1d(x, 0.0, 2), sequence)

case("adaptive_avg_pool1d", squared(lambda x: F.adaptive_avg_pool1d(x, 3)), sequence)
case("adaptive_avg_pool1d_one", squared(lambda x: F.adaptive_avg_pool1d(x, 1)), real(2, 5))
case("adaptive_avg_pool2d_none", squared(lambda x: F.adaptive_avg_pool2d(x, (None, 3))), small)
case("adaptive_avg_pool2d_0", lambda x: F.adaptive_avg_pool2d(x, (2, 0)), fixed(small))
case("adaptive_avg_pool3d", squared(lambda x: F.adaptive_avg_pool3d(x, (2, 4, 2))), volume)
case("adaptive_avg_pool3d_1", squared(lambda x: F.adaptive_avg_pool3d(x, 1)), volume)
refused("adaptive_avg_pool2d_negative", lambda x: F.adaptive_avg_pool2d(x, (-1, 2)), small)
refused("adaptive_avg_pool1d_int64", lambda x: F.adaptive_avg_pool1d(x, 1), integers(1, 4, below=9))
case(
    "adaptive_max_pool1d",
    squared(lambda x: F.adaptive_max_pool1d(x, 3)),
    sequence,
)
case("adaptive_max_pool1d_indices", lambda x: F.adaptive_max_pool1d(x, 5, True), fixed(sequence))
case("adaptive_max_pool2d", squared(lambda x: F.adaptive_max_pool2d(x, (None, 3))), plane)
case(
    "adaptive_max_pool2d_indices",
    lambda x: F.adaptive_max_pool2d(x, (3, 4), True),
    fixed(plane),
)
case("adaptive_max_pool2d_divides", lambda x: F.adaptive_max_pool2d(x, (5, 2), True), fixed(plane))
case("adaptive_max_pool3d", squared(lambda x: F.adaptive_max_pool3d(x, (2, 3, 2))), volume)
case(
    "adaptive_max_pool3d_indices",
    lambda x: F.adaptive_max_pool3d(x, (2, 1, 4), True),
    fixed(volume),
)
case("adaptive_max_pool2d_0", lambda x: F.adaptive_max_pool2d(x, 0), fixed(small))
refused("adaptive_max_pool1d_negative", lambda x: F.adaptive_max_pool1d(x, -1), sequence)

places1, places2 = values([[[0, 5, 3]]]), values([[[3, 6], [10, 12]]])
case("max_unpool1d", squared(lambda x, i: F.max_unpool1d(x, i, 2)), real(1, 1, 3), places1)
case(
    "max_unpool1d_size",
    squared(lambda x, i: F.max_unpool1d(x, i, 3, 2, 1, [6])),
    real(1, 1, 3),
    places1,
)
case("max_unpool2d", squared(lambda x, i: F.max_unpool2d(x, i, 2)), real(1, 2, 2), places2)
case(
    "max_unpool2d_size",
    squared(lambda x, i: F.max_unpool2d(x, i, 2, (2, 1), output_size=(5, 3))),
    real(1, 2, 2),
    values([[[3, 6], [10, 12]]]),
)
case(
    "max_unpool3d",
    squared(lambda x, i: F.max_unpool3d(x, i, (1, 2, 2))),
    real(1, 1, 1, 2),
    values([[[[7, 2]]]]),
)
case(
    "max_unpool1d_repeated",
    squared(lambda x, i: F.max_unpool1d(x, i, 2)),
    real(1, 1, 3),
    values([[[1, 4, 1]]]),
)
refused("max_unpool1d_outside", lambda x, i: F.max_unpool1d(x, i, 2), real(1, 2), values([[0, 4]]))
refused("max_unpool1d_shape", lambda x, i: F.max_unpool1d(x, i, 2), real(1, 2), values([[0]]))
refused(
    "max_unpool1d_far_size",
    lambda x, i: F.max_unpool1d(x, i, 2, output_size=[6]),
    real(1, 2),
    values([[0, 1]]),
)

images, samples = real(1, 2, 5, 6), values([[[0.25, 0.75], [0.5, 0.125]]])


def fractional(x, s, **options):
    y, indices = F.fractional_max_pool2d_with_indices(x, 2, _random_samples=s.detach(), **options)
    return [y * y, indices]


case("fractional_max_pool2d", lambda x, s: fractional(x, s, output_size=3), images, fixed(samples))
case(
    "fractional_max_pool2d_ratio",
    lambda x, s: fractional(x, s, output_ratio=(0.5, 0.7)),
    images,
    fixed(samples),
)
case(
    "fractional_max_pool2d_one", lambda x, s: fractional(x, s, output_size=(4, 1)), images, fixed(samples)
)
case(
    "fractional_max_pool3d",
    lambda x, s: F.fractional_max_pool3d(x, (1, 2, 2), (2, 2, 2), _random_samples=s).square(),
    real(1, 1, 3, 4, 5),
    fixed(values([[[0.25, 0.5, 0.75]]])),
)
refused(
    "fractional_max_pool3d_too_large",
    lambda x, s: F.fractional_max_pool3d(x, 2, 3, _random_samples=s),
    real(1, 4, 4, 4),
    fixed(values([[[0.25, 0.5, 0.75]]])),
)
refused(
    "fractional_max_pool2d_too_large",
    lambda x, s: fractional(x, s, output_size=5),
    images,
    fixed(samples),
)
