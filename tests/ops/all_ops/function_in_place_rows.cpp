#include "table.h"

namespace rw::test {

#define OF_ONE(name, at)                                                                   \
  {                                                                                        \
    "Tensor::" #name, [](In a) { return changed(a, [](Tensor& t) { t.name(); }); }, { at } \
  }
#define OF_TWO(name, x, y)                                                                    \
  {                                                                                           \
    "Tensor::" #name, [](In a, In b) { return changed(a, [&](Tensor& t) { t.name(b); }); }, { \
      x, y                                                                                    \
    }                                                                                         \
  }
#define BY_NUMBER(name, at, s)                                                              \
  {                                                                                         \
    "Tensor::" #name, [](In a) { return changed(a, [](Tensor& t) { t.name(s); }); }, { at } \
  }

static Rows functions_in_place_rows() {
  const Tensor x = normal({2, 3}), y = normal({2, 3}), v = normal({3});
  const Tensor p = positive({2, 3}), q = positive({3});
  const Tensor d = distinct({2, 3}), e = distinct({2, 3}, 0.15);
  const Tensor h = (positive({2, 3}).detach() * 0.5).requires_grad_();
  const Tensor g = (positive({2, 3}).detach() + 1).requires_grad_();
  return {
      OF_ONE(exp_, x),
      OF_ONE(exp2_, x),
      OF_ONE(expm1_, x),
      OF_ONE(log_, p),
      OF_ONE(log2_, p),
      OF_ONE(log10_, p),
      OF_ONE(log1p_, p),
      OF_ONE(sqrt_, p),
      OF_ONE(rsqrt_, p),
      OF_ONE(reciprocal_, p),
      OF_ONE(square_, x),
      OF_ONE(floor_, d),
      OF_ONE(ceil_, d),
      OF_ONE(round_, d),
      OF_ONE(trunc_, d),
      OF_ONE(sign_, d),
      OF_ONE(sin_, x),
      OF_ONE(cos_, x),
      OF_ONE(tan_, x),
      OF_ONE(asin_, h),
      OF_ONE(acos_, h),
      OF_ONE(atan_, x),
      OF_ONE(sinh_, x),
      OF_ONE(cosh_, x),
      OF_ONE(tanh_, x),
      OF_ONE(asinh_, x),
      OF_ONE(acosh_, g),
      OF_ONE(atanh_, h),
      OF_ONE(sigmoid_, x),
      OF_ONE(erf_, x),
      OF_ONE(erfc_, x),
      OF_ONE(erfinv_, h),
      OF_ONE(lgamma_, p),
      OF_ONE(digamma_, p),
      OF_ONE(sinc_, x),
      OF_ONE(abs_, d),
      OF_ONE(neg_, x),
      OF_ONE(frac_, d),
      OF_ONE(fix_, d),
      OF_ONE(sgn_, d),
      OF_ONE(deg2rad_, x),
      OF_ONE(rad2deg_, x),
      OF_ONE(logical_not_, x),
      OF_ONE(logit_, h),
      OF_ONE(nan_to_num_, x),
      BY_NUMBER(round_, distinct({2, 3}, 0.01), 1),
      BY_NUMBER(polygamma_, p, 1),
      OF_TWO(pow_, p, v),
      OF_TWO(remainder_, d, q),
      OF_TWO(fmod_, d, q),
      OF_TWO(floor_divide_, d, q),
      OF_TWO(true_divide_, x, q),
      OF_TWO(atan2_, x, q),
      OF_TWO(hypot_, p, v),
      OF_TWO(copysign_, d, e),
      OF_TWO(nextafter_, d, e),
      OF_TWO(heaviside_, d, e),
      OF_TWO(xlogy_, x, q),
      OF_TWO(logical_and_, x, v),
      OF_TWO(logical_or_, x, v),
      OF_TWO(logical_xor_, x, v),
      OF_TWO(eq_, d, e),
      OF_TWO(ne_, d, e),
      OF_TWO(lt_, d, e),
      OF_TWO(le_, d, e),
      OF_TWO(gt_, d, e),
      OF_TWO(ge_, d, e),
      OF_TWO(clamp_min_, d, e),
      OF_TWO(clamp_max_, d, e),
      BY_NUMBER(pow_, p, 1.5),
      BY_NUMBER(remainder_, d, 1.3),
      BY_NUMBER(fmod_, d, 1.25),
      BY_NUMBER(floor_divide_, d, 1.3),
      BY_NUMBER(true_divide_, x, 1.5),
      BY_NUMBER(copysign_, d, -1),
      BY_NUMBER(xlogy_, x, 1.5),
      BY_NUMBER(eq_, d, 0.2),
      BY_NUMBER(ne_, d, 0.2),
      BY_NUMBER(lt_, d, 0.2),
      BY_NUMBER(le_, d, 0.2),
      BY_NUMBER(gt_, d, 0.2),
      BY_NUMBER(ge_, d, 0.2),
      BY_NUMBER(clamp_min_, d, -0.4),
      BY_NUMBER(clamp_max_, d, 0.5),
      {"Tensor::div_, to the floor",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.div_(b, Rounding::floor); }) * a; },
       {d, q}},
      {"Tensor::div_, to zero",
       [](In a) { return changed(a, [&](Tensor& t) { t.div_(0.7, Rounding::trunc); }) * a; },
       {d}},
      {"Tensor::clip_",
       [](In a) { return changed(a, [](Tensor& t) { t.clip_(-0.4, 0.5); }); },
       {d}},
      {"Tensor::clamp_, by tensors",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.clamp_(b, b + 0.5); }); },
       {d, e}},
      {"Tensor::lerp_",
       [](In a, In b, In c) { return changed(a, [&](Tensor& t) { t.lerp_(b, c); }); },
       {x, v, p}},
      {"Tensor::lerp_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.lerp_(b, 0.3); }); },
       {x, v}},
      {"Tensor::addcmul_",
       [](In a, In b, In c) { return changed(a, [&](Tensor& t) { t.addcmul_(b, c, 2); }); },
       {x, v, p}},
      {"Tensor::addcdiv_",
       [](In a, In b, In c) { return changed(a, [&](Tensor& t) { t.addcdiv_(b, c, 1.5); }); },
       {x, v, p}},
      {"Tensor::sin_, of a view",
       [](In a) { return changed(a, [](Tensor& t) { t[1].sin_(); }); },
       {x}},
      {"Tensor::tanh_, of a view",
       [](In a) { return changed(a, [](Tensor& t) { t.t().tanh_(); }); },
       {x}},
      {"Tensor::atan2_, by itself",
       [](In a) { return changed(a, [](Tensor& t) { t.atan2_(t.exp()); }); },
       {x}},
      {"Tensor::hypot_, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t[0].hypot_(b); }); },
       {p, q}},
  };
}

static const Family functions_in_place_family(functions_in_place_rows);

}  // namespace rw::test
