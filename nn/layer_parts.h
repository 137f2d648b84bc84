#pragma once
// Private to nn: how layers of several families are initialised.

#include <cmath>

#include <rewind/nn/init.h>
#include <rewind/tensor/factories.h>

namespace rw::nn::detail {

/// Fills `t` uniformly within 1 / sqrt(n), n the number of weights of an output, as PyTorch
/// initialises weights and biases alike.
inline Tensor uniform_by_fan(const Tensor& t, const Tensor& weight) {
  const int64_t outputs = weight.size(0), fan_in = outputs > 0 ? weight.numel() / outputs : 0;
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
  return init::uniform_(t, -bound, bound);
}
inline Tensor new_weight(const Shape& shape) {
  const Tensor weight = empty(shape);
  return uniform_by_fan(weight, weight);
}
/// Of `n` numbers, undefined where none is wanted.
inline Tensor new_bias(bool wanted, int64_t n, const Tensor& weight) {
  return wanted ? uniform_by_fan(empty(n), weight) : Tensor();
}

}  // namespace rw::nn::detail
