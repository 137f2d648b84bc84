#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// How values are folded into one. Sums and products of integers are int64; any and all take any
/// type and give bool; the others give the type they take. max and min propagate NaN.
/// sum_in_float64 adds up floating values in float64 from the first on. The folds of
/// floating values about a center are sum_deviations, of (x - center)^2, and sum_exp, of
/// exp(x - center). Also of floating values alone: sum_numbers leaves NaN out, and sum_abs, max_abs
/// and min_abs fold |x|.
enum class Fold : uint8_t {
  sum,
  sum_in_float64,
  sum_squares,
  sum_deviations,
  sum_exp,
  sum_numbers,
  sum_abs,
  max_abs,
  min_abs,
  prod,
  max,
  min,
  any,
  all
};

/// An input to reduce: element strides, and bit i of `reduced` set where dimension i goes away.
struct ReduceInput {
  const void* data;
  DType dtype;
  Shape shape;
  Strides strides;
  uint32_t reduced;
};

/// The type that `fold` gives for inputs of `dtype`.
DType fold_result(Fold fold, DType dtype);

/// Where the results of a fold go.
struct ReduceOutput {
  void* data;
  /// fold_result(fold, in.dtype); for floating inputs their compute_dtype or float64 as well.
  DType dtype;
  /// An entry per dimension of the input; those of reduced ones are ignored.
  Strides strides;
  /// Floating results are divided by this before they are rounded to their type.
  double divisor = 1;
  /// Of a fold about centers one for each result, at these strides: in float64 for deviations, so
  /// that their squares neither overflow nor vanish, in the compute_dtype for sum_exp.
  const void* centers = nullptr;
};

/// Folds the reduced dimensions of `in` into `out`. Sums are accurate to a few units in the last
/// place, and do not depend on the number of threads. No value at all gives the neutral element: 0
/// for a sum, -infinity for a maximum, and so on.
void reduce(Fold fold, const ReduceInput& in, const ReduceOutput& out);

}  // namespace rw::kernels
