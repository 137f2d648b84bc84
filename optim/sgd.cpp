#include <rewind/optim/sgd.h>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/sgd.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>&, bool is_first, N& p, N g,
                                N (&s)[slots]) {
    N& buffer = s[0];
    g = decayed(o.weight_decay, p, g);
    if (o.momentum > 0) {
      buffer = is_first ? g : fma(o.momentum, buffer, (1 - o.dampening) * g);
      g = o.nesterov ? fma(o.momentum, buffer, g) : buffer;
    }
    p = fma(-o.lr, g, p);
  }
};

void sgd(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, SGDOptions, 1>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(sgd);

template <>
const ElementRule<SGDOptions>& rule_of() {
  using O = SGDOptions;
  static const ElementRule<O> rule{
      .name = "SGD",
      .slots = {{"momentum_buffer", [](const O& o) { return o.momentum > 0; }}},
      .check =
          [](const O& o) {
            check_at_least_0(
                "SGD", {{"lr", o.lr}, {"momentum", o.momentum}, {"weight_decay", o.weight_decay}});
            check(!o.nesterov || (o.momentum > 0 && o.dampening == 0),
                  "SGD: Nesterov's form takes a momentum and no dampening, got {} and {}",
                  o.momentum, o.dampening);
          },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(sgd)
            (u, begin, end);
          },
      .counts_steps = false,
      // Momentum goes on moving each row that had a gradient once.
      .takes_rows =
          [](const O& o) {
            check_no_weight_decay("SGD", o.weight_decay);
            return o.momentum > 0 ? TakesRows::dense : TakesRows::by_row;
          }};
  return rule;
}

template class ElementwiseOptimizer<SGDOptions>;

}  // namespace rw::optim
#endif
