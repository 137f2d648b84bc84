#pragma once

#include <rewind/tensor/tensor.h>

// More arithmetic, element by element, with broadcasting and promotion as in ops/pointwise.h.

#pragma GCC visibility push(default)

namespace rw {

/// How `div` rounds a quotient.
enum class Rounding : uint8_t {
  none,   ///< not at all
  trunc,  ///< towards zero, as C++ divides integers
  floor   ///< downwards, as Python's `//` does
};
///@{
/// a / b, rounded. Rounded quotients of integers are integers, and throw for a divisor of 0; not
/// for bool. Their gradient is 0.
Tensor div(const Tensor& a, const Tensor& b, Rounding rounding);
Tensor div(const Tensor& a, Scalar b, Rounding rounding);
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor floor_divide(const Tensor& a, Scalar b);
///@}
///@{
/// a / b, as div.
Tensor true_divide(const Tensor& a, const Tensor& b);
Tensor true_divide(const Tensor& a, Scalar b);
///@}
///@{
/// What is left of a by division by b, with the sign of a, as C++ has it. An integer divided by
/// zero throws. Not for bool.
Tensor fmod(const Tensor& a, const Tensor& b);
Tensor fmod(const Tensor& a, Scalar b);
///@}
///@{
/// other - alpha * x; not for bool.
Tensor rsub(const Tensor& x, const Tensor& other, Scalar alpha = 1);
Tensor rsub(const Tensor& x, Scalar other, Scalar alpha = 1);
///@}
///@{
/// base^exponent in float64, whatever the dtypes.
Tensor float_power(const Tensor& base, const Tensor& exponent);
Tensor float_power(const Tensor& base, Scalar exponent);
Tensor float_power(Scalar base, const Tensor& exponent);
///@}

///@{
/// start + weight * (end - start). All of one floating dtype.
Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight);
Tensor lerp(const Tensor& start, const Tensor& end, double weight);
///@}
///@{
/// x + value * a * b, and x + value * a / b, which is for floating dtypes only. Not for bool.
Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value = 1);
Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value = 1);
///@}

///@{
/// min(max(x, min), max) by tensors, either of which may be undefined; NaN where one of them is.
/// The gradient goes to x where that is within, and to a bound where it counts; on a bound both
/// receive half. `clip` is clamp.
Tensor clamp(const Tensor& x, const Tensor& min, const Tensor& max);
Tensor clamp_min(const Tensor& x, const Tensor& min);
Tensor clamp_max(const Tensor& x, const Tensor& max);
Tensor clip(const Tensor& x, const Tensor& min, const Tensor& max);
///@}
///@{
/// maximum and minimum.
Tensor max(const Tensor& a, const Tensor& b);
Tensor min(const Tensor& a, const Tensor& b);
///@}
///@{
/// The greater (lesser) of two, or the other one where one is NaN. Equal ones share
/// the gradient; where one is NaN, both receive it.
Tensor fmax(const Tensor& a, const Tensor& b);
Tensor fmin(const Tensor& a, const Tensor& b);
///@}
///@{
/// The size of x with the sign of y, also of -0; integers give the default dtype. The gradient by y
/// is 0.
Tensor copysign(const Tensor& x, const Tensor& y);
Tensor copysign(const Tensor& x, Scalar y);
///@}
/// 0, `values` or 1 where x is negative, 0 or positive; both of one dtype.
Tensor heaviside(const Tensor& x, const Tensor& values);
/// The next number after x on the way to y. Floating dtypes only.
Tensor nextafter(const Tensor& x, const Tensor& y);

///@{
/// The greatest common divisor and the least common multiple of integers, not negative.
Tensor gcd(const Tensor& a, const Tensor& b);
Tensor lcm(const Tensor& a, const Tensor& b);
///@}
///@{
/// Integers shifted by a number of bits. Beyond the bits that there are, and by a negative number,
/// nothing is left but the sign of what goes to the right.
Tensor bitwise_left_shift(const Tensor& a, const Tensor& b);
Tensor bitwise_left_shift(const Tensor& a, Scalar b);
Tensor bitwise_right_shift(const Tensor& a, const Tensor& b);
Tensor bitwise_right_shift(const Tensor& a, Scalar b);
Tensor operator<<(const Tensor& a, const Tensor& b);
Tensor operator<<(const Tensor& a, Scalar b);
Tensor operator>>(const Tensor& a, const Tensor& b);
Tensor operator>>(const Tensor& a, Scalar b);
///@}

///@{
/// The whole number towards zero, in the dtype of x; not for bool. The gradient is 0. `fix` is the
/// same.
Tensor trunc(const Tensor& x);
Tensor fix(const Tensor& x);
///@}
/// x - trunc(x). Floating dtypes only.
Tensor frac(const Tensor& x);
/// To a number of decimals, which may be negative, halves to even. Floating dtypes only. The
/// gradient is 0.
Tensor round(const Tensor& x, int64_t decimals);
/// x itself; not for bool.
Tensor positive(const Tensor& x);
/// sign(x)
Tensor sgn(const Tensor& x);
/// x with `nan` in place of NaN, and numbers in place of infinities: the greatest and least of the
/// dtype, unless given. Their gradient is 0.
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                  std::optional<double> neginf = {});

}  // namespace rw

#pragma GCC visibility pop
