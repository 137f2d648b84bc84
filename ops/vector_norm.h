#pragma once

#include <cstddef>
#include <optional>

#include <rewind/tensor/tensor.h>

// Norms of vectors, and what is made of them. Floating tensors. Differentiable to any order where
// the norm is; where it has a kink the gradient is PyTorch's: 0 at zero, and shared evenly by the
// elements of greatest (least) size.

#pragma GCC visibility push(default)

namespace rw {

namespace linalg {
/// (|x[0]|^ord + … + |x[n - 1]|^ord)^(1 / ord) over chosen dimensions (all when `dims` is empty);
/// the greatest |x| for infinity, the least for -infinity, the number of elements other than 0 for
/// ord = 0. With a dtype, which has to hold what x holds, x is converted first. Throws ShapeError
/// where there is no element at all and ord is negative or infinity.
Tensor vector_norm(const Tensor& x, Scalar ord = 2, const Dims& dims = {}, bool keepdim = false,
                   std::optional<DType> dtype = {});
}  // namespace linalg

namespace detail {
/// The norm of this name.
Tensor named_norm(const Tensor& x, const char* p, const Dims& dims, bool keepdim,
                  std::optional<DType> dtype);
}  // namespace detail

///@{
/// linalg::vector_norm. "fro" is p = 2, and "nuc" linalg::matrix_norm's of two dimensions: the last
/// ones unless given.
Tensor norm(const Tensor& x, Scalar p = 2, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {});
template <size_t n>
Tensor norm(const Tensor& x, const char (&p)[n], const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = {}) {
  return detail::named_norm(x, p, dims, keepdim, dtype);
}
///@}
/// The p-norm of a - b, which broadcast.
Tensor dist(const Tensor& a, const Tensor& b, Scalar p = 2);
/// x with each slice along `dim` whose p-norm exceeds `maxnorm` scaled down to that. Of rank 2 or
/// more; p is positive.
Tensor renorm(const Tensor& x, Scalar p, int64_t dim, Scalar maxnorm);

}  // namespace rw

#pragma GCC visibility pop
