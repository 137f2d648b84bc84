#include <rewind/optim/sparse_adam.h>

#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/sparse_adam.cpp"
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
    m = fma(1 - o.betas.first, g - m, m);
    v = fma(1 - o.betas.second, g * g - v, v);
    p = fma(-k[0], m / (sqrt(v) + o.eps), p);
  }
};

void sparse_adam(const kernels::Update& u, int64_t begin, int64_t end) {
  kernels::HWY_NAMESPACE::update_by<Rule, SparseAdamOptions, 2>(u, begin, end);
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(sparse_adam);

template <>
const ElementRule<SparseAdamOptions>& rule_of() {
  using O = SparseAdamOptions;
  static const ElementRule<O> rule{
      .name = "SparseAdam",
      .slots = {{"exp_avg"}, {"exp_avg_sq"}},
      .check =
          [](const O& o) {
            check(o.lr > 0 && o.eps > 0, "SparseAdam: expected lr > 0 and eps > 0, got {} and {}",
                  o.lr, o.eps);
            check_betas("SparseAdam", o.betas);
          },
      .numbers = [](const O& o, ParamState& s) -> std::array<double, 4> {
        return {o.lr * std::sqrt(1 - std::pow(o.betas.second, s.step)) /
                (1 - std::pow(o.betas.first, s.step))};
      },
      .update =
          [](const kernels::Update& u, int64_t begin, int64_t end) {
            HWY_DYNAMIC_DISPATCH(sparse_adam)
            (u, begin, end);
          },
      .takes_rows = [](const O&) { return TakesRows::only_by_row; },
      .takes_rows_only = true};
  return rule;
}

template class ElementwiseOptimizer<SparseAdamOptions>;

}  // namespace rw::optim
#endif
