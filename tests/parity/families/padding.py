"""Negative padding, in every mode."""

from torch.nn import functional as F

from .common import case, real, refused, squared

sequence = real(1, 2, 5)
image = real(1, 1, 4, 5)
for mode in ("constant", "reflect", "replicate", "circular"):
    for name, make, padding in (
        ("before", sequence, (-1, 2)),
        ("after", sequence, (2, -1)),
        ("both", sequence, (-1, -2)),
        ("images", image, (1, -1, -2, 1)),
        ("much", sequence, (-3, 1)),
    ):
        case(
            f"pad_{mode}_cropping_{name}",
            squared(lambda x, m=mode, p=padding: F.pad(x, p, mode=m)),
            make,
        )
    refused(f"pad_{mode}_cropping_too_much", lambda x, m=mode: F.pad(x, (-3, -3), mode=m), sequence)
case("pad_reflect_cropping_what_is_added", squared(lambda x: F.pad(x, (-3, 4), mode="reflect")), sequence)
case("pad_circular_cropping_all", lambda x: F.pad(x, (-2, -3), mode="circular"), sequence)
refused("pad_reflect_cropping_all", lambda x: F.pad(x, (-2, -3), mode="reflect"), sequence)
