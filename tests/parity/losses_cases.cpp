#include "cases.h"

#include <limits>

namespace rw::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The result and its gradient by the first input.
template <class F>
Tensors once(In x, F f) {
  const Tensor leaf = x.detach().requires_grad_();
  const Tensor y = f(leaf);
  return {y.detach(), grad({y.sum()}, {leaf})[0]};
}

Tensor city(In a, In b) { return (a - b).abs().sum({-1}); }

// --- Element by element -------------------------------------------------------------------------

Cases regression(const std::string& reduction_name, Reduction r) {
  const auto named = [&](const std::string& loss) { return loss + "_" + reduction_name; };
  return {
      {named("mse_loss_weight"),
       [r](In x, In t, In w) {
         return mse_loss(x, t, {w, r});
       }},
      {named("l1_loss_weight"),
       [r](In x, In t, In w) {
         return l1_loss(x, t, {w, r});
       }},
      {named("smooth_l1_loss"), [r](In x, In t) { return smooth_l1_loss(x, t, {.reduction = r}); }},
      {named("smooth_l1_loss_beta"),
       [r](In x, In t) {
         return smooth_l1_loss(x, t, {2.5, r});
       }},
      {named("huber_loss"), [r](In x, In t) { return huber_loss(x, t, {.reduction = r}); }},
      {named("huber_loss_delta"),
       [r](In x, In t) {
         return huber_loss(x, t, {2.5, {}, r});
       }},
      {named("huber_loss_weight"),
       [r](In x, In t, In w) { return huber_loss(x, t, {.weight = w, .reduction = r}); }},
      {named("binary_cross_entropy"), [r](In x, In t) { return binary_cross_entropy(x, t, r); }},
      {named("binary_cross_entropy_weight"),
       [r](In x, In t, In w) {
         return binary_cross_entropy(x, t, {w, r});
       }},
      {named("bce_with_logits_weight"),
       [r](In x, In t, In w) {
         return binary_cross_entropy_with_logits(x, t, {.weight = w, .reduction = r});
       }},
      {named("bce_with_logits_pos_weight"),
       [r](In x, In t, In w) {
         return binary_cross_entropy_with_logits(x, t, {.pos_weight = w, .reduction = r});
       }},
      {named("kl_div"), [r](In x, In t) { return kl_div(x, t, {.reduction = r}); }},
      {named("kl_div_log"),
       [r](In x, In t) {
         return kl_div(x, t, {true, r});
       }},
      {named("poisson_nll_loss"),
       [r](In x, In t) { return poisson_nll_loss(x, t, {.reduction = r}); }},
      {named("poisson_nll_loss_rate"),
       [r](In x, In t) {
         return poisson_nll_loss(x, t, {.log_input = false, .eps = 0.25, .reduction = r});
       }},
      {named("poisson_nll_loss_full"),
       [r](In x, In t) { return poisson_nll_loss(x, t, {.full = true, .reduction = r}); }},
      {named("gaussian_nll_loss"),
       [r](In x, In t, In v) { return gaussian_nll_loss(x, t, v, {.reduction = r}); }},
      {named("gaussian_nll_loss_full"),
       [r](In x, In t, In v) {
         return gaussian_nll_loss(x, t, v, {true, 1.5, r});
       }},
      {named("soft_margin_loss"), [r](In x, In t) { return soft_margin_loss(x, t, r); }},
      {named("hinge_embedding_loss"),
       [r](In x, In t) { return hinge_embedding_loss(x, t, {.reduction = r}); }},
      {named("hinge_embedding_loss_margin"),
       [r](In x, In t) {
         return hinge_embedding_loss(x, t, {-0.5, r});
       }},
  };
}

