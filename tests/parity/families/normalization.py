"""Normalization."""

from torch.nn import functional as F

from .common import case, fixed, positive, real, x

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
