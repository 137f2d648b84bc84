"""Convolutions over one and three axes, transposed ones, and windows as columns."""

import torch
from torch.nn import functional as F

from .common import case, fixed, real, refused


def conv(rank, name, x, filters, bias=True, mode=None, border=None, **options):
    function = getattr(F, f"conv{rank}d")

    def run(x, w, b=None):
        return function(x if mode is None else F.pad(x, border, mode=mode), w, b, **options)

    case(f"conv{rank}d_{name}", run, x, real(*filters), *([real(filters[0])] if bias else []))


def up(rank, name, x, filters, bias=True, **options):
    function = getattr(F, f"conv_transpose{rank}d")
    out = filters[1] * options.get("groups", 1)
    case(
        f"conv_transpose{rank}d_{name}",
        lambda x, w, b=None: function(x, w, b, **options),
        x,
        real(*filters),
        *([real(out)] if bias else []),
    )


conv(1, "plain", real(2, 2, 6), (3, 2, 3))
conv(1, "no_bias", real(2, 2, 5), (2, 2, 2), bias=False)
conv(1, "one_sequence", real(2, 5), (3, 2, 3), padding=1)
conv(1, "options", real(1, 4, 9), (6, 2, 3), stride=2, padding=2, dilation=2, groups=2)
conv(1, "depthwise", real(2, 3, 5), (3, 1, 4), padding=2, groups=3)
conv(1, "same", real(1, 2, 5), (2, 2, 4), padding="same", dilation=2)
conv(1, "valid", real(1, 2, 5), (2, 2, 4), padding="valid")
conv(1, "wide_padding", real(1, 1, 2), (2, 1, 2), padding=4)
conv(1, "stride_beyond_kernel", real(1, 1, 7), (2, 1, 2), stride=4)
conv(1, "one_pixel", real(2, 2, 1), (3, 2, 1))
conv(1, "empty_batch", fixed(real(0, 2, 4)), (3, 2, 2))
conv(1, "reflect", real(1, 2, 4), (2, 2, 3), mode="reflect", border=(2, 2), stride=2)
conv(1, "replicate", real(1, 2, 3), (2, 2, 3), mode="replicate", border=(3, 3))
conv(1, "circular", real(1, 2, 4), (2, 2, 3), mode="circular", border=(2, 2), dilation=2)
conv(2, "same", real(1, 2, 3, 4), (2, 2, 2, 3), padding="same")
conv(2, "same_dilated", real(1, 2, 3, 4), (2, 2, 2, 3), padding="same", dilation=(2, 1))
conv(2, "empty_batch", fixed(real(0, 2, 4, 4)), (3, 2, 2, 2))
conv(2, "one_pixel", real(2, 2, 1, 1), (3, 2, 3, 3), padding=1)
conv(3, "plain", real(1, 2, 3, 3, 4), (2, 2, 2, 2, 3))
conv(3, "no_bias", real(2, 1, 2, 3, 2), (2, 1, 2, 1, 2), bias=False)
conv(3, "one_volume", real(2, 2, 3, 3), (2, 2, 2, 3, 3), padding=1)
options = dict(stride=(2, 1, 2), padding=(1, 2, 0), dilation=(1, 2, 1), groups=2)
conv(3, "options", real(1, 4, 3, 3, 4), (4, 2, 2, 2, 2), **options)
conv(3, "depthwise", real(1, 2, 3, 3, 3), (2, 1, 3, 3, 3), padding=1, groups=2)
conv(3, "depthwise_two_each", real(1, 2, 3, 2, 2), (4, 1, 2, 1, 2), stride=(2, 1, 1), groups=2)
conv(3, "1x1x1", real(1, 2, 2, 2, 3), (3, 2, 1, 1, 1))
conv(3, "1x1x1_strided", real(1, 2, 3, 2, 3), (3, 2, 1, 1, 1), stride=2)
conv(3, "same", real(1, 1, 2, 3, 3), (2, 1, 2, 3, 2), padding="same")
conv(3, "wide_padding", real(1, 1, 2, 1, 2), (2, 1, 2, 1, 1), padding=(3, 1, 1))
conv(3, "whole", real(2, 2, 2, 2, 2), (2, 2, 2, 2, 2))
border = (1, 1, 1, 1, 2, 2)
conv(3, "replicate", real(1, 1, 2, 2, 3), (2, 1, 2, 2, 2), mode="replicate", border=border)
conv(3, "circular", real(1, 1, 2, 2, 3), (2, 1, 2, 2, 2), mode="circular", border=border)
conv(3, "reflect", real(1, 1, 3, 2, 3), (1, 1, 2, 2, 2), mode="reflect", border=border, stride=2)

