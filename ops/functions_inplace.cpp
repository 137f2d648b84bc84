#include <rewind/ops/activation.h>
#include <rewind/ops/arithmetic.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/inplace_forms.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/predicates.h>
#include <rewind/ops/products.h>
#include <rewind/ops/scan.h>
#include <rewind/ops/special.h>
#include <rewind/ops/special_functions.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/number.h>

// Members of Tensor that put a function's result in place of the elements.

namespace rw {

using namespace detail;

// --- Of one operand -----------------------------------------------------------------------------

#define REWIND_IN_PLACE(name)                                                \
  Tensor& Tensor::name##_() {                                                \
    return put_unary(#name "_", *this, UnaryOp::name,                        \
                     [](const Tensor& x) -> Tensor { return rw::name(x); }); \
  }
REWIND_IN_PLACE(exp)
REWIND_IN_PLACE(exp2)
REWIND_IN_PLACE(expm1)
REWIND_IN_PLACE(log)
REWIND_IN_PLACE(log2)
REWIND_IN_PLACE(log10)
REWIND_IN_PLACE(log1p)
REWIND_IN_PLACE(sqrt)
REWIND_IN_PLACE(rsqrt)
REWIND_IN_PLACE(reciprocal)
REWIND_IN_PLACE(square)
REWIND_IN_PLACE(floor)
REWIND_IN_PLACE(ceil)
REWIND_IN_PLACE(round)
REWIND_IN_PLACE(trunc)
REWIND_IN_PLACE(sign)
REWIND_IN_PLACE(sin)
REWIND_IN_PLACE(cos)
REWIND_IN_PLACE(tan)
REWIND_IN_PLACE(asin)
REWIND_IN_PLACE(acos)
REWIND_IN_PLACE(atan)
REWIND_IN_PLACE(sinh)
REWIND_IN_PLACE(cosh)
REWIND_IN_PLACE(tanh)
REWIND_IN_PLACE(asinh)
REWIND_IN_PLACE(acosh)
REWIND_IN_PLACE(atanh)
REWIND_IN_PLACE(sigmoid)
REWIND_IN_PLACE(erf)
REWIND_IN_PLACE(erfc)
REWIND_IN_PLACE(erfinv)
REWIND_IN_PLACE(lgamma)
REWIND_IN_PLACE(digamma)
REWIND_IN_PLACE(sinc)
REWIND_IN_PLACE(abs)
REWIND_IN_PLACE(neg)
REWIND_IN_PLACE(frac)
REWIND_IN_PLACE(i0)
#undef REWIND_IN_PLACE

Tensor& Tensor::fix_() { return trunc_(); }
Tensor& Tensor::sgn_() { return sign_(); }

Tensor& Tensor::round_(int64_t decimals) {
  return put_result("round_", *this, [=](const Tensor& x) { return rw::round(x, decimals); });
}
Tensor& Tensor::deg2rad_() {
  return put_result("deg2rad_", *this, [](const Tensor& x) { return rw::deg2rad(x); });
}
Tensor& Tensor::rad2deg_() {
  return put_result("rad2deg_", *this, [](const Tensor& x) { return rw::rad2deg(x); });
}
Tensor& Tensor::logit_(std::optional<double> eps) {
  const double low = eps.value_or(-1);
  return put_unary("logit_", *this, UnaryOp::logit,
                   [=](const Tensor& x) { return rw::logit(x, eps); }, {low, 1 - low});
}
Tensor& Tensor::polygamma_(int64_t n) {
  return put_result("polygamma_", *this, [=](const Tensor& x) { return rw::polygamma(n, x); });
}
Tensor& Tensor::mvlgamma_(int64_t p) {
  return put_result("mvlgamma_", *this, [=](const Tensor& x) { return rw::mvlgamma(x, p); });
}
Tensor& Tensor::nan_to_num_(double nan, std::optional<double> posinf,
                            std::optional<double> neginf) {
  check_defined("nan_to_num_", *this);
  const double most = is_floating_point() ? greatest_number(dtype()) : 0;
  return put_unary("nan_to_num_", *this, UnaryOp::nan_to_num,
                   [=](const Tensor& x) { return rw::nan_to_num(x, nan, posinf, neginf); },
                   {nan, posinf.value_or(most), neginf.value_or(-most)});
}
Tensor& Tensor::logical_not_() {
  return put_result("logical_not_", *this, [](const Tensor& x) { return rw::logical_not(x); });
}
Tensor& Tensor::bitwise_not_() {
  return put_result("bitwise_not_", *this, [](const Tensor& x) { return rw::bitwise_not(x); });
}

