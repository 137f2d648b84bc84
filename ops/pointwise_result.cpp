#include <rewind/ops/pointwise_result.h>

#include <rewind/autograd/share_data.h>
#include <rewind/autograd/traced.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::detail {

using kernels::Operand;

int category(DType dtype) { return is_floating(dtype) ? 2 : dtype == DType::boolean ? 0 : 1; }

namespace {

Operand as_is(const Tensor& x) { return {x.raw_data(), x.strides()}; }

}  // namespace

DType result_type(const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return a.dtype();
  if ((a.dim() > 0) == (b.dim() > 0)) return promote_types(a.dtype(), b.dtype());
  const Tensor& ranked = a.dim() > 0 ? a : b;
  const Tensor& single = a.dim() > 0 ? b : a;
  return category(single.dtype()) > category(ranked.dtype())
             ? promote_types(ranked.dtype(), single.dtype())
             : ranked.dtype();
}

Operand operand(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return as_is(x);
  Strides strides = Strides::filled(shape.rank(), 0);
  const int extra = shape.rank() - x.dim();
  for (int d = 0; d < x.dim(); ++d)
    if (x.shape()[d] != 1) strides[extra + d] = x.strides()[d];
  return {x.raw_data(), strides};
}

namespace {

bool is_unshared(const TensorArg& a) {
  constexpr size_t worthwhile = 1 << 14;  // bytes; smaller blocks are as quickly allocated
  if (!a.is_temporary() || !a.get().defined() || a.get().ref()->use_count() > 1) return false;
  const TensorImpl& t = *a.get().impl();
  const Storage& storage = *t.storage;
  // A view holds on to its base, which nobody else may know.
  const uint32_t owners = t.base && t.base->use_count() == 1 ? 2 : 1;
  return storage.bytes() >= worthwhile && storage.use_count() == owners && !storage.is_external();
}

// Whether t fills its memory, with these strides.
bool fills(const Tensor& t, const Shape& shape, const Strides& strides, DType dtype) {
  return t.dtype() == dtype && t.shape() == shape && t.nbytes() == t.impl()->storage->bytes() &&
         strides_fit(shape, t.strides(), strides);
}

}  // namespace

Spare::Spare(const TensorArg& a, const TensorArg& b)
    : candidates_{is_unshared(a) ? &a.get() : nullptr, is_unshared(b) ? &b.get() : nullptr} {}

Tensor Spare::take(const Shape& shape, const Strides& strides, DType dtype) const {
  for (const Tensor* t : candidates_) {
    if (!t || !fills(*t, shape, strides, dtype)) continue;
    t->impl()->storage->bump_version("an op that reused a temporary");
    return share_data(*t);
  }
  return make_tensor(shape, strides, dtype);
}

Tensor empty_for(const char* op, const Tensor& a, const Tensor& b, DType dtype, Spare spare) {
  if (a.shape() == b.shape()) {
    // The first operand gives the order, unless it is expanded and has none of its own.
    const bool by_b = !a.is_contiguous() && !is_dense(a) && is_dense(b);
    return spare.take(a.shape(), dense_strides_like(by_b ? b : a), dtype);
  }
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), op);
  for (const Tensor* x : {&a, &b})
    if (x->shape() == shape) return spare.take(shape, dense_strides_like(*x), dtype);
  return make_tensor(shape, dtype);
}

Tensor empty_in_order_of(const Tensor& like, const Shape& shape, DType dtype) {
  const bool channels_last = like.dim() == shape.rank() && !like.is_contiguous() &&
                             like.is_contiguous(MemoryFormat::channels_last);
  return make_tensor(
      shape, channels_last ? channels_last_strides(shape) : contiguous_strides(shape), dtype);
}

Tensor unary(UnaryOp op, const Tensor& x, Parameters p, Spare spare) {
  Tensor y = spare.take(x.shape(), dense_strides_like(x), x.dtype());
  kernels::unary(op, p, x.dtype(), x.shape(), as_is(x), as_is(y));
  return y;
}

