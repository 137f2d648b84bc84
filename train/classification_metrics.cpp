#include <rewind/train/classification_metrics.h>

#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/predicates.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/searching.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::metrics {

namespace {

bool is_integral(const Tensor& t) { return !t.is_floating_point(); }

// Scores [N, C, …] of targets [N, …].
bool are_scores(const Tensor& input, const Tensor& target) {
  if (input.dim() != target.dim() + 1 || target.dim() < 1) return false;
  Shape shape = input.shape();
  shape.erase(1);
  return shape == target.shape() && input.size(1) > 0;
}

// The numbers of classes that were chosen, and those that are right: int64 vectors.
struct Labels {
  Tensor chosen, right;
};

Labels labels_of(const char* name, const Tensor& input, const Tensor& target,
                 std::optional<int64_t> ignore_index = {}) {
  check<DTypeError>(is_integral(target), "{}: expected a target of integers, got {}", name,
                    target.dtype());
  const bool by_score = are_scores(input, target);
  check<ShapeError>(by_score || input.shape() == target.shape(),
                    "{}: expected scores [N, C, …] or classes [N, …] for a target [N, …], got "
                    "shapes {} and {}",
                    name, input.shape(), target.shape());
  check<DTypeError>(by_score || is_integral(input),
                    "{}: expected classes as integers, or scores [N, C, …], got {} of shape {}",
                    name, input.dtype(), input.shape());
  const Tensor chosen = by_score ? input.argmax(1) : input.to(int64);
  Labels labels{chosen.flatten(), target.to(int64).flatten()};
  if (ignore_index) {
    const Tensor counts = labels.right != *ignore_index;
    labels = {labels.chosen.masked_select(counts), labels.right.masked_select(counts)};
  }
  return labels;
}

void check_range(const char* name, const char* what, const Tensor& classes, int64_t count) {
  if (classes.numel() == 0) return;
  const auto least = classes.min().item<int64_t>(), most = classes.max().item<int64_t>();
  check<IndexError>(least >= 0 && most < count, "{}: {} {} is out of range for {} classes", name,
                    what, least < 0 ? least : most, count);
}

void check_labels(const char* name, const Labels& labels, int64_t count) {
  check_range(name, "target", labels.right, count);
  check_range(name, "input", labels.chosen, count);
}

Tensor no_counts(const char* name, int64_t num_classes) {
  check(num_classes > 0, "{}: expected num_classes > 0, got {}", name, num_classes);
  return zeros({num_classes}, int64);
}

// Right answers, answers and targets of each class.
StateDict class_counts(const char* name, int64_t num_classes) {
  const Tensor none = no_counts(name, num_classes);
  return {{"right", none}, {"predicted", none}, {"actual", none}};
}

std::string ignored(std::optional<int64_t> index) {
  return index ? fmt::format("ignore_index = {}", *index) : "no ignore_index";
}

StateDict shares() { return {{"correct", zeros({}, int64)}, {"total", zeros({}, int64)}}; }

}  // namespace

Accuracy::Accuracy() : PairMetric("Accuracy", shares()) {}

void Accuracy::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  const auto [chosen, right] = labels_of(name(), input, target);
  add(0, (chosen == right).sum());
  add(1, full({}, right.numel(), int64));
}

Tensor Accuracy::compute() const { return state(0).to(float64) / state(1).to(float64); }

TopKAccuracy::TopKAccuracy(int64_t k) : PairMetric("TopKAccuracy", shares()), k_(k) {
  check(k > 0, "TopKAccuracy: expected k > 0, got {}", k);
}

void TopKAccuracy::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  check<DTypeError>(is_integral(target), "{}: expected a target of integers, got {}", name(),
                    target.dtype());
  check<ShapeError>(input.dim() == 2 && are_scores(input, target),
                    "{}: expected scores [N, C] and a target [N], got shapes {} and {}", name(),
                    input.shape(), target.shape());
  check_range(name(), "target", target, input.size(1));
  const Tensor place = target.to(int64).unsqueeze(1);
  const Tensor score = input.gather(1, place);
  const Tensor later = arange(input.size(1)).unsqueeze(0) > place;
  const Tensor before = (input > score).logical_or((input == score).logical_and(later));
  const Tensor found = (before.sum(1) < k_).logical_and(score.squeeze(1).isnan().logical_not());
  add(0, found.sum());
  add(1, full({}, target.numel(), int64));
}

