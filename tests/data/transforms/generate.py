#!/usr/bin/python3
"""Writes cases.txt: what torchvision makes of small images.

    apt-get install python3-torchvision      # Debian's, hence the interpreter above
    tests/data/transforms/generate.py

cases_test.cpp calls the same functions of Rewind under the same names and compares. An image is
made by a formula, here and there, so that the file holds results alone, or the word `refused` where
torchvision throws.
"""

import pathlib

import torch
import torchvision
from torchvision.transforms import InterpolationMode as Mode
from torchvision.transforms.v2 import functional as F

# Of each: dtype and shape. The numbers are bytes, or bytes / 255.
images = {
    "bytes": (torch.uint8, (3, 9, 11)),
    "grey": (torch.uint8, (1, 8, 7)),
    "floats": (torch.float32, (3, 7, 8)),
    "line": (torch.float32, (1, 6, 5)),
    "doubles": (torch.float64, (2, 1, 5, 6)),
    "wide": (torch.uint8, (1, 6, 90)),
}


def image(name):
    dtype, shape = images[name]
    count = torch.Size(shape).numel()
    # Bright and dark areas, and some that is rough.
    values = [(i * i * 7 + i * 23 + i // 5 * 40) % 256 for i in range(count)]
    x = torch.tensor(values, dtype=torch.float64).reshape(shape)
    return x.to(dtype) if dtype == torch.uint8 else (x / 255).to(dtype)


plain = {k: v for k, v in images.items() if k != "wide"}
colored = {k: v for k, v in images.items() if v[1][-3] == 3}
cases = {}


def case(name, f, of=plain):
    for which in of:
        cases[f"{name}/{which}"] = (f, which)


NEAREST, EXACT, BILINEAR, BICUBIC = Mode.NEAREST, Mode.NEAREST_EXACT, Mode.BILINEAR, Mode.BICUBIC
names = {NEAREST: "nearest", EXACT: "nearest_exact", BILINEAR: "bilinear", BICUBIC: "bicubic"}
for mode in names:
    for antialias in (True, False):
        for size in ([4, 5], [13, 12], [5, 3], [9, 4]):
            if mode in (NEAREST, EXACT) and (antialias or size == [9, 4]):
                continue
            name = f"resize_{names[mode]}_{'antialias_' if antialias else ''}{size[0]}_{size[1]}"
            case(name, lambda x, m=mode, a=antialias, s=size: F.resize(x, s, m, antialias=a), images)
case("resize_edge", lambda x: F.resize(x, 4))
case("resize_edge_larger", lambda x: F.resize(x, 10))
case("resize_max_size", lambda x: F.resize(x, 6, max_size=7))
case("resize_same", lambda x: F.resize(x, x.shape[-2:]))
case("resized_crop", lambda x: F.resized_crop(x, 1, 2, 4, 3, [6, 5]))
case("resized_crop_beyond", lambda x: F.resized_crop(x, -1, 2, 5, 6, [4, 4], BICUBIC))

case("crop", lambda x: F.crop(x, 1, 2, 3, 2))
case("crop_beyond", lambda x: F.crop(x, -2, 3, 6, 9))
case("crop_outside", lambda x: F.crop(x, 20, -30, 3, 4))
case("center_crop", lambda x: F.center_crop(x, [4, 3]))
case("center_crop_wide", lambda x: F.center_crop(x, [4, 14]))
case("center_crop_beyond", lambda x: F.center_crop(x, [12, 13]))
case("five_crop", lambda x: torch.stack(F.five_crop(x, [3, 4])))
case("ten_crop", lambda x: torch.stack(F.ten_crop(x, [3, 4])))
case("ten_crop_vertical", lambda x: torch.stack(F.ten_crop(x, [4, 3], vertical_flip=True)))
case("hflip", F.hflip)
case("vflip", F.vflip)
case("pad", lambda x: F.pad(x, [2]))
case("pad_sides", lambda x: F.pad(x, [1, 2, 3, 0], fill=1))
case("pad_fill_each", lambda x: F.pad(x, [1, 2], fill=[1.0, 0.0, 1.0]), colored)
case("pad_cut", lambda x: F.pad(x, [-1, 2, -2, -1]))
for mode in ("edge", "reflect", "symmetric"):
    case(f"pad_{mode}", lambda x, m=mode: F.pad(x, [1, 2, 3, 4], padding_mode=m))
case("pad_reflect_too_far", lambda x: F.pad(x, [12], padding_mode="reflect"))
case("pad_edge_far", lambda x: F.pad(x, [12, 1], padding_mode="edge"))

for mode in (NEAREST, BILINEAR):
    n = names[mode]
    case(f"rotate_{n}", lambda x, m=mode: F.rotate(x, 33, m))
    case(f"rotate_{n}_expand", lambda x, m=mode: F.rotate(x, 71.3, m, expand=True))
    case(f"rotate_{n}_center", lambda x, m=mode: F.rotate(x, -19, m, center=[2.2, 1.3], fill=0))
    case(f"rotate_{n}_fill", lambda x, m=mode: F.rotate(x, 152, m, fill=1))
    case(f"affine_{n}", lambda x, m=mode: F.affine(x, 13, [1, -2], 1.3, [9, -4], m))
    case(f"affine_{n}_center", lambda x, m=mode: F.affine(
        x, -40, [0.3, 0.6], 0.7, [0, 21], m, center=[1, 3.4], fill=0.5 if x.is_floating_point() else 77))
    start, end = [[0, 0], [4, 0], [4, 4], [0, 4]], [[1, 0], [5, 1], [3, 4], [0, 2]]
    case(f"perspective_{n}", lambda x, m=mode, s=start, e=end: F.perspective(x, s, e, m))
    case(f"perspective_{n}_fill", lambda x, m=mode, s=start, e=end: F.perspective(x, s, e, m, fill=1))
case("rotate_180", lambda x: F.rotate(x, 180))
case("rotate_90_expand", lambda x: F.rotate(x, 90, expand=True))
case("rotate_270_expand", lambda x: F.rotate(x, -90, expand=True))
case("rotate_fill_each", lambda x: F.rotate(x, 45, BILINEAR, fill=[1.0, 0.5, 0.0]), colored)
case("rotate_bicubic", lambda x: F.rotate(x, 45, BICUBIC))
case("affine_no_scale", lambda x: F.affine(x, 13, [1, -2], 0, [9, -4]))

for factor in (0, 0.4, 1, 1.7):
    case(f"brightness_{factor}", lambda x, f=factor: F.adjust_brightness(x, f))
    case(f"contrast_{factor}", lambda x, f=factor: F.adjust_contrast(x, f))
    case(f"saturation_{factor}", lambda x, f=factor: F.adjust_saturation(x, f))
    case(f"sharpness_{factor}", lambda x, f=factor: F.adjust_sharpness(x, f))
for factor in (-0.5, -0.2, 0, 0.1, 0.37):
    case(f"hue_{factor}", lambda x, f=factor: F.adjust_hue(x, f))
case("hue_too_far", lambda x: F.adjust_hue(x, 0.6))
case("brightness_negative", lambda x: F.adjust_brightness(x, -1))
case("gamma_0.6", lambda x: F.adjust_gamma(x, 0.6))
case("gamma_2_gain", lambda x: F.adjust_gamma(x, 2, gain=1.5))
case("grayscale", lambda x: F.rgb_to_grayscale(x))
case("grayscale_3", lambda x: F.rgb_to_grayscale(x, 3))
case("invert", F.invert)
for bits in (0, 1, 3, 8):
    case(f"posterize_{bits}", lambda x, b=bits: F.posterize(x, b))
case("posterize_9", lambda x: F.posterize(x, 9))
case("solarize", lambda x: F.solarize(x, 0.4 if x.is_floating_point() else 99.5))
case("solarize_too_far", lambda x: F.solarize(x, 300))
case("autocontrast", lambda x: F.autocontrast(x // 2 + 30 if x.dtype == torch.uint8 else x / 2 + 0.1))
case("autocontrast_flat", lambda x: F.autocontrast(torch.full_like(x, 1)))
case("equalize", F.equalize)
case("equalize_large", lambda x: F.equalize(F.resize(x, [40, 41], NEAREST)[..., ::3, :]))

case("blur_3", lambda x: F.gaussian_blur(x, [3, 3]))
case("blur_5_3", lambda x: F.gaussian_blur(x, [5, 3], [1.3, 0.4]))
case("blur_even", lambda x: F.gaussian_blur(x, [4, 3]))
case("blur_too_large", lambda x: F.gaussian_blur(x, [3, 29]))
case("erase", lambda x: F.erase(x, 1, 2, 3, 2, torch.tensor([[[1.0]]])))
case("normalize", lambda x: F.normalize(x, [0.4], [0.3]))
case("normalize_each", lambda x: F.normalize(x, [0.4, 0.1, 0.7], [0.3, 2.0, 1.0]), colored)
case("normalize_no_std", lambda x: F.normalize(x, [0.4], [0.0]))
for dtype in (torch.uint8, torch.int16, torch.int64, torch.float32, torch.float64):
    name = str(dtype).removeprefix("torch.")
    case(f"to_{name}", lambda x, d=dtype: F.to_dtype(x, d, scale=True))
    case(f"to_{name}_plain", lambda x, d=dtype: F.to_dtype(x, d, scale=False))


def line(t):
    dtype = str(t.dtype).removeprefix("torch.")
    shape = ",".join(map(str, t.shape))
    digits = {torch.float32: ".8g", torch.float64: ".12g"}.get(t.dtype, "d")
    numbers = " ".join(format(v, digits) for v in t.flatten().tolist())
    return f"output {dtype} [{shape}] {numbers}\n"


def result(f, x):
    try:
        return line(f(x))
    except (TypeError, ValueError, RuntimeError):
        return "refused\n"


if __name__ == "__main__":
    path = pathlib.Path(__file__).parent / "cases.txt"
    with path.open("w") as out:
        out.write(f"# Written by generate.py with torchvision {torchvision.__version__} and "
                  f"PyTorch {torch.__version__}.\n")
        for name, (f, which) in cases.items():
            out.write(f"case {name}\n{result(f, image(which))}")
    print(f"{len(cases)} cases, {path.stat().st_size} bytes")
