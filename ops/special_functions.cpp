#include <rewind/ops/special_functions.h>

#include <cmath>

#include <rewind/ops/pointwise_forms.h>

namespace rw {

using namespace detail;

namespace {

// Of two operands, with the derivative by the second one: slope(a, x).
template <class Slope>
Tensor by_second(const char* name, BinaryOp op, const Tensor& a, const Tensor& x, Takes takes,
                 Slope slope) {
  const auto grads = [=](const Tensor& g, const Tensor& a, const Tensor& x, Needs needs) -> Grads {
    check(!needs[0], "{}: there is no derivative by the first argument", name);
    return {Tensor(), g * slope(a, x)};
  };
  return of_two(name, op, a, x, takes, grads);
}

// x^(a - 1) exp(-x) / gamma(a)
Tensor gamma_density(const Tensor& a, const Tensor& x) {
  return exp(xlogy(a - 1, x) - x - lgamma(a));
}

}  // namespace

// --- Parts of numbers ---------------------------------------------------------------------------

std::pair<Tensor, Tensor> frexp(const Tensor& x) {
  const profile_scope scope("frexp");
  check_floating("frexp", x);
  const auto [parts, exponent] = [&] {
    const no_grad guard;
    return std::pair{unary(UnaryOp::frexp_mantissa, x), unary(UnaryOp::frexp_exponent, x)};
  }();
  const Tensor mantissa =
      record("frexp", parts, {x},
             [e = save(exponent)](const Tensor& g, Needs) -> Grads { return ldexp(g, -e.get()); });
  return {mantissa, exponent.to(int32)};
}

Tensor ldexp(const Tensor& x, const Tensor& other) {
  check_defined("ldexp", x, other);
  if (other.is_floating_point()) return x * exp2(other);
  if (!x.is_floating_point()) return x * pow(2.0, other);
  // A power may be beyond what x's dtype holds, though the product is not.
  return (x * pow(2.0, other.to(float64))).to(x.dtype());
}

// --- Bessel functions ----------------------------------------------------------------------------

Tensor i0(const Tensor& x) {
  return by_input("i0", UnaryOp::i0, x, [](const Tensor& t) { return special::i1(t); });
}
Tensor special::i0e(const Tensor& x) {
  return by_input("i0e", UnaryOp::i0e, x,
                  [](const Tensor& t) { return i1e(t) - sign(t) * i0e(t); });
}
// i0(x) - i1(x) / x
Tensor special::i1(const Tensor& x) {
  return by_input("i1", UnaryOp::i1, x, [](const Tensor& t) {
    const Tensor at_zero = eq(t, 0), s = where(at_zero, 1, t);
    return where(at_zero, 0.5, i0(t) - i1(s) / s);
  });
}
Tensor special::i1e(const Tensor& x) {
  return by_input("i1e", UnaryOp::i1e, x, [](const Tensor& t) {
    const Tensor at_zero = eq(t, 0), s = where(at_zero, 1, t);
    return where(at_zero, 0.5, i0e(t) - i1e(s) * (sign(s) + reciprocal(s)));
  });
}

// --- Of the normal distribution ------------------------------------------------------------------

Tensor special::entr(const Tensor& x) {
  return by_input("entr", UnaryOp::entr, x, [](const Tensor& t) { return -1 - log(t); });
}
// 2 x y - 2 / sqrt(pi)
Tensor special::erfcx(const Tensor& x) {
  return by_input("erfcx", UnaryOp::erfcx, x,
                  [](const Tensor& t) { return t * erfcx(t) * 2 - 1.1283791670955126; });
}
// exp(-x^2 / 2) / sqrt(2 pi)
Tensor special::ndtr(const Tensor& x) {
  return by_input("ndtr", UnaryOp::ndtr, x,
                  [](const Tensor& t) { return exp(square(t) * -0.5) * 0.39894228040143268; });
}
// The density over ndtr(x), which is exp(-x^2 / 2) erfcx(-x / sqrt(2)) / 2: the exponentials cancel
// below 0, and above it would overflow.
Tensor special::log_ndtr(const Tensor& x) {
  return by_input("log_ndtr", UnaryOp::log_ndtr, x, [](const Tensor& t) {
    const Tensor right = gt(t, 0), above = where(right, t, 0), below = where(right, 0, t);
    const Tensor density = exp(square(above) * -0.5) * 0.39894228040143268;
    return where(right, density / ndtr(above),
                 0.79788456080286536 / erfcx(below * -0.70710678118654752));
  });
}
// sqrt(2 pi) exp(y^2 / 2)
Tensor special::ndtri(const Tensor& x) {
  return by_result("ndtri", UnaryOp::ndtri, x,
                   [](const Tensor& y) { return exp(square(y) * 0.5) * 2.5066282746310005; });
}

// --- Gamma and zeta functions --------------------------------------------------------------------

Tensor igamma(const Tensor& a, const Tensor& x) {
  return by_second("igamma", BinaryOp::igamma, a, x, Takes::floating, gamma_density);
}
Tensor igammac(const Tensor& a, const Tensor& x) {
  return by_second("igammac", BinaryOp::igammac, a, x, Takes::floating,
                   [](const Tensor& a, const Tensor& x) { return -gamma_density(a, x); });
}

// log(pi) p (p - 1) / 4 and the sum of lgamma(x - k / 2) for k < p.
Tensor mvlgamma(const Tensor& x, int64_t p) {
  const profile_scope scope("mvlgamma");
  refuse_bool("mvlgamma", x);
  check(p >= 1, "mvlgamma: expected a dimension p >= 1, got {}", p);
  const Tensor in = as_floating("mvlgamma", x);
  const DType computed = in.dtype() == float64 ? float64 : float32;
  const Tensor steps = arange(p, computed) * 0.5;
  const auto dimension = static_cast<double>(p);
  const double rest = 1.1447298858494002 * dimension * (dimension - 1) / 4;
  return (sum(lgamma(in.to(computed).unsqueeze(-1) - steps), -1) + rest).to(in.dtype());
}

Tensor special::zeta(const Tensor& s, const Tensor& x) {
  return by_second("zeta", BinaryOp::zeta, s, x, Takes::converted,
                   [](const Tensor& s, const Tensor& x) { return -s * zeta(s + 1, x); });
}
Tensor special::zeta(const Tensor& s, Scalar x) {
  const Tensor in = as_floating("zeta", s);
  return zeta(in, beside("zeta", in, x));
}
Tensor special::zeta(Scalar s, const Tensor& x) {
  const Tensor in = as_floating("zeta", x);
  return zeta(beside("zeta", in, s), in);
}

}  // namespace rw
