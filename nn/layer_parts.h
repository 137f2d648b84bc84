#pragma once
// Private to nn: what layers of several families are made of and how they print.

#include <cmath>
#include <string>

#include <rewind/nn/init.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/format.h>
#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/size.h>

namespace rw::nn::detail {

/// As Python prints a tuple: (1,) or (1, 2).
template <std::size_t N>
std::string repr(const Size<N>& s) {
  std::string text = "(";
  for (int d = 0; d < static_cast<int>(N); ++d) text += fmt::format("{}{}", d ? ", " : "", s[d]);
  return text + (N == 1 ? ",)" : ")");
}
inline const char* repr(bool b) { return b ? "True" : "False"; }
inline const char* repr(PaddingMode mode) {
  constexpr const char* names[] = {"zeros", "reflect", "replicate", "circular"};
  return names[static_cast<int>(mode)];
}

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
