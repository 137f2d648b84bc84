"""Losses element by element and of ranks, and distances."""

import math
from functools import partial

import torch
from torch.nn import functional as F

from .common import case, fixed, integers, positive, probabilities, real, refused, values

x, y, row = real(3, 4), real(3, 4), real(4)
weights, row_weights = positive(3, 4), positive(4)
shares, other_shares = probabilities(3, 4), probabilities(3, 4)
signs = values([[1, -1, 1, 1], [-1, -1, 1, -1], [0, 1, -1, 1]])
side = values([1, -1, 1])
one, another = real(), real()


def loss(name, function, *inputs, **options):
    for reduction in ("none", "mean"):
        case(f"{name}_{reduction}", partial(function, reduction=reduction, **options), *inputs)


def turned(function):
    """Of transposed inputs."""
    return lambda *inputs: function(*(t.t() for t in inputs))


def once(function):
    """The result and its gradient by the first input, which can't be differentiated again."""

    def run(x, *inputs, **options):
        leaf = x.detach().requires_grad_()
        y = function(leaf, *inputs, **options)
        return [y.detach(), torch.autograd.grad(y.sum(), leaf)[0]]

    return run


def weighed(function):
    return lambda x, t, w, **options: function(x, t, weight=w, **options)


# --- Element by element
loss("mse_loss_weight", weighed(F.mse_loss), x, y, weights)
loss("l1_loss_weight", weighed(F.l1_loss), x, y, weights)
loss("smooth_l1_loss", F.smooth_l1_loss, x, y)
loss("smooth_l1_loss_beta", F.smooth_l1_loss, x, y, beta=2.5)
case("smooth_l1_loss_beta_0", partial(F.smooth_l1_loss, beta=0.0), x, y)
ends, zeros_of_4 = values([1.0, -1.0, 0.0, 3.0]), fixed(values([0.0, 0.0, 0.0, 0.0]))
case("smooth_l1_loss_at_beta", partial(F.smooth_l1_loss, reduction="none"), ends, zeros_of_4)
case("smooth_l1_loss_of_one", F.smooth_l1_loss, one, another)
case("smooth_l1_loss_turned", turned(F.smooth_l1_loss), x, y)
refused("smooth_l1_loss_negative_beta", partial(F.smooth_l1_loss, beta=-1.0), x, y)
loss("huber_loss", F.huber_loss, x, y)
loss("huber_loss_delta", F.huber_loss, x, y, delta=2.5)
loss("huber_loss_weight", weighed(F.huber_loss), x, y, weights)
case("huber_loss_at_delta", partial(F.huber_loss, reduction="none"), ends, zeros_of_4)
refused("huber_loss_delta_0", partial(F.huber_loss, delta=0.0), x, y)
loss("binary_cross_entropy", F.binary_cross_entropy, shares, other_shares)
loss(
    "binary_cross_entropy_weight", F.binary_cross_entropy, shares, other_shares, fixed(row_weights)
)
certain, bits = values([0.0, 1.0, 1.0, 0.0]), fixed(values([0.0, 0.0, 1.0, 1.0]))
case("binary_cross_entropy_certain", once(F.binary_cross_entropy), fixed(certain), bits)
refused(
    "binary_cross_entropy_beyond", F.binary_cross_entropy, values([0.5, 1.5]), values([0.0, 1.0])
)
refused("binary_cross_entropy_shapes", F.binary_cross_entropy, shares, fixed(probabilities(4)))
refused(
    "binary_cross_entropy_larger_weight",
    F.binary_cross_entropy,
    shares,
    other_shares,
    fixed(positive(2, 3, 4)),
)
with_logits = F.binary_cross_entropy_with_logits
loss("bce_with_logits_weight", with_logits, x, shares, fixed(row_weights))
loss(
    "bce_with_logits_pos_weight",
    lambda x, t, w, **o: with_logits(x, t, pos_weight=w, **o),
    x,
    shares,
    fixed(row_weights),
)
case(
    "bce_with_logits_weights",
    lambda x, t, w, p: with_logits(x, t, w, pos_weight=p),
    x,
    shares,
    fixed(weights),
    fixed(row_weights),
)
refused("bce_with_logits_shapes", with_logits, x, fixed(probabilities(4)))
refused("bce_with_logits_integers", with_logits, x, integers(3, 4, below=2))
refused("bce_with_logits_larger_weight", with_logits, x, shares, positive(2, 3, 4))
loss("kl_div", F.kl_div, x, shares)
loss("kl_div_log", F.kl_div, x, y, log_target=True)
case("kl_div_batchmean", partial(F.kl_div, reduction="batchmean"), x, shares)
case("kl_div_broadcast", partial(F.kl_div, reduction="none"), x, fixed(probabilities(4)))
case(
    "kl_div_of_nothing",
    partial(F.kl_div, reduction="none"),
    row,
    fixed(values([0.0, 1.0, 0.0, 0.5])),
)
case("kl_div_of_one", partial(F.kl_div, reduction="batchmean"), one, fixed(probabilities()))
refused("kl_div_integers", F.kl_div, x, integers(3, 4, below=2))
loss("poisson_nll_loss", F.poisson_nll_loss, x, weights)
loss("poisson_nll_loss_rate", F.poisson_nll_loss, weights, shares, log_input=False, eps=0.25)
loss("poisson_nll_loss_full", F.poisson_nll_loss, x, positive(3, 4), full=True)
case("poisson_nll_loss_counts", F.poisson_nll_loss, x, integers(3, 4, below=6))
case("poisson_nll_loss_broadcast", partial(F.poisson_nll_loss, reduction="none"), x, positive(3, 1))
refused("poisson_nll_loss_shapes", F.poisson_nll_loss, x, positive(3))
gaussian = F.gaussian_nll_loss
loss("gaussian_nll_loss", gaussian, x, y, weights)
loss("gaussian_nll_loss_full", gaussian, x, y, weights, full=True, eps=1.5)
case("gaussian_nll_loss_short", partial(gaussian, reduction="none"), x, row, positive(3))
case("gaussian_nll_loss_column", partial(gaussian, reduction="none"), x, y, positive(3, 1))
case("gaussian_nll_loss_number", lambda x, t: gaussian(x, t, 0.5), x, y)
case("gaussian_nll_loss_0", lambda x, t: gaussian(x, t, 0.0), x, y)
refused("gaussian_nll_loss_negative", gaussian, x, y, fixed(real(3, 4)))
refused("gaussian_nll_loss_variances", gaussian, x, y, positive(2, 4))
loss("soft_margin_loss", F.soft_margin_loss, x, signs)
case(
    "soft_margin_loss_broadcast",
    partial(F.soft_margin_loss, reduction="none"),
    x,
    fixed(values([1.0, -1.0, 1.0, 0.5])),
)
refused("soft_margin_loss_shapes", F.soft_margin_loss, x, fixed(real(5)))
loss("hinge_embedding_loss", F.hinge_embedding_loss, x, signs)
loss("hinge_embedding_loss_margin", F.hinge_embedding_loss, x, signs, margin=-0.5)
case(
    "hinge_embedding_loss_at_margin",
    partial(F.hinge_embedding_loss, reduction="none"),
    ends,
    values([-1, -1, -1, 1]),
)
case(
    "hinge_embedding_loss_broadcast",
    partial(F.hinge_embedding_loss, reduction="none"),
    x,
    values([1, -1, 0, 1]),
)
case("huber_loss_sum", partial(F.huber_loss, reduction="sum"), x, y)
case("kl_div_sum", partial(F.kl_div, reduction="sum"), x, shares)
for name in ("smooth_l1_loss", "huber_loss", "kl_div", "soft_margin_loss", "poisson_nll_loss"):
    case(f"{name}_empty", partial(getattr(F, name), reduction="sum"), real(0, 3), fixed(real(0, 3)))

