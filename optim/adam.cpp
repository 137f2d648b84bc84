#include <rewind/optim/adam.h>

#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/kernels/update/adam_kernel.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::optim {

namespace {

void check_options(const AdamOptions& o) {
  const auto [beta1, beta2] = o.betas;
  check(o.lr >= 0, "Adam: expected lr >= 0, got {}", o.lr);
  check(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
        "Adam: expected betas in [0, 1), got {} and {}", beta1, beta2);
  check(o.eps >= 0, "Adam: expected eps >= 0, got {}", o.eps);
  check(o.weight_decay >= 0, "Adam: expected weight_decay >= 0, got {}", o.weight_decay);
}

DType moment_dtype(const Tensor& p) { return compute_dtype(p.dtype()); }

Tensor zero_moment(const Tensor& p) { return empty_like(p, moment_dtype(p)).zero_(); }

AdamOptions decoupled(const AdamWOptions& o) {
  return {.lr = o.lr,
          .betas = o.betas,
          .eps = o.eps,
          .weight_decay = o.weight_decay,
          .amsgrad = o.amsgrad,
          .maximize = o.maximize,
          .decoupled_weight_decay = true};
}
std::vector<Adam::Group> decoupled(const std::vector<ParamGroup<AdamWOptions>>& groups) {
  std::vector<Adam::Group> result;
  for (const auto& group : groups) result.push_back({group.params, decoupled(group.options)});
  return result;
}

}  // namespace

Adam::Adam(std::vector<Tensor> params, const AdamOptions& options)
    : Adam(std::vector<Group>{{std::move(params), options}}) {}

Adam::Adam(std::vector<Group> groups) : groups_(std::move(groups)) {
  check(!groups_.empty(), "Adam: expected at least one group of parameters");
  for (const Group& group : groups_) {
    join("Adam", group.params);
    check_options(group.options);
    states_.emplace_back(group.params.size());
  }
}

void Adam::step() {
  const profile_scope scope("Adam");
  check_groups("Adam", groups_, states_);
  const no_grad guard;
  for (const Group& group : groups_) check_options(group.options);
  std::vector<kernels::AdamUpdate> updates;
  std::vector<Tensor> grads;  // kept alive to the end
  for (size_t k = 0; k < groups_.size(); ++k) {
    const AdamOptions& o = groups_[k].options;
    for (size_t i = 0; i < groups_[k].params.size(); ++i) {
      const Tensor& p = groups_[k].params[i];
      Tensor g = p.grad();
      if (!g.defined()) continue;
      // Everything lies as the parameter does, so that it is walked flat.
      if (g.strides() != p.strides()) g = empty_like(p).copy_(g);
      grads.push_back(g);
      State& s = states_[k][i];
      if (!s.mean.defined()) {
        s.mean = zero_moment(p);
        s.square = zero_moment(p);
      }
      check(s.mean.shape() == p.shape() && s.mean.dtype() == moment_dtype(p),
            "Adam: parameter {} of group {} has become {} of shape {} since the first step; make "
            "the optimizer anew",
            i, k, p.dtype(), p.shape());
      if (o.amsgrad && !s.max_square.defined()) s.max_square = zero_moment(p);
      const auto t = static_cast<double>(++s.steps);
      updates.push_back({.param = p.raw_data(),
                         .grad = g.raw_data(),
                         .mean = s.mean.raw_data(),
                         .square = s.square.raw_data(),
                         .max_square = o.amsgrad ? s.max_square.raw_data() : nullptr,
                         .n = p.numel(),
                         .dtype = p.dtype(),
                         .maximize = o.maximize,
                         .beta1 = o.betas.first,
                         .beta2 = o.betas.second,
                         .eps = o.eps,
                         .weight_decay = o.decoupled_weight_decay ? 0 : o.weight_decay,
                         .keep = o.decoupled_weight_decay ? 1 - o.lr * o.weight_decay : 1,
                         .step_size = o.lr / (1 - std::pow(o.betas.first, t)),
                         .correction = 1 / std::sqrt(1 - std::pow(o.betas.second, t))});
      p.impl()->storage->bump_version("Adam");
    }
  }
  kernels::adam_step(updates);
}

AdamW::AdamW(std::vector<Tensor> params, const AdamWOptions& options)
    : Adam(std::move(params), decoupled(options)) {}

AdamW::AdamW(const std::vector<ParamGroup<AdamWOptions>>& groups) : Adam(decoupled(groups)) {}

}  // namespace rw::optim
