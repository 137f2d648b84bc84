"""Normalization."""

from torch.nn import functional as F

from .common import case, fixed, integers, positive, real, refused, squared, values, x

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

matrix = real(3, 4)
case("rms_norm", lambda x, w: F.rms_norm(x, (4,), w), matrix, real(4))
case("rms_norm_plain", squared(lambda x: F.rms_norm(x, (4,))), matrix)
case("rms_norm_eps", lambda x, w: F.rms_norm(x, (2, 3), w, 0.25), real(2, 2, 3), real(2, 3))
case("rms_norm_of_zeros", lambda x: F.rms_norm(x, (2,), None, 1e-5), values([[0.0, 0.0], [0.5, 0.0]]))
case("rms_norm_empty", lambda x: F.rms_norm(x, (4,)), real(0, 4))
refused("rms_norm_other_shape", lambda x: F.rms_norm(x, (3,)), matrix)
refused("rms_norm_other_weight", lambda x, w: F.rms_norm(x, (4,), w), matrix, real(3))
refused("rms_norm_no_shape", lambda x: F.rms_norm(x, ()), matrix)
refused("rms_norm_of_integers", lambda x: F.rms_norm(x, (4,)), integers(3, 4, below=9))
channels = real(2, 5, 3)
case("local_response_norm", lambda x: F.local_response_norm(x, 3, 0.5), channels)
case("local_response_norm_even", lambda x: F.local_response_norm(x, 2, 0.3, 0.5, 2.0), real(1, 4, 2, 2))
case("local_response_norm_wide", lambda x: F.local_response_norm(x, 9, 1.0), channels)
case("local_response_norm_volumes", lambda x: F.local_response_norm(x, 3, 1.0), real(1, 3, 2, 1, 2))
case("local_response_norm_of_integers", lambda x: F.local_response_norm(x, 2, 1.0), integers(1, 4, 3, below=9))
case("local_response_norm_empty", lambda x: F.local_response_norm(x, 2), real(0, 2, 2))
refused("local_response_norm_of_a_matrix", lambda x: F.local_response_norm(x, 2), matrix)
refused("local_response_norm_of_0", lambda x: F.local_response_norm(x, 0), channels)
