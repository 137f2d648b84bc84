#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rewind/tensor/tensor.h>

// Products of vectors, matrices and tensors besides those of matmul.h. Operands have one dtype,
// floating or integer, unless said otherwise. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

// --- Vectors ------------------------------------------------------------------------------------

///@{
/// The sum of the products of two vectors of one size.
Tensor dot(const Tensor& a, const Tensor& b);
Tensor vdot(const Tensor& a, const Tensor& b);
///@}
///@{
/// a[i] b[j] of two vectors; dtypes are promoted.
Tensor outer(const Tensor& a, const Tensor& b);
Tensor ger(const Tensor& a, const Tensor& b);
///@}
/// Matrix times vector.
Tensor mv(const Tensor& matrix, const Tensor& vector);
/// The scalar products of the last dimensions of both, for all the others of `a`, then of `b`. With
/// a tensor of rank 0 the product.
Tensor inner(const Tensor& a, const Tensor& b);
/// The vector product along a dimension of size 3 (the first such one unless given); the operands
/// broadcast.
Tensor cross(const Tensor& a, const Tensor& b, std::optional<int64_t> dim = {});

// --- A product added to something ---------------------------------------------------------------

///@{
/// beta * input + alpha * (a b), the product being that of two matrices, of matrix and vector, of
/// two vectors (outer), the sum of a batch of products of matrices, or such a batch. `input`
/// broadcasts to its shape; with beta = 0 it does not count, even where it is NaN. beta and alpha
/// are whole numbers for integer tensors.
Tensor addmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
             Scalar alpha = 1);
Tensor addmv(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
             Scalar alpha = 1);
Tensor addr(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
            Scalar alpha = 1);
Tensor addbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
              Scalar alpha = 1);
Tensor baddbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta = 1,
               Scalar alpha = 1);
///@}

// --- Tensors ------------------------------------------------------------------------------------

/// The sum over products of elements whose indices have the same letter, by Einstein's convention
/// as in NumPy: `einsum("bij,bjk->bik", {a, b})`. Letters of either case name dimensions, a letter
/// twice in one operand takes its diagonal, `...` stands for any number of dimensions that
/// broadcast, and sizes of 1 broadcast too. Without an arrow the result has the dimensions of `...`
/// and the letters that occur once, in alphabetical order. More than two operands are taken two at
/// a time, the pair with the smallest result first.
Tensor einsum(const std::string& equation, const std::vector<Tensor>& operands);
///@{
/// The sum over products of the last `dims` dimensions of `a` and as many first ones of `b`, or of
/// dimensions dims_a[i] of `a` and dims_b[i] of `b`.
Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims = 2);
Tensor tensordot(const Tensor& a, const Tensor& b, const Dims& dims_a, const Dims& dims_b);
///@}
/// Kronecker's product: b times each element of a, side by side; dtypes are promoted.
Tensor kron(const Tensor& a, const Tensor& b);
/// y[…, k] = sum of x1[…, i] weight[k, i, j] x2[…, j] over i and j, plus bias[k]; floating.
Tensor bilinear(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias = {});
/// The product of matrices in the order of fewest multiplications.
Tensor chain_matmul(const std::vector<Tensor>& matrices);

namespace linalg {
/// The vector product along a dimension of size 3; the operands have one rank and broadcast.
Tensor cross(const Tensor& a, const Tensor& b, int64_t dim = -1);
}  // namespace linalg

}  // namespace rw

#pragma GCC visibility pop
