#include <rewind/ops/pointwise.h>

#include <cmath>
#include <limits>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/traced.h>
#include <rewind/ops/pointwise_forms.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/number.h>

namespace rw {

using namespace detail;

// --- Arithmetic ---------------------------------------------------------------------------------

namespace {

// The number that an op takes beside its tensor, for traced().
auto other(Scalar s) {
  return [s] { return Attributes{{"other", s.to_double()}}; };
}

// A sum's or difference's pullback does not need the operands: they may be overwritten.
Tensor sum_of(const Tensor& x, const Tensor& y, Spare spare) {
  const profile_scope scope("add");
  const Operands both("add", x, y);
  const Tensor &a = both.a(), &b = both.b();
  return record("add", binary("add", BinaryOp::add, a, b, {}, spare), {a, b},
                [](const Tensor& g, Needs) -> Grads {
                  return {g, g};
                });
}

Tensor sum_of(const Tensor& x, Scalar s, Spare spare) {
  const profile_scope scope("add");
  const Cast cast = promoted("add", x, s);
  const Tensor& a = cast.get();
  return traced("add",
                record("add", binary(BinaryOp::add, a, s, spare), {a},
                       [](const Tensor& g, Needs) -> Grads { return g; }),
                {a}, other(s));
}

// Of truth values PyTorch has no difference, not to guess what is meant.
void check_no_mask(const char* op, const Tensor& x) {
  check<DTypeError>(x.dtype() != boolean, "{}: not defined for bool; use logical_not, or to(int64)",
                    op);
}

Tensor difference_of(const Tensor& x, const Tensor& y, Spare spare) {
  const profile_scope scope("sub");
  const Operands both("sub", x, y);
  const Tensor &a = both.a(), &b = both.b();
  check_no_mask("sub", x);
  check_no_mask("sub", y);
  return record("sub", binary("sub", BinaryOp::sub, a, b, {}, spare), {a, b},
                [](const Tensor& g, Needs needs) -> Grads {
                  return {g, needs[1] ? neg(g) : Tensor()};
                });
}

Tensor difference_of(const Tensor& x, Scalar s, Spare spare) {
  const profile_scope scope("sub");
  const Cast cast = promoted("sub", x, s);
  const Tensor& a = cast.get();
  check_no_mask("sub", x);
  return traced("sub",
                record("sub", binary(BinaryOp::sub, a, s, spare), {a},
                       [](const Tensor& g, Needs) -> Grads { return g; }),
                {a}, other(s));
}

Tensor difference_of(Scalar s, const Tensor& x, Spare spare) {
  const profile_scope scope("sub");
  const Cast cast = promoted("sub", x, s);
  const Tensor& a = cast.get();
  check_no_mask("sub", x);
  return traced("rsub",
                record("sub", binary(BinaryOp::sub, s, a, spare), {a},
                       [](Tensor g, Needs) -> Grads { return -std::move(g); }),
                {a}, other(s));
}

// dx = g * y, dy = g * x; each summed back to its input's shape by the engine.
Tensor product_of(const Tensor& x, const Tensor& y, Spare spare) {
  const profile_scope scope("mul");
  if (is_recorded(x, y)) spare = {};
  const Operands both("mul", x, y);
  const Tensor &a = both.a(), &b = both.b();
  return record(
      "mul", binary("mul", BinaryOp::mul, a, b, {}, spare), {a, b},
      [a = save_for(b, a), b = save_for(a, b)](const Tensor& g, Needs needs) -> Grads {
        return {needs[0] ? mul(g, b.get()) : Tensor(), needs[1] ? mul(g, a.get()) : Tensor()};
      });
}

Tensor product_of(const Tensor& x, Scalar s, Spare spare) {
  const profile_scope scope("mul");
  const Cast cast = promoted("mul", x, s);
  const Tensor& a = cast.get();
  return traced("mul",
                record("mul", binary(BinaryOp::mul, a, s, spare), {a},
                       [s](Tensor g, Needs) -> Grads { return std::move(g) * s; }),
                {a}, other(s));
}

// dx = g / y, dy = -g x / y^2, in an order that neither overflows nor makes NaN of 0 / y
Tensor quotient_of(const Tensor& x, const Tensor& y, Spare spare) {
  const profile_scope scope("div");
  if (is_recorded(x, y)) spare = {};
  const Operands both("div", x, y);
  const Tensor &p = both.a(), &q = both.b();
  const Tensor a = as_floating("div", p), b = as_floating("div", q);
  return record(
      "div", binary("div", BinaryOp::div, a, b, {}, spare), {a, b},
      [a = save_for(b, a), b = save(b)](const Tensor& g, Needs needs) -> Grads {
        const Tensor y = b.get();
        return {needs[0] ? div(g, y) : Tensor(), needs[1] ? -(a.get() / y / y * g) : Tensor()};
      });
}

Tensor quotient_of(const Tensor& x, Scalar s, Spare spare) {
  const profile_scope scope("div");
  const Tensor a = as_floating("div", x);
  return traced("div",
                record("div", binary(BinaryOp::div, a, s, spare), {a},
                       [s](Tensor g, Needs) -> Grads { return std::move(g) / s; }),
                {a}, other(s));
}

Tensor quotient_of(Scalar s, const Tensor& x, Spare spare) {
  const profile_scope scope("div");
  if (is_recorded(x)) spare = {};
  const Tensor a = as_floating("div", x);
  return traced("rdiv",
                record("div", binary(BinaryOp::div, s, a, spare), {a},
                       [s, a = save(a)](const Tensor& g, Needs) -> Grads {
                         const Tensor y = a.get();
                         return -(s / y / y * g);
                       }),
                {a}, other(s));
}

}  // namespace

Tensor add(const Tensor& x, const Tensor& y, Scalar alpha) {
  return alpha.to_double() == 1 ? sum_of(x, y, {}) : x + mul(y, alpha);
}
Tensor add(const Tensor& x, Scalar s) { return sum_of(x, s, {}); }
Tensor sub(const Tensor& x, const Tensor& y, Scalar alpha) {
  return alpha.to_double() == 1 ? difference_of(x, y, {}) : x - mul(y, alpha);
}
Tensor sub(const Tensor& x, Scalar s) { return difference_of(x, s, {}); }
Tensor mul(const Tensor& x, const Tensor& y) { return product_of(x, y, {}); }
Tensor mul(const Tensor& x, Scalar s) { return product_of(x, s, {}); }
Tensor div(const Tensor& x, const Tensor& y) { return quotient_of(x, y, {}); }
Tensor div(const Tensor& x, Scalar s) { return quotient_of(x, s, {}); }

// d(x^y)/dx = y x^(y-1), d(x^y)/dy = x^y log(x); the latter is 0 at x = 0, y >= 0.
Tensor pow(const Tensor& base, const Tensor& exponent) {
  const profile_scope scope("pow");
  const Operands both("pow", base, exponent);
  const Tensor &a = both.a(), &b = both.b();
  refuse_bool("pow", a);
  return record("pow", binary("pow", BinaryOp::pow, a, b), {a, b},
                [a = save(a), b = save(b)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor x = a.get(), y = b.get();
                  Tensor dx, dy;
                  if (needs[0]) dx = where(eq(y, 0), 0, g * (y * pow(x, sub(y, 1))));
                  if (needs[1]) {
                    const Tensor flat = logical_and(eq(x, 0), ge(y, 0));
                    dy = where(flat, 0, g * (pow(x, y) * log(where(flat, 1, x))));
                  }
                  return {dx, dy};
                });
}

Tensor pow(const Tensor& base, Scalar exponent) {
  const profile_scope scope("pow");
  const Cast cast = promoted("pow", base, exponent);
  const Tensor& a = cast.get();
  refuse_bool("pow", a);
  const double e = exponent.to_double();
  check(is_floating(a.dtype()) || e >= 0,
        "pow: integers can't be raised to a negative power; convert the base to a floating dtype");
  const Tensor y =
      is_floating(a.dtype()) ? unary(UnaryOp::pow, a, {e, 0}) : binary(BinaryOp::pow, a, exponent);
  return traced("pow",
                record("pow", y, {a},
                       [e, a = save(a)](const Tensor& g, Needs) -> Grads {
                         if (e == 0) return zeros_like(g);
                         return mul(g, mul(pow(a.get(), e - 1), e));
                       }),
                {a}, other(exponent));
}

Tensor pow(Scalar base, const Tensor& exponent) {
  check_defined("pow", exponent);
  return pow(number("pow", base, promote_scalar(exponent.dtype(), base.dtype())), exponent);
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  return of_two("maximum", BinaryOp::maximum, a, b, Takes::all, shared(CompareOp::lt));
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return of_two("minimum", BinaryOp::minimum, a, b, Takes::all, shared(CompareOp::gt));
}

Tensor operator+(TensorArg a, TensorArg b) {
  return from_spare(sum_of(a.get(), b.get(), {a, b}), a, b);
}
Tensor operator+(TensorArg a, Scalar b) { return from_spare(sum_of(a.get(), b, a), a); }
Tensor operator+(Scalar a, TensorArg b) { return from_spare(sum_of(b.get(), a, b), b); }
Tensor operator-(TensorArg a, TensorArg b) {
  return from_spare(difference_of(a.get(), b.get(), {a, b}), a, b);
}
Tensor operator-(TensorArg a, Scalar b) { return from_spare(difference_of(a.get(), b, a), a); }
Tensor operator-(Scalar a, TensorArg b) { return from_spare(difference_of(a, b.get(), b), b); }
Tensor operator*(TensorArg a, TensorArg b) {
  return from_spare(product_of(a.get(), b.get(), {a, b}), a, b);
}
Tensor operator*(TensorArg a, Scalar b) { return from_spare(product_of(a.get(), b, a), a); }
Tensor operator*(Scalar a, TensorArg b) { return from_spare(product_of(b.get(), a, b), b); }
Tensor operator/(TensorArg a, TensorArg b) {
  return from_spare(quotient_of(a.get(), b.get(), {a, b}), a, b);
}
Tensor operator/(TensorArg a, Scalar b) { return from_spare(quotient_of(a.get(), b, a), a); }
Tensor operator/(Scalar a, TensorArg b) { return from_spare(quotient_of(a, b.get(), b), b); }

// --- Comparison ---------------------------------------------------------------------------------

namespace {

Tensor compare(const char* name, CompareOp op, const Tensor& x, const Tensor& y) {
  const Operands both(name, x, y);
  const Tensor &a = both.a(), &b = both.b();
  return compared(name, op, a, b);
}

Tensor compare(const char* name, CompareOp op, const Tensor& x, Scalar s) {
  const no_grad guard;
  check_defined(name, x);
  if (x.dtype() == boolean && s.dtype() == int64 && (s.to_int64() & ~1) == 0)
    s = s.to_int64() == 1;  // as truth values, without a conversion
  const Cast cast = promoted(name, x, s);
  const Tensor& a = cast.get();
  if (is_held(s, a.dtype())) return compared(name, op, a, number(name, s, a.dtype()));
  const DType wide = a.is_floating_point() ? float64 : int64;  // holds both
  return compared(name, op, a.to(wide), number(name, s, wide));
}

}  // namespace

Tensor eq(const Tensor& a, const Tensor& b) { return compare("eq", CompareOp::eq, a, b); }
Tensor eq(const Tensor& a, Scalar b) { return compare("eq", CompareOp::eq, a, b); }
Tensor ne(const Tensor& a, const Tensor& b) { return compare("ne", CompareOp::ne, a, b); }
Tensor ne(const Tensor& a, Scalar b) { return compare("ne", CompareOp::ne, a, b); }
Tensor lt(const Tensor& a, const Tensor& b) { return compare("lt", CompareOp::lt, a, b); }
Tensor lt(const Tensor& a, Scalar b) { return compare("lt", CompareOp::lt, a, b); }
Tensor le(const Tensor& a, const Tensor& b) { return compare("le", CompareOp::le, a, b); }
Tensor le(const Tensor& a, Scalar b) { return compare("le", CompareOp::le, a, b); }
Tensor gt(const Tensor& a, const Tensor& b) { return compare("gt", CompareOp::gt, a, b); }
Tensor gt(const Tensor& a, Scalar b) { return compare("gt", CompareOp::gt, a, b); }
Tensor ge(const Tensor& a, const Tensor& b) { return compare("ge", CompareOp::ge, a, b); }
Tensor ge(const Tensor& a, Scalar b) { return compare("ge", CompareOp::ge, a, b); }
Tensor operator==(const Tensor& a, const Tensor& b) { return eq(a, b); }
Tensor operator==(const Tensor& a, Scalar b) { return eq(a, b); }
Tensor operator==(Scalar a, const Tensor& b) { return eq(b, a); }
Tensor operator!=(const Tensor& a, const Tensor& b) { return ne(a, b); }
Tensor operator!=(const Tensor& a, Scalar b) { return ne(a, b); }
Tensor operator!=(Scalar a, const Tensor& b) { return ne(b, a); }
Tensor operator<(const Tensor& a, const Tensor& b) { return lt(a, b); }
Tensor operator<(const Tensor& a, Scalar b) { return lt(a, b); }
Tensor operator<(Scalar a, const Tensor& b) { return gt(b, a); }
Tensor operator<=(const Tensor& a, const Tensor& b) { return le(a, b); }
Tensor operator<=(const Tensor& a, Scalar b) { return le(a, b); }
Tensor operator<=(Scalar a, const Tensor& b) { return ge(b, a); }
Tensor operator>(const Tensor& a, const Tensor& b) { return gt(a, b); }
Tensor operator>(const Tensor& a, Scalar b) { return gt(a, b); }
Tensor operator>(Scalar a, const Tensor& b) { return lt(b, a); }
Tensor operator>=(const Tensor& a, const Tensor& b) { return ge(a, b); }
Tensor operator>=(const Tensor& a, Scalar b) { return ge(a, b); }
Tensor operator>=(Scalar a, const Tensor& b) { return le(b, a); }

Tensor logical_not(const Tensor& x) { return eq(x, false); }
Tensor logical_and(const Tensor& a, const Tensor& b) {
  return logical("logical_and", CompareOp::both, a, b);
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
  return logical("logical_or", CompareOp::either, a, b);
}
Tensor isnan(const Tensor& x) { return ne(x, x); }
Tensor isfinite(const Tensor& x) {
  check_defined("isfinite", x);
  if (!x.is_floating_point()) return full(x.shape(), true, boolean);
  return lt(x.detach().abs(), std::numeric_limits<double>::infinity());
}

bool equal(const Tensor& a, const Tensor& b) {
  check_defined("equal", a, b);
  return a.shape() == b.shape() && a.dtype() == b.dtype() && eq(a, b).all().item<bool>();
}

// --- Choice -------------------------------------------------------------------------------------

Tensor where(const Tensor& mask, const Tensor& x, const Tensor& y) {
  const profile_scope scope("where");
  check_defined("where", mask);
  check<DTypeError>(mask.dtype() == boolean, "where: expected a bool mask, got {}", mask.dtype());
  const Operands both("where", x, y);
  const Tensor &a = both.a(), &b = both.b();
  const Shape shape =
      broadcast_shapes(broadcast_shapes(a.shape(), b.shape(), "where"), mask.shape(), "where");
  const Tensor& like = b.shape() == shape && a.shape() != shape ? b : a;
  Tensor out = like.shape() == shape ? empty_like(like) : empty(shape, a.dtype());
  kernels::where(a.dtype(), shape, operand(mask, shape), operand(a, shape), operand(b, shape),
                 operand(out, shape));
  return traced("where",
                record("where", out, {a, b},
                       [mask = save(mask)](const Tensor& g, Needs needs) -> Grads {
                         return {needs[0] ? where(mask.get(), g, 0) : Tensor(),
                                 needs[1] ? where(mask.get(), 0, g) : Tensor()};
                       }),
                {mask, a, b});
}

Tensor where(const Tensor& mask, const Tensor& a, Scalar b) {
  check_defined("where", a);
  return where(mask, a, number("where", b, promote_scalar(a.dtype(), b.dtype())));
}
Tensor where(const Tensor& mask, Scalar a, const Tensor& b) {
  check_defined("where", b);
  return where(mask, number("where", a, promote_scalar(b.dtype(), a.dtype())), b);
}
Tensor where(const Tensor& mask, Scalar a, Scalar b) {
  return where(mask, full({}, a), full({}, b));
}

}  // namespace rw
