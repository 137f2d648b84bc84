#pragma once

#include <rewind/data/dataset.h>
#include <rewind/tensor/generator.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

/// What MixUp and CutMix take by name.
struct MixOptions {
  double alpha = 1;         ///< both parameters of the beta distribution of shares, greater than 0
  int64_t num_classes = 0;  ///< how many there are; not needed where targets have one number each
};

/// Each image of a batch mixed with the one before it (the first with the last), and so are their
/// targets, by one random share (Zhang et al., "mixup: Beyond empirical risk minimization", 2018).
class MixUp {
 public:
  /// Throws Error for an alpha that is not greater than 0.
  explicit MixUp(const MixOptions& options);
  /// Of images [N, C, H, W] of a floating type, and their labels [N] of int64, or shares
  /// [N, num_classes] of a floating type. Targets become such shares, float32 of labels.
  Batch operator()(const Batch& batch, Generator& gen = default_generator()) const;

 private:
  MixOptions options_;
};

/// A rectangle of each image of a batch from the one before it (the first from the last), and its
/// share of the target (Yun et al., "CutMix: Regularization strategy to train strong classifiers
/// with localizable features", 2019).
class CutMix {
 public:
  /// Throws Error for an alpha that is not greater than 0.
  explicit CutMix(const MixOptions& options);
  /// As MixUp, images of any dtype.
  Batch operator()(const Batch& batch, Generator& gen = default_generator()) const;

 private:
  MixOptions options_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