Cases single_elements() {
  const Reduction none = Reduction::none;
  const auto bce = [](In x, In t) { return binary_cross_entropy(x, t); };
  const auto smooth = [](In x, In t) { return smooth_l1_loss(x, t); };
  const auto with_logits = [](In x, In t) { return binary_cross_entropy_with_logits(x, t); };
  return {
      {"smooth_l1_loss_beta_0", [](In x, In t) { return smooth_l1_loss(x, t, {.beta = 0}); }},
      {"smooth_l1_loss_at_beta",
       [=](In x, In t) {
         return smooth_l1_loss(x, t, {1, none});
       }},
      {"smooth_l1_loss_of_one", smooth},
      {"smooth_l1_loss_turned", [](In x, In t) { return smooth_l1_loss(x.t(), t.t()); }},
      {"smooth_l1_loss_negative_beta",
       [](In x, In t) { return smooth_l1_loss(x, t, {.beta = -1}); }},
      {"smooth_l1_loss_empty",
       [](In x, In t) { return smooth_l1_loss(x, t, {.reduction = Reduction::sum}); }},
      {"huber_loss_at_delta",
       [=](In x, In t) {
         return huber_loss(x, t, {1, {}, none});
       }},
      {"huber_loss_delta_0", [](In x, In t) { return huber_loss(x, t, {.delta = 0}); }},
      {"huber_loss_sum",
       [](In x, In t) { return huber_loss(x, t, {.reduction = Reduction::sum}); }},
      {"huber_loss_empty",
       [](In x, In t) { return huber_loss(x, t, {.reduction = Reduction::sum}); }},
      {"binary_cross_entropy_certain",
       [](In x, In t) { return once(x, [&](In a) { return binary_cross_entropy(a, t); }); }},
      {"binary_cross_entropy_beyond", bce},
      {"binary_cross_entropy_shapes", bce},
      {"binary_cross_entropy_larger_weight",
       [](In x, In t, In w) { return binary_cross_entropy(x, t, {.weight = w}); }},
      {"bce_with_logits_weights",
       [](In x, In t, In w, In p) {
         return binary_cross_entropy_with_logits(x, t, {w, p});
       }},
      {"bce_with_logits_shapes", with_logits},
      {"bce_with_logits_integers", with_logits},
      {"bce_with_logits_larger_weight",
       [](In x, In t, In w) { return binary_cross_entropy_with_logits(x, t, {.weight = w}); }},
      {"soft_margin_loss_broadcast", [=](In x, In t) { return soft_margin_loss(x, t, none); }},
      {"soft_margin_loss_shapes", [](In x, In t) { return soft_margin_loss(x, t); }},
      {"soft_margin_loss_empty", [](In x, In t) { return soft_margin_loss(x, t, Reduction::sum); }},
      {"hinge_embedding_loss_at_margin",
       [=](In x, In t) {
         return hinge_embedding_loss(x, t, {1, none});
       }},
      {"hinge_embedding_loss_broadcast",
       [=](In x, In t) {
         return hinge_embedding_loss(x, t, {1, none});
       }},
  };
}

Cases single_likelihoods() {
  const Reduction none = Reduction::none;
  return {
      {"kl_div_batchmean",
       [](In x, In t) { return kl_div(x, t, {.reduction = Reduction::batchmean}); }},
      {"kl_div_broadcast",
       [=](In x, In t) {
         return kl_div(x, t, {false, none});
       }},
      {"kl_div_of_nothing",
       [=](In x, In t) {
         return kl_div(x, t, {false, none});
       }},
      {"kl_div_of_one",
       [](In x, In t) { return kl_div(x, t, {.reduction = Reduction::batchmean}); }},
      {"kl_div_integers", [](In x, In t) { return kl_div(x, t); }},
      {"kl_div_sum", [](In x, In t) { return kl_div(x, t, {.reduction = Reduction::sum}); }},
      {"kl_div_empty", [](In x, In t) { return kl_div(x, t, {.reduction = Reduction::sum}); }},
      {"poisson_nll_loss_counts", [](In x, In t) { return poisson_nll_loss(x, t); }},
      {"poisson_nll_loss_broadcast",
       [=](In x, In t) { return poisson_nll_loss(x, t, {.reduction = none}); }},
      {"poisson_nll_loss_shapes", [](In x, In t) { return poisson_nll_loss(x, t); }},
      {"poisson_nll_loss_empty",
       [](In x, In t) { return poisson_nll_loss(x, t, {.reduction = Reduction::sum}); }},
      {"gaussian_nll_loss_short",
       [=](In x, In t, In v) { return gaussian_nll_loss(x, t, v, {.reduction = none}); }},
      {"gaussian_nll_loss_column",
       [=](In x, In t, In v) { return gaussian_nll_loss(x, t, v, {.reduction = none}); }},
      {"gaussian_nll_loss_number", [](In x, In t) { return gaussian_nll_loss(x, t, 0.5); }},
      {"gaussian_nll_loss_0", [](In x, In t) { return gaussian_nll_loss(x, t, 0.0); }},
      {"gaussian_nll_loss_negative", [](In x, In t, In v) { return gaussian_nll_loss(x, t, v); }},
      {"gaussian_nll_loss_variances", [](In x, In t, In v) { return gaussian_nll_loss(x, t, v); }},
  };
}

