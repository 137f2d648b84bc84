#include <rewind/optim/asgd.h>

#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/asgd.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>& k, bool, N& p, N g,
                                N (&s)[slots]) {
    N& average = s[0];
    const double eta = k[0], mu = k[1];
    g = decayed(o.weight_decay, p, g);
    p = fma(-eta, g, (1 - o.lambd * eta) * p);
    average = mu == 1 ? p : fma(mu, p - average, average);
  }
};

void asgd(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, ASGDOptions, 1>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(asgd);

template <>
const ElementRule<ASGDOptions>& rule_of() {
  using O = ASGDOptions;
  static const ElementRule<O> rule{
      .name = "ASGD",
      .slots = {{"ax"}},
      .check =
          [](const O& o) {
            check_at_least_0("ASGD", {{"lr", o.lr}, {"weight_decay", o.weight_decay}});
          },
      .numbers = [](const O& o, ParamState& s) -> std::array<double, 4> {
        if (s.numbers.empty()) s.numbers = {o.lr, 1};
        const double eta = s.numbers[0], mu = s.numbers[1];
        s.numbers = {o.lr / std::pow(1 + o.lambd * o.lr * s.step, o.alpha),
                     1 / std::max(1., s.step - o.t0)};
        return {eta, mu};
      },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(asgd)
            (u, begin, end);
          },
      .number_names = {"eta", "mu"}};
  return rule;
}

template class ElementwiseOptimizer<ASGDOptions>;

}  // namespace rw::optim
#endif
