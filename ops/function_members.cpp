#include <rewind/ops/arithmetic.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/predicates.h>
#include <rewind/ops/special.h>
#include <rewind/ops/special_functions.h>

// Members of Tensor that are functions of these headers under another spelling.

namespace rw {

Tensor Tensor::tan() const { return rw::tan(*this); }
Tensor Tensor::asin() const { return rw::asin(*this); }
Tensor Tensor::acos() const { return rw::acos(*this); }
Tensor Tensor::atan() const { return rw::atan(*this); }
Tensor Tensor::sinh() const { return rw::sinh(*this); }
Tensor Tensor::cosh() const { return rw::cosh(*this); }
Tensor Tensor::asinh() const { return rw::asinh(*this); }
Tensor Tensor::acosh() const { return rw::acosh(*this); }
Tensor Tensor::atanh() const { return rw::atanh(*this); }
Tensor Tensor::exp2() const { return rw::exp2(*this); }
Tensor Tensor::log2() const { return rw::log2(*this); }
Tensor Tensor::log10() const { return rw::log10(*this); }
Tensor Tensor::sinc() const { return rw::sinc(*this); }
Tensor Tensor::erfc() const { return rw::erfc(*this); }
Tensor Tensor::erfinv() const { return rw::erfinv(*this); }
Tensor Tensor::lgamma() const { return rw::lgamma(*this); }
Tensor Tensor::digamma() const { return rw::digamma(*this); }
Tensor Tensor::deg2rad() const { return rw::deg2rad(*this); }
Tensor Tensor::rad2deg() const { return rw::rad2deg(*this); }
Tensor Tensor::trunc() const { return rw::trunc(*this); }
Tensor Tensor::fix() const { return rw::fix(*this); }
Tensor Tensor::frac() const { return rw::frac(*this); }
Tensor Tensor::positive() const { return rw::positive(*this); }
Tensor Tensor::sgn() const { return rw::sgn(*this); }
Tensor Tensor::isinf() const { return rw::isinf(*this); }
Tensor Tensor::isposinf() const { return rw::isposinf(*this); }
Tensor Tensor::isneginf() const { return rw::isneginf(*this); }
Tensor Tensor::signbit() const { return rw::signbit(*this); }
Tensor Tensor::round(int64_t decimals) const { return rw::round(*this, decimals); }
Tensor Tensor::logit(std::optional<double> eps) const { return rw::logit(*this, eps); }
Tensor Tensor::polygamma(int64_t n) const { return rw::polygamma(n, *this); }
Tensor Tensor::nan_to_num(double nan, std::optional<double> posinf,
                          std::optional<double> neginf) const {
  return rw::nan_to_num(*this, nan, posinf, neginf);
}
Tensor Tensor::atan2(const Tensor& other) const { return rw::atan2(*this, other); }
Tensor Tensor::hypot(const Tensor& other) const { return rw::hypot(*this, other); }
Tensor Tensor::xlogy(const Tensor& other) const { return rw::xlogy(*this, other); }
Tensor Tensor::logaddexp(const Tensor& other) const { return rw::logaddexp(*this, other); }
Tensor Tensor::logaddexp2(const Tensor& other) const { return rw::logaddexp2(*this, other); }
Tensor Tensor::max(const Tensor& other) const { return rw::max(*this, other); }
Tensor Tensor::min(const Tensor& other) const { return rw::min(*this, other); }
Tensor Tensor::fmax(const Tensor& other) const { return rw::fmax(*this, other); }
Tensor Tensor::fmin(const Tensor& other) const { return rw::fmin(*this, other); }
Tensor Tensor::copysign(const Tensor& other) const { return rw::copysign(*this, other); }
Tensor Tensor::heaviside(const Tensor& values) const { return rw::heaviside(*this, values); }
Tensor Tensor::nextafter(const Tensor& other) const { return rw::nextafter(*this, other); }
Tensor Tensor::gcd(const Tensor& other) const { return rw::gcd(*this, other); }
Tensor Tensor::lcm(const Tensor& other) const { return rw::lcm(*this, other); }
Tensor Tensor::logical_xor(const Tensor& other) const { return rw::logical_xor(*this, other); }
Tensor Tensor::fmod(const Tensor& other) const { return rw::fmod(*this, other); }
Tensor Tensor::floor_divide(const Tensor& other) const { return rw::floor_divide(*this, other); }
Tensor Tensor::true_divide(const Tensor& other) const { return rw::true_divide(*this, other); }
Tensor Tensor::float_power(const Tensor& exponent) const {
  return rw::float_power(*this, exponent);
}
Tensor Tensor::bitwise_left_shift(const Tensor& other) const {
  return rw::bitwise_left_shift(*this, other);
}
Tensor Tensor::bitwise_right_shift(const Tensor& other) const {
  return rw::bitwise_right_shift(*this, other);
}
Tensor Tensor::clamp_min(const Tensor& min) const { return rw::clamp_min(*this, min); }
Tensor Tensor::clamp_max(const Tensor& max) const { return rw::clamp_max(*this, max); }
Tensor Tensor::xlogy(Scalar other) const { return rw::xlogy(*this, other); }
Tensor Tensor::copysign(Scalar other) const { return rw::copysign(*this, other); }
Tensor Tensor::fmod(Scalar other) const { return rw::fmod(*this, other); }
Tensor Tensor::floor_divide(Scalar other) const { return rw::floor_divide(*this, other); }
Tensor Tensor::true_divide(Scalar other) const { return rw::true_divide(*this, other); }
Tensor Tensor::float_power(Scalar exponent) const { return rw::float_power(*this, exponent); }
Tensor Tensor::bitwise_left_shift(Scalar other) const {
  return rw::bitwise_left_shift(*this, other);
}
Tensor Tensor::bitwise_right_shift(Scalar other) const {
  return rw::bitwise_right_shift(*this, other);
}
Tensor Tensor::div(const Tensor& other, Rounding rounding) const {
  return rw::div(*this, other, rounding);
}
Tensor Tensor::div(Scalar other, Rounding rounding) const {
  return rw::div(*this, other, rounding);
}
Tensor Tensor::clamp(const Tensor& min, const Tensor& max) const {
  return rw::clamp(*this, min, max);
}
Tensor Tensor::clip(std::optional<double> min, std::optional<double> max) const {
  return rw::clip(*this, min, max);
}
Tensor Tensor::clip(const Tensor& min, const Tensor& max) const {
  return rw::clip(*this, min, max);
}
Tensor Tensor::lerp(const Tensor& end, const Tensor& weight) const {
  return rw::lerp(*this, end, weight);
}
Tensor Tensor::lerp(const Tensor& end, double weight) const { return rw::lerp(*this, end, weight); }
Tensor Tensor::addcmul(const Tensor& a, const Tensor& b, Scalar value) const {
  return rw::addcmul(*this, a, b, value);
}
Tensor Tensor::addcdiv(const Tensor& a, const Tensor& b, Scalar value) const {
  return rw::addcdiv(*this, a, b, value);
}
Tensor Tensor::isclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return rw::isclose(*this, other, rtol, atol, equal_nan);
}

Tensor Tensor::i0() const { return rw::i0(*this); }
Tensor Tensor::igamma(const Tensor& x) const { return rw::igamma(*this, x); }
Tensor Tensor::igammac(const Tensor& x) const { return rw::igammac(*this, x); }
Tensor Tensor::mvlgamma(int64_t p) const { return rw::mvlgamma(*this, p); }
Tensor Tensor::ldexp(const Tensor& other) const { return rw::ldexp(*this, other); }
std::pair<Tensor, Tensor> Tensor::frexp() const { return rw::frexp(*this); }

}  // namespace rw
