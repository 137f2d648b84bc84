#pragma once

#include <optional>

#include <rewind/data/transforms/borders.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/ops/interpolate.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

// Several changes of colors and shapes, chosen at random, for images of 1 or 3 channels.

/// What RandAugment takes by name.
struct RandAugmentOptions {
  int64_t num_ops = 2;              ///< changes in a row
  int64_t magnitude = 9;            ///< how strong they are, less than num_magnitude_bins
  int64_t num_magnitude_bins = 31;  ///< how many strengths there are, at least 2
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  std::optional<Fill> fill = {};  ///< of what comes from beyond the image; zeros if unset
};
/// Changes of one strength (Cubuk et al., "RandAugment: Practical automated data augmentation with
/// a reduced search space", 2020).
class RandAugment {
 public:
  /// Throws Error for numbers out of range.
  explicit RandAugment(const RandAugmentOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  RandAugmentOptions options_;
};

/// What TrivialAugmentWide takes by name.
struct TrivialAugmentWideOptions {
  int64_t num_magnitude_bins = 31;  ///< how many strengths there are, at least 2
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  std::optional<Fill> fill = {};  ///< of what comes from beyond the image; zeros if unset
};
/// One change of a random strength (Müller and Hutter, "TrivialAugment: Tuning-free yet
/// state-of-the-art data augmentation", 2021).
class TrivialAugmentWide {
 public:
  /// Throws Error for numbers out of range.
  explicit TrivialAugmentWide(const TrivialAugmentWideOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  TrivialAugmentWideOptions options_;
};

/// What a policy of AutoAugment was found for.
enum class AutoAugmentPolicy : uint8_t { imagenet, cifar10, svhn };
/// What AutoAugment takes by name.
struct AutoAugmentOptions {
  AutoAugmentPolicy policy = AutoAugmentPolicy::imagenet;    ///< which changes there are
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  std::optional<Fill> fill = {};  ///< of what comes from beyond the image; zeros if unset
};
/// One of 25 pairs of changes, each with a probability of its own (Cubuk et al., "AutoAugment:
/// Learning augmentation strategies from data", 2019).
class AutoAugment {
 public:
  /// Throws Error for an interpolation that there is not.
  explicit AutoAugment(const AutoAugmentOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  AutoAugmentOptions options_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