Tensor binary(const char* name, BinaryOp op, const Tensor& a, const Tensor& b, Parameters p,
              Spare spare) {
  Tensor y = empty_for(name, a, b, a.dtype(), spare);
  kernels::binary(op, p, a.dtype(), y.shape(), operand(a, y.shape()), operand(b, y.shape()),
                  as_is(y));
  return y;
}

Tensor binary(BinaryOp op, const Tensor& x, Scalar s, Spare spare) {
  Tensor y = spare.take(x.shape(), dense_strides_like(x), x.dtype());
  kernels::binary(op, x.dtype(), x.shape(), as_is(x), s, as_is(y));
  return y;
}

Tensor binary(BinaryOp op, Scalar s, const Tensor& x, Spare spare) {
  Tensor y = spare.take(x.shape(), dense_strides_like(x), x.dtype());
  kernels::binary(op, x.dtype(), x.shape(), s, as_is(x), as_is(y));
  return y;
}

Tensor ternary(const char* name, TernaryOp op, const Tensor& a, const Tensor& b, const Tensor& c,
               Parameters p) {
  const Shape shape =
      broadcast_shapes(broadcast_shapes(a.shape(), b.shape(), name), c.shape(), name);
  Tensor y;
  for (const Tensor* x : {&a, &b, &c})
    if (!y.defined() && x->shape() == shape)
      y = make_tensor(shape, dense_strides_like(*x), a.dtype());
  if (!y.defined()) y = make_tensor(shape, a.dtype());
  kernels::ternary(op, p, a.dtype(), shape, operand(a, shape), operand(b, shape), operand(c, shape),
                   as_is(y));
  return y;
}

Tensor compared(const char* name, CompareOp op, const Tensor& a, const Tensor& b) {
  const profile_scope scope(name);
  Tensor out = empty_for(name, a, b, boolean);
  kernels::compare(op, a.dtype(), out.shape(), operand(a, out.shape()), operand(b, out.shape()),
                   operand(out, out.shape()));
  return traced(name, out, {a, b});
}

// In the type of both, or as truth values: conversion to another type may make zeros.
Tensor logical(const char* name, CompareOp op, const Tensor& a, const Tensor& b) {
  check_defined(name, a, b);
  if (a.dtype() == b.dtype()) return compared(name, op, a, b);
  return compared(name, op, a.to(boolean), b.to(boolean));
}

void unary_into(UnaryOp op, const Tensor& x, Parameters p) {
  kernels::unary(op, p, x.dtype(), x.shape(), as_is(x), as_is(x));
}

void binary_into(BinaryOp op, const Tensor& x, const Tensor& b, Parameters p) {
  kernels::binary(op, p, x.dtype(), x.shape(), as_is(x), operand(b, x.shape()), as_is(x));
}

void binary_into(BinaryOp op, const Tensor& x, Scalar s) {
  kernels::binary(op, x.dtype(), x.shape(), as_is(x), s, as_is(x));
}

void ternary_into(TernaryOp op, const Tensor& x, const Tensor& b, const Tensor& c, Parameters p) {
  kernels::ternary(op, p, x.dtype(), x.shape(), as_is(x), operand(b, x.shape()),
                   operand(c, x.shape()), as_is(x));
}

void copy_into(const Tensor& y, const Tensor& x) {
  kernels::copy(x.dtype(), y.dtype(), y.shape(), operand(x, y.shape()), as_is(y));
}

Tensor laid_out(const Tensor& x, const Strides& strides) {
  if (strides_fit(x.shape(), x.strides(), strides)) return x;
  Tensor y = make_tensor(x.shape(), strides, x.dtype());
  copy_into(y, x);
  return y;
}

void refuse_bool(const char* op, const Tensor& x) {
  check_defined(op, x);
  check<DTypeError>(x.dtype() != boolean, "{}: not defined for bool; use to(int64)", op);
}

Tensor as_floating(const char* op, const Tensor& x) {
  check_defined(op, x);
  return x.is_floating_point() ? x : x.to(get_default_dtype());
}

}  // namespace rw::detail
