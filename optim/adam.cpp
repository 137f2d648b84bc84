#include <rewind/optim/adam.h>

#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/adam.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>& k, bool, N& p, N g,
                                N (&s)[slots]) {
    N &m = s[0], &v = s[1], &most = s[2];
    const double step_size = k[0], correction = k[1], keep = k[2], weight_decay = k[3];
    g = decayed(weight_decay, p, g);
    m = fma(1 - o.betas.first, g - m, m);
    v = fma(o.betas.second, v, (1 - o.betas.second) * (g * g));
    most = max(most, v);
    const N root = fma(correction, sqrt(o.amsgrad ? most : v), N::of(o.eps));
    p = fma(-step_size, m / root, keep * p);
  }
};

void adam(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, AdamOptions, 3>(u, begin, end);
}
void adamw(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, AdamWOptions, 3>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(adam);
HWY_EXPORT(adamw);

template <class O>
std::array<double, 4> adam_numbers(const O& o, ParamState& s) {
  const bool is_decoupled = o.decoupled_weight_decay;
  return {o.lr / (1 - std::pow(o.betas.first, s.step)),
          1 / std::sqrt(1 - std::pow(o.betas.second, s.step)),
          is_decoupled ? 1 - o.lr * o.weight_decay : 1, is_decoupled ? 0 : o.weight_decay};
}

template <>
const ElementRule<AdamOptions>& rule_of() {
  using O = AdamOptions;
  static const ElementRule<O> rule{
      .name = "Adam",
      .slots = {{"exp_avg"},
                {"exp_avg_sq"},
                {"max_exp_avg_sq", [](const O& o) { return o.amsgrad; }}},
      .check =
          [](const O& o) {
            check_at_least_0("Adam",
                             {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
            check_betas("Adam", o.betas);
          },
      .numbers = [](const O& o, ParamState& s) { return adam_numbers(o, s); },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(adam)
            (u, begin, end);
          }};
  return rule;
}

template <>
const ElementRule<AdamWOptions>& rule_of() {
  using O = AdamWOptions;
  static const ElementRule<O> rule{
      .name = "AdamW",
      .slots = {{"exp_avg"},
                {"exp_avg_sq"},
                {"max_exp_avg_sq", [](const O& o) { return o.amsgrad; }}},
      .check =
          [](const O& o) {
            check_at_least_0("AdamW",
                             {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
            check_betas("AdamW", o.betas);
          },
      .numbers = [](const O& o, ParamState& s) { return adam_numbers(o, s); },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(adamw)
            (u, begin, end);
          }};
  return rule;
}

template class ElementwiseOptimizer<AdamOptions>;
template class ElementwiseOptimizer<AdamWOptions>;

}  // namespace rw::optim
#endif
