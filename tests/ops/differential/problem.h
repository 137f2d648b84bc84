#pragma once
// One random computation, whose results in float32 and bfloat16 are held to those in float64.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "dice.h"

namespace rw::test::differential {

using Tensors = std::vector<Tensor>;

/// How far a result may lie from the one in float64: so many machine epsilons of the type of the
/// result itself, and so many of float32, in which sums are made, of the sum of what it adds up,
/// all taken as absolute values.
struct Bound {
  double of_result, of_sum;
};
/// What a sum of so many products may be off by: errors that add up like steps at random, but twice
/// as far, for numbers that repeat.
inline Bound bound_of_terms(int64_t terms) {
  return {1, 16 + 2 * std::sqrt(static_cast<double>(terms))};
}
/// Of the sum, for each time that a part of it is rounded to bfloat16 on the way.
constexpr double bfloat16_rounding = 0x1p15;

struct Problem {
  std::string text;  ///< op, sizes and options, on one line
  Tensors inputs;    ///< float64, row-major; undefined where the op is given none
  std::function<Tensor(const Tensors&)> f;
  /// For the result and the gradient of each input, given the result's: what each element adds up,
  /// as absolute values. For f that is linear in each input it is f of absolute values.
  std::function<Tensors(const Tensors& inputs, const Tensor& g)> sums = {};
  Bound float32_bound = {1, 16}, bfloat16_bound = {1, 16};
  /// Inputs that stay float32 beside others in bfloat16.
  std::vector<bool> may_stay_float32 = {};
  /// Pairs of an input and a result between which zeros of a border may be multiplied or left out:
  /// an infinite number times these is no number. The gradient counts as the last input.
  std::vector<std::pair<int, int>> meet_at_border = {};
  bool winograd = false;  ///< may be computed by Winograd's algorithm
};

/// The result of f and the gradients of those inputs that are `wanted`; undefined for others.
Tensors evaluate(const Problem& p, const Tensors& inputs, const Tensor& g,
                 const std::vector<bool>& wanted);

Problem convolution(Dice& dice);
Problem product(Dice& dice);
Problem pooling(Dice& dice);
Problem normalization(Dice& dice);
Problem softmax_of_rows(Dice& dice);

/// Runs the case that the seed stands for and returns what is wrong with it, on one line, or
/// nothing. `describe` hears beforehand what the case is.
struct Outcome {
  std::string failure;
  double share_of_bound = 0;  ///< the greatest error, as a share of its bound
};
Outcome run_case(Problem (*make)(Dice&), uint64_t seed,
                 const std::function<void(const std::string&)>& describe);

}  // namespace rw::test::differential
