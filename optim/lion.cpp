#include <rewind/optim/lion.h>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/lion.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>&, bool, N& p, N g,
                                N (&s)[slots]) {
    N& m = s[0];
    const auto [beta1, beta2] = o.betas;
    const N direction = fma(beta1, m, (1 - beta1) * g);
    p = fma(-o.lr, fma(o.weight_decay, p, sign(direction)), p);
    m = fma(beta2, m, (1 - beta2) * g);
  }
};

void lion(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, LionOptions, 1>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(lion);

template <>
const ElementRule<LionOptions>& rule_of() {
  using O = LionOptions;
  static const ElementRule<O> rule{
      .name = "Lion",
      .slots = {{"exp_avg"}},
      .check =
          [](const O& o) {
            check_at_least_0("Lion", {{"lr", o.lr}, {"weight_decay", o.weight_decay}});
            check_betas("Lion", o.betas);
          },

      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(lion)
            (u, begin, end);
          },
      .counts_steps = false};
  return rule;
}

template class ElementwiseOptimizer<LionOptions>;

}  // namespace rw::optim
#endif
