#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// 1 and -1 by whether an element of t is positive.
Tensor signs_of(const Tensor& t) { return sign(t - 0.5); }

// What libtorch has cdist and the like of.
Tensor exact(const Tensor& t) { return t.to(lib::f32); }

// The first class in each row.
Tensor one_label_each(const Tensor& t) {
  return ((uniform({t.size(0), t.size(1)}) < 0) + 0).to(lib::i64).cumsum(1) - 1;
}

// Sequences of 64 steps and 32 classes, of 16 labels each.
Tensor ctc_of_rows(const Tensor& t) {
  const int64_t n = t.numel() / (64 * 32);
  if (n == 0) return sum(t);
  const Tensor x = log_softmax(t.reshape({-1}).narrow(0, 0, n * 64 * 32).reshape({64, n, 32}), 2);
  return ctc_of(x, some_indices(n * 16, 31).reshape({n, 16}) + 1);
}

Rows losses() {
  const Kind m = Kind::products, e = Kind::elements;
  return {
      {"smooth_l1_loss", e, floating, 2, smooth, [](In t) { return smooth_l1_loss(t[0], t[1]); }},
      {"huber_loss", e, floating, 2, smooth, [](In t) { return huber_loss(t[0], t[1]); }},
      {"binary_cross_entropy", e, floating, 2, smooth,
       [](In t) { return binary_cross_entropy(sigmoid(t[0]), sigmoid(t[1])); }},
      {"kl_div", e, floating, 2, smooth, [](In t) { return kl_div(t[0], sigmoid(t[1])); }},
      {"poisson_nll_loss", e, floating, 2, smooth, [](In t) { return poisson_nll_of(t[0], t[1]); }},
      {"gaussian_nll_loss", e, floating, 2, smooth,
       [](In t) { return gaussian_nll_of(t[0], t[1], sigmoid(t[1])); }},
      {"soft_margin_loss", e, floating, 2, smooth,
       [](In t) { return soft_margin_loss(t[0], signs_of(t[1])); }},
      {"hinge_embedding_loss", e, floating, 2, smooth,
       [](In t) { return hinge_embedding_loss(t[0], signs_of(t[1])); }},
      {"margin_ranking_loss", e, floating, 2, smooth,
       [](In t) { return margin_ranking_loss(t[0], t[1], signs_of(t[1])); }},
      {"multilabel_soft_margin_loss", m, floating, 2, smooth,
       [](In t) { return multilabel_soft_margin_of(t[0], sigmoid(t[1])); }},
      {"multi_margin_loss", m, floating, 1, smooth,
       [](In t) { return multi_margin_loss(t[0], some_indices(t[0].size(0), t[0].size(1))); }},
      {"triplet_margin_loss", m, floating, 2, smooth,
       [](In t) { return triplet_margin_loss(t[0], t[1], t[0] * 0.5); }},
      {"cosine_similarity", m, floating, 2, smooth,
       [](In t) { return cosine_similarity(t[0], t[1]); }},
      {"pairwise_distance", m, floating, 2, smooth,
       [](In t) { return pairwise_distance(t[0], t[1]); }},
      {"multilabel_margin_loss", m, floating, 1, smooth,
       [](In t) { return multilabel_margin_loss(t[0], one_label_each(t[0])); }},
      {"cosine_embedding_loss", m, floating, 2, smooth,
       [](In t) { return cosine_embedding_loss(t[0], t[1], signs_of(uniform({t[0].size(0)}))); }},
      {"triplet_margin_with_distance_loss", m, floating, 2, smooth,
       [](In t) { return triplet_margin_by_distance(t[0], t[1], t[0] * 0.5); }},
      {"cdist", m, floating, 2, smooth, [](In t) { return cdist(exact(t[0]), exact(t[1])); }},
      {"cdist, city", m, floating, 2, smooth,
       [](In t) { return cdist(exact(t[0]), exact(t[1]), 1); }},
      {"pdist", m, floating, 1, smooth, [](In t) { return pdist(exact(t[0])); }},
      {"normalize", m, floating, 1, smooth, [](In t) { return normalized(t[0]); }},
      {"ctc_loss", m, floating, 1, smooth, [](In t) { return ctc_of_rows(exact(t[0])); }},
  };
}

const Family family(losses);

}  // namespace
}  // namespace bench
