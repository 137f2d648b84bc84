#include <rewind/train/score_metrics.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/loss.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::metrics {

namespace {

// Mann and Whitney's U by the number of pairs: from the lowest score up, each positive counts the
// negatives below it, and half of those beside it.
double area(const std::vector<double>& scores, const std::vector<bool>& is_positive) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double positives = 0, negatives = 0, pairs = 0;
  for (size_t i = 0; i < order.size();) {
    const double score = scores[order[i]];
    double ups = 0, downs = 0;
    for (; i < order.size() && scores[order[i]] == score; ++i)
      (is_positive[order[i]] ? ups : downs) += 1;
    pairs += ups * (negatives + downs / 2);
    positives += ups;
    negatives += downs;
  }
  return pairs / (positives * negatives);  // 0 / 0 where there is only one kind
}

double area_of(const Tensor& scores, const Tensor& is_positive) {
  return area(scores.to_vector<double>(), is_positive.flatten().to_vector<bool>());
}

StateDict no_scores(int64_t num_classes) {
  check(num_classes > 0, "AUROC: expected num_classes > 0, got {}", num_classes);
  const Shape shape = num_classes == 1 ? Shape{0} : Shape{0, num_classes};
  return {{"scores", zeros(shape, float64)}, {"target", zeros({0}, int64)}};
}

void check_scores(const Tensor& scores, const Tensor& target, int64_t num_classes) {
  if (target.numel() == 0) return;
  check(!scores.isnan().any().item<bool>(), "AUROC: expected scores that are numbers, got NaN");
  const int64_t most = std::max<int64_t>(num_classes - 1, 1);
  const auto least = target.min().item<int64_t>(), greatest = target.max().item<int64_t>();
  check<IndexError>(least >= 0 && greatest <= most,
                    "AUROC: expected targets from 0 to {}, got {} to {}", most, least, greatest);
}

}  // namespace

AUROC::AUROC(int64_t num_classes, const AUROCOptions& options)
    : PairMetric("AUROC", no_scores(num_classes)), num_classes_(num_classes), options_(options) {
  check(options.average != Average::binary || num_classes == 1,
        "AUROC: expected num_classes = 1 for the binary average, got {}", num_classes);
}

void AUROC::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  check<DTypeError>(input.is_floating_point() && !target.is_floating_point(),
                    "AUROC: expected floating scores and a target of integers, got {} and {}",
                    input.dtype(), target.dtype());
  if (num_classes_ == 1)
    check<ShapeError>(input.shape() == target.shape(),
                      "AUROC: expected scores and a target of one shape, got {} and {}",
                      input.shape(), target.shape());
  else
    check<ShapeError>(target.dim() == 1 && input.shape() == Shape{target.size(0), num_classes_},
                      "AUROC: expected scores [N, {}] and a target [N], got shapes {} and {}",
                      num_classes_, input.shape(), target.shape());
  if (target.numel() == 0) return;
  const Tensor right = target.to(int64).flatten();
  check_scores(input, right, num_classes_);
  const Tensor scores = input.to(float64);
  // Copies: whoever gave them may write to his.
  combine({{"scores", (num_classes_ == 1 ? scores.flatten() : scores).detach().clone()},
           {"target", right.clone()}});
}

// Batches are kept one by one: joining them each time would take time by the square of their
// number.
void AUROC::combine(const StateDict& other) {
  scores_.push_back(other[0].second), targets_.push_back(other[1].second);
}

StateDict AUROC::gathered() const {
  if (scores_.empty()) return {{"scores", state(0)}, {"target", state(1)}};
  const no_grad guard;
  return {{"scores", cat(scores_)}, {"target", cat(targets_)}};
}

void AUROC::take(const StateDict& state) {
  scores_.clear(), targets_.clear();
  if (state[1].second.numel() > 0) combine(state);
}

void AUROC::check_numbers(const char* what, const StateDict& state) const {
  const Tensor &scores = state[0].second, &target = state[1].second;
  check<ShapeError>(scores.size(0) == target.size(0),
                    "AUROC: {}: expected as many scores as targets, got {} and {}", what,
                    scores.size(0), target.size(0));
  check_scores(scores, target, num_classes_);
}

std::string AUROC::options() const { return fmt::format("num_classes = {}", num_classes_); }

Tensor AUROC::compute() const {
  const no_grad guard;
  const StateDict joined = gathered();
  const Tensor &scores = joined[0].second, &target = joined[1].second;
  if (num_classes_ == 1) return full({}, area_of(scores, target != 0), float64);
  const Tensor is_class = target.unsqueeze(1) == arange(num_classes_).unsqueeze(0);
  if (options_.average == Average::micro) return full({}, area_of(scores, is_class), float64);
  std::vector<double> areas;
  for (int64_t c = 0; c < num_classes_; ++c)
    areas.push_back(area_of(scores.select(1, c), is_class.select(1, c)));
  const Tensor all = from(areas);
  if (options_.average == Average::none) return all;
  if (options_.average == Average::macro) return all.mean();
  const Tensor weights = is_class.to(float64).sum({0});
  return (all * weights).sum() / weights.sum();
}

Perplexity::Perplexity(const PerplexityOptions& options)
    : PairMetric("Perplexity", {{"loss", zeros({}, float64)}, {"tokens", zeros({}, int64)}}),
      options_(options) {}

void Perplexity::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  Shape shape = input.shape();
  if (shape.rank() > 0) shape.erase(shape.rank() - 1);
  check<ShapeError>(input.dim() > 0 && shape == target.shape(),
                    "Perplexity: expected logits [..., C] for a target [...], got shapes {} and {}",
                    input.shape(), target.shape());
  check<DTypeError>(input.is_floating_point() && !target.is_floating_point(),
                    "Perplexity: expected floating logits and a target of integers, got {} and {}",
                    input.dtype(), target.dtype());
  const Tensor tokens = target.to(int64).flatten();
  const Tensor logits = input.reshape({tokens.numel(), input.size(-1)});
  const Tensor losses =
      cross_entropy(logits.dtype() == float64 ? logits : logits.to(float32), tokens,
                    {.ignore_index = options_.ignore_index, .reduction = Reduction::none});
  add(0, losses.to(float64).sum());
  add(1, (tokens != options_.ignore_index).sum());
}

std::string Perplexity::options() const {
  return fmt::format("ignore_index = {}", options_.ignore_index);
}

Tensor Perplexity::compute() const { return (state(0) / state(1).to(float64)).exp(); }

}  // namespace rw::metrics
