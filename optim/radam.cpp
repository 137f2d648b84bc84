#include <rewind/optim/radam.h>

#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/radam.cpp"
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
    const double step_size = k[0], rectified = k[1], keep = k[2];
    if (!o.decoupled_weight_decay) g = decayed(o.weight_decay, p, g);
    m = fma(1 - o.betas.first, g - m, m);
    v = fma(o.betas.second, v, (1 - o.betas.second) * (g * g));
    p = keep * p;
    if (rectified > 0)
      p = fma(-step_size * rectified, m / (sqrt(v) + o.eps), p);
    else
      p = fma(-step_size, m, p);
  }
};

void radam(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, RAdamOptions, 2>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(radam);

template <>
const ElementRule<RAdamOptions>& rule_of() {
  using O = RAdamOptions;
  static const ElementRule<O> rule{
      .name = "RAdam",
      .slots = {{"exp_avg"}, {"exp_avg_sq"}},
      .check =
          [](const O& o) {
            check_at_least_0("RAdam",
                             {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
            check_betas("RAdam", o.betas);
          },
      .numbers = [](const O& o, ParamState& s) -> std::array<double, 4> {
        const double power = std::pow(o.betas.second, s.step);
        const double most = 2 / (1 - o.betas.second) - 1,
                     rho = most - 2 * s.step * power / (1 - power);
        const double rectified = rho > 5 ? std::sqrt((rho - 4) * (rho - 2) * most /
                                                     ((most - 4) * (most - 2) * rho) * (1 - power))
                                         : 0;
        return {o.lr / (1 - std::pow(o.betas.first, s.step)), rectified,
                o.decoupled_weight_decay ? 1 - o.lr * o.weight_decay : 1};
      },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(radam)
            (u, begin, end);
          }};
  return rule;
}

template class ElementwiseOptimizer<RAdamOptions>;

}  // namespace rw::optim
#endif
