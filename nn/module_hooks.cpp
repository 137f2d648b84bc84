#include <utility>

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

  // The gradient of the result, which backward meets first.
  const auto grad_output = std::make_shared<Tensor>();
  const auto see = [hooks, grad_output](Tensor grad_input) {
    hooks->backward.for_each([&](const FullBackwardHook& hook) {
      if (Tensor other = hook(grad_input, *grad_output); other.defined())
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
    *grad_output = g;
    if (!differentiable) static_cast<void>(see({}));
    return g;
  });
}

}  // namespace rw::nn
