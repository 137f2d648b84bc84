#include <rewind/nn/adaptive_log_softmax.h>

#include <cmath>

#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

constexpr const char* module_name = "AdaptiveLogSoftmaxWithLoss";

std::vector<int64_t> checked_cutoffs(std::vector<int64_t> cutoffs, int64_t n_classes) {
  check(!cutoffs.empty(), "{}: expected at least one cutoff, got none", module_name);
  int64_t last = 0;
  for (const int64_t cutoff : cutoffs) {
    check(last < cutoff && cutoff < n_classes,
          "{}: expected cutoffs that grow from 1 to {} at most, got {} after {}", module_name,
          n_classes - 1, cutoff, last);
    last = cutoff;
  }
  cutoffs.push_back(n_classes);
  return cutoffs;
}

int64_t clusters(const std::vector<int64_t>& cutoffs) { return std::ssize(cutoffs) - 1; }

}  // namespace

AdaptiveLogSoftmaxWithLoss::AdaptiveLogSoftmaxWithLoss(int64_t in_features, int64_t n_classes,
                                                       std::vector<int64_t> cutoffs,
                                                       const AdaptiveLogSoftmaxOptions& options)
    : head(1, 1),
      in_features_(in_features),
      cutoffs_(checked_cutoffs(std::move(cutoffs), n_classes)) {
  head = add("head", Linear(in_features, cutoffs_[0] + clusters(cutoffs_), {options.head_bias}));
  add("tail", tail);
  for (size_t i = 0; i + 1 < cutoffs_.size(); ++i) {
    const double share = std::pow(options.div_value, static_cast<double>(i + 1));
    const auto width = static_cast<int64_t>(std::floor(static_cast<double>(in_features) / share));
    tail.append(Sequential(Linear(in_features, width, {.bias = false}),
                           Linear(width, cutoffs_[i + 1] - cutoffs_[i], {.bias = false})));
  }
}

AdaptiveLogSoftmaxResult AdaptiveLogSoftmaxWithLoss::forward(const Tensor& x,
                                                             const Tensor& target) {
  check(x.defined() && target.defined(), "{}: an input is undefined", module_name);
  check<DTypeError>(is_integer(target.dtype()), "{}: expected integer targets, got {}", module_name,
                    target.dtype());
  check<ShapeError>(target.dim() <= 1 && x.dim() == target.dim() + 1 &&
                        (target.dim() == 0 || x.size(0) == target.size(0)),
                    "{}: expected inputs [N, {}] and targets [N], or without N, got shapes {} and "
                    "{}",
                    module_name, in_features_, x.shape(), target.shape());
  if (target.dim() == 0) {
    const AdaptiveLogSoftmaxResult all = forward(x.unsqueeze(0), target.unsqueeze(0));
    return {all.output.squeeze(0), all.loss};
  }
  const Tensor labels = target.to(int64);
  const auto counts = [&](int64_t from, int64_t to) {
    return logical_and(ge(labels, from), lt(labels, to));
  };
  check<IndexError>(counts(0, cutoffs_.back()).all().item<bool>(),
                    "{}: expected targets in [0, {}), got others", module_name, cutoffs_.back());
  // In the head, a class beyond the first cutoff is its cluster.
  Tensor in_head = labels;
  Tensor output = zeros({x.size(0)}, x.dtype());
  for (size_t i = 0; i + 1 < cutoffs_.size(); ++i) {
    const Tensor inside = counts(cutoffs_[i], cutoffs_[i + 1]);
    const Tensor rows = nonzero(inside).squeeze(1);
    if (rows.numel() == 0) continue;
    in_head = where(inside, cutoffs_[0] + static_cast<int64_t>(i), in_head);
    const Tensor scores = tail[i](index_select(x, 0, rows));
    const Tensor own = index_select(labels, 0, rows) - cutoffs_[i];
    const Tensor picked = gather(log_softmax(scores, 1), 1, own.unsqueeze(1)).squeeze(1);
    output = index_add(output.to(picked.dtype()), 0, rows, picked);
  }
  const Tensor scores = log_softmax(head(x), 1);
  output = output + gather(scores, 1, in_head.unsqueeze(1)).squeeze(1);
  return {output, -mean(output)};
}

Tensor AdaptiveLogSoftmaxWithLoss::full_log_prob(const Tensor& x, const Tensor& scores) {
  const Tensor log_scores = log_softmax(scores, 1);
  std::vector<Tensor> parts = {log_scores.narrow(1, 0, cutoffs_[0])};
  for (size_t i = 0; i + 1 < cutoffs_.size(); ++i) {
    const Tensor cluster = log_scores.narrow(1, cutoffs_[0] + static_cast<int64_t>(i), 1);
    parts.push_back(log_softmax(tail[i](x), 1) + cluster);
  }
  return cat(parts, 1);
}

Tensor AdaptiveLogSoftmaxWithLoss::log_prob(const Tensor& x) { return full_log_prob(x, head(x)); }

// As PyTorch does it, a class of the head that beats all others and all clusters is taken.
Tensor AdaptiveLogSoftmaxWithLoss::predict(const Tensor& x) {
  const Tensor scores = head(x);
  Tensor best = argmax(scores, 1);
  const Tensor rows = nonzero(ge(best, cutoffs_[0])).squeeze(1);
  if (rows.numel() == 0) return best;
  const Tensor all = full_log_prob(index_select(x, 0, rows), index_select(scores, 0, rows));
  best.index_put_({rows}, argmax(all, 1));
  return best;
}

}  // namespace rw::nn
