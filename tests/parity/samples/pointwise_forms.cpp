#include <rewind/ops/activation_inplace.h>
#include <rewind/ops/bessel.h>
#include <rewind/ops/polynomials.h>

#include "forms.h"

namespace rw::test {
namespace {

#define SPECIAL(name) FORM("special." #name, special::name(a.t(0)))
#define SPECIAL_BINARY(name)                                                         \
  FORM("special." #name, of_two(                                                     \
                             a, [](const auto& x, const auto& y) requires requires { \
                               special::name(x, y);                                  \
                             } { return special::name(x, y); }))
// Python's operators with a number on the left: x comes first.
#define REFLECTED(name, expression)                                                   \
  FORM("__" #name "__", of_two(                                                       \
                            a, [](const Tensor& x, const auto& y) requires requires { \
                              expression;                                             \
                            } { return expression; }))

Rounding rounding(Args& a) {
  return named<Rounding>(
      a.word(2, "rounding_mode", "none"),
      {{"none", Rounding::none}, {"trunc", Rounding::trunc}, {"floor", Rounding::floor}});
}

Out added(Args& a) {
  if (!a.is_tensor(1, "other") && !a.has(1000, "alpha")) return add(a.t(0), a.number(1, "other"));
  if (!a.is_tensor(1, "other"))
    return add(a.t(0), full({}, a.number(1, "other")), a.number(1000, "alpha"));
  return add(a.t(0), a.t(1, "other"), a.number(1000, "alpha", 1));
}
Out subtracted(Args& a) {
  if (!a.is_tensor(1, "other") && !a.has(1000, "alpha")) return sub(a.t(0), a.number(1, "other"));
  if (!a.is_tensor(1, "other"))
    return sub(a.t(0), full({}, a.number(1, "other")), a.number(1000, "alpha"));
  return sub(a.t(0), a.t(1, "other"), a.number(1000, "alpha", 1));
}
Out subtracted_from(Args& a) {
  if (a.is_tensor(1, "other")) return rsub(a.t(0), a.t(1, "other"), a.number(1000, "alpha", 1));
  return rsub(a.t(0), a.number(1, "other"), a.number(1000, "alpha", 1));
}
Out added_in_place(Args& a) {
  if (!a.is_tensor(1, "other") && !a.has(1000, "alpha")) return a.y().add_(a.number(1, "other"));
  return a.y().add_(a.is_tensor(1, "other") ? a.t(1) : full({}, a.number(1, "other")),
                    a.number(1000, "alpha", 1));
}
Out subtracted_in_place(Args& a) {
  if (!a.is_tensor(1, "other") && !a.has(1000, "alpha")) return a.y().sub_(a.number(1, "other"));
  return a.y().sub_(a.is_tensor(1, "other") ? a.t(1) : full({}, a.number(1, "other")),
                    a.number(1000, "alpha", 1));
}

// A bound by a tensor or a number; the other one may be missing.
Out clamped(Args& a, bool in_place) {
  if (a.is_tensor(1, "min") || a.is_tensor(2, "max"))
    return in_place ? a.y().clamp_(a.t(1, "min"), a.t(2, "max"))
                    : clamp(a.t(0), a.t(1, "min"), a.t(2, "max"));
  return in_place ? a.y().clamp_(a.opt_f(1, "min"), a.opt_f(2, "max"))
                  : clamp(a.t(0), a.opt_f(1, "min"), a.opt_f(2, "max"));
}
template <class F>
Out bounded(Args& a, const char* name, const F& f) {
  return a.is_tensor(1, name) ? f(a.t(1)) : f(a.f(1, name));
}

Out interpolated(Args& a) {
  return a.is_tensor(2, "weight") ? lerp(a.t(0), a.t(1, "end"), a.t(2))
                                  : lerp(a.t(0), a.t(1, "end"), a.f(2, "weight"));
}
Out interpolated_in_place(Args& a) {
  return a.is_tensor(2, "weight") ? a.y().lerp_(a.t(1, "end"), a.t(2))
                                  : a.y().lerp_(a.t(1, "end"), a.f(2, "weight"));
}

