#include <rewind/optim/optimizer.h>

#include <algorithm>
#include <functional>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::optim {

namespace detail {

void fail_unknown_option(const char* optimizer, const OptionField& option) {
  fail("{}: there is no option '{}'", optimizer, option.name);
}
void fail_values(const OptionField& option, size_t expected) {
  fail("option '{}': expected {} numbers, got {}", option.name, expected, option.values.size());
}
void fail_group(const char* optimizer, size_t group, size_t groups) {
  fail<IndexError>("{}: there are {} groups, no group {}", optimizer, groups, group);
}
void fail_without_groups(const char* optimizer) {
  fail("{}: expected at least one group of parameters", optimizer);
}
void fail_other_parameters(const char* optimizer) {
  fail("{}: its groups hold other parameters than it was made with; make it anew", optimizer);
}

}  // namespace detail

void Optimizer::step() {
  const profile_scope scope(name_);
  check_groups();
  check_gradients();
  const no_grad guard;
  update();
}

Tensor Optimizer::step(const std::function<Tensor()>& closure) {
  check(static_cast<bool>(closure), "{}: step: the closure is empty", name_);
  Tensor loss;
  {
    const enable_grad recording;
    loss = closure();
  }
  step();
  return loss;
}

void Optimizer::check_gradients() const {
  for (size_t k = 0; k < num_groups(); ++k)
    for (size_t i = 0; i < joined_[k].params.size(); ++i)
      check<AutogradError>(!joined_[k].params[i].sparse_grad().defined(),
                           "{}: parameter {} of group {} has a gradient of rows, of an embedding "
                           "with sparse = true, which SGD, Adagrad and SparseAdam take",
                           name_, i, k);
}

void Optimizer::zero_grad(bool set_to_none) const {
  for (const Joined& group : joined_)
    for (const Tensor& p : group.params)
      if (p.requires_grad()) {
        const bool fills = !set_to_none && !p.sparse_grad().defined() && p.grad().defined();
        p.set_grad(fills ? zeros_like(p.grad()) : Tensor());
      }
}

std::vector<Tensor> Optimizer::parameters() const {
  std::vector<Tensor> all;
  for (const Joined& group : joined_)
    all.insert(all.end(), group.params.begin(), group.params.end());
  return all;
}

const Optimizer::Joined& Optimizer::joined_at(size_t group) const {
  if (group >= num_groups()) detail::fail_group(name_, group, num_groups());
  return joined_[group];
}

double Optimizer::lr(size_t group) const {
  joined_at(group);
  return const_cast<Optimizer*>(this)->lr_of(group);
}
void Optimizer::set_lr(double lr) {
  for (size_t k = 0; k < num_groups(); ++k) lr_of(k) = lr;
}
void Optimizer::set_lr(double lr, size_t group) {
  joined_at(group);
  lr_of(group) = lr;
}

namespace {

// The memory of a dense parameter, and which of those that join it is; -1 of one that has joined.
struct Range {
  const char *from, *to;
  int64_t index;
};

// One without elements is known by its handle's address.
Range range_of(const Tensor& p, int64_t index) {
  const auto* from = p.numel() > 0 ? static_cast<const char*>(p.raw_data())
                                   : reinterpret_cast<const char*>(&*p.impl());
  return {from, from + std::max<size_t>(p.nbytes(), 1), index};
}

// One of those that join and that has memory in common with another one, or -1.
int64_t overlapping(std::vector<Range> ranges) {
  const std::less<> before;
  std::sort(ranges.begin(), ranges.end(), [&](const Range& a, const Range& b) {
    return before(a.from, b.from) || (a.from == b.from && a.index < b.index);
  });
  for (size_t i = 1, furthest = 0; i < ranges.size(); ++i) {
    const int64_t index = std::max(ranges[furthest].index, ranges[i].index);
    if (before(ranges[i].from, ranges[furthest].to) && index >= 0) return index;
    if (before(ranges[furthest].to, ranges[i].to)) furthest = i;
  }
  return -1;
}

}  // namespace

void Optimizer::check_joining(const std::vector<Tensor>& params) const {
  check(!params.empty(), "{}: expected at least one parameter", name_);
  std::vector<Range> ranges;
  for (const Joined& group : joined_)
    for (const Tensor& p : group.params)
      if (rw::detail::is_dense(p)) ranges.push_back(range_of(p, -1));
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& p = params[i];
    check(p.defined(), "{}: parameter {} is undefined", name_, i);
    check<AutogradError>(p.is_leaf(),
                         "{}: parameter {} of shape {} is not a leaf, but made by '{}'", name_, i,
                         p.shape(), p.grad_fn());
    check<DTypeError>(p.is_floating_point(),
                      "{}: expected floating parameters, parameter {} of shape {} is {}", name_, i,
                      p.shape(), p.dtype());
    check(rw::detail::is_dense(p), "{}: parameter {} of shape {} has gaps in memory; use a clone()",
          name_, i, p.shape());
    ranges.push_back(range_of(p, static_cast<int64_t>(i)));
  }
  const int64_t twice = overlapping(std::move(ranges));
  check(twice < 0, "{}: parameter {} of shape {} is given twice, or shares memory with another one",
        name_, twice, params[static_cast<size_t>(std::max<int64_t>(twice, 0))].shape());
}

void Optimizer::join(const std::vector<Tensor>& params) {
  joined_.push_back({params, std::vector<ParamState>(params.size())});
}

void Optimizer::check_same(size_t group, const std::vector<Tensor>& params) const {
  const std::vector<Tensor>& joined = joined_[group].params;
  const auto same = [](const Tensor& a, const Tensor& b) { return a.is_same(b); };
  if (!std::equal(params.begin(), params.end(), joined.begin(), joined.end(), same))
    detail::fail_other_parameters(name_);
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& p = params[i];
    const std::vector<Tensor>& kept = joined_[group].states[i].tensors;
    bool fits = rw::detail::is_dense(p);
    for (size_t j = 0; j < kept.size(); ++j)
      if (const Tensor& t = kept[j]; t.defined())
        fits = fits && t.dtype() == compute_dtype(p.dtype()) &&
               (t.shape() == p.shape() || has_state_shape(j, t, p));
    if (fits) continue;
    fail(
        "{}: parameter {} of group {} has become {} of shape {}{} since the first step; make the "
        "optimizer anew",
        name_, i, group, p.dtype(), p.shape(),
        rw::detail::is_dense(p) ? "" : " with gaps in memory");
  }
}

Tensor Optimizer::gradient_like(const Tensor& param) {
  const SparseRows rows = param.sparse_grad();
  Tensor g = rows.defined() ? rows.to_dense() : param.grad();
  if (g.defined() && g.strides() != param.strides()) g = empty_like(param).copy_(g);
  return g;
}

Tensor& Optimizer::state_tensor(ParamState& state, size_t k, const Tensor& param,
                                double initial) const {
  if (state.tensors.size() <= k) state.tensors.resize(names_.tensors.size());
  Tensor& t = state.tensors[k];
  const DType dtype = compute_dtype(param.dtype());
  if (!t.defined()) t = empty_like(param, dtype).fill_(initial);
  if (t.strides() != param.strides()) t = empty_like(param, dtype).copy_(t);
  return t;
}

}  // namespace rw::optim
