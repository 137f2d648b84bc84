#include <cmath>
#include <limits>

#include <rewind/tensor/format.h>

#include "problem.h"

namespace rw::test::differential {

Problem softmax_of_rows(Dice& dice) {
  Shape shape;
  do {
    shape = {};
    for (int64_t rank = dice.between(1, 4); rank > 0; --rank)
      shape.push_back(dice.one_in(5) ? dice.between(1, 600) : dice.size(33));
  } while (shape.numel() > 1 << 15);
  const int64_t dim = dice.below(shape.rank());
  const bool logarithm = dice.one_in(2);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const int64_t scale = dice.of({1, 1, 8});
  Problem p;
  p.text = fmt::format("{} {} dim={} scale={}", logarithm ? "log_softmax" : "softmax", shape, dim,
                       scale);
  p.inputs = {dice.numbers(shape) * scale};
  p.f = [=](const Tensors& in) {
    return logarithm ? log_softmax(in[0], dim) : softmax(in[0], dim);
  };
  // The exponential magnifies what its argument, the distance from the maximum, was rounded by.
  p.sums = [=](const Tensors& in, const Tensor& g) -> Tensors {
    const Dims along = {dim};
    const Tensor below = (in[0] - in[0].amax(along, true)).abs();
    const double spread = std::log(static_cast<double>(shape[static_cast<int>(dim)]));
    const Tensor distance = below.masked_fill(below == infinity, 0) + 2 + spread;
    const Tensor greatest = distance.amax(along, true), y = softmax(in[0], dim);
    if (logarithm) return {distance, greatest * (g.abs() + y * g.abs().sum(along, true))};
    return {y * distance, y * greatest * (g.abs() + (g * y).abs().sum(along, true))};
  };
  // The gradient is made of the result, which was rounded.
  p.bfloat16_bound.of_sum += bfloat16_rounding;
  return p;
}

}  // namespace rw::test::differential
