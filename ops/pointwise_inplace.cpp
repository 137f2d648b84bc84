#include <cmath>
#include <limits>

#include <rewind/autograd/inplace.h>
#include <rewind/ops/inplace_forms.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/random.h>
#include <rewind/tensor/number.h>

namespace rw {

using namespace detail;

Tensor& Tensor::add_(const Tensor& other, Scalar alpha) {
  const profile_scope scope("add_");
  const Tensor b = alpha.to_double() == 1 ? fitting("add_", *this, other)
                                          : fitting("add_", *this, rw::mul(other, alpha));
  check_inplace("add_", *this, {*this, b});
  binary_into(BinaryOp::add, *this, b);
  return record_inplace("add_", *this, {*this, b}, [](const Tensor& g, Needs) -> Grads {
    return {g, g};
  });
}

Tensor& Tensor::add_(Scalar s) {
  const profile_scope scope("add_");
  check_scalar("add_", *this, s);
  check_inplace("add_", *this, {*this});
  binary_into(BinaryOp::add, *this, s);
  return record_inplace("add_", *this, {*this}, [](const Tensor& g, Needs) -> Grads { return g; });
}

Tensor& Tensor::sub_(const Tensor& other, Scalar alpha) {
  const profile_scope scope("sub_");
  refuse_bool("sub_", *this);
  const Tensor b = alpha.to_double() == 1 ? fitting("sub_", *this, other)
                                          : fitting("sub_", *this, rw::mul(other, alpha));
  check_inplace("sub_", *this, {*this, b});
  binary_into(BinaryOp::sub, *this, b);
  return record_inplace("sub_", *this, {*this, b}, [](const Tensor& g, Needs) -> Grads {
    return {g, rw::neg(g)};
  });
}

Tensor& Tensor::sub_(Scalar s) {
  const profile_scope scope("sub_");
  refuse_bool("sub_", *this);
  check_scalar("sub_", *this, s);
  check_inplace("sub_", *this, {*this});
  binary_into(BinaryOp::sub, *this, s);
  return record_inplace("sub_", *this, {*this}, [](const Tensor& g, Needs) -> Grads { return g; });
}

// The old value is needed for the gradient of `other` only: it is copied in that case alone.
Tensor& Tensor::mul_(const Tensor& other) {
  const profile_scope scope("mul_");
  const Tensor b = fitting("mul_", *this, other);
  check_inplace("mul_", *this, {*this, b});
  const Tensor old = is_recorded(b) ? clone() : Tensor();
  const SavedTensor saved_old = save(old), saved_b = save(b);
  binary_into(BinaryOp::mul, *this, b);
  return record_inplace("mul_", *this, {*this, b},
                        [old = saved_old, b = saved_b](const Tensor& g, Needs needs) -> Grads {
                          return {needs[0] ? rw::mul(g, b.get()) : Tensor(),
                                  needs[1] ? rw::mul(g, old.get()) : Tensor()};
                        });
}

Tensor& Tensor::mul_(Scalar s) {
  const profile_scope scope("mul_");
  check_scalar("mul_", *this, s);
  check_inplace("mul_", *this, {*this});
  binary_into(BinaryOp::mul, *this, s);
  return record_inplace("mul_", *this, {*this},
                        [s](const Tensor& g, Needs) -> Grads { return rw::mul(g, s); });
}

Tensor& Tensor::div_(const Tensor& other) {
  const profile_scope scope("div_");
  check_defined("div_", *this, other);
  check<DTypeError>(is_floating_point(), "div_: expected a floating tensor to store to, got {}",
                    dtype());
  const Tensor b = fitting("div_", *this, other);
  check_inplace("div_", *this, {*this, b});
  const Tensor old = is_recorded(b) ? clone() : Tensor();
  const SavedTensor saved_old = save(old), saved_b = save(b);
  binary_into(BinaryOp::div, *this, b);
  return record_inplace("div_", *this, {*this, b},
                        [old = saved_old, b = saved_b](const Tensor& g, Needs needs) -> Grads {
                          const Tensor y = b.get();
                          return {needs[0] ? rw::div(g, y) : Tensor(),
                                  needs[1] ? -(old.get() / y / y * g) : Tensor()};
                        });
}

Tensor& Tensor::div_(Scalar s) {
  const profile_scope scope("div_");
  check_defined("div_", *this);
  check<DTypeError>(is_floating_point(), "div_: expected a floating tensor to store to, got {}",
                    dtype());
  check_inplace("div_", *this, {*this});
  binary_into(BinaryOp::div, *this, s);
  return record_inplace("div_", *this, {*this},
                        [s](const Tensor& g, Needs) -> Grads { return rw::div(g, s); });
}

// The old value is gone, and with it the graph that made it; what lies around a view stays.
Tensor& Tensor::copy_(const Tensor& source) {
  const profile_scope scope("copy_");
  check_defined("copy_", *this, source, "source");
  check<ShapeError>(broadcast_shapes(shape(), source.shape(), "copy_") == shape(),
                    "copy_: shape {} does not broadcast to that of the tensor changed in place, {}",
                    source.shape(), shape());
  check_inplace("copy_", *this, {*this, source});
  const Tensor values = apart(*this, source);
  copy_into(*this, values);
  const Tensor before = is_recorded(values) && !impl_->is_view ? Tensor() : *this;
  return record_inplace("copy_", *this, {before, values},
                        [](const Tensor& g, Needs needs) -> Grads {
                          return {needs[0] ? zeros_like(g) : Tensor(), g};
                        });
}

Tensor& Tensor::fill_(Scalar value) {
  const profile_scope scope("fill_");
  check_defined("fill_", *this);
  check_held("fill_", value, dtype());
  check_inplace("fill_", *this, {*this});
  kernels::fill(dtype(), shape(), value, operand(*this, shape()));
  return record_inplace("fill_", *this, {*this},
                        [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

Tensor& Tensor::fill_(const Tensor& value) {
  check_defined("fill_", *this, value, "tensor of a value");
  check<ShapeError>(value.dim() == 0, "fill_: expected a value of rank 0, got shape {}",
                    value.shape());
  return copy_(value);
}

Tensor& Tensor::zero_() { return fill_(0); }

Tensor& Tensor::relu_() {
  const profile_scope scope("relu_");
  check_defined("relu_", *this);
  check<DTypeError>(dtype() != boolean, "relu_: not defined for bool");
  check_inplace("relu_", *this, {*this});
  unary_into(UnaryOp::relu, *this);
  const Tensor cut = is_recorded(*this) ? rw::le(detach(), 0) : Tensor();
  return record_inplace(
      "relu_", *this, {*this},
      [cut = save(cut)](const Tensor& g, Needs) -> Grads { return rw::where(cut.get(), 0, g); });
}

Tensor& Tensor::clamp_(std::optional<double> least, std::optional<double> most) {
  const profile_scope scope("clamp_");
  check(least || most, "clamp_: neither bound is given");
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double min = least.value_or(-infinity), max = most.value_or(infinity);
  const DType result = clamped_type("clamp_", *this, min, max);
  check<DTypeError>(result == dtype(),
                    "clamp_: a result of dtype {} can't be stored in a tensor of dtype {}", result,
                    dtype());
  if (std::isnan(min) || std::isnan(max)) return mul_(std::numeric_limits<double>::quiet_NaN());
  check_inplace("clamp_", *this, {*this});
  const auto between = [&](const Tensor& x) {  // of bounds that there are
    const Tensor above = least ? rw::gt(x, min) : rw::eq(x, x);
    return most ? rw::logical_and(above, rw::lt(x, max)) : above;
  };
  const Tensor inside = is_recorded(*this) ? between(detach()) : Tensor();
  unary_into(UnaryOp::clamp, *this, {min, max});
  return record_inplace("clamp_", *this, {*this},
                        [inside = save(inside)](const Tensor& g, Needs) -> Grads {
                          return rw::where(inside.get(), g, 0);
                        });
}

// The generators fill dense memory.
Tensor& Tensor::uniform_(double low, double high) {
  check_defined("uniform_", *this);
  return put_drawn("uniform_", *this, [&] {
    const Tensor values = empty(shape(), dtype());
    detail::fill_uniform("uniform_", values, low, high, default_generator());
    return values;
  });
}

Tensor& Tensor::normal_(double mean, double std) {
  check_defined("normal_", *this);
  return put_drawn("normal_", *this, [&] {
    const Tensor values = empty(shape(), dtype());
    detail::fill_normal("normal_", values, mean, std, default_generator());
    return values;
  });
}

Tensor& Tensor::bernoulli_(double p) {
  check_defined("bernoulli_", *this);
  check(p >= 0 && p <= 1, "bernoulli_: expected a probability in [0, 1], got {}", p);
  return put_drawn("bernoulli_", *this, [&] { return rw::lt(rand(shape(), float32), p); });
}

Tensor& operator+=(Tensor& a, const Tensor& b) { return a.add_(b); }
Tensor& operator+=(Tensor& a, Scalar b) { return a.add_(b); }
Tensor& operator-=(Tensor& a, const Tensor& b) { return a.sub_(b); }
Tensor& operator-=(Tensor& a, Scalar b) { return a.sub_(b); }
Tensor& operator*=(Tensor& a, const Tensor& b) { return a.mul_(b); }
Tensor& operator*=(Tensor& a, Scalar b) { return a.mul_(b); }
Tensor& operator/=(Tensor& a, const Tensor& b) { return a.div_(b); }
Tensor& operator/=(Tensor& a, Scalar b) { return a.div_(b); }

}  // namespace rw
