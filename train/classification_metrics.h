#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <rewind/train/metric.h>

#pragma GCC visibility push(default)

namespace rw::metrics {

// The metrics of this header take what a classifier gives for targets of integers: scores
// [N, C, …] for targets [N, …], of which the greatest counts (the first of several), or the numbers
// of classes themselves, integers of the target's shape. Values are scikit-learn's.

/// The share of right answers.
class Accuracy : public PairMetric {
 public:
  Accuracy();
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;
};

/// The share of targets that are among the k greatest scores. As in scikit-learn, of equal scores
/// the one of the later class comes first.
class TopKAccuracy : public PairMetric {
 public:
  /// Throws unless k > 0.
  explicit TopKAccuracy(int64_t k);
  /// Scores [N, C], targets [N].
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;
  std::string options() const override;

 private:
  int64_t k_;
};

/// What the counts of a confusion matrix are divided by.
enum class Normalize : uint8_t {
  none,        ///< nothing: counts, int64
  target,      ///< their row's sum: shares of what there is of a class
  prediction,  ///< their column's sum: shares of what is said to be of a class
  all          ///< the number of all
};

/// What ConfusionMatrix takes by name.
struct ConfusionMatrixOptions {
  Normalize normalize = Normalize::none;     ///< to shares; 0 where there is none
  std::optional<int64_t> ignore_index = {};  ///< targets of this number are passed over
};

/// How often what has the class of the row was taken for that of the column: [C, C].
class ConfusionMatrix : public PairMetric {
 public:
  /// Throws unless num_classes > 0.
  explicit ConfusionMatrix(int64_t num_classes, const ConfusionMatrixOptions& options = {});
  /// Throws for classes beyond num_classes.
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;
  std::string options() const override;

 private:
  int64_t num_classes_;
  ConfusionMatrixOptions options_;
};

/// How the numbers of classes become one.
enum class Average : uint8_t {
  none,      ///< they don't: one number for each class
  micro,     ///< from the counts of all classes together
  macro,     ///< their mean
  weighted,  ///< their mean by how many targets each class has
  binary     ///< that of class 1 of two
};

/// What Precision and its kin take by name.
struct ClassScoreOptions {
  Average average = Average::macro;  ///< how the numbers of classes become one
  /// The number of a class for which it would be 0 / 0, as where there is none. NaN leaves such
  /// classes out of means.
  double zero_division = 0;
  std::optional<int64_t> ignore_index = {};  ///< targets of this number are passed over
};

/// Base of metrics that go by the right answers, answers and targets of each class.
class ClassScore : public PairMetric {
 public:
  /// Throws for classes beyond num_classes.
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;
  std::string options() const override;

 protected:
  ///@{
  /// Throws unless num_classes > 0, and 2 for Average::binary.
  ClassScore(const char* name, int64_t num_classes, const ClassScoreOptions& options);
  ClassScore(const ClassScore&) = default;
  ClassScore& operator=(const ClassScore&) = default;
  ///@}
  /// Dividend and divisor of a class: `right` of `predicted` answers, where there are `actual`
  /// targets.
  struct Ratio {
    Tensor part;   ///< is divided
    Tensor whole;  ///< divides
  };
  /// Of float64 tensors of any shape.
  virtual Ratio ratio(const Tensor& right, const Tensor& predicted, const Tensor& actual) const = 0;

 private:
  int64_t num_classes_;
  ClassScoreOptions options_;
};

/// Of what was taken for a class, the share that is.
class Precision : public ClassScore {
 public:
  /// Throws unless num_classes > 0, and 2 for Average::binary.
  explicit Precision(int64_t num_classes, const ClassScoreOptions& options = {})
      : ClassScore("Precision", num_classes, options) {}

 private:
  Ratio ratio(const Tensor& right, const Tensor& predicted, const Tensor& actual) const override;
};

/// Of what has a class, the share that was taken for it. Its macro average is the balanced accuracy
/// where all classes have targets; with `zero_division` NaN it is wherever some have none too.
class Recall : public ClassScore {
 public:
  /// Throws unless num_classes > 0, and 2 for Average::binary.
  explicit Recall(int64_t num_classes, const ClassScoreOptions& options = {})
      : ClassScore("Recall", num_classes, options) {}

 private:
  Ratio ratio(const Tensor& right, const Tensor& predicted, const Tensor& actual) const override;
};

/// The harmonic mean of precision and recall, in which recall has beta times the weight.
class FBetaScore : public ClassScore {
 public:
  /// Throws unless beta >= 0, num_classes > 0, and 2 for Average::binary.
  FBetaScore(double beta, int64_t num_classes, const ClassScoreOptions& options = {})
      : FBetaScore("FBetaScore", beta, num_classes, options) {}
  std::string options() const override;

 protected:
  /// The same by another name, a literal.
  FBetaScore(const char* name, double beta, int64_t num_classes, const ClassScoreOptions& options);

 private:
  Ratio ratio(const Tensor& right, const Tensor& predicted, const Tensor& actual) const override;
  double square_;
};

/// The harmonic mean of precision and recall.
class F1Score : public FBetaScore {
 public:
  /// Throws unless num_classes > 0, and 2 for Average::binary.
  explicit F1Score(int64_t num_classes, const ClassScoreOptions& options = {})
      : FBetaScore("F1Score", 1, num_classes, options) {}
};

/// Twice what two sets of pixels share by the sum of their sizes, 2 |A ∩ B| / (|A| + |B|): F1Score
/// by the name it has for segmentation.
class DiceScore : public FBetaScore {
 public:
  /// Throws unless num_classes > 0, and 2 for Average::binary.
  explicit DiceScore(int64_t num_classes, const ClassScoreOptions& options = {})
      : FBetaScore("DiceScore", 1, num_classes, options) {}
};

/// Intersection over union, |A ∩ B| / |A ∪ B|.
class JaccardIndex : public ClassScore {
 public:
  /// Throws unless num_classes > 0, and 2 for Average::binary.
  explicit JaccardIndex(int64_t num_classes, const ClassScoreOptions& options = {})
      : ClassScore("JaccardIndex", num_classes, options) {}

 private:
  Ratio ratio(const Tensor& right, const Tensor& predicted, const Tensor& actual) const override;
};

}  // namespace rw::metrics

#pragma GCC visibility pop