Tensor TopKAccuracy::compute() const { return state(0).to(float64) / state(1).to(float64); }

std::string TopKAccuracy::options() const { return fmt::format("k = {}", k_); }

ConfusionMatrix::ConfusionMatrix(int64_t num_classes, const ConfusionMatrixOptions& options)
    : PairMetric("ConfusionMatrix", {{"counts", no_counts("ConfusionMatrix", num_classes).diag()}}),
      num_classes_(num_classes),
      options_(options) {}

void ConfusionMatrix::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  const Labels labels = labels_of(name(), input, target, options_.ignore_index);
  check_labels(name(), labels, num_classes_);
  const Tensor cells = labels.right * num_classes_ + labels.chosen;
  add(0, bincount(cells, {}, num_classes_ * num_classes_).view({num_classes_, num_classes_}));
}

Tensor ConfusionMatrix::compute() const {
  const Tensor counts = state(0).to(float64);
  switch (options_.normalize) {
    case Normalize::none:
      return state(0).clone();
    case Normalize::target:
      return (counts / counts.sum({1}, true)).nan_to_num();
    case Normalize::prediction:
      return (counts / counts.sum({0}, true)).nan_to_num();
    case Normalize::all:
      break;
  }
  return (counts / counts.sum()).nan_to_num();
}

// Not what only compute goes by, nor the number of classes, which the shapes tell.
std::string ConfusionMatrix::options() const { return ignored(options_.ignore_index); }

ClassScore::ClassScore(const char* name, int64_t num_classes, const ClassScoreOptions& options)
    : PairMetric(name, class_counts(name, num_classes)),
      num_classes_(num_classes),
      options_(options) {
  check(options.average != Average::binary || num_classes == 2,
        "{}: expected num_classes = 2 for the binary average, got {}", name, num_classes);
}

void ClassScore::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  const Labels labels = labels_of(name(), input, target, options_.ignore_index);
  check_labels(name(), labels, num_classes_);
  const Tensor right = labels.right.masked_select(labels.right == labels.chosen);
  add(0, bincount(right, {}, num_classes_));
  add(1, bincount(labels.chosen, {}, num_classes_));
  add(2, bincount(labels.right, {}, num_classes_));
}

Tensor ClassScore::compute() const {
  Tensor counts[3];
  for (size_t k = 0; k < 3; ++k) {
    counts[k] = state(k).to(float64);
    if (options_.average == Average::micro) counts[k] = counts[k].sum();
  }
  const Ratio r = ratio(counts[0], counts[1], counts[2]);
  const Tensor scores = (r.part / r.whole).masked_fill(r.whole == 0, options_.zero_division);
  switch (options_.average) {
    case Average::none:
    case Average::micro:
      return scores;
    case Average::binary:
      return scores[1].clone();
    case Average::macro:
    case Average::weighted:
      break;
  }
  const Tensor counted = scores.isnan().logical_not();
  const Tensor kept = scores.masked_select(counted);
  const Tensor weights = counts[2].masked_select(counted);
  const bool by_weight = options_.average == Average::weighted && weights.sum().item<double>() > 0;
  return by_weight ? (kept * weights).sum() / weights.sum() : kept.mean();
}

std::string ClassScore::options() const { return ignored(options_.ignore_index); }

ClassScore::Ratio Precision::ratio(const Tensor& right, const Tensor& predicted,
                                   const Tensor&) const {
  return {right, predicted};
}

ClassScore::Ratio Recall::ratio(const Tensor& right, const Tensor&, const Tensor& actual) const {
  return {right, actual};
}

FBetaScore::FBetaScore(const char* name, double beta, int64_t num_classes,
                       const ClassScoreOptions& options)
    : ClassScore(name, num_classes, options), square_(beta * beta) {
  check(beta >= 0 && std::isfinite(beta), "{}: expected beta >= 0, got {}", name, beta);
}

std::string FBetaScore::options() const {
  return fmt::format("beta = {}, {}", std::sqrt(square_), ClassScore::options());
}

// F = (1 + b^2) P R / (b^2 P + R), by counts.
ClassScore::Ratio FBetaScore::ratio(const Tensor& right, const Tensor& predicted,
                                    const Tensor& actual) const {
  return {right * (1 + square_), actual * square_ + predicted};
}

ClassScore::Ratio JaccardIndex::ratio(const Tensor& right, const Tensor& predicted,
                                      const Tensor& actual) const {
  return {right, predicted + actual - right};
}

}  // namespace rw::metrics