const JoinedForms unary({
    UNARY_BOTH(abs),
    UNARY_BOTH(acos),
    UNARY_BOTH(acosh),
    UNARY_BOTH(asin),
    UNARY_BOTH(asinh),
    UNARY_BOTH(atan),
    UNARY_BOTH(atanh),
    UNARY_BOTH(bitwise_not),
    UNARY_BOTH(ceil),
    UNARY_BOTH(cos),
    UNARY_BOTH(cosh),
    UNARY_BOTH(deg2rad),
    UNARY_BOTH(exp),
    UNARY_BOTH(floor),
    UNARY_BOTH(frac),
    UNARY_BOTH(i0),
    UNARY_BOTH(log1p),
    UNARY_BOTH(log),
    UNARY_BOTH(log10),
    UNARY_BOTH(log2),
    UNARY_BOTH(logical_not),
    UNARY_BOTH(neg),
    UNARY_BOTH(rad2deg),
    UNARY_BOTH(sin),
    UNARY_BOTH(sinc),
    UNARY_BOTH(sinh),
    UNARY_BOTH(sign),
    UNARY_BOTH(sgn),
    UNARY_BOTH(tan),
    UNARY_BOTH(tanh),
    UNARY_BOTH(trunc),
    UNARY_BOTH(exp2),
    UNARY_BOTH(expm1),
    UNARY_BOTH(reciprocal),
    UNARY_BOTH(rsqrt),
    UNARY_BOTH(sqrt),
    UNARY_BOTH(square),
    UNARY_BOTH(sigmoid),
    UNARY_BOTH(digamma),
    UNARY_BOTH(erf),
    UNARY_BOTH(erfc),
    UNARY_BOTH(erfinv),
    UNARY_BOTH(lgamma),
    UNARY(positive),
    UNARY(isfinite),
    UNARY(isinf),
    UNARY(isposinf),
    UNARY(isneginf),
    UNARY(isnan),
    UNARY(signbit),
    UNARY(frexp),
    FORM("round",
         a.has(1000, "decimals") ? rw::round(a.t(0), a.i(1000, "decimals")) : rw::round(a.t(0))),
    FORM("round_", a.has(1000, "decimals") ? a.y().round_(a.i(1000, "decimals")) : a.y().round_()),
    FORM("logit", logit(a.t(0), a.opt_f(1, "eps"))),
    FORM("logit_", a.y().logit_(a.opt_f(1, "eps"))),
    FORM("nan_to_num",
         nan_to_num(a.t(0), a.f(1, "nan", 0), a.opt_f(2, "posinf"), a.opt_f(3, "neginf"))),
    FORM("nan_to_num_",
         a.y().nan_to_num_(a.f(1, "nan", 0), a.opt_f(2, "posinf"), a.opt_f(3, "neginf"))),
    FORM("polygamma",
         a.is_tensor(0, "input") ? polygamma(a.i(1, "n"), a.t(0)) : polygamma(a.i(0, "n"), a.t(1))),
    FORM("polygamma_", a.y().polygamma_(a.i(1, "n"))),
    FORM("special.polygamma",
         a.is_tensor(0, "input") ? polygamma(a.i(1, "n"), a.t(0)) : polygamma(a.i(0, "n"), a.t(1))),
    FORM("mvlgamma", mvlgamma(a.t(0), a.i(1, "p"))),
    FORM("mvlgamma_", a.y().mvlgamma_(a.i(1, "p"))),
    SPECIAL(i0e),
    SPECIAL(i1),
    SPECIAL(i1e),
    SPECIAL(ndtr),
    SPECIAL(entr),
    SPECIAL(ndtri),
    SPECIAL(log_ndtr),
    SPECIAL(erfcx),
    SPECIAL(airy_ai),
    SPECIAL(bessel_j0),
    SPECIAL(bessel_j1),
    SPECIAL(bessel_y0),
    SPECIAL(bessel_y1),
    SPECIAL(modified_bessel_i0),
    SPECIAL(modified_bessel_i1),
    SPECIAL(modified_bessel_k0),
    SPECIAL(modified_bessel_k1),
    SPECIAL(scaled_modified_bessel_k0),
    SPECIAL(scaled_modified_bessel_k1),
    SPECIAL(spherical_bessel_j0),
});

