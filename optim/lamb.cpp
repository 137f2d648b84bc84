#include <rewind/optim/lamb.h>

#include <algorithm>
#include <cmath>

#include <rewind/optim/element_rule.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/optim/lamb.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/update/rule-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::optim::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using kernels::HWY_NAMESPACE::load_up_to;
using kernels::HWY_NAMESPACE::normal_or_zero;
using kernels::HWY_NAMESPACE::store_up_to;
template <class D>
using Number = kernels::HWY_NAMESPACE::Number<D>;

template <class N>
HWY_INLINE N direction(const LAMBOptions& o, const std::array<double, 4>& k, N p, N m, N v) {
  return fma(o.weight_decay, p, k[0] * m / fma(k[1], sqrt(v), N::of(o.eps)));
}

// The means, and the sums of squares of the parameter and of its direction.
template <class T>
void moments_of(const kernels::Update& u, int64_t begin, int64_t end) {
  const LAMBOptions o = *static_cast<const LAMBOptions*>(u.options);
  const std::array<double, 4> k = u.numbers;
  const hn::ScalableTag<T> d;
  using N = Number<std::remove_const_t<decltype(d)>>;
  const auto *param = static_cast<const T*>(u.param), *grad = static_cast<const T*>(u.grad);
  auto *mean = static_cast<T*>(u.slots[0]), *square = static_cast<T*>(u.slots[1]);
  N squares = N::of(0), of_direction = N::of(0);
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = begin; i < end; i += lanes) {
    const int64_t n = end - i;
    const N p{load_up_to(d, param + i, n)};
    N g{load_up_to(d, grad + i, n)}, m{load_up_to(d, mean + i, n)}, v{load_up_to(d, square + i, n)};
    if (o.maximize) g = -g;
    m = fma(1 - o.betas.first, g - m, m);
    v = fma(o.betas.second, v, (1 - o.betas.second) * (g * g));
    m.v = normal_or_zero(d, m.v);
    v.v = normal_or_zero(d, v.v);
    store_up_to(d, m.v, mean + i, n);
    store_up_to(d, v.v, square + i, n);
    N r = direction(o, k, p, m, v);
    if (n < lanes) r.v = hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(n)), r.v);
    squares = fma(p, p, squares);
    of_direction = fma(r, r, of_direction);
  }
  u.sums[0] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, squares.v)));
  u.sums[1] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, of_direction.v)));
}

// p -= rate * direction.
template <class T>
void move_by(const kernels::Update& u, int64_t begin, int64_t end) {
  const LAMBOptions o = *static_cast<const LAMBOptions*>(u.options);
  const std::array<double, 4> k = u.numbers;
  const hn::ScalableTag<T> d;
  using N = Number<std::remove_const_t<decltype(d)>>;
  auto* param = static_cast<T*>(u.param);
  const auto *mean = static_cast<const T*>(u.slots[0]), *square = static_cast<const T*>(u.slots[1]);
  for (int64_t i = begin; i < end; i += static_cast<int64_t>(hn::Lanes(d))) {
    const int64_t n = end - i;
    const N p{load_up_to(d, param + i, n)};
    const N m{load_up_to(d, mean + i, n)}, v{load_up_to(d, square + i, n)};
    store_up_to(d, fma(-k[2], direction(o, k, p, m, v), p).v, param + i, n);
  }
}

void lamb_moments(const kernels::Update& u, int64_t begin, int64_t end) {
  dispatch_among<float, double>(u.dtype, [&]<class T>() { moments_of<T>(u, begin, end); });
}
void lamb_move(const kernels::Update& u, int64_t begin, int64_t end) {
  dispatch_among<float, double>(u.dtype, [&]<class T>() { move_by<T>(u, begin, end); });
}

}  // namespace
}  // namespace rw::optim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::optim {

HWY_EXPORT(lamb_moments);
HWY_EXPORT(lamb_move);

namespace {

void moments(const kernels::Update& u, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(lamb_moments)(u, begin, end);
}
void move(const kernels::Update& u, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(lamb_move)(u, begin, end);
}

}  // namespace

LAMB::LAMB(std::vector<Tensor> params, const LAMBOptions& options)
    : LAMB(std::vector<Group>{{std::move(params), options}}) {}
LAMB::LAMB(std::vector<Group> groups)
    : GroupedOptimizer("LAMB", {.tensors = {"exp_avg", "exp_avg_sq"}}, std::move(groups),
                       [](const Group& group) {
                         const LAMBOptions& o = group.options;
                         check_at_least_0(
                             "LAMB",
                             {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
                         check_betas("LAMB", o.betas);
                       }) {}

void LAMB::update() {
  std::vector<kernels::Update> updates;
  std::vector<Tensor> grads;  // kept alive to the end
  for_each_gradient([&](const Tensor& p, const Tensor& g, ParamState& s, const LAMBOptions& o) {
    kernels::Update u{.param = p.raw_data(),
                      .grad = g.raw_data(),
                      .options = &o,
                      .n = p.numel(),
                      .dtype = p.dtype()};
    for (size_t j = 0; j < 2; ++j) u.slots[j] = state_tensor(s, j, p).raw_data();
    u.numbers = {1 / (1 - std::pow(o.betas.first, s.step)),
                 1 / std::sqrt(1 - std::pow(o.betas.second, s.step))};
    updates.push_back(u);
    grads.push_back(g);
    p.impl()->storage->bump_version("LAMB");
  });
  const auto sums = kernels::sum_all(updates, moments);
  for (size_t i = 0; i < updates.size(); ++i) {
    const double of_param = std::sqrt(sums[i][0]), of_direction = std::sqrt(sums[i][1]);
    const double trust = of_param > 0 && of_direction > 0 ? of_param / of_direction : 1;
    updates[i].numbers[2] = trust * static_cast<const LAMBOptions*>(updates[i].options)->lr;
  }
  kernels::update_all(updates, move);
}

}  // namespace rw::optim
#endif
