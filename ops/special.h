#pragma once

#include <rewind/tensor/tensor.h>

// More pointwise functions of real numbers. Integers and bool give the default dtype, unless it
// says otherwise. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// The tangent of an angle in radians, and the angle that a sine, cosine or tangent belongs to.
Tensor tan(const Tensor& x);
Tensor asin(const Tensor& x);
Tensor acos(const Tensor& x);
Tensor atan(const Tensor& x);
///@}
/// The angle of the point (x, y), in (-pi, pi]; its gradient is 0 at (0, 0).
Tensor atan2(const Tensor& y, const Tensor& x);
///@{
/// Hyperbolic functions and their inverses.
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor asinh(const Tensor& x);
Tensor acosh(const Tensor& x);
Tensor atanh(const Tensor& x);
///@}
///@{
/// Radians of degrees, degrees of radians.
Tensor deg2rad(const Tensor& x);
Tensor rad2deg(const Tensor& x);
///@}
/// sqrt(a^2 + b^2) without overflow on the way. Floating dtypes only.
Tensor hypot(const Tensor& a, const Tensor& b);

/// 2^x
Tensor exp2(const Tensor& x);
///@{
/// Logarithms to the base 2 and 10; NaN below 0.
Tensor log2(const Tensor& x);
Tensor log10(const Tensor& x);
///@}
/// log(x / (1 - x)), the inverse of sigmoid. With `eps`, x is brought into [eps, 1 - eps] before.
Tensor logit(const Tensor& x, std::optional<double> eps = {});
///@{
/// x log(y) and x log(1 + y), which are 0 where x is 0, unless y is NaN.
Tensor xlogy(const Tensor& x, const Tensor& y);
Tensor xlogy(const Tensor& x, Scalar y);
Tensor xlogy(Scalar x, const Tensor& y);
Tensor xlog1py(const Tensor& x, const Tensor& y);
Tensor xlog1py(const Tensor& x, Scalar y);
Tensor xlog1py(Scalar x, const Tensor& y);
///@}
///@{
/// log(exp(a) + exp(b)), and the same to the base 2. Floating dtypes only.
Tensor logaddexp(const Tensor& a, const Tensor& b);
Tensor logaddexp2(const Tensor& a, const Tensor& b);
///@}
/// sin(pi x) / (pi x), and 1 at 0.
Tensor sinc(const Tensor& x);

/// 1 - erf(x), accurate where that is almost 0 too.
Tensor erfc(const Tensor& x);
/// The inverse of erf, in (-1, 1); infinite at the ends.
Tensor erfinv(const Tensor& x);
/// log|gamma(x)|, gamma being the factorial of x - 1.
Tensor lgamma(const Tensor& x);
/// The derivative of lgamma.
Tensor digamma(const Tensor& x);
/// The n-th derivative of digamma, n >= 0.
Tensor polygamma(int64_t n, const Tensor& x);

}  // namespace rw

#pragma GCC visibility pop
