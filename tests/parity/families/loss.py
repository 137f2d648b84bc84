"""Losses."""

from functools import partial

from torch.nn import functional as F

from .common import case, fixed, integers, large, positive, probabilities, real, values, x, y

logits, labels = real(5, 4), values([2, 0, 3, 1, 2])
class_weights = fixed(positive(4))
images, image_labels = real(2, 3, 2, 2), integers(2, 2, 2, below=3)


def loss(name, function, *inputs, **options):
    for reduction in ("none", "mean", "sum"):
        case(f"{name}_{reduction}", partial(function, reduction=reduction, **options), *inputs)


loss("nll_loss", F.nll_loss, logits, labels)
loss("nll_loss_weight", F.nll_loss, logits, labels, class_weights, ignore_index=2)
loss("cross_entropy", F.cross_entropy, logits, labels)
loss("cross_entropy_weight", F.cross_entropy, logits, labels, class_weights)
loss("cross_entropy_ignore", F.cross_entropy, logits, labels, ignore_index=2)
loss("cross_entropy_smooth", F.cross_entropy, logits, labels, label_smoothing=0.2)
everything = {"ignore_index": 2, "label_smoothing": 0.3}
loss("cross_entropy_all", F.cross_entropy, logits, labels, class_weights, **everything)
everything = {"ignore_index": 1, "label_smoothing": 0.1}
image_weights = fixed(positive(3))
loss("cross_entropy_images", F.cross_entropy, images, image_labels, image_weights, **everything)
shares = probabilities(5, 4)
smooth = {"label_smoothing": 0.2}
loss("cross_entropy_probabilities", F.cross_entropy, logits, shares, class_weights, **smooth)
loss("mse_loss", F.mse_loss, x, y)
loss("l1_loss", F.l1_loss, x, y)
loss("bce_with_logits", F.binary_cross_entropy_with_logits, x, probabilities(3, 4))
case("nll_loss_images", lambda x, t: F.nll_loss(x, t, ignore_index=1), images, image_labels)
case("nll_loss_of_one", F.nll_loss, real(4), values(2))
case(
    "cross_entropy_of_one",
    lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1),
    real(4),
    values(2),
)
case("cross_entropy_image_probabilities", F.cross_entropy, images, probabilities(2, 3, 2, 2))
case("cross_entropy_of_large", F.cross_entropy, large, values([1, 0]))
case("cross_entropy_all_ignored", F.cross_entropy, fixed(real(2, 3)), values([-100, -100]))
case("l1_loss_of_equal", F.l1_loss, values([1.0, 2.0]), values([1.0, 3.0]))
case(
    "bce_with_logits_of_large",
    F.binary_cross_entropy_with_logits,
    values([-800.0, -30.0, 40.0, 800.0]),
    values([0.0, 1.0, 0.25, 0.5]),
)