# --- Of ranks
loss("margin_ranking_loss", F.margin_ranking_loss, x, y, signs)
loss("margin_ranking_loss_margin", F.margin_ranking_loss, x, y, signs, margin=0.5)
case(
    "margin_ranking_loss_broadcast",
    partial(F.margin_ranking_loss, reduction="none"),
    real(3, 1),
    real(1, 4),
    signs,
)
case(
    "margin_ranking_loss_integers",
    F.margin_ranking_loss,
    integers(5, below=9),
    integers(5, below=9),
    values([1, -1, 1, 1, -1]),
)
refused("margin_ranking_loss_ranks", F.margin_ranking_loss, x, y, side)
loss("cosine_embedding_loss", F.cosine_embedding_loss, x, y, side)
loss(
    "cosine_embedding_loss_margin", F.cosine_embedding_loss, x, y, values([-1, 0, -1]), margin=-0.3
)
case("cosine_embedding_loss_of_one", F.cosine_embedding_loss, row, real(4), values(-1))
case(
    "cosine_embedding_loss_broadcast",
    partial(F.cosine_embedding_loss, reduction="none"),
    x,
    real(1, 4),
    values([1]),
)
refused("cosine_embedding_loss_ranks", F.cosine_embedding_loss, row, row, values([1]))
labels = values([2, 0, 3])
multi_margin, multilabel = once(F.multi_margin_loss), once(F.multilabel_margin_loss)
loss("multi_margin_loss", multi_margin, fixed(x), labels)
loss("multi_margin_loss_squares", multi_margin, fixed(x), labels, p=2, margin=0.7)
loss("multi_margin_loss_weight", weighed(multi_margin), fixed(x), labels, fixed(positive(4)))
case("multi_margin_loss_negative_margin", partial(multi_margin, margin=-3.14), fixed(x), labels)
case("multi_margin_loss_of_one", multi_margin, fixed(row), values(2))
case(
    "multi_margin_loss_of_one_label",
    partial(multi_margin, reduction="none"),
    fixed(row),
    values([2]),
)
case("multi_margin_loss_of_a_number", multi_margin, fixed(one), values(0))
case(
    "multi_margin_loss_turned",
    once(lambda x, t: F.multi_margin_loss(x.t(), t)),
    fixed(real(5, 3)),
    values([4, 0, 2]),
)
refused("multi_margin_loss_p", partial(F.multi_margin_loss, p=3), x, labels)
refused("multi_margin_loss_labels", F.multi_margin_loss, x, values([2, 0]))
several = values([[2, 0, -1, 1], [3, 3, 1, -1], [-1, 0, 1, 2]])
loss("multilabel_margin_loss", multilabel, fixed(x), several)
case("multilabel_margin_loss_all", multilabel, fixed(row), values([3, 1, 0, 2]))
case(
    "multilabel_margin_loss_of_one",
    partial(multilabel, reduction="none"),
    fixed(row),
    values([3, 0, -1, 1]),
)
case("multilabel_margin_loss_of_a_number", multilabel, fixed(one), values(0))
refused("multilabel_margin_loss_shapes", F.multilabel_margin_loss, x, labels)
bits_of_3 = integers(3, 4, below=2)
loss("multilabel_soft_margin_loss", F.multilabel_soft_margin_loss, x, bits_of_3)
loss(
    "multilabel_soft_margin_loss_weight",
    weighed(F.multilabel_soft_margin_loss),
    x,
    shares,
    row_weights,
)
case(
    "multilabel_soft_margin_loss_of_one",
    F.multilabel_soft_margin_loss,
    row,
    fixed(probabilities(4)),
)
refused(
    "multilabel_soft_margin_loss_of_a_number",
    F.multilabel_soft_margin_loss,
    one,
    fixed(probabilities()),
)
z = real(3, 4)
loss("triplet_margin_loss", F.triplet_margin_loss, x, y, z, margin=2.0)
loss(
    "triplet_margin_loss_swap",
    F.triplet_margin_loss,
    x,
    y,
    z,
    margin=2.5,
    p=1.5,
    eps=0.01,
    swap=True,
)
case("triplet_margin_loss_of_one", F.triplet_margin_loss, row, real(4), real(4))
case(
    "triplet_margin_loss_broadcast",
    partial(F.triplet_margin_loss, reduction="none"),
    x,
    real(1, 4),
    z,
)
case("triplet_margin_loss_sum", partial(F.triplet_margin_loss, reduction="sum"), x, y, z)
refused("triplet_margin_loss_margin", partial(F.triplet_margin_loss, margin=0.0), x, y, z)
refused("triplet_margin_loss_ranks", F.triplet_margin_loss, x, y, row)
with_distance = F.triplet_margin_with_distance_loss
loss("triplet_margin_with_distance_loss", with_distance, x, y, z, margin=2.0)
city = lambda a, b: (a - b).abs().sum(-1)
loss(
    "triplet_margin_with_city_distance",
    with_distance,
    x,
    y,
    z,
    margin=5.0,
    swap=True,
    distance_function=city,
)

