#pragma once
// Private to ops: forms that pointwise functions come in, with their derivatives.

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/traced.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>

namespace rw::detail {

// --- Operands ----------------------------------------------------------------------------------

// A tensor in a dtype: the tensor itself, and no further handle, where it has that one.
class Cast {
 public:
  Cast(const Tensor& t, DType dtype) : given_(t) {
    if (t.dtype() != dtype) made_ = t.to(dtype);
  }
  const Tensor& get() const { return made_.defined() ? made_ : given_; }

 private:
  const Tensor& given_;
  Tensor made_;
};

// Both in the dtype in which they meet.
class Operands {
 public:
  Operands(const char* op, const Tensor& x, const Tensor& y)
      : Operands(x, y, (check_defined(op, x, y), result_type(x, y))) {}
  const Tensor& a() const { return a_.get(); }
  const Tensor& b() const { return b_.get(); }

 private:
  Operands(const Tensor& x, const Tensor& y, DType dtype) : a_(x, dtype), b_(y, dtype) {}

  Cast a_, b_;
};

// x in the dtype in which it meets the number.
inline Cast promoted(const char* op, const Tensor& x, Scalar s) {
  check_defined(op, x);
  return {x, promote_scalar(x.dtype(), s.dtype())};
}

// A number as a tensor of rank 0, in the dtype in which it meets x.
inline Tensor beside(const char* op, const Tensor& x, Scalar s) {
  check_defined(op, x);
  return number(op, s, promote_scalar(x.dtype(), s.dtype()));
}

// Numbers that a function goes by, for traced().
inline auto parameters(Parameters p) {
  return [p] { return Attributes{{"a", p.a}, {"b", p.b}}; };
}

// --- Of one operand ----------------------------------------------------------------------------

// A function of floating tensors whose derivative is written by its input: slope(x).
template <class Slope>
Tensor by_input(const char* name, UnaryOp op, const Tensor& input, Slope slope, Parameters p = {}) {
  const profile_scope scope(name);
  const Tensor x = as_floating(name, input);
  return traced(name,
                record(name, unary(op, x, p), {x},
                       [slope, x = save(x)](const Tensor& g, Needs) -> Grads {
                         return mul(g, slope(x.get()));
                       }),
                {x}, parameters(p));
}

// The same by its result: slope(y).
template <class Slope>
Tensor by_result(const char* name, UnaryOp op, const Tensor& input, Slope slope) {
  const profile_scope scope(name);
  const Tensor x = as_floating(name, input);
  const Tensor y = unary(op, x);
  return record(name, y, {x}, [slope, y = save_result(y)](const Tensor& g, Needs) -> Grads {
    return mul(g, slope(y.get()));
  });
}

// Piecewise constant: the gradient is zero.
inline Tensor step_function(const char* name, UnaryOp op, const Tensor& x, Parameters p = {}) {
  const profile_scope scope(name);
  check_defined(name, x);
  const bool is_sign = op == UnaryOp::sign;
  if (!is_sign) refuse_bool(name, x);
  if (is_sign ? x.dtype() == boolean : !x.is_floating_point()) return x.clone();
  return record(name, unary(op, x, p), {x},
                [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

// The gradient of an activation in one pass over g and t (the activation's input or result).
// `curve(g, t)` is its derivative by t.
template <class Curve>
Tensor activation_grad(const char* name, BinaryOp op, TensorArg gradient, const Tensor& t,
                       Parameters p, Curve curve) {
  const profile_scope scope(name);
  const Tensor& g = gradient.get();
  const Spare spare = is_recorded(g, t) ? Spare() : Spare(gradient);
  Tensor result = record(name, binary(name, op, g, t, p, spare), {g, t},
                         [=, g = save(g), t = save(t)](const Tensor& gg, Needs needs) -> Grads {
                           const Tensor u = t.get();
                           Tensor dt = needs[1] ? curve(g.get(), u) : Tensor();
                           return {needs[0] ? activation_grad(name, op, gg, u, p, curve) : Tensor(),
                                   dt.defined() ? mul(gg, dt) : Tensor()};
                         });
  return from_spare(std::move(result), gradient);
}

// Whether integers stay what they are, give the default dtype, or are refused.
enum class Integers { stay, convert, refuse };

inline Tensor operand_of(const char* name, const TensorArg& arg, Integers integers) {
  if (integers == Integers::refuse) check_floating(name, arg.get());
  return integers == Integers::stay ? arg.get() : as_floating(name, arg.get());
}

// Activations that are linear in pieces.
inline Tensor no_curve(const Tensor&, const Tensor&) { return {}; }

template <class Curve>
Tensor activation_by_input(const char* name, UnaryOp op, BinaryOp gradient, TensorArg arg,
                           Parameters p, Curve curve, Integers integers = Integers::convert) {
  const profile_scope scope(name);
  refuse_bool(name, arg.get());
  const Spare spare = is_recorded(arg.get()) ? Spare() : Spare(arg);
  const Tensor x = operand_of(name, arg, integers);
  Tensor result =
      record(name, unary(op, x, p, spare), {x}, [=, x = save(x)](Tensor g, Needs) -> Grads {
        return activation_grad(name, gradient, std::move(g), x.get(), p, curve);
      });
  enter(name, {x}, {&result, 1}, parameters(p));
  return from_spare(std::move(result), arg);
}

template <class Curve>
Tensor activation_by_result(const char* name, UnaryOp op, BinaryOp gradient, TensorArg arg,
                            Curve curve, Integers integers = Integers::convert) {
  const profile_scope scope(name);
  const Spare spare(arg);
  const Tensor x = operand_of(name, arg, integers);
  const Tensor y = unary(op, x, {}, spare);
  Tensor result = record(name, y, {x}, [=, y = save_result(y)](Tensor g, Needs) -> Grads {
    return activation_grad(name, gradient, std::move(g), y.get(), {}, curve);
  });
  return from_spare(std::move(result), arg);
}

// --- Of two operands ---------------------------------------------------------------------------

// What a function of two operands takes: anything, numbers but no bool, floating dtypes alone, or
// these and integers and bool in the default dtype.
enum class Takes { all, numbers, floating, converted };

inline void check_takes(const char* name, Takes takes, DType dtype) {
  if (takes == Takes::numbers)
    check<DTypeError>(dtype != boolean, "{}: not defined for bool; use to(int64)", name);
  if (takes == Takes::floating)
    check<DTypeError>(is_floating(dtype), "{}: expected floating tensors, got {}", name, dtype);
}

// With the derivatives of a result's gradient g by both operands: grads(g, x, y, needs).
template <class F>
Tensor of_two(const char* name, BinaryOp op, const Tensor& x, const Tensor& y, Takes takes, F grads,
              Parameters p = {}) {
  const profile_scope scope(name);
  const Operands both(name, x, y);
  check_takes(name, takes, both.a().dtype());
  const bool convert = takes == Takes::converted;
  const Tensor a = convert ? as_floating(name, both.a()) : both.a();
  const Tensor b = convert ? as_floating(name, both.b()) : both.b();
  return record(name, binary(name, op, a, b, p), {a, b},
                [grads, a = save(a), b = save(b)](const Tensor& g, Needs needs) -> Grads {
                  return grads(g, a.get(), b.get(), needs);
                });
}

// The gradients of the greater or lesser of two, of which the first `loses` by this comparison.
// Equal operands share them; where one is NaN, both receive all of it.
inline auto shared(CompareOp loses) {
  return [loses](const Tensor& g, const Tensor& x, const Tensor& y, Needs needs) -> Grads {
    const Tensor share = where(eq(x, y), g * 0.5, g);
    const auto part = [&](const Tensor& a, const Tensor& b) {
      return where(compared("lt", loses, a, b), 0, share);
    };
    return {needs[0] ? part(x, y) : Tensor(), needs[1] ? part(y, x) : Tensor()};
  };
}

}  // namespace rw::detail