const JoinedForms binary({
    BINARY_BOTH(mul),
    BINARY_BOTH(eq),
    BINARY_BOTH(ne),
    BINARY_BOTH(lt),
    BINARY_BOTH(le),
    BINARY_BOTH(gt),
    BINARY_BOTH(ge),
    BINARY_BOTH(atan2),
    BINARY_BOTH(copysign),
    BINARY_BOTH(true_divide),
    BINARY(fmax),
    BINARY(fmin),
    BINARY_BOTH(fmod),
    BINARY_BOTH(remainder),
    BINARY_BOTH(floor_divide),
    BINARY_BOTH(ldexp),
    BINARY(logaddexp),
    BINARY(logaddexp2),
    BINARY(maximum),
    BINARY(minimum),
    BINARY_BOTH(logical_and),
    BINARY_BOTH(logical_or),
    BINARY_BOTH(logical_xor),
    BINARY_BOTH(bitwise_and),
    BINARY_BOTH(bitwise_or),
    BINARY_BOTH(bitwise_xor),
    BINARY_BOTH(bitwise_left_shift),
    BINARY_BOTH(bitwise_right_shift),
    BINARY_BOTH(heaviside),
    BINARY_BOTH(lcm),
    BINARY_BOTH(gcd),
    BINARY_BOTH(igamma),
    BINARY_BOTH(igammac),
    BINARY_BOTH(nextafter),
    BINARY_BOTH(hypot),
    BINARY_BOTH(xlogy),
    BINARY_BOTH(pow),
    BINARY_BOTH(float_power),
    FORM("max.binary", max(a.t(0), a.t(1, "other"))),
    FORM("min.binary", min(a.t(0), a.t(1, "other"))),
    FORM("add", added(a)),
    FORM("add_", added_in_place(a)),
    FORM("sub", subtracted(a)),
    FORM("sub_", subtracted_in_place(a)),
    FORM("rsub", subtracted_from(a)),
    FORM("div",
         of_two(a, [r = rounding(a)](const Tensor& x, const auto& y) { return div(x, y, r); })),
    FORM("div_",
         changed_by(a, [r = rounding(a)](Tensor& x, const auto& y) { return x.div_(y, r); })),
    REFLECTED(radd, y + x),
    REFLECTED(rmul, y* x),
    REFLECTED(rdiv, y / x),
    REFLECTED(rand, y& x),
    REFLECTED(ror, y | x),
    REFLECTED(rxor, y ^ x),
    REFLECTED(rmod, y % x),
    REFLECTED(rpow, pow(y, x)),
    REFLECTED(rsub, y - x),
    FORM("clamp", clamped(a, false)),
    FORM("clamp_", clamped(a, true)),
    FORM("clamp_min", bounded(a, "min", [&](const auto& v) { return clamp_min(a.t(0), v); })),
    FORM("clamp_max", bounded(a, "max", [&](const auto& v) { return clamp_max(a.t(0), v); })),
    FORM("clamp_min_", bounded(a, "min", [&](const auto& v) { return a.y().clamp_min_(v); })),
    FORM("clamp_max_", bounded(a, "max", [&](const auto& v) { return a.y().clamp_max_(v); })),
    FORM("lerp", interpolated(a)),
    FORM("lerp_", interpolated_in_place(a)),
    FORM("addcmul", addcmul(a.t(0), a.t(1), a.t(2), a.number(1000, "value", 1))),
    FORM("addcdiv", addcdiv(a.t(0), a.t(1), a.t(2), a.number(1000, "value", 1))),
    FORM("addcmul_", a.y().addcmul_(a.t(1), a.t(2), a.number(1000, "value", 1))),
    FORM("addcdiv_", a.y().addcdiv_(a.t(1), a.t(2), a.number(1000, "value", 1))),
    FORM("isclose",
         isclose(a.t(0), a.t(1), a.f(2, "rtol", 1e-5), a.f(3, "atol", 1e-8), a.b(4, "equal_nan"))),
    FORM("allclose",
         allclose(a.t(0), a.t(1), a.f(2, "rtol", 1e-5), a.f(3, "atol", 1e-8), a.b(4, "equal_nan"))),
    FORM("equal", equal(a.t(0), a.t(1))),
    SPECIAL_BINARY(xlog1py),
    SPECIAL_BINARY(zeta),
    SPECIAL_BINARY(chebyshev_polynomial_t),
    SPECIAL_BINARY(chebyshev_polynomial_u),
    SPECIAL_BINARY(chebyshev_polynomial_v),
    SPECIAL_BINARY(chebyshev_polynomial_w),
    SPECIAL_BINARY(shifted_chebyshev_polynomial_t),
    SPECIAL_BINARY(shifted_chebyshev_polynomial_u),
    SPECIAL_BINARY(shifted_chebyshev_polynomial_v),
    SPECIAL_BINARY(shifted_chebyshev_polynomial_w),
    SPECIAL_BINARY(hermite_polynomial_h),
    SPECIAL_BINARY(hermite_polynomial_he),
    SPECIAL_BINARY(laguerre_polynomial_l),
    SPECIAL_BINARY(legendre_polynomial_p),
});