# --- Sequences
def ctc(blank=0, zero_infinity=False, reduction="mean"):
    return once(
        lambda x, targets, steps, lengths: F.ctc_loss(
            x, targets, steps, lengths, blank, reduction, zero_infinity
        )
    )


logits = fixed(real(6, 3, 4, low=-1, high=1))
padded = values([[1, 2, 2], [3, 1, 0], [2, 0, 0]])
steps, lengths = values([6, 5, 6]), values([3, 2, 1])
for reduction in ("none", "mean"):
    case(f"ctc_loss_{reduction}", ctc(reduction=reduction), logits, padded, steps, lengths)
case("ctc_loss_in_a_row", ctc(reduction="none"), logits, values([1, 2, 2, 3, 1, 2]), steps, lengths)
case(
    "ctc_loss_blank",
    ctc(blank=3),
    logits,
    values([[1, 2, 2], [0, 0, 0], [2, 1, 0]]),
    steps,
    values([3, 2, 2]),
)
case(
    "ctc_loss_of_one",
    ctc(),
    fixed(real(6, 4, low=-1, high=1)),
    values([1, 3]),
    values(6),
    values(2),
)
case("ctc_loss_without_labels", ctc(reduction="none"), logits, padded, steps, values([0, 2, 0]))
case("ctc_loss_too_short", ctc(reduction="none"), logits, padded, values([3, 1, 2]), lengths)
case("ctc_loss_zero_infinity", ctc(zero_infinity=True), logits, padded, values([3, 1, 2]), lengths)
refused("ctc_loss_too_many_steps", ctc(), logits, padded, values([7, 5, 6]), lengths)
refused("ctc_loss_labels_missing", ctc(), logits, padded, steps, values([4, 2, 1]))
refused("ctc_loss_blank_beyond", ctc(blank=4), logits, padded, steps, lengths)
refused("ctc_loss_row_length", ctc(), logits, values([1, 2, 2, 3, 1]), steps, lengths)