// --- Of two operands ----------------------------------------------------------------------------

#define REWIND_IN_PLACE(name, op)                                                       \
  Tensor& Tensor::name##_(const Tensor& other) {                                        \
    return put_binary(#name "_", *this, other, BinaryOp::op,                            \
                      [](const Tensor& x, const Tensor& y) { return rw::name(x, y); }); \
  }
REWIND_IN_PLACE(pow, pow)
REWIND_IN_PLACE(remainder, remainder)
REWIND_IN_PLACE(fmod, fmod)
REWIND_IN_PLACE(floor_divide, floor_divide)
REWIND_IN_PLACE(atan2, atan2)
REWIND_IN_PLACE(hypot, hypot)
REWIND_IN_PLACE(copysign, copysign)
REWIND_IN_PLACE(xlogy, xlogy)
REWIND_IN_PLACE(igamma, igamma)
REWIND_IN_PLACE(igammac, igammac)
REWIND_IN_PLACE(clamp_min, maximum)
REWIND_IN_PLACE(clamp_max, minimum)
#undef REWIND_IN_PLACE

// Those whose results are no floating numbers, or rare.
#define REWIND_IN_PLACE(name)                                                                \
  Tensor& Tensor::name##_(const Tensor& other) {                                             \
    check_defined(#name "_", *this, other);                                                  \
    return put_result(#name "_", *this, [&](const Tensor& x) { return rw::name(x, other); }, \
                      {other});                                                              \
  }
REWIND_IN_PLACE(eq)
REWIND_IN_PLACE(ne)
REWIND_IN_PLACE(lt)
REWIND_IN_PLACE(le)
REWIND_IN_PLACE(gt)
REWIND_IN_PLACE(ge)
REWIND_IN_PLACE(logical_and)
REWIND_IN_PLACE(logical_or)
REWIND_IN_PLACE(logical_xor)
REWIND_IN_PLACE(bitwise_and)
REWIND_IN_PLACE(bitwise_or)
REWIND_IN_PLACE(bitwise_xor)
REWIND_IN_PLACE(bitwise_left_shift)
REWIND_IN_PLACE(bitwise_right_shift)
REWIND_IN_PLACE(gcd)
REWIND_IN_PLACE(lcm)
REWIND_IN_PLACE(heaviside)
REWIND_IN_PLACE(nextafter)
REWIND_IN_PLACE(ldexp)
#undef REWIND_IN_PLACE

#define REWIND_IN_PLACE(name)                                                                 \
  Tensor& Tensor::name##_(Scalar other) {                                                     \
    return put_result(#name "_", *this, [&](const Tensor& x) { return rw::name(x, other); }); \
  }
REWIND_IN_PLACE(eq)
REWIND_IN_PLACE(ne)
REWIND_IN_PLACE(lt)
REWIND_IN_PLACE(le)
REWIND_IN_PLACE(gt)
REWIND_IN_PLACE(ge)
REWIND_IN_PLACE(pow)
REWIND_IN_PLACE(remainder)
REWIND_IN_PLACE(fmod)
REWIND_IN_PLACE(floor_divide)
REWIND_IN_PLACE(copysign)
REWIND_IN_PLACE(xlogy)
REWIND_IN_PLACE(bitwise_and)
REWIND_IN_PLACE(bitwise_or)
REWIND_IN_PLACE(bitwise_xor)
REWIND_IN_PLACE(bitwise_left_shift)
REWIND_IN_PLACE(bitwise_right_shift)
#undef REWIND_IN_PLACE

Tensor& Tensor::clamp_min_(double min) { return clamp_(min, {}); }
Tensor& Tensor::clamp_max_(double max) { return clamp_({}, max); }
Tensor& Tensor::clip_(std::optional<double> min, std::optional<double> max) {
  return clamp_(min, max);
}
Tensor& Tensor::div_(const Tensor& other, Rounding rounding) {
  if (rounding == Rounding::none) return div_(other);
  check_defined("div_", *this, other);
  const auto f = [=](const Tensor& x, const Tensor& y) { return rw::div(x, y, rounding); };
  return put_binary("div_", *this, other,
                    rounding == Rounding::trunc ? BinaryOp::trunc_divide : BinaryOp::floor_divide,
                    f);
}
Tensor& Tensor::div_(Scalar other, Rounding rounding) {
  if (rounding == Rounding::none) return div_(other);
  return put_result("div_", *this, [=](const Tensor& x) { return rw::div(x, other, rounding); });
}
Tensor& Tensor::true_divide_(const Tensor& other) { return div_(other); }
Tensor& Tensor::true_divide_(Scalar other) { return div_(other); }

