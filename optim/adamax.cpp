#include <rewind/optim/adamax.h>

#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/adamax.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>& k, bool, N& p, N g,
                                N (&s)[slots]) {
    N &m = s[0], &most = s[1];
    g = decayed(o.weight_decay, p, g);
    m = fma(1 - o.betas.first, g - m, m);
    most = max(o.betas.second * most, abs(g) + o.eps);
    p = fma(-k[0], m / most, p);
  }
};

void adamax(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, AdamaxOptions, 2>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(adamax);

template <>
const ElementRule<AdamaxOptions>& rule_of() {
  using O = AdamaxOptions;
  static const ElementRule<O> rule{
      .name = "Adamax",
      .slots = {{"exp_avg"}, {"exp_inf"}},
      .check =
          [](const O& o) {
            check_at_least_0("Adamax",
                             {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
            check_betas("Adamax", o.betas);
          },
      .numbers = [](const O& o, ParamState& s) -> std::array<double, 4> {
        return {o.lr / (1 - std::pow(o.betas.first, s.step))};
      },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(adamax)
            (u, begin, end);
          }};
  return rule;
}

template class ElementwiseOptimizer<AdamaxOptions>;

}  // namespace rw::optim
#endif
