#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Whether exactly one of both differs from zero; of any dtype, gives bool.
Tensor logical_xor(const Tensor& a, const Tensor& b);
///@{
/// Whether an element is infinite, with either sign or this one; integers never are. Give bool.
Tensor isinf(const Tensor& x);
Tensor isposinf(const Tensor& x);
Tensor isneginf(const Tensor& x);
///@}
/// Whether an element has a minus sign, as -0 and some NaN have. Gives bool.
Tensor signbit(const Tensor& x);
/// Where |a - b| <= atol + rtol |b|, of one dtype. An infinity is close to itself alone, NaN to
/// nothing, or to NaN with equal_nan. Gives bool.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false);

}  // namespace rw

#pragma GCC visibility pop
