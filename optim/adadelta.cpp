#include <rewind/optim/adadelta.h>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/adadelta.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>&, bool, N& p, N g,
                                N (&s)[slots]) {
    N &squares = s[0], &changes = s[1];
    g = decayed(o.weight_decay, p, g);
    squares = fma(o.rho, squares, (1 - o.rho) * (g * g));
    const N change = sqrt(changes + o.eps) / sqrt(squares + o.eps) * g;
    changes = fma(o.rho, changes, (1 - o.rho) * (change * change));
    p = fma(-o.lr, change, p);
  }
};

void adadelta(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, AdadeltaOptions, 2>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(adadelta);

template <>
const ElementRule<AdadeltaOptions>& rule_of() {
  using O = AdadeltaOptions;
  static const ElementRule<O> rule{
      .name = "Adadelta",
      .slots = {{"square_avg"}, {"acc_delta"}},
      .check =
          [](const O& o) {
            check_at_least_0("Adadelta",
                             {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
            check(o.rho >= 0 && o.rho <= 1, "Adadelta: expected rho in [0, 1], got {}", o.rho);
          },

      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(adadelta)
            (u, begin, end);
          }};
  return rule;
}

template class ElementwiseOptimizer<AdadeltaOptions>;

}  // namespace rw::optim
#endif
