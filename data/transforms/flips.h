#pragma once

#include <rewind/data/transforms/transform.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

namespace functional {
///@{
/// Images mirrored from left to right, and from top to bottom. All dtypes.
Tensor hflip(const Tensor& x);
Tensor vflip(const Tensor& x);
inline Tensor horizontal_flip(const Tensor& x) { return hflip(x); }
inline Tensor vertical_flip(const Tensor& x) { return vflip(x); }
///@}
}  // namespace functional

/// Mirrors from left to right with probability p.
class RandomHorizontalFlip {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomHorizontalFlip(double p = 0.5) : p_("RandomHorizontalFlip", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::hflip(x) : detail::off_tape(x);
  }

 private:
  detail::Probability p_;
};

/// Mirrors from top to bottom with probability p.
class RandomVerticalFlip {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomVerticalFlip(double p = 0.5) : p_("RandomVerticalFlip", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::vflip(x) : detail::off_tape(x);
  }

 private:
  detail::Probability p_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
