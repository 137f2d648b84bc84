#pragma once

#include <rewind/data/transforms/transform.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

// Images of uint8, from 0 to 255, or of float32 or float64, from 0 to 1; others are refused with a
// DTypeError.
namespace functional {

/// Each number subtracted from the greatest one.
Tensor invert(const Tensor& x);
/// Numbers with no more than `bits` bits, from 0 to 8: 2^bits levels.
Tensor posterize(const Tensor& x, int64_t bits);
/// Inverted where it is at least the threshold, which is at most the greatest number.
Tensor solarize(const Tensor& x, double threshold);
/// Each channel stretched to the whole range, if it is not all alike. 1 or 3 channels.
Tensor autocontrast(const Tensor& x);
/// Each channel's numbers made about equally frequent, as Pillow does it, by way of bytes.
Tensor equalize(const Tensor& x);

}  // namespace functional

/// functional::invert with probability p.
class RandomInvert {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomInvert(double p = 0.5) : p_("RandomInvert", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::invert(x) : detail::off_tape(x);
  }

 private:
  detail::Probability p_;
};

/// functional::posterize with probability p.
class RandomPosterize {
 public:
  /// Throws Error unless `bits` is from 0 to 8 and p in [0, 1].
  explicit RandomPosterize(int64_t bits, double p = 0.5);
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::posterize(x, bits_) : detail::off_tape(x);
  }

 private:
  int64_t bits_;
  detail::Probability p_;
};

/// functional::solarize with probability p.
class RandomSolarize {
 public:
  /// Throws Error unless the threshold is at most 255 and p in [0, 1].
  explicit RandomSolarize(double threshold, double p = 0.5);
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::solarize(x, threshold_) : detail::off_tape(x);
  }

 private:
  double threshold_;
  detail::Probability p_;
};

/// functional::autocontrast with probability p.
class RandomAutocontrast {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomAutocontrast(double p = 0.5) : p_("RandomAutocontrast", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::autocontrast(x) : detail::off_tape(x);
  }

 private:
  detail::Probability p_;
};

/// functional::equalize with probability p.
class RandomEqualize {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomEqualize(double p = 0.5) : p_("RandomEqualize", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::equalize(x) : detail::off_tape(x);
  }

 private:
  detail::Probability p_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
