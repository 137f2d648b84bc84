#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <rewind/autograd/node_hooks.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/share_data.h>
#include <rewind/nn/module.h>

namespace rw::nn {

struct Module::Hooks {
  rw::detail::HookList<ForwardPreHook> before;
  rw::detail::HookList<ForwardHook> after;
  rw::detail::HookList<FullBackwardHook> backward;
};

namespace {

// The gradient of a call's result, on its way from the end of the call to its start. Several
// threads may run backward through one call.
class GradOutput {
 public:
  void put(const Tensor& g) {
    const std::lock_guard lock(mutex_);
    by_thread_[std::this_thread::get_id()] = g;
  }
  Tensor take() {
    const std::lock_guard lock(mutex_);
    const auto found = by_thread_.extract(std::this_thread::get_id());
    return found ? std::move(found.mapped()) : Tensor();
  }

 private:
  std::mutex mutex_;
  std::map<std::thread::id, Tensor> by_thread_;
};

// The same data as t, with a place on the tape where `see(gradient)` stands in for the gradient.
template <class F>
Tensor watched(const Tensor& t, F see) {
  return record("module_hook", rw::detail::share_data(t), {t},
                [see](const Tensor& g, Needs) -> Grads { return see(g); });
}

}  // namespace

std::shared_ptr<Module::Hooks>& Module::hooks() {
  if (!hooks_) hooks_ = std::make_shared<Hooks>();
  return hooks_;
}

HookHandle Module::register_forward_pre_hook(ForwardPreHook hook) {
  return hooks()->before.add(std::move(hook));
}
HookHandle Module::register_forward_hook(ForwardHook hook) {
  return hooks()->after.add(std::move(hook));
}
HookHandle Module::register_full_backward_hook(FullBackwardHook hook) {
  return hooks()->backward.add(std::move(hook));
}

Tensor Module::call_with_hooks(const Tensor& input) {
  const std::shared_ptr<Hooks> hooks = hooks_;
  Tensor x = input;
  hooks->before.for_each([&](const ForwardPreHook& hook) {
    if (Tensor other = hook(*this, x); other.defined()) x = std::move(other);
  });

  const auto end = std::make_shared<GradOutput>();  // which backward meets first
  const auto see = [hooks, end](Tensor grad_input) {
    const Tensor grad_output = end->take();
    hooks->backward.for_each([&](const FullBackwardHook& hook) {
      if (Tensor other = hook(grad_input, grad_output); other.defined())
        grad_input = std::move(other);
    });
    return grad_input;
  };
  const bool backward = !hooks->backward.empty() && is_grad_enabled();
  const bool differentiable = backward && x.defined() && x.requires_grad();
  if (differentiable) x = watched(x, see);

  Tensor y = forward(x);
  hooks->after.for_each([&](const ForwardHook& hook) {
    if (Tensor other = hook(*this, x, y); other.defined()) y = std::move(other);
  });
  if (!backward || !y.defined() || !y.requires_grad()) return y;
  return watched(y, [=](const Tensor& g) {
    end->put(g);
    if (!differentiable) static_cast<void>(see({}));
    return g;
  });
}

}  // namespace rw::nn