# --- Distances
cube, flat = real(2, 3, 4), real(2, 1, 4)
similarity = F.cosine_similarity
case("cosine_similarity", similarity, x, y)
case("cosine_similarity_first", partial(similarity, dim=0), x, y)
case("cosine_similarity_broadcast", partial(similarity, dim=-1), cube, flat)
case("cosine_similarity_vectors", partial(similarity, dim=0, eps=0.5), row, real(4))
case("cosine_similarity_of_one", partial(similarity, dim=0), fixed(one), fixed(another))
case("cosine_similarity_turned", turned(similarity), x, y)
refused("cosine_similarity_integers", similarity, integers(3, 4, below=3), integers(3, 4, below=3))
refused("cosine_similarity_dim", partial(similarity, dim=2), x, y)
case("pairwise_distance", F.pairwise_distance, x, y)
case("pairwise_distance_1", partial(F.pairwise_distance, p=1.0, keepdim=True), x, y)
case("pairwise_distance_3", partial(F.pairwise_distance, p=3.0, eps=0.5), cube, flat)
case("pairwise_distance_least", partial(F.pairwise_distance, p=-math.inf), x, row)
case("pairwise_distance_minus_1", partial(F.pairwise_distance, p=-1.0), x, y)
case("pairwise_distance_greatest", partial(F.pairwise_distance, p=math.inf), x, y)
case("pairwise_distance_0", partial(F.pairwise_distance, p=0.0), fixed(x), fixed(y))
case("pairwise_distance_of_one", F.pairwise_distance, one, another)
case(
    "pairwise_distance_integers", F.pairwise_distance, integers(3, 4, below=9), integers(4, below=9)
)
refused("pairwise_distance_shapes", F.pairwise_distance, x, real(3))
for p in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, math.inf):
    name = "greatest" if p == math.inf else str(p).replace(".", "_")
    case(f"cdist_{name}", partial(torch.cdist, p=p), real(3, 2), real(4, 2))
    case(f"pdist_{name}", partial(torch.pdist, p=p), real(4, 3))
case("cdist_batches", torch.cdist, real(2, 1, 3, 2), real(2, 2, 2))
case(
    "cdist_by_products",
    lambda a, b: torch.cdist(a, b, 2.0, "use_mm_for_euclid_dist"),
    x,
    real(2, 4),
)
case("cdist_of_none", torch.cdist, real(0, 3), real(2, 3))
case("cdist_of_no_numbers", torch.cdist, real(2, 0), real(3, 0))
case(
    "cdist_of_equal",
    torch.cdist,
    values([[1.0, 2.0], [3.0, 4.0]]),
    values([[1.0, 2.0], [0.0, 4.0]]),
)
refused("cdist_integers", torch.cdist, integers(3, 2, below=3), integers(3, 2, below=3))
refused("cdist_sizes", torch.cdist, x, real(3, 3))
refused("cdist_vectors", torch.cdist, row, row)
refused("cdist_negative_p", partial(torch.cdist, p=-1.0), x, y)
case("pdist_of_one", torch.pdist, real(1, 3))
case("pdist_of_equal", torch.pdist, values([[1.0, 2.0], [1.0, 2.0], [3.0, 1.0]]))
refused("pdist_of_3_dims", torch.pdist, cube)
case("normalize", F.normalize, x)
case("normalize_1", partial(F.normalize, p=1.0, dim=2), cube)
case("normalize_half", partial(F.normalize, p=0.5, dim=0), x)
case("normalize_0", partial(F.normalize, p=0.0, dim=-1), x)
case("normalize_minus_1", partial(F.normalize, p=-1.0), x)
case("normalize_least", partial(F.normalize, p=-math.inf), x)
case("normalize_small", partial(F.normalize, eps=100.0), x)
case("normalize_of_one", partial(F.normalize, p=1.2, dim=0), fixed(one))
case("normalize_zeros", once(F.normalize), fixed(values([[0.0, 0.0], [3.0, 4.0]])))
refused("normalize_integers", F.normalize, integers(3, 4, below=3))
refused("normalize_vector", F.normalize, row)
