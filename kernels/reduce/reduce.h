#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// How values are folded into one. sum and prod of integers are int64; any and all take any type
/// and give bool; the others give the type they take. max and min propagate NaN.
enum class Fold : uint8_t { sum, sum_squares, prod, max, min, any, all };

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

/// Folds the reduced dimensions of `in` into `out`, of type fold_result(fold, in.dtype).
/// `out_strides` has an entry per dimension of the input; those of reduced ones are ignored.
/// Floating results are divided by `divisor` before they are rounded to their type. Sums are
/// accurate to about one unit in the last place, and do not depend on the number of threads. No
/// value at all gives the neutral element: 0 for a sum, -infinity for a maximum, and so on.
void reduce(Fold fold, const ReduceInput& in, void* out, const Strides& out_strides,
            double divisor = 1);

}  // namespace rw::kernels