up(1, "plain", real(2, 2, 4), (2, 3, 3))
up(1, "one_sequence", real(2, 4), (2, 3, 2), stride=2)
options = dict(stride=3, padding=1, output_padding=2, groups=2, dilation=2)
up(1, "options", real(1, 4, 4), (4, 2, 3), **options)
up(1, "wide_padding", real(1, 2, 6), (2, 2, 2), padding=3)
up(1, "one_pixel", real(1, 2, 1), (2, 2, 3), stride=2, output_padding=1)
up(1, "output_padding_by_dilation", real(1, 1, 3), (1, 2, 2), output_padding=2, dilation=3)
up(2, "plain", real(2, 2, 3, 3), (2, 3, 2, 3))
up(2, "no_bias", real(1, 2, 3, 2), (2, 2, 3, 3), bias=False)
up(2, "one_image", real(2, 3, 3), (2, 2, 2, 2), stride=2)
options = dict(stride=(2, 3), padding=(1, 0), output_padding=(1, 2), groups=2, dilation=(2, 1))
up(2, "options", real(1, 4, 3, 3), (4, 1, 3, 2), **options)
up(2, "double", real(1, 2, 3, 4), (2, 2, 4, 4), stride=2, padding=1)
up(2, "depthwise", real(1, 3, 3, 3), (3, 1, 3, 3), stride=2, padding=1, groups=3)
up(2, "stride_beyond_kernel", real(1, 1, 3, 2), (1, 2, 2, 1), stride=4)
up(2, "wide_padding", real(1, 1, 4, 5), (1, 2, 2, 2), padding=(2, 1))
up(2, "one_pixel", real(2, 2, 1, 1), (2, 2, 2, 2), stride=2)
up(2, "1x1", real(2, 2, 2, 3), (2, 3, 1, 1))
up(2, "empty_batch", fixed(real(0, 2, 2, 3)), (2, 3, 2, 2))
up(3, "plain", real(1, 2, 2, 2, 3), (2, 2, 2, 3, 2))
up(3, "one_volume", real(2, 2, 2, 2), (2, 1, 2, 2, 2), stride=2)
options = dict(stride=(2, 1, 2), padding=(1, 0, 1), output_padding=(1, 0, 1), groups=2)
up(3, "options", real(1, 2, 2, 2, 2), (2, 2, 3, 2, 2), **options)
up(3, "dilation", real(1, 1, 2, 2, 2), (1, 2, 2, 2, 2), dilation=(2, 1, 2))
up(3, "wide_padding", real(1, 1, 4, 2, 2), (1, 1, 1, 2, 2), padding=(1, 1, 0))

case("unfold_windows", lambda x: F.unfold(x, (2, 3)).square(), real(2, 2, 3, 4))
options = dict(dilation=(1, 2), padding=(2, 1), stride=(2, 1))
case("unfold_options", lambda x: F.unfold(x, (2, 2), **options).square(), real(1, 2, 4, 4))
case("unfold_one_image", lambda x: F.unfold(x, 2).square(), real(2, 3, 3))
case("fold", lambda x: F.fold(x, (3, 4), (2, 3)).square(), real(2, 6, 4))
case("fold_options", lambda x: F.fold(x, (4, 4), (2, 2), **options).square(), real(1, 8, 16))
case("fold_one_image", lambda x: F.fold(x, (3, 3), 2).square(), real(4, 4))


def layer(name, make, x, w, b):
    def run(x, w, b):
        module = make().double()
        return torch.func.functional_call(module, {"weight": w, "bias": b}, (x,))

    case(name, run, x, w, b)


layer(
    "Conv1d_same_circular",
    lambda: torch.nn.Conv1d(2, 2, 4, padding="same", padding_mode="circular"),
    real(1, 2, 5),
    real(2, 2, 4),
    real(2),
)
layer(
    "Conv2d_same_reflect",
    lambda: torch.nn.Conv2d(1, 2, (2, 4), padding="same", padding_mode="reflect"),
    real(1, 1, 3, 4),
    real(2, 1, 2, 4),
    real(2),
)
layer(
    "Conv3d_replicate",
    lambda: torch.nn.Conv3d(1, 2, 2, padding=(1, 0, 1), padding_mode="replicate"),
    real(1, 1, 2, 2, 2),
    real(2, 1, 2, 2, 2),
    real(2),
)

x, w = real(1, 2, 5), real(2, 2, 3)
refused("conv1d_of_other_channels", lambda x, w: F.conv1d(x, w), x, real(2, 3, 3))
refused("conv1d_of_images", lambda x, w: F.conv1d(x, w), real(1, 2, 5, 1), w)
refused("conv1d_kernel_beyond_input", lambda x, w: F.conv1d(x, w), x, real(2, 2, 6))
refused("conv1d_same_strided", lambda x, w: F.conv1d(x, w, padding="same", stride=2), x, w)
refused("conv1d_no_stride", lambda x, w: F.conv1d(x, w, stride=0), x, w)
refused("conv1d_negative_padding", lambda x, w: F.conv1d(x, w, padding=-1), x, w)
refused("conv1d_groups", lambda x, w: F.conv1d(x, w, groups=3), x, w)
refused("conv1d_bias", lambda x, w, b: F.conv1d(x, w, b), x, w, real(3))
refused("conv3d_of_images", lambda x, w: F.conv3d(x, w), real(2, 2, 3), real(2, 2, 1, 1, 1))
refused(
    "conv_transpose1d_output_padding",
    lambda x, w: F.conv_transpose1d(x, w, stride=2, output_padding=2),
    x,
    w,
)
refused("conv_transpose1d_of_other_channels", lambda x, w: F.conv_transpose1d(x, w), x, real(3, 2, 3))
refused("conv_transpose1d_nothing_left", lambda x, w: F.conv_transpose1d(x, w, padding=4), x, w)
refused("unfold_kernel_beyond_input", lambda x: F.unfold(x, 4), real(1, 2, 3, 3))
refused("fold_of_other_columns", lambda x: F.fold(x, (3, 3), 2), real(1, 4, 5))
refused("fold_of_other_rows", lambda x: F.fold(x, (3, 3), 2), real(1, 6, 4))
