#include "cases.h"

namespace rw::test {
namespace {

// f changes what an op made of x.
template <class F>
Tensor changed(const Tensor& x, const F& f) {
  Tensor y = x * x * 0.125 + 0.0625;
  f(y);
  return y;
}

}  // namespace

static Cases function_in_place_cases() {
  return {
      {"abs_", [](In x) { return changed(x, [&](Tensor& t) { t.abs_(); }); }},
      {"neg_", [](In x) { return changed(x, [&](Tensor& t) { t.neg_(); }); }},
      {"exp_", [](In x) { return changed(x, [&](Tensor& t) { t.exp_(); }); }},
      {"log_", [](In x) { return changed(x, [&](Tensor& t) { t.log_(); }); }},
      {"sqrt_", [](In x) { return changed(x, [&](Tensor& t) { t.sqrt_(); }); }},
      {"rsqrt_", [](In x) { return changed(x, [&](Tensor& t) { t.rsqrt_(); }); }},
      {"reciprocal_", [](In x) { return changed(x, [&](Tensor& t) { t.reciprocal_(); }); }},
      {"square_", [](In x) { return changed(x, [&](Tensor& t) { t.square_(); }); }},
      {"floor_", [](In x) { return changed(x, [&](Tensor& t) { t.floor_(); }); }},
      {"ceil_", [](In x) { return changed(x, [&](Tensor& t) { t.ceil_(); }); }},
      {"round_", [](In x) { return changed(x, [&](Tensor& t) { t.round_(); }); }},
      {"trunc_", [](In x) { return changed(x, [&](Tensor& t) { t.trunc_(); }); }},
      {"frac_", [](In x) { return changed(x, [&](Tensor& t) { t.frac_(); }); }},
      {"sin_", [](In x) { return changed(x, [&](Tensor& t) { t.sin_(); }); }},
      {"cos_", [](In x) { return changed(x, [&](Tensor& t) { t.cos_(); }); }},
      {"tan_", [](In x) { return changed(x, [&](Tensor& t) { t.tan_(); }); }},
      {"asin_", [](In x) { return changed(x, [&](Tensor& t) { t.asin_(); }); }},
      {"acos_", [](In x) { return changed(x, [&](Tensor& t) { t.acos_(); }); }},
      {"atan_", [](In x) { return changed(x, [&](Tensor& t) { t.atan_(); }); }},
      {"sinh_", [](In x) { return changed(x, [&](Tensor& t) { t.sinh_(); }); }},
      {"cosh_", [](In x) { return changed(x, [&](Tensor& t) { t.cosh_(); }); }},
      {"asinh_", [](In x) { return changed(x, [&](Tensor& t) { t.asinh_(); }); }},
      {"atanh_", [](In x) { return changed(x, [&](Tensor& t) { t.atanh_(); }); }},
      {"tanh_", [](In x) { return changed(x, [&](Tensor& t) { t.tanh_(); }); }},
      {"sigmoid_", [](In x) { return changed(x, [&](Tensor& t) { t.sigmoid_(); }); }},
      {"exp2_", [](In x) { return changed(x, [&](Tensor& t) { t.exp2_(); }); }},
      {"log2_", [](In x) { return changed(x, [&](Tensor& t) { t.log2_(); }); }},
      {"log10_", [](In x) { return changed(x, [&](Tensor& t) { t.log10_(); }); }},
      {"erf_", [](In x) { return changed(x, [&](Tensor& t) { t.erf_(); }); }},
      {"erfc_", [](In x) { return changed(x, [&](Tensor& t) { t.erfc_(); }); }},
      {"erfinv_", [](In x) { return changed(x, [&](Tensor& t) { t.erfinv_(); }); }},
      {"lgamma_", [](In x) { return changed(x, [&](Tensor& t) { t.add_(20).lgamma_(); }); }},
      {"digamma_", [](In x) { return changed(x, [&](Tensor& t) { t.digamma_(); }); }},
      {"sinc_", [](In x) { return changed(x, [&](Tensor& t) { t.sinc_(); }); }},
      {"logit_", [](In x) { return changed(x, [&](Tensor& t) { t.logit_(); }); }},
      {"expm1_", [](In x) { return changed(x, [&](Tensor& t) { t.expm1_(); }); }},
      {"log1p_", [](In x) { return changed(x, [&](Tensor& t) { t.log1p_(); }); }},
      {"sign_", [](In x) { return changed(x, [&](Tensor& t) { t.sign_(); }); }},
      {"pow_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.pow_(b); }); }},
      {"fmod_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.fmod_(b); }); }},
      {"remainder_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.remainder_(b); }); }},
      {"atan2_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.atan2_(b); }); }},
      {"hypot_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.hypot_(b); }); }},
      {"copysign_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.copysign_(b); }); }},
      {"xlogy_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.xlogy_(b); }); }},
      {"eq_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.eq_(b); }); }},
      {"lt_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.lt_(b); }); }},
      {"ge_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.ge_(b); }); }},
      {"addcmul_",
       [](In x, In b) { return changed(x, [&](Tensor& t) { t.addcmul_(b, b, 0.5); }); }},
      {"addcdiv_",
       [](In x, In b) { return changed(x, [&](Tensor& t) { t.addcdiv_(b * b * b, b, 0.5); }); }},
      {"lerp_", [](In x, In b) { return changed(x, [&](Tensor& t) { t.lerp_(b, 0.25); }); }},
      {"clamp_min_", [](In x) { return changed(x, [&](Tensor& t) { t.clamp_min_(0.25); }); }},
      {"div_floor_",
       [](In x) { return changed(x, [&](Tensor& t) { t.div_(0.25, Rounding::floor); }); }},
      {"sin_of_a_row_", [](In x) { return changed(x, [&](Tensor& t) { t[1].sin_(); }); }},
      {"tanh_of_columns_",
       [](In x) { return changed(x, [&](Tensor& t) { t.t().slice(0, 1).tanh_(); }); }},
      {"pow_of_a_view_",
       [](In x, In b) { return changed(x, [&](Tensor& t) { t.slice(1, 1, 3).pow_(b); }); }},
      {"exp_of_ints_", [](In x) { return x.clone().exp_(); }},
      {"atan2_of_ints_", [](In x) { return x.clone().atan2_(x); }},
      {"pow_of_ints_", [](In x) { return x.clone().pow_(0.5); }},
      {"sin_of_leaf_", [](In x) { return Tensor(x).sin_(); }},
      {"atan2_too_wide_", [](In a, In b) { return a.clone().atan2_(b); }},
      {"eq_of_ints_", [](In a, In b) { return Tensor(a.clone().eq_(b)); }},
  };
}

static const Family function_in_place_family(function_in_place_cases);

}  // namespace rw::test