// --- Of ranks -----------------------------------------------------------------------------------

Cases ranks(const std::string& reduction_name, Reduction r) {
  const auto named = [&](const std::string& loss) { return loss + "_" + reduction_name; };
  return {
      {named("margin_ranking_loss"),
       [r](In a, In b, In t) {
         return margin_ranking_loss(a, b, t, {0, r});
       }},
      {named("margin_ranking_loss_margin"),
       [r](In a, In b, In t) {
         return margin_ranking_loss(a, b, t, {0.5, r});
       }},
      {named("cosine_embedding_loss"),
       [r](In a, In b, In t) {
         return cosine_embedding_loss(a, b, t, {0, r});
       }},
      {named("cosine_embedding_loss_margin"),
       [r](In a, In b, In t) {
         return cosine_embedding_loss(a, b, t, {-0.3, r});
       }},
      {named("multi_margin_loss"),
       [r](In x, In t) {
         return once(x, [&](In a) { return multi_margin_loss(a, t, {.reduction = r}); });
       }},
      {named("multi_margin_loss_squares"),
       [r](In x, In t) {
         return once(x, [&](In a) { return multi_margin_loss(a, t, {2, 0.7, {}, r}); });
       }},
      {named("multi_margin_loss_weight"),
       [r](In x, In t, In w) {
         return once(x, [&](In a) { return multi_margin_loss(a, t, {1, 1, w, r}); });
       }},
      {named("multilabel_margin_loss"),
       [r](In x, In t) { return once(x, [&](In a) { return multilabel_margin_loss(a, t, r); }); }},
      {named("multilabel_soft_margin_loss"),
       [r](In x, In t) { return multilabel_soft_margin_loss(x, t, {.reduction = r}); }},
      {named("multilabel_soft_margin_loss_weight"),
       [r](In x, In t, In w) {
         return multilabel_soft_margin_loss(x, t, {w, r});
       }},
      {named("triplet_margin_loss"),
       [r](In a, In p, In n) {
         return triplet_margin_loss(a, p, n, {.margin = 2, .reduction = r});
       }},
      {named("triplet_margin_loss_swap"),
       [r](In a, In p, In n) {
         return triplet_margin_loss(a, p, n, {2.5, 1.5, 0.01, true, r});
       }},
      {named("triplet_margin_with_distance_loss"),
       [r](In a, In p, In n) {
         return triplet_margin_with_distance_loss(a, p, n, {.margin = 2, .reduction = r});
       }},
      {named("triplet_margin_with_city_distance"),
       [r](In a, In p, In n) {
         return triplet_margin_with_distance_loss(a, p, n, {city, 5, true, r});
       }},
      {named("ctc_loss"),
       [r](In x, In t, In steps, In lengths) {
         return once(x, [&](In a) { return ctc_loss(a, t, steps, lengths, {.reduction = r}); });
       }},
  };
}

