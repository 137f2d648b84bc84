#include <rewind/ops/inplace_forms.h>

#include <rewind/autograd/inplace.h>
#include <rewind/tensor/factories.h>

namespace rw::detail {

namespace {

// Counts a change that went past the tape.
Tensor& changed(const char* name, Tensor& self) {
  return record_inplace(name, self, {self}, [](const Tensor& g, Needs) -> Grads { return g; });
}

// Whether `other` is an operand of a kernel over self's shape that computes in its floating dtype.
bool joins(const char* name, const Tensor& self, const Tensor& other) {
  return self.is_floating_point() && result_type(self, other) == self.dtype() &&
         other.is_floating_point() && other.dim() <= self.dim() &&
         broadcast_shapes(self.shape(), other.shape(), name) == self.shape();
}

}  // namespace

Tensor apart(const Tensor& self, const Tensor& other) {
  if (self.impl()->storage != other.impl()->storage) return other;
  const bool same_places = self.shape() == other.shape() && self.strides() == other.strides() &&
                           self.impl()->offset == other.impl()->offset;
  return same_places && !is_recorded(other) ? other : other.clone();
}

Tensor fitting(const char* op, const Tensor& self, const Tensor& other) {
  check_defined(op, self, other);
  check<ShapeError>(broadcast_shapes(self.shape(), other.shape(), op) == self.shape(),
                    "{}: shape {} does not broadcast to that of the tensor changed in place, {}",
                    op, other.shape(), self.shape());
  const DType dtype = result_type(self, other);
  check<DTypeError>(promote_types(dtype, self.dtype()) == self.dtype() ||
                        (is_floating(dtype) && self.is_floating_point()),
                    "{}: a result of dtype {} can't be stored in a tensor of dtype {}", op, dtype,
                    self.dtype());
  return apart(self, other.dtype() == self.dtype() ? other : other.to(self.dtype()));
}

void check_scalar(const char* op, const Tensor& self, Scalar s) {
  check_defined(op, self);
  check<DTypeError>(promote_scalar(self.dtype(), s.dtype()) == self.dtype(),
                    "{}: a number of kind {} can't be stored in a tensor of dtype {}", op,
                    name(s.dtype()), self.dtype());
}

Tensor& put_result(const char* name, Tensor& self, const UnaryForm& f,
                   std::initializer_list<TensorRef> others) {
  const profile_scope scope(name);
  check_defined(name, self);
  bool recorded = is_recorded(self);
  for (const TensorRef& other : others) recorded |= is_recorded(*other.t);
  const Tensor y = f(recorded ? self.clone() : self);
  check<ShapeError>(y.shape() == self.shape(),
                    "{}: a result of shape {} can't be stored in a tensor of shape {}", name,
                    y.shape(), self.shape());
  check<DTypeError>(category(y.dtype()) <= category(self.dtype()),
                    "{}: a result of dtype {} can't be stored in a tensor of dtype {}", name,
                    y.dtype(), self.dtype());
  check_inplace(name, self, {self, y});
  copy_into(self, y);
  const Tensor before = is_recorded(y) && !self.impl()->is_view ? Tensor() : self;
  return record_inplace(name, self, {before, y}, [](const Tensor& g, Needs needs) -> Grads {
    return {needs[0] ? zeros_like(g) : Tensor(), g};
  });
}

Tensor& put_drawn(const char* name, Tensor& self, const std::function<Tensor()>& draw) {
  const profile_scope scope(name);
  check_inplace(name, self, {self});
  {
    const no_grad guard;
    copy_into(self, draw());
  }
  return record_inplace(name, self, {self},
                        [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

Tensor& put_unary(const char* name, Tensor& self, UnaryOp op, const UnaryForm& f, Parameters p) {
  check_defined(name, self);
  if (!self.is_floating_point() || is_recorded(self)) return put_result(name, self, f);
  const profile_scope scope(name);
  check_inplace(name, self, {self});
  unary_into(op, self, p);
  return changed(name, self);
}

Tensor& put_binary(const char* name, Tensor& self, const Tensor& other, BinaryOp op,
                   const BinaryForm& f, Parameters p) {
  check_defined(name, self, other);
  const auto with_other = [&](const Tensor& old) { return f(old, other); };
  if (is_recorded(self, other) || !joins(name, self, other))
    return put_result(name, self, with_other, {other});
  const profile_scope scope(name);
  const Tensor b = apart(self, other.to(self.dtype()));
  check_inplace(name, self, {self, b});
  binary_into(op, self, b, p);
  return changed(name, self);
}

Tensor& put_ternary(const char* name, Tensor& self, const Tensor& other, const Tensor& third,
                    TernaryOp op, const TernaryForm& f, Parameters p) {
  check_defined(name, self, other);
  check_defined(name, third);
  const auto with_others = [&](const Tensor& old) { return f(old, other, third); };
  const bool of_one_dtype = other.dtype() == self.dtype() && third.dtype() == self.dtype();
  if (is_recorded(self, other, third) || !of_one_dtype || !joins(name, self, other) ||
      !joins(name, self, third))
    return put_result(name, self, with_others, {other, third});
  const profile_scope scope(name);
  const Tensor b = apart(self, other), c = apart(self, third);
  check_inplace(name, self, {self, b, c});
  ternary_into(op, self, b, c, p);
  return changed(name, self);
}

}  // namespace rw::detail