// --- Of three operands --------------------------------------------------------------------------

Tensor& Tensor::clamp_(const Tensor& min, const Tensor& max) {
  return put_result("clamp_", *this, [&](const Tensor& x) { return rw::clamp(x, min, max); },
                    {min, max});
}
Tensor& Tensor::lerp_(const Tensor& end, const Tensor& weight) {
  return put_ternary(
      "lerp_", *this, end, weight, TernaryOp::lerp,
      [](const Tensor& x, const Tensor& y, const Tensor& w) { return rw::lerp(x, y, w); });
}
Tensor& Tensor::lerp_(const Tensor& end, double weight) {
  return put_binary("lerp_", *this, end, BinaryOp::lerp,
                    [=](const Tensor& x, const Tensor& y) { return rw::lerp(x, y, weight); },
                    {weight});
}
Tensor& Tensor::addcmul_(const Tensor& a, const Tensor& b, Scalar value) {
  return put_ternary("addcmul_", *this, a, b, TernaryOp::addcmul,
                     [=](const Tensor& x, const Tensor& y, const Tensor& z) {
                       return rw::addcmul(x, y, z, value);
                     },
                     {value.to_double()});
}
Tensor& Tensor::addcdiv_(const Tensor& a, const Tensor& b, Scalar value) {
  return put_ternary("addcdiv_", *this, a, b, TernaryOp::addcdiv,
                     [=](const Tensor& x, const Tensor& y, const Tensor& z) {
                       return rw::addcdiv(x, y, z, value);
                     },
                     {value.to_double()});
}

// --- Products -----------------------------------------------------------------------------------

#define REWIND_IN_PLACE(name)                                                                   \
  Tensor& Tensor::name##_(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {        \
    check_defined(#name "_", a, b);                                                             \
    return put_result(#name "_", *this,                                                         \
                      [&](const Tensor& x) { return rw::name(x, a, b, beta, alpha); }, {a, b}); \
  }
REWIND_IN_PLACE(addmm)
REWIND_IN_PLACE(addmv)
REWIND_IN_PLACE(addr)
REWIND_IN_PLACE(addbmm)
REWIND_IN_PLACE(baddbmm)
#undef REWIND_IN_PLACE

// --- Scans, triangles and others ----------------------------------------------------------------

// In the tensor's own dtype, even for integers, whose sums elsewhere are int64.
#define REWIND_IN_PLACE(name)                                                                  \
  Tensor& Tensor::name##_(int64_t dim, std::optional<DType> dtype) {                           \
    check_defined(#name "_", *this);                                                           \
    check<DTypeError>(dtype.value_or(this->dtype()) == this->dtype(),                          \
                      #name "_: a result of dtype {} can't be stored in a tensor of dtype {}", \
                      *dtype, this->dtype());                                                  \
    return put_result(#name "_", *this,                                                        \
                      [=](const Tensor& x) { return rw::name(x, dim, x.dtype()); });           \
  }
REWIND_IN_PLACE(cumsum)
REWIND_IN_PLACE(cumprod)
#undef REWIND_IN_PLACE

Tensor& Tensor::tril_(int64_t diagonal) {
  return put_result("tril_", *this, [=](const Tensor& x) { return rw::tril(x, diagonal); });
}
Tensor& Tensor::triu_(int64_t diagonal) {
  return put_result("triu_", *this, [=](const Tensor& x) { return rw::triu(x, diagonal); });
}
Tensor& Tensor::renorm_(Scalar p, int64_t dim, Scalar maxnorm) {
  return put_result("renorm_", *this,
                    [=](const Tensor& x) { return rw::renorm(x, p, dim, maxnorm); });
}

namespace {

void check_float64(const Tensor& x) {
  check_defined("float_power_", x);
  check<DTypeError>(x.dtype() == float64,
                    "float_power_: a result of dtype float64 can't be stored in a tensor of dtype "
                    "{}",
                    x.dtype());
}

}  // namespace

Tensor& Tensor::float_power_(const Tensor& exponent) {
  check_float64(*this);
  check_defined("float_power_", exponent);
  return put_result("float_power_", *this,
                    [&](const Tensor& x) { return rw::float_power(x, exponent); }, {exponent});
}
Tensor& Tensor::float_power_(Scalar exponent) {
  check_float64(*this);
  return put_result("float_power_", *this,
                    [=](const Tensor& x) { return rw::float_power(x, exponent); });
}

}  // namespace rw
