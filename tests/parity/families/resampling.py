"""Interpolation, shuffles of pixels, samples along a grid."""

import torch
from torch.nn import functional as F

from .common import case, fixed, integers, real, refused, squared, values

line = real(2, 2, 5)
plane = real(1, 2, 3, 4)
space = real(1, 1, 2, 3, 3)


def resized(name, make, **options):
    case(f"interpolate_{name}", squared(lambda x: F.interpolate(x, **options)), make)


for mode in ("nearest", "nearest-exact", "area"):
    label = mode.replace("-", "_")
    resized(f"{label}_1d", line, size=7, mode=mode)
    resized(f"{label}_2d", plane, size=(5, 3), mode=mode)
    resized(f"{label}_3d", space, size=(3, 2, 5), mode=mode)
    resized(f"{label}_factor", plane, scale_factor=(1.7, 0.6), mode=mode)
    resized(f"{label}_factor_recomputed", plane, scale_factor=2.3, mode=mode, recompute_scale_factor=True)
for mode, make, size, factor in (
    ("linear", line, 8, 0.7),
    ("bilinear", plane, (5, 3), (2.6, 1.3)),
    ("bicubic", plane, (5, 3), (2.6, 1.3)),
    ("trilinear", space, (3, 2, 5), (1.6, 1, 2.5)),
):
    for align in (False, True):
        corners = "_aligned" if align else ""
        resized(f"{mode}{corners}", make, size=size, mode=mode, align_corners=align)
        resized(f"{mode}{corners}_factor", make, scale_factor=factor, mode=mode, align_corners=align)
    resized(f"{mode}_recomputed", make, scale_factor=factor, mode=mode, recompute_scale_factor=True)
    resized(f"{mode}_to_one", make, size=1, mode=mode, align_corners=True)
    # PyTorch's derivative of bicubic is that of a copy here, which its result is not.
    same = fixed(make) if mode == "bicubic" else make
    resized(f"{mode}_of_same_size", same, scale_factor=1.1, mode=mode)
wide = real(1, 1, 7, 6)
for mode in ("bilinear", "bicubic", "lanczos"):
    resized(f"{mode}_antialias", wide, size=(3, 2), mode=mode, antialias=True)
    resized(f"{mode}_antialias_larger", plane, size=(5, 6), mode=mode, antialias=True)
    resized(f"{mode}_antialias_factor", wide, scale_factor=(0.4, 0.7), mode=mode, antialias=True)
    declare = refused if mode == "lanczos" else case
    declare(
        f"interpolate_{mode}_antialias_aligned",
        squared(lambda x, mode=mode: F.interpolate(x, (3, 9), None, mode, True, antialias=True)),
        wide,
    )
resized("bilinear_channels_last", plane, size=(5, 7), mode="bilinear")
resized("nearest_from_one", real(1, 2, 1, 1), size=(3, 2))
case("interpolate_empty_batch", lambda x: F.interpolate(x, size=(3, 2), mode="bilinear"), real(0, 2, 3, 3))


def bytes_of(mode, make, **options):
    case(
        f"interpolate_bytes_{mode}{'_antialias' * options.get('antialias', False)}",
        lambda x: F.interpolate(x.to(torch.uint8), mode=mode, **options).to(torch.int64),
        make,
    )


pixels = integers(1, 2, 4, 5, below=256)
for mode in ("nearest", "bilinear", "bicubic"):
    bytes_of(mode, pixels, size=(7, 3))
for mode in ("bilinear", "bicubic"):
    bytes_of(mode, pixels, size=(2, 7), antialias=True)

refused("interpolate_of_a_matrix", lambda x: F.interpolate(x, size=3), real(2, 3))
refused("interpolate_bilinear_of_sequences", lambda x: F.interpolate(x, size=3, mode="bilinear"), line)
refused("interpolate_to_nothing", lambda x: F.interpolate(x, size=0), line)
refused("interpolate_by_little", lambda x: F.interpolate(x, scale_factor=0.1), line)
refused("interpolate_nearest_aligned", lambda x: F.interpolate(x, size=3, align_corners=True), line)
refused("interpolate_without_size", lambda x: F.interpolate(x), line)
refused("interpolate_with_both", lambda x: F.interpolate(x, size=3, scale_factor=2), line)
refused("interpolate_two_sizes_of_one", lambda x: F.interpolate(x, size=(3, 3)), line)
refused("interpolate_nearest_antialias", lambda x: F.interpolate(x, size=3, antialias=True), line)
refused("interpolate_of_integers", lambda x: F.interpolate(x, size=3), integers(1, 1, 4, below=9))
refused("interpolate_without_channels", lambda x: F.interpolate(x, size=3), real(1, 0, 4))

for name, make, factor in (
    ("", real(1, 8, 2, 3), 2),
    ("_by_3", real(1, 9, 1, 2), 3),
    ("_without_batch", real(4, 2, 3), 2),
    ("_of_five_dims", real(1, 2, 4, 2, 1), 2),
    ("_by_1", real(1, 2, 2, 2), 1),
):
    case(f"pixel_shuffle{name}", squared(lambda x, f=factor: F.pixel_shuffle(x, f)), make)
