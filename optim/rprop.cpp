#include <rewind/optim/rprop.h>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/rprop.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>&, bool, N& p, N g,
                                N (&s)[slots]) {
    N &before = s[0], &step_size = s[1];
    const N turn = g * before, one = N::of(1);
    const auto [shrink, grow] = o.etas;
    step_size = clamp(step_size * by_sign(turn, N::of(grow), N::of(shrink), one),
                      o.step_sizes.first, o.step_sizes.second);
    before = by_sign(turn, g, N::of(0), g);
    p = p - sign(before) * step_size;
  }
};

void rprop(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, RpropOptions, 2>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(rprop);

template <>
const ElementRule<RpropOptions>& rule_of() {
  using O = RpropOptions;
  static const ElementRule<O> rule{
      .name = "Rprop",
      .slots = {{"prev"}, {.name = "step_size", .initial = [](const O& o) { return o.lr; }}},
      .check =
          [](const O& o) {
            check_at_least_0("Rprop", {{"lr", o.lr}});
            const auto [shrink, grow] = o.etas;
            check(0 < shrink && shrink < 1 && 1 < grow,
                  "Rprop: expected etas with 0 < first < 1 < second, got {} and {}", shrink, grow);
          },

      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(rprop)
            (u, begin, end);
          }};
  return rule;
}

template class ElementwiseOptimizer<RpropOptions>;

}  // namespace rw::optim
#endif
