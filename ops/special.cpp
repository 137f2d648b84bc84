#include <rewind/ops/special.h>

#include <cmath>

#include <rewind/ops/pointwise_forms.h>

namespace rw {

using namespace detail;

// --- Angles -------------------------------------------------------------------------------------

Tensor tan(const Tensor& x) {
  return by_result("tan", UnaryOp::tan, x, [](const Tensor& y) { return square(y) + 1; });
}
Tensor asin(const Tensor& x) {
  return by_input("asin", UnaryOp::asin, x, [](const Tensor& t) { return rsqrt(1 - square(t)); });
}
Tensor acos(const Tensor& x) {
  return by_input("acos", UnaryOp::acos, x, [](const Tensor& t) { return -rsqrt(1 - square(t)); });
}
Tensor atan(const Tensor& x) {
  return by_input("atan", UnaryOp::atan, x,
                  [](const Tensor& t) { return reciprocal(square(t) + 1); });
}

// dy = g x / r^2, dx = -g y / r^2 with r^2 = x^2 + y^2, which may overflow or vanish by itself.
Tensor atan2(const Tensor& y, const Tensor& x) {
  const auto grads = [](const Tensor& g, const Tensor& y, const Tensor& x, Needs needs) -> Grads {
    const Tensor r = hypot(x, y), at_zero = eq(r, 0);
    const Tensor s = where(at_zero, 1, r), share = where(at_zero, 0, g / s);
    return {needs[0] ? x / s * share : Tensor(), needs[1] ? -(y / s * share) : Tensor()};
  };
  return of_two("atan2", BinaryOp::atan2, y, x, Takes::converted, grads);
}

Tensor sinh(const Tensor& x) {
  return by_input("sinh", UnaryOp::sinh, x, [](const Tensor& t) { return cosh(t); });
}
Tensor cosh(const Tensor& x) {
  return by_input("cosh", UnaryOp::cosh, x, [](const Tensor& t) { return sinh(t); });
}
Tensor asinh(const Tensor& x) {
  return by_input("asinh", UnaryOp::asinh, x,
                  [](const Tensor& t) { return 1 / hypot(t, scalar_tensor(1, t.dtype())); });
}
// (x - 1) (x + 1) has its digits near 1, and its roots don't overflow.
Tensor acosh(const Tensor& x) {
  return by_input("acosh", UnaryOp::acosh, x,
                  [](const Tensor& t) { return rsqrt(t - 1) * rsqrt(t + 1); });
}
Tensor atanh(const Tensor& x) {
  return by_input("atanh", UnaryOp::atanh, x,
                  [](const Tensor& t) { return reciprocal((1 - t) * (t + 1)); });
}

Tensor deg2rad(const Tensor& x) { return as_floating("deg2rad", x) * 0.017453292519943295; }
Tensor rad2deg(const Tensor& x) { return as_floating("rad2deg", x) * 57.295779513082323; }

Tensor hypot(const Tensor& x, const Tensor& y) {
  const profile_scope scope("hypot");
  const Operands both("hypot", x, y);
  const Tensor &a = both.a(), &b = both.b();
  check_takes("hypot", Takes::floating, a.dtype());
  const Tensor r = binary("hypot", BinaryOp::hypot, a, b);
  return record(
      "hypot", r, {a, b},
      [a = save(a), b = save(b), r = save_result(r)](const Tensor& g, Needs needs) -> Grads {
        const Tensor r0 = r.get();
        return {needs[0] ? a.get() / r0 * g : Tensor(), needs[1] ? b.get() / r0 * g : Tensor()};
      });
}

// --- Exponentials and logarithms ----------------------------------------------------------------

Tensor exp2(const Tensor& x) {
  return by_result("exp2", UnaryOp::exp2, x,
                   [](const Tensor& y) { return y * 0.69314718055994531; });
}
Tensor log2(const Tensor& x) {
  return by_input("log2", UnaryOp::log2, x, [](const Tensor& t) { return 1.4426950408889634 / t; });
}
Tensor log10(const Tensor& x) {
  return by_input("log10", UnaryOp::log10, x,
                  [](const Tensor& t) { return 0.43429448190325183 / t; });
}

// 1 / (x (1 - x)); with bounds 0 beyond them.
Tensor logit(const Tensor& x, std::optional<double> eps) {
  const double low = eps.value_or(-1), high = 1 - low;
  const auto slope = [=](const Tensor& t) {
    const Tensor inner = reciprocal(t * (1 - t));
    return low < 0 ? where(logical_or(lt(t, 0), gt(t, 1)), NAN, inner)
                   : where(logical_and(ge(t, low), le(t, high)), inner, 0);
  };
  return by_input("logit", UnaryOp::logit, x, slope, {low, high});
}

Tensor xlogy(const Tensor& x, const Tensor& y) {
  const auto grads = [](const Tensor& g, const Tensor& x, const Tensor& y, Needs needs) -> Grads {
    const auto flat = [&] { return logical_and(eq(x, 0), le(y, 0)); };
    return {needs[0] ? where(flat(), 0, g * log(where(flat(), 1, y))) : Tensor(),
            needs[1] ? x / y * g : Tensor()};
  };
  return of_two("xlogy", BinaryOp::xlogy, x, y, Takes::converted, grads);
}
Tensor xlogy(const Tensor& x, Scalar y) {
  const Tensor in = as_floating("xlogy", x);
  return xlogy(in, beside("xlogy", in, y));
}
Tensor xlogy(Scalar x, const Tensor& y) {
  const Tensor in = as_floating("xlogy", y);
  return xlogy(beside("xlogy", in, x), in);
}

Tensor xlog1py(const Tensor& x, const Tensor& y) {
  const auto grads = [](const Tensor& g, const Tensor& x, const Tensor& y, Needs needs) -> Grads {
    const auto flat = [&] { return logical_and(eq(x, 0), le(y, -1)); };
    return {needs[0] ? where(flat(), 0, g * log1p(where(flat(), 0, y))) : Tensor(),
            needs[1] ? x / (y + 1) * g : Tensor()};
  };
  return of_two("xlog1py", BinaryOp::xlog1py, x, y, Takes::converted, grads);
}
Tensor xlog1py(const Tensor& x, Scalar y) {
  const Tensor in = as_floating("xlog1py", x);
  return xlog1py(in, beside("xlog1py", in, y));
}
Tensor xlog1py(Scalar x, const Tensor& y) {
  const Tensor in = as_floating("xlog1py", y);
  return xlog1py(beside("xlog1py", in, x), in);
}

namespace {

// The shares of both operands are sigmoids of their distance, which equal infinities have as well.
Tensor log_of_sum(const char* name, BinaryOp op, double scale, const Tensor& a, const Tensor& b) {
  const auto grads = [scale](const Tensor& g, const Tensor& a, const Tensor& b,
                             Needs needs) -> Grads {
    const Tensor alike = logical_and(eq(a, b), eq(abs(a.detach()), INFINITY));
    const Tensor distance = where(alike, 0, (a - b) * scale);
    return {needs[0] ? g * sigmoid(distance) : Tensor(),
            needs[1] ? g * sigmoid(-distance) : Tensor()};
  };
  return of_two(name, op, a, b, Takes::floating, grads);
}

}  // namespace

Tensor logaddexp(const Tensor& a, const Tensor& b) {
  return log_of_sum("logaddexp", BinaryOp::logaddexp, 1, a, b);
}
Tensor logaddexp2(const Tensor& a, const Tensor& b) {
  return log_of_sum("logaddexp2", BinaryOp::logaddexp2, 0.69314718055994531, a, b);
}

// (cos(pi x) - sinc(x)) / x, or, near 0, where its digits cancel, its series.
Tensor sinc(const Tensor& x) {
  const auto slope = [](const Tensor& t) {
    constexpr double pi = 3.1415926535897932;
    const Tensor near = lt(abs(t.detach()), 0.08);
    const Tensor z = where(near, t * pi, 0), zz = square(z), s = where(near, 1, t);
    const Tensor rest = (zz * (1 / 3991680.0) - 1 / 45360.0) * zz + 1 / 840.0;
    const Tensor series = z * pi * ((1 / 30.0 - rest * zz) * zz - 1 / 3.0);
    return where(near, series, (cos(s * pi) - sinc(s)) / s);
  };
  return by_input("sinc", UnaryOp::sinc, x, slope);
}

// --- Error and gamma functions ------------------------------------------------------------------

// -2 / sqrt(pi) exp(-x^2)
Tensor erfc(const Tensor& x) {
  return by_input("erfc", UnaryOp::erfc, x,
                  [](const Tensor& t) { return exp(neg(square(t))) * -1.1283791670955126; });
}
// sqrt(pi) / 2 exp(y^2)
Tensor erfinv(const Tensor& x) {
  return by_result("erfinv", UnaryOp::erfinv, x,
                   [](const Tensor& y) { return exp(square(y)) * 0.88622692545275801; });
}
Tensor lgamma(const Tensor& x) {
  return by_input("lgamma", UnaryOp::lgamma, x, [](const Tensor& t) { return digamma(t); });
}
Tensor digamma(const Tensor& x) {
  return by_input("digamma", UnaryOp::digamma, x, [](const Tensor& t) { return polygamma(1, t); });
}
Tensor polygamma(int64_t n, const Tensor& x) {
  check(n >= 0, "polygamma: expected a derivative n >= 0, got {}", n);
  if (n == 0) return digamma(x);
  const UnaryOp op = n == 1 ? UnaryOp::trigamma : UnaryOp::polygamma;
  const auto slope = [n](const Tensor& t) { return polygamma(n + 1, t); };
  return by_input("polygamma", op, x, slope, {static_cast<double>(n)});
}

}  // namespace rw
