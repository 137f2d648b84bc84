#pragma once
// Private to ops: runs the pointwise kernels over tensors. Nothing here is recorded.

#include <rewind/autograd/grad_mode.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

using kernels::BinaryOp;
using kernels::CompareOp;
using kernels::Parameters;
using kernels::TernaryOp;
using kernels::UnaryOp;

/// 0 for bool, 1 for integers, 2 for floating dtypes.
int category(DType dtype);
/// The dtype in which two tensors meet. As in PyTorch, a tensor of rank 0 only counts where its
/// category (bool, integer, floating) is the higher one.
DType result_type(const Tensor& a, const Tensor& b);

/// x as an operand of a walk over `shape`, which it broadcasts to.
kernels::Operand operand(const Tensor& x, const Shape& shape);
/// An argument whose memory the result of an op may take: a temporary that nobody else holds or
/// shares memory with. The op must not save for its pullback what it overwrites.
class Spare {
 public:
  Spare() = default;
  Spare(const TensorArg& a) : Spare(a, a) {}
  /// Either of two.
  Spare(const TensorArg& a, const TensorArg& b);
  /// A tensor over the temporary's memory if that is as wanted, over new memory otherwise.
  Tensor take(const Shape& shape, const Strides& strides, DType dtype) const;

 private:
  const Tensor* candidates_[2] = {};
};

/// The result of an op, and no handle to its memory left in those arguments that lent it: the next
/// op may write over it in turn.
template <class... Args>
Tensor from_spare(Tensor result, const Args&... args) {
  const auto drop = [&](const TensorArg& a) {
    if (a.is_temporary() && a.get().defined() && a.get().impl()->storage == result.impl()->storage)
      a.clear();
  };
  (drop(args), ...);
  return result;
}

/// Whether an op on these goes on the tape, so that what its pullback needs must be kept.
template <class... T>
bool is_recorded(const T&... tensors) {
  return is_grad_enabled() && ((tensors.defined() && tensors.requires_grad()) || ...);
}

/// Uninitialised, of the shape that a and b broadcast to and in the memory order of the one that
/// has this shape already.
Tensor empty_for(const char* op, const Tensor& a, const Tensor& b, DType dtype, Spare spare = {});
/// Uninitialised, of this shape: channels-last where `like` is of this rank and so, row-major
/// otherwise.
Tensor empty_in_order_of(const Tensor& like, const Shape& shape, DType dtype);

/// op(x) and op(a, b); a and b have one dtype, which is that of the result.
Tensor unary(UnaryOp op, const Tensor& x, Parameters p = {}, Spare spare = {});
Tensor binary(const char* name, BinaryOp op, const Tensor& a, const Tensor& b, Parameters p = {},
              Spare spare = {});
/// op(x, s) and op(s, x), in what the dtype of x is computed in.
Tensor binary(BinaryOp op, const Tensor& x, Scalar s, Spare spare = {});
Tensor binary(BinaryOp op, Scalar s, const Tensor& x, Spare spare = {});
/// op(a, b, c), of one dtype, in the memory order of the first that has the result's shape.
Tensor ternary(const char* name, TernaryOp op, const Tensor& a, const Tensor& b, const Tensor& c,
               Parameters p = {});
/// Bool, of two tensors of one dtype.
Tensor compared(const char* name, CompareOp op, const Tensor& a, const Tensor& b);
/// The same for what asks whether they differ from zero, of any dtypes.
Tensor logical(const char* name, CompareOp op, const Tensor& a, const Tensor& b);
/// The same into x itself. Neither versions nor the tape are touched.
void unary_into(UnaryOp op, const Tensor& x, Parameters p = {});
void binary_into(BinaryOp op, const Tensor& x, const Tensor& b, Parameters p = {});
void binary_into(BinaryOp op, const Tensor& x, Scalar s);
void ternary_into(TernaryOp op, const Tensor& x, const Tensor& b, const Tensor& c,
                  Parameters p = {});
/// y = x, converted and broadcast.
void copy_into(const Tensor& y, const Tensor& x);

/// x with its elements at `strides`: itself where they lie so already, a copy otherwise.
Tensor laid_out(const Tensor& x, const Strides& strides);

/// Where x differs from zero: positions in row-major order, int64.
Tensor nonzero_positions(const Tensor& x);

/// Changes the slices of x along `d` at a vector of indices, which are checked: writes `values`
/// there, or adds them. Recorded.
void put_slices(Tensor& x, int d, const Tensor& index, const Tensor& values, bool accumulate);

/// The dtype of x limited to [min, max]: that of x, but int64 for bool, and float32 where one of
/// the bounds is no whole number. Throws where it can't hold the result.
DType clamped_type(const char* op, const Tensor& x, double min, double max);

/// Floating tensors as they are, others in the default dtype.
Tensor as_floating(const char* op, const Tensor& x);
/// Throws for an undefined tensor and for bool, which PyTorch does not define the op for.
void refuse_bool(const char* op, const Tensor& x);

}  // namespace rw::detail