for name, make, factor in (
    ("", real(1, 2, 4, 6), 2),
    ("_by_3", real(2, 1, 3, 3), 3),
    ("_without_batch", real(1, 4, 2), 2),
):
    case(f"pixel_unshuffle{name}", squared(lambda x, f=factor: F.pixel_unshuffle(x, f)), make)
case("pixel_shuffle_of_integers", lambda x: F.pixel_shuffle(x, 2), integers(1, 4, 2, 2, below=99))
case("pixel_shuffle_empty", squared(lambda x: F.pixel_shuffle(x, 2)), fixed(real(0, 4, 2, 3)))
refused("pixel_shuffle_uneven", lambda x: F.pixel_shuffle(x, 2), real(1, 6, 2, 2))
refused("pixel_shuffle_of_a_matrix", lambda x: F.pixel_shuffle(x, 1), real(2, 2))
refused("pixel_shuffle_by_0", lambda x: F.pixel_shuffle(x, 0), real(1, 4, 2, 2))
refused("pixel_unshuffle_uneven", lambda x: F.pixel_unshuffle(x, 2), real(1, 1, 3, 2))
case("channel_shuffle", squared(lambda x: F.channel_shuffle(x, 2)), real(2, 6, 1, 2))
case("channel_shuffle_of_sequences", squared(lambda x: F.channel_shuffle(x, 3)), real(1, 6, 2))
refused("channel_shuffle_uneven", lambda x: F.channel_shuffle(x, 4), real(1, 6, 2))
refused("channel_shuffle_of_a_matrix", lambda x: F.channel_shuffle(x, 2), real(2, 2))


def sampled(name, image, grid, **options):
    case(f"grid_sample_{name}", lambda x, g: F.grid_sample(x, g, **options), image, grid)


# Second derivatives are not defined for it in PyTorch: of the results of affine_grid alone.
pixels2, points2 = real(1, 2, 3, 4), real(1, 2, 3, 2, low=-1.6, high=1.6)
pixels3, points3 = real(1, 1, 2, 3, 2), real(1, 1, 2, 2, 3, low=-1.6, high=1.6)
for padding in ("zeros", "border", "reflection"):
    for align in (False, True):
        end = f"{padding}{'_aligned' * align}"
        options = {"padding_mode": padding, "align_corners": align}
        for mode in ("bilinear", "nearest", "bicubic"):
            sampled(f"{mode}_{end}", fixed(pixels2), fixed(points2), mode=mode, **options)
        for mode in ("bilinear", "nearest"):
            sampled(f"volume_{mode}_{end}", fixed(pixels3), fixed(points3), mode=mode, **options)


def slopes(name, image, grid, **options):
    """A sample's derivatives, as results."""

    def run(x, g):
        x, g = x.requires_grad_(), g.requires_grad_()
        y = F.grid_sample(x, g, **options)
        return [t.detach() for t in torch.autograd.grad(y.square().sum(), [x, g])]

    case(f"grid_sample_slopes_{name}", run, fixed(image), fixed(grid))


for padding in ("zeros", "border", "reflection"):
    for mode in ("bilinear", "nearest", "bicubic"):
        slopes(f"{mode}_{padding}", pixels2, points2, mode=mode, padding_mode=padding, align_corners=False)
slopes("bilinear_aligned", pixels2, points2, mode="bilinear", padding_mode="reflection", align_corners=True)
slopes("volume", pixels3, points3, mode="bilinear", padding_mode="border", align_corners=False)
sampled(
    "at_borders",
    fixed(real(1, 1, 2, 2)),
    fixed(values([[[[-1.0, -1.0], [1.0, 1.0], [-2.0, 0.0], [3.0, 1.0], [float("nan"), 0.0]]]])),
    align_corners=True,
)
refused("grid_sample_other_batch", lambda x, g: F.grid_sample(x, g), real(2, 1, 2, 2), real(1, 1, 1, 2))
refused("grid_sample_of_sequences", lambda x, g: F.grid_sample(x, g), real(1, 1, 2), real(1, 1, 1))
refused(
    "grid_sample_bicubic_volume",
    lambda x, g: F.grid_sample(x, g, mode="bicubic"),
    real(1, 1, 2, 2, 2),
    real(1, 1, 1, 1, 3),
)
refused("grid_sample_no_pixels", lambda x, g: F.grid_sample(x, g), real(1, 1, 0, 2), real(1, 1, 1, 2))
for align in (False, True):
    end = "_aligned" * align
    case(f"affine_grid{end}", squared(lambda t, a=align: F.affine_grid(t, (2, 1, 2, 3), a)), real(2, 2, 3))
    case(
        f"affine_grid_3d{end}",
        squared(lambda t, a=align: F.affine_grid(t, (1, 1, 2, 1, 3), a)),
        real(1, 3, 4),
    )
refused("affine_grid_other_theta", lambda t: F.affine_grid(t, (1, 1, 2, 2)), real(1, 3, 4))
refused("affine_grid_of_nothing", lambda t: F.affine_grid(t, (1, 1, 0, 2)), real(1, 2, 3))
