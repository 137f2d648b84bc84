#include <rewind/optim/sgd.h>

#include <rewind/autograd/grad_mode.h>
#include <rewind/kernels/update/sgd_kernel.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::optim {

namespace {

void check_options(const SGDOptions& o) {
  check(o.lr >= 0, "SGD: expected lr >= 0, got {}", o.lr);
  check(o.momentum >= 0, "SGD: expected momentum >= 0, got {}", o.momentum);
  check(o.weight_decay >= 0, "SGD: expected weight_decay >= 0, got {}", o.weight_decay);
  check(!o.nesterov || (o.momentum > 0 && o.dampening == 0),
        "SGD: Nesterov's form takes a momentum and no dampening, got {} and {}", o.momentum,
        o.dampening);
}

}  // namespace

SGD::SGD(std::vector<Tensor> params, const SGDOptions& options)
    : SGD(std::vector<Group>{{std::move(params), options}}) {}

SGD::SGD(std::vector<Group> groups) : groups_(std::move(groups)) {
  check(!groups_.empty(), "SGD: expected at least one group of parameters");
  for (const Group& group : groups_) {
    join("SGD", group.params);
    check_options(group.options);
    momenta_.emplace_back(group.params.size());
  }
}

void SGD::step() {
  const profile_scope scope("SGD");
  check_groups("SGD", groups_, momenta_);
  const no_grad guard;
  std::vector<kernels::SgdUpdate> updates;
  std::vector<Tensor> grads;  // kept alive to the end
  for (size_t k = 0; k < groups_.size(); ++k) {
    const SGDOptions& o = groups_[k].options;
    check_options(o);
    for (size_t i = 0; i < groups_[k].params.size(); ++i) {
      const Tensor& p = groups_[k].params[i];
      Tensor g = p.grad();
      if (!g.defined()) continue;
      // Everything lies as the parameter does, so that it is walked flat.
      if (g.strides() != p.strides()) g = empty_like(p).copy_(g);
      Tensor& buffer = momenta_[k][i];
      const bool first = o.momentum > 0 && !buffer.defined();
      if (first) buffer = empty_like(p);
      check(
          !buffer.defined() || (buffer.shape() == p.shape() && buffer.dtype() == p.dtype()),
          "SGD: parameter {} of group {} has become {} of shape {} since the first step; make the "
          "optimizer anew",
          i, k, p.dtype(), p.shape());
      grads.push_back(g);
      updates.push_back({.param = p.raw_data(),
                         .grad = g.raw_data(),
                         .momentum_buffer = o.momentum > 0 ? buffer.raw_data() : nullptr,
                         .n = p.numel(),
                         .dtype = p.dtype(),
                         .first = first,
                         .nesterov = o.nesterov,
                         .maximize = o.maximize,
                         .lr = o.lr,
                         .momentum = o.momentum,
                         .dampening = o.dampening,
                         .weight_decay = o.weight_decay});
      p.impl()->storage->bump_version("SGD");
    }
  }
  kernels::sgd_step(updates);
}

}  // namespace rw::optim
