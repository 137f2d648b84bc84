#include <rewind/optim/rmsprop.h>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/rmsprop.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>&, bool, N& p, N g,
                                N (&s)[slots]) {
    N &squares = s[0], &buffer = s[1], &mean = s[2];
    g = decayed(o.weight_decay, p, g);
    squares = fma(o.alpha, squares, (1 - o.alpha) * (g * g));
    N variance = squares;
    if (o.centered) {
      mean = fma(1 - o.alpha, g - mean, mean);
      variance = fma(-mean, mean, squares);
    }
    N change = g / (sqrt(variance) + o.eps);
    if (o.momentum > 0) change = buffer = fma(o.momentum, buffer, change);
    p = fma(-o.lr, change, p);
  }
};

void rmsprop(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, RMSpropOptions, 3>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(rmsprop);

template <>
const ElementRule<RMSpropOptions>& rule_of() {
  using O = RMSpropOptions;
  static const ElementRule<O> rule{
      .name = "RMSprop",
      .slots = {{"square_avg"},
                {"momentum_buffer", [](const O& o) { return o.momentum > 0; }},
                {"grad_avg", [](const O& o) { return o.centered; }}},
      .check =
          [](const O& o) {
            check_at_least_0("RMSprop", {{"lr", o.lr},
                                         {"eps", o.eps},
                                         {"momentum", o.momentum},
                                         {"weight_decay", o.weight_decay},
                                         {"alpha", o.alpha}});
          },

      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(rmsprop)
            (u, begin, end);
          }};
  return rule;
}

template class ElementwiseOptimizer<RMSpropOptions>;

}  // namespace rw::optim
#endif