Cases single_pairs() {
  const Reduction none = Reduction::none;
  return {
      {"margin_ranking_loss_broadcast",
       [=](In a, In b, In t) {
         return margin_ranking_loss(a, b, t, {0, none});
       }},
      {"margin_ranking_loss_integers",
       [](In a, In b, In t) { return margin_ranking_loss(a, b, t); }},
      {"margin_ranking_loss_ranks", [](In a, In b, In t) { return margin_ranking_loss(a, b, t); }},
      {"cosine_embedding_loss_of_one",
       [](In a, In b, In t) { return cosine_embedding_loss(a, b, t); }},
      {"cosine_embedding_loss_broadcast",
       [=](In a, In b, In t) {
         return cosine_embedding_loss(a, b, t, {0, none});
       }},
      {"cosine_embedding_loss_ranks",
       [](In a, In b, In t) { return cosine_embedding_loss(a, b, t); }},
      {"multilabel_soft_margin_loss_of_one",
       [](In x, In t) { return multilabel_soft_margin_loss(x, t); }},
      {"multilabel_soft_margin_loss_of_a_number",
       [](In x, In t) { return multilabel_soft_margin_loss(x, t); }},
      {"triplet_margin_loss_of_one", [](In a, In p, In n) { return triplet_margin_loss(a, p, n); }},
      {"triplet_margin_loss_broadcast",
       [=](In a, In p, In n) { return triplet_margin_loss(a, p, n, {.reduction = none}); }},
      {"triplet_margin_loss_sum",
       [](In a, In p, In n) {
         return triplet_margin_loss(a, p, n, {.reduction = Reduction::sum});
       }},
      {"triplet_margin_loss_margin",
       [](In a, In p, In n) { return triplet_margin_loss(a, p, n, {.margin = 0}); }},
      {"triplet_margin_loss_ranks", [](In a, In p, In n) { return triplet_margin_loss(a, p, n); }},
  };
}

Cases single_classes() {
  const auto margin = [](const MultiMarginLossOptions& options) {
    return
        [=](In x, In t) { return once(x, [&](In a) { return multi_margin_loss(a, t, options); }); };
  };
  const auto several = [](Reduction r) {
    return
        [=](In x, In t) { return once(x, [&](In a) { return multilabel_margin_loss(a, t, r); }); };
  };
  const auto ctc = [](const CtcLossOptions& options) {
    return [=](In x, In t, In steps, In lengths) {
      return once(x, [&](In a) { return ctc_loss(a, t, steps, lengths, options); });
    };
  };
  const Reduction none = Reduction::none;
  return {
      {"multi_margin_loss_negative_margin", margin({.margin = -3.14})},
      {"multi_margin_loss_of_one", margin({})},
      {"multi_margin_loss_of_one_label", margin({.reduction = none})},
      {"multi_margin_loss_of_a_number", margin({})},
      {"multi_margin_loss_turned",
       [](In x, In t) { return once(x, [&](In a) { return multi_margin_loss(a.t(), t); }); }},
      {"multi_margin_loss_p", [](In x, In t) { return multi_margin_loss(x, t, {.p = 3}); }},
      {"multi_margin_loss_labels", [](In x, In t) { return multi_margin_loss(x, t); }},
      {"multilabel_margin_loss_all", several(Reduction::mean)},
      {"multilabel_margin_loss_of_one", several(none)},
      {"multilabel_margin_loss_of_a_number", several(Reduction::mean)},
      {"multilabel_margin_loss_shapes", [](In x, In t) { return multilabel_margin_loss(x, t); }},
      {"ctc_loss_in_a_row", ctc({.reduction = none})},
      {"ctc_loss_blank", ctc({.blank = 3})},
      {"ctc_loss_of_one", ctc({})},
      {"ctc_loss_without_labels", ctc({.reduction = none})},
      {"ctc_loss_too_short", ctc({.reduction = none})},
      {"ctc_loss_zero_infinity", ctc({.zero_infinity = true})},
      {"ctc_loss_too_many_steps", ctc({})},
      {"ctc_loss_labels_missing", ctc({})},
      {"ctc_loss_blank_beyond", ctc({.blank = 4})},
      {"ctc_loss_row_length", ctc({})},
  };
}

