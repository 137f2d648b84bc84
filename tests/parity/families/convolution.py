"""Convolutions."""

from torch.nn import functional as F

from .common import case, real, x

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
