#pragma once

#include <optional>
#include <utility>

#include <rewind/tensor/tensor.h>

// Reductions over chosen dimensions (all of them when `dims` is empty). They are members of Tensor
// as well. Sums and products of integers and bool are int64; mean, var and std take floating
// tensors. With a dtype x is converted first, and that is the type of the result. Differentiable to
// any order.

#pragma GCC visibility push(default)

namespace rw {

/// The sum of the elements; 0 of none.
Tensor sum(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
           std::optional<DType> dtype = {});
/// The sum of the elements, divided by their number; NaN of none.
Tensor mean(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
///@{
/// Variance, divided by n - correction, and its square root. By default, with Bessel's correction,
/// n - 1; a divisor below 0 counts as 0.
Tensor var(const Tensor& x, const Dims& dims = {}, Scalar correction = 1, bool keepdim = false);
Tensor std(const Tensor& x, const Dims& dims = {}, Scalar correction = 1, bool keepdim = false);
///@}
///@{
/// Greatest (least) values; ties share the gradient evenly. Throws for no element at all.
Tensor amax(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
///@}
///@{
/// The greatest (least) values and int64 indices along one dimension. The first of equal ones
/// counts and receives the gradient.
std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim = false);
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim = false);
///@}
///@{
/// Only the index; without a dimension that into the flattened tensor.
Tensor argmax(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);
Tensor argmin(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);
///@}
/// Product of everything, or along one dimension.
Tensor prod(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
/// log(sum(exp(x))), computed without overflow; integers give the default dtype.
Tensor logsumexp(const Tensor& x, const Dims& dims, bool keepdim = false);
///@{
/// Whether all (any) elements differ from zero: bool, or uint8 of uint8.
Tensor all(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor any(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
///@}

}  // namespace rw

#pragma GCC visibility pop