// --- Distances ----------------------------------------------------------------------------------

Cases vectors() {
  const auto similarity = [](int64_t dim, double eps = 1e-8) {
    return [=](In a, In b) { return cosine_similarity(a, b, {dim, eps}); };
  };
  const auto distance = [](const PairwiseDistanceOptions& options) {
    return [=](In a, In b) { return pairwise_distance(a, b, options); };
  };
  const auto length = [](const NormalizeOptions& options) {
    return [=](In x) { return normalize(x, options); };
  };
  return {
      {"cosine_similarity", similarity(1)},
      {"cosine_similarity_first", similarity(0)},
      {"cosine_similarity_broadcast", similarity(-1)},
      {"cosine_similarity_vectors", similarity(0, 0.5)},
      {"cosine_similarity_of_one", similarity(0)},
      {"cosine_similarity_turned", [](In a, In b) { return cosine_similarity(a.t(), b.t()); }},
      {"cosine_similarity_integers", similarity(1)},
      {"cosine_similarity_dim", similarity(2)},
      {"pairwise_distance", distance({})},
      {"pairwise_distance_1", distance({.p = 1, .keepdim = true})},
      {"pairwise_distance_3", distance({.p = 3, .eps = 0.5})},
      {"pairwise_distance_least", distance({.p = -infinity})},
      {"pairwise_distance_minus_1", distance({.p = -1})},
      {"pairwise_distance_greatest", distance({.p = infinity})},
      {"pairwise_distance_0", distance({.p = 0})},
      {"pairwise_distance_of_one", distance({})},
      {"pairwise_distance_integers", distance({})},
      {"pairwise_distance_shapes", distance({})},
      {"normalize", length({})},
      {"normalize_1", length({.p = 1, .dim = 2})},
      {"normalize_half", length({.p = 0.5, .dim = 0})},
      {"normalize_0", length({.p = 0, .dim = -1})},
      {"normalize_minus_1", length({.p = -1})},
      {"normalize_least", length({.p = -infinity})},
      {"normalize_small", length({.eps = 100})},
      {"normalize_of_one", length({.p = 1.2, .dim = 0})},
      {"normalize_zeros", [](In x) { return once(x, [](In a) { return normalize(a); }); }},
      {"normalize_integers", length({})},
      {"normalize_vector", length({})},
  };
}

Cases all_pairs() {
  const auto plain = [](In a, In b) { return cdist(a, b); };
  const auto later = [](In x) { return pdist(x); };
  Cases all = {
      {"cdist_batches", plain},
      {"cdist_by_products", plain},
      {"cdist_of_none", plain},
      {"cdist_of_no_numbers", plain},
      {"cdist_of_equal", plain},
      {"cdist_integers", plain},
      {"cdist_sizes", plain},
      {"cdist_vectors", plain},
      {"cdist_negative_p", [](In a, In b) { return cdist(a, b, -1); }},
      {"pdist_of_one", later},
      {"pdist_of_equal", later},
      {"pdist_of_3_dims", later},
  };
  const std::pair<const char*, double> powers[] = {
      {"0_0", 0}, {"0_5", 0.5},          {"1_0", 1}, {"1_5", 1.5}, {"2_0", 2},
      {"3_0", 3}, {"greatest", infinity}};
  for (const auto& [name, p] : powers) {
    all.push_back({std::string("cdist_") + name, [p = p](In a, In b) { return cdist(a, b, p); }});
    all.push_back({std::string("pdist_") + name, [p = p](In x) { return pdist(x, p); }});
  }
  return all;
}

Cases losses_cases() {
  Cases all = joined({single_elements(), single_likelihoods(), single_pairs(), single_classes(),
                      vectors(), all_pairs()});
  const std::pair<const char*, Reduction> reductions[] = {{"none", Reduction::none},
                                                          {"mean", Reduction::mean}};
  for (const auto& [name, r] : reductions)
    for (const Cases& more : {regression(name, r), ranks(name, r)})
      all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

static const Family losses_family(losses_cases);

}  // namespace rw::test