const JoinedForms activations({
    FORM("nn.functional.relu", relu(a.t(0))),
    FORM("nn.functional.relu_", relu_(a.y())),
    FORM("nn.functional.relu6_", relu6_(a.y())),
    FORM("nn.functional.hardswish_", hardswish_(a.y())),
    FORM("nn.functional.hardsigmoid_", hardsigmoid_(a.y())),
    FORM("nn.functional.silu_", silu_(a.y())),
    FORM("nn.functional.mish_", mish_(a.y())),
    FORM("nn.functional.selu_", selu_(a.y())),
    FORM("nn.functional.elu_", elu_(a.y(), a.f(1, "alpha", 1))),
    FORM("nn.functional.celu_", celu_(a.y(), a.f(1, "alpha", 1))),
    FORM("nn.functional.leaky_relu_", leaky_relu_(a.y(), a.f(1, "negative_slope", 0.01))),
    FORM("nn.functional.hardtanh_", hardtanh_(a.y(), a.f(1, "min_val", -1), a.f(2, "max_val", 1))),
    FORM("nn.functional.threshold_", threshold_(a.y(), a.f(1, "threshold"), a.f(2, "value"))),
    FORM("nn.functional.rrelu_",
         rrelu_(a.y(), a.f(1, "lower", 1. / 8), a.f(2, "upper", 1. / 3), a.b(3, "training"))),
    FORM("nn.functional.relu6", relu6(a.t(0))),
    FORM("nn.functional.hardswish", hardswish(a.t(0))),
    FORM("nn.functional.hardsigmoid", hardsigmoid(a.t(0))),
    FORM("nn.functional.silu", silu(a.t(0))),
    FORM("nn.functional.mish", mish(a.t(0))),
    FORM("nn.functional.softsign", softsign(a.t(0))),
    FORM("nn.functional.tanhshrink", tanhshrink(a.t(0))),
    FORM("nn.functional.logsigmoid", logsigmoid(a.t(0))),
    FORM("nn.functional.selu", selu(a.t(0))),
    FORM("nn.functional.elu", elu(a.t(0), a.f(1, "alpha", 1))),
    FORM("nn.functional.celu", celu(a.t(0), a.f(1, "alpha", 1))),
    FORM("nn.functional.leaky_relu", leaky_relu(a.t(0), a.f(1, "negative_slope", 0.01))),
    FORM("nn.functional.hardtanh", hardtanh(a.t(0), a.f(1, "min_val", -1), a.f(2, "max_val", 1))),
    FORM("nn.functional.hardshrink", hardshrink(a.t(0), a.f(1, "lambd", 0.5))),
    FORM("nn.functional.softshrink", softshrink(a.t(0), a.f(1, "lambd", 0.5))),
    FORM("nn.functional.threshold", threshold(a.t(0), a.f(1, "threshold"), a.f(2, "value"))),
    FORM("nn.functional.softplus", softplus(a.t(0), a.f(1, "beta", 1), a.f(2, "threshold", 20))),
    FORM("nn.functional.glu", glu(a.t(0), a.i(1, "dim", -1))),
    FORM("nn.functional.prelu", prelu(a.t(0), a.t(1, "weight"))),
    FORM("nn.functional.rrelu",
         rrelu(a.t(0), a.f(1, "lower", 1. / 8), a.f(2, "upper", 1. / 3), a.b(3, "training"))),
    FORM("nn.functional.gelu",
         gelu(a.t(0), named<Gelu>(a.word(1, "approximate", "none"),
                                  {{"none", Gelu::exact}, {"tanh", Gelu::tanh}}))),
});

}  // namespace
}  // namespace rw::test
