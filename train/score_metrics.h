#pragma once

#include <string>
#include <vector>

#include <rewind/train/classification_metrics.h>

#pragma GCC visibility push(default)

namespace rw::metrics {

/// What AUROC takes by name.
struct AUROCOptions {
  Average average = Average::macro;  ///< how those of several classes become one
};

/// The area under the curve of true over false positives: how often something of a class has a
/// greater score for it than something else, where equal ones count by half. All scores are kept.
/// NaN where there is only one kind; with several classes also where one of them has none
/// (Average::none tells the others).
class AUROC : public PairMetric {
 public:
  /// Of one class against what is none, or of each of several against the rest. Throws unless
  /// num_classes > 0, or for Average::binary with several.
  explicit AUROC(int64_t num_classes = 1, const AUROCOptions& options = {});
  /// Floating scores [N] with targets [N] of 0 and 1 (or bool); for several classes, scores [N, C]
  /// with targets [N] of their numbers. Throws for NaN among the scores.
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;

  std::string options() const override;

 private:
  void combine(const StateDict& other) override;
  bool has_any_length(size_t) const override { return true; }
  void check_numbers(const char* what, const StateDict& state) const override;
  StateDict gathered() const override;
  void take(const StateDict& state) override;
  int64_t num_classes_;
  AUROCOptions options_;
  std::vector<Tensor> scores_, targets_;  // of the batches, joined when they are asked for
};

/// What Perplexity takes by name.
struct PerplexityOptions {
  int64_t ignore_index = -100;  ///< targets of this number are passed over, as in cross_entropy
};

/// The exponential of the mean cross entropy: of how many tokens a language model is as unsure as
/// of equally likely ones.
class Perplexity : public PairMetric {
 public:
  /// Of nothing yet.
  explicit Perplexity(const PerplexityOptions& options = {});
  /// Logits [..., C] for targets [...], the numbers of tokens.
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;
  std::string options() const override;

 private:
  PerplexityOptions options_;
};

}  // namespace rw::metrics

#pragma GCC visibility pop
