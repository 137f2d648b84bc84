#include <rewind/optim/adagrad.h>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/adagrad.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

struct Rule {
  template <class O, class N, size_t slots>
  static HWY_INLINE void update(const O& o, const std::array<double, 4>& k, bool, N& p, N g,
                                N (&s)[slots]) {
    N& sum = s[0];
    g = decayed(o.weight_decay, p, g);
    sum = fma(g, g, sum);
    p = fma(-k[0], g / (sqrt(sum) + o.eps), p);
  }
};

void adagrad(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, AdagradOptions, 1>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(adagrad);

template <>
const ElementRule<AdagradOptions>& rule_of() {
  using O = AdagradOptions;
  static const ElementRule<O> rule{
      .name = "Adagrad",
      .slots = {{.name = "sum", .initial = [](const O& o) { return o.initial_accumulator_value; }}},
      .check =
          [](const O& o) {
            check_at_least_0("Adagrad", {{"lr", o.lr},
                                         {"lr_decay", o.lr_decay},
                                         {"weight_decay", o.weight_decay},
                                         {"initial_accumulator_value", o.initial_accumulator_value},
                                         {"eps", o.eps}});
          },
      .numbers = [](const O& o, ParamState& s) -> std::array<double, 4> {
        return {o.lr / (1 + (s.step - 1) * o.lr_decay)};
      },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(adagrad)
            (u, begin, end);
          },
      .takes_rows =
          [](const O& o) {
            check_no_weight_decay("Adagrad", o.weight_decay);
            // A row of zeros that never had a gradient would be moved by 0 / 0.
            return o.eps > 0 ? TakesRows::by_row : TakesRows::only_by_row;
          }};
  return rule;
}

template class ElementwiseOptimizer<AdagradOptions>;

}  // namespace rw::optim
#endif
