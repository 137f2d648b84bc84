#include "table.h"

namespace rw::test {
namespace {

void append(Rows& all, const Rows& more) { all.insert(all.end(), more.begin(), more.end()); }

Tensor shares_of(const Shape& shape) {
  return softmax(normal(shape), -1).detach().requires_grad_();
}

// 1 and -1 by turns.
Tensor signs(const Shape& shape) { return (arange(shape.numel()) % 2 * 2 - 1).view(shape); }

Rows regression(Reduction r) {
  const Tensor x = normal({3, 4}), y = normal({3, 4}), w = positive({3, 4});
  const Tensor d = distinct({3, 4}), e = distinct({3, 4}, 0.15);
  return {
      {"mse_loss, weight",
       [=](In a, In t, In v) {
         return mse_loss(a, t, {v, r});
       },
       {x, y, w}},
      {"l1_loss, weight",
       [=](In a, In t, In v) {
         return l1_loss(a, t, {v, r});
       },
       {d, e, w}},
      {"smooth_l1_loss",
       [=](In a, In t) { return smooth_l1_loss(a, t, {.beta = 0.7, .reduction = r}); },
       {d, e}},
      {"smooth_l1_loss, beta 0",
       [=](In a, In t) { return smooth_l1_loss(a, t, {.beta = 0, .reduction = r}); },
       {d, e}},
      {"huber_loss",
       [=](In a, In t) { return huber_loss(a, t, {.delta = 0.7, .reduction = r}); },
       {d, e}},
      {"huber_loss, weight",
       [=](In a, In t, In v) {
         return huber_loss(a, t, {0.7, v, r});
       },
       {d, e, w}},
  };
}

Rows likelihoods(Reduction r) {
  const Tensor x = normal({3, 4}), y = normal({3, 4}), w = positive({3, 4}), pos = positive({4});
  const Tensor p = shares_of({3, 4}), q = shares_of({3, 4}), one = positive({3, 1});
  const Tensor short_var = positive({3}), row = normal({4});
  return {
      {"binary_cross_entropy", [=](In a, In t) { return binary_cross_entropy(a, t, r); }, {p, q}},
      {"binary_cross_entropy, weight",
       [=](In a, In t, In v) {
         return binary_cross_entropy(a, t, {v, r});
       },
       {p, q, pos}},
      {"binary_cross_entropy_with_logits, weights",
       [=](In a, In t, In v, In u) {
         return binary_cross_entropy_with_logits(a, t, {v, u, r});
       },
       {x, q, w, pos}},
      {"kl_div", [=](In a, In t) { return kl_div(a, t, {.reduction = r}); }, {x, q}},
      {"kl_div, logarithms",
       [=](In a, In t) {
         return kl_div(a, t, {true, r});
       },
       {x, row}},
      {"poisson_nll_loss",
       [=](In a, In t) { return poisson_nll_loss(a, t, {.reduction = r}); },
       {x, w}},
      {"poisson_nll_loss, rate",
       [=](In a, In t) {
         return poisson_nll_loss(a + 1, t * 3, {false, true, 1e-3, r});
       },
       {w, one}},
      {"gaussian_nll_loss",
       [=](In a, In t, In v) { return gaussian_nll_loss(a, t, v, {.reduction = r}); },
       {x, y, w}},
      {"gaussian_nll_loss, one in a row",
       [=](In a, In t, In v) {
         return gaussian_nll_loss(a, t, v, {true, 1e-3, r});
       },
       {x, row, one}},
      {"gaussian_nll_loss, without a dimension",
       [=](In a, In t, In v) { return gaussian_nll_loss(a, t, v, {.reduction = r}); },
       {x, y, short_var}},
      {"gaussian_nll_loss, a number",
       [=](In a, In t) { return gaussian_nll_loss(a, t, 0.5, {.reduction = r}); },
       {x, y}},
  };
}

Rows margins(Reduction r) {
  const Tensor x = normal({3, 4}), y = normal({3, 4}), z = normal({3, 4}), w = positive({4});
  const Tensor d = distinct({3, 4}), e = distinct({3, 4}, 0.15), row = distinct({4}, 0.2);
  const Tensor turns = signs({3, 4}), side = signs({3}), labels = from<int64_t>({1, 3, 0});
  const Tensor several = from<int64_t>({{1, -1, 0, 2}, {3, 0, 0, -1}, {-1, 1, 2, 3}});
  const Tensor fixed = w.detach(), bits = (turns + 1) / 2, q = shares_of({3, 4});
  const auto farthest = [](const Tensor& a, const Tensor& b) { return (a - b).square().sum({-1}); };
  return {
      {"soft_margin_loss", [=](In a, In t) { return soft_margin_loss(a, t, r); }, {x, y}},
      {"soft_margin_loss, integers", [=](In a) { return soft_margin_loss(a, turns, r); }, {x}},
      {"hinge_embedding_loss",
       [=](In a) {
         return hinge_embedding_loss(a, turns, {0.7, r});
       },
       {d},
       Ties::kink},
      {"margin_ranking_loss",
       [=](In a, In b, In t) {
         return margin_ranking_loss(a, b, t, {0.05, r});
       },
       {d, e, distinct({3, 1}, 0.1)},
       Ties::kink},
      {"cosine_embedding_loss",
       [=](In a, In b) {
         return cosine_embedding_loss(a, b, side, {0.1, r});
       },
       {x, y}},
      {"multi_margin_loss",
       [=](In a) { return multi_margin_loss(a, labels, {.reduction = r}); },
       {d},
       Ties::kink},
      {"multi_margin_loss, squares",
       [=](In a) {
         return multi_margin_loss(a, labels, {2, 0.8, fixed, r}).square();
       },
       {d},
       Ties::kink},
      {"multi_margin_loss, one sample",
       [=](In a) { return multi_margin_loss(a, labels[0], {.reduction = r}); },
       {row}},
      {"multilabel_margin_loss",
       [=](In a) { return multilabel_margin_loss(a, several, r).square(); },
       {d},
       Ties::kink},
      {"multilabel_soft_margin_loss",
       [=](In a, In t) { return multilabel_soft_margin_loss(a, t, {.reduction = r}); },
       {x, q}},
      {"multilabel_soft_margin_loss, weight",
       [=](In a, In v) {
         return multilabel_soft_margin_loss(a, bits, {v, r});
       },
       {x, w}},
      {"triplet_margin_loss",
       [=](In a, In b, In c) {
         return triplet_margin_loss(a, b, c, {2.5, 2, 1e-6, false, r});
       },
       {x, y, z}},
      {"triplet_margin_loss, swap",
       [=](In a, In b, In c) {
         return triplet_margin_loss(a, b, c, {3.5, 3, 0.1, true, r});
       },
       {x, y, z},
       Ties::kink},
      {"triplet_margin_with_distance_loss",
       [=](In a, In b, In c) {
         return triplet_margin_with_distance_loss(a, b, c, {farthest, 8, false, r});
       },
       {x, y, z}},
      {"triplet_margin_with_distance_loss, plain",
       [=](In a, In b, In c) {
         return triplet_margin_with_distance_loss(a, b, c, {.margin = 3, .reduction = r});
       },
       {x, y, z}},
  };
}

Rows distances() {
  const Tensor x = normal({2, 3, 4}), y = normal({2, 3, 4}), row = normal({4});
  const Tensor d = distinct({3, 4}), e = distinct({2, 4}, 0.15), many = distinct({2, 5, 3}, 0.2);
  Rows all = {
      {"cosine_similarity", [](In a, In b) { return cosine_similarity(a, b); }, {x, y}},
      {"cosine_similarity, broadcast",
       [](In a, In b) { return cosine_similarity(a, b, {.dim = -1}); },
       {x, row}},
      {"pairwise_distance", [](In a, In b) { return pairwise_distance(a, b); }, {x, row}},
      {"pairwise_distance, keepdim",
       [](In a, In b) { return pairwise_distance(a, b, {.p = 3.5, .eps = 0.1, .keepdim = true}); },
       {x, y}},
      {"normalize", [](In a) { return normalize(a); }, {x}},
      {"normalize, power", [](In a) { return normalize(a, {.p = 1, .dim = -1}); }, {d}},
      {"normalize, greatest",
       [](In a) { return normalize(a, {.p = std::numeric_limits<double>::infinity()}); },
       {d},
       Ties::kink},
      {"cdist, batches",
       [](In a, In b) { return cdist(a, b); },
       {normal({2, 1, 3, 2}), normal({2, 4, 2})}},
  };
  const Tensor x2 = normal({3, 4});
  const double endless = std::numeric_limits<double>::infinity();
  for (const double p : {1., 2., 3., 1.5, endless}) {
    all.push_back({"cdist", [=](In a, In b) { return cdist(a, b, p); }, {d, e}, Ties::kink});
    all.push_back({"pdist", [=](In a) { return pdist(a, p); }, {x2}, Ties::kink});
  }
  return all;
}

// Those in nn/losses.h.
Rows modules() {
  const Tensor x = normal({3, 4}), y = normal({3, 4}), w = positive({3, 4}), q = shares_of({3, 4});
  const Tensor d = distinct({3, 4}), e = distinct({3, 4}, 0.15), four = positive({4}).detach();
  return {
      {"L1Loss::forward", [](In a, In t) { return nn::L1Loss()(a, t); }, {d, e}},
      {"SmoothL1Loss::forward",
       [](In a, In t) { return nn::SmoothL1Loss({.beta = 2})(a, t); },
       {d, e}},
      {"HuberLoss::forward", [](In a, In t) { return nn::HuberLoss({.delta = 2})(a, t); }, {d, e}},
      {"BCELoss::forward",
       [=](In a, In t) { return nn::BCELoss({.weight = four})(a, t); },
       {shares_of({3, 4}), q}},
      {"BCEWithLogitsLoss::forward",
       [=](In a, In t) { return nn::BCEWithLogitsLoss({.pos_weight = four})(a, t); },
       {x, q}},
      {"KLDivLoss::forward",
       [](In a, In t) { return nn::KLDivLoss({.log_target = true})(a, t); },
       {x, y}},
      {"PoissonNLLLoss::forward", [](In a, In t) { return nn::PoissonNLLLoss()(a, t); }, {x, w}},
      {"GaussianNLLLoss::forward",
       [](In a, In t, In v) { return nn::GaussianNLLLoss({.full = true})(a, t, v); },
       {x, y, w}},
  };
}

Rows loss_rows() {
  Rows all = distances();
  append(all, modules());
  for (const Reduction r : {Reduction::none, Reduction::mean, Reduction::sum}) {
    append(all, regression(r));
    append(all, likelihoods(r));
    append(all, margins(r));
  }
  const Tensor x = normal({3, 4}), q = shares_of({3, 4});
  all.push_back({"kl_div, batchmean",
                 [](In a, In t) { return kl_div(a, t, {.reduction = Reduction::batchmean}); },
                 {x, q}});
  return all;
}

const Exemptions loss_exemptions = {
    {"is differentiated once alone (tests/ops/ctc_loss_test.cpp)", {"ctc_loss"}}};

}  // namespace

static const Family pair_loss_family(loss_rows, loss_exemptions);

}  // namespace rw::test
