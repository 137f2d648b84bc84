#include <rewind/optim/nadam.h>

#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/nadam.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>& k, bool, N& p, N g,
                                N (&s)[slots]) {
    N &m = s[0], &v = s[1];
    const double of_grad = k[0], of_mean = k[1], correction = k[2], keep = k[3];
    if (!o.decoupled_weight_decay) g = decayed(o.weight_decay, p, g);
    m = fma(1 - o.betas.first, g - m, m);
    v = fma(o.betas.second, v, (1 - o.betas.second) * (g * g));
    const N root = fma(correction, sqrt(v), N::of(o.eps));
    p = keep * p - fma(of_grad, g, of_mean * m) / root;
  }
};

void nadam(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, NAdamOptions, 2>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(nadam);

template <>
const ElementRule<NAdamOptions>& rule_of() {
  using O = NAdamOptions;
  static const ElementRule<O> rule{
      .name = "NAdam",
      .slots = {{"exp_avg"}, {"exp_avg_sq"}},
      .check =
          [](const O& o) {
            check_at_least_0("NAdam", {{"lr", o.lr},
                                       {"eps", o.eps},
                                       {"weight_decay", o.weight_decay},
                                       {"momentum_decay", o.momentum_decay}});
            check_betas("NAdam", o.betas);
          },
      .numbers = [](const O& o, ParamState& s) -> std::array<double, 4> {
        const auto mu = [&](double t) {
          return o.betas.first * (1 - 0.5 * std::pow(0.96, t * o.momentum_decay));
        };
        const double now = mu(s.step), next = mu(s.step + 1);
        if (s.numbers.empty()) s.numbers = {1};
        const double product = s.numbers[0] *= now;
        return {o.lr * (1 - now) / (1 - product), o.lr * next / (1 - product * next),
                1 / std::sqrt(1 - std::pow(o.betas.second, s.step)),
                o.decoupled_weight_decay ? 1 - o.lr * o.weight_decay : 1};
      },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(nadam)
            (u, begin, end);
          },
      .number_names = {"mu_product"}};
  return rule;
}

template class ElementwiseOptimizer<NAdamOptions>;

}  // namespace rw::optim
#endif
