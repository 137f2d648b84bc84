#pragma once

#include <optional>
#include <utility>

#include <rewind/tensor/tensor.h>

// Running totals along a dimension, and what is made of them. A tensor of rank 0 is taken as one of
// a single value. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// y[k] = x[0] + … + x[k] along `dim`, or x[0] · … · x[k]; int64 for integers and bool, which wrap
/// around. With a dtype x is converted first; not to bool.
Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});
///@}
///@{
/// y[k] = the greatest (least) of x[0] to x[k] along `dim`, and its position: the last one of equal
/// values, which receives the gradient. From the first NaN on all are NaN.
std::pair<Tensor, Tensor> cummax(const Tensor& x, int64_t dim);
std::pair<Tensor, Tensor> cummin(const Tensor& x, int64_t dim);
///@}
/// y[k] = log(exp(x[0]) + … + exp(x[k])) along `dim`, without overflow. Floating dtypes.
Tensor logcumsumexp(const Tensor& x, int64_t dim);
///@{
/// The integral of y along `dim` by the trapezoidal rule, at places `dx` apart or at those that `x`
/// names: a vector, or as y. cumulative_trapezoid gives it up to each place but the first. Integers
/// give the default dtype; not for bool.
Tensor trapezoid(const Tensor& y, Scalar dx = 1, int64_t dim = -1);
Tensor trapezoid(const Tensor& y, const Tensor& x, int64_t dim = -1);
Tensor trapz(const Tensor& y, Scalar dx = 1, int64_t dim = -1);
Tensor trapz(const Tensor& y, const Tensor& x, int64_t dim = -1);
Tensor cumulative_trapezoid(const Tensor& y, Scalar dx = 1, int64_t dim = -1);
Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int64_t dim = -1);
///@}

}  // namespace rw

#pragma GCC visibility pop
