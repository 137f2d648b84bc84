#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <rewind/autograd/node_hooks.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/share_data.h>
#include <rewind/nn/calls_aside.h>
#include <rewind/nn/module.h>

namespace rw::nn {

struct Module::Hooks {
  rw::detail::HookList<PreCallHook> before;
  rw::detail::HookList<CallHook> after;
  rw::detail::HookList<CallBackwardHook> backward;
};

Module::Hooks& Module::hooks() {
  if (!hooks_) hooks_ = std::make_shared<Hooks>();
  return *hooks_;
}

HookHandle Module::register_pre_call_hook(PreCallHook hook) {
  rw::detail::check_hook("register_pre_call_hook", hook);
  return hooks().before.add(std::move(hook));
}
HookHandle Module::register_call_hook(CallHook hook) {
  rw::detail::check_hook("register_call_hook", hook);
  return hooks().after.add(std::move(hook));
}
HookHandle Module::register_call_backward_hook(CallBackwardHook hook) {
  rw::detail::check_hook("register_call_backward_hook", hook);
  return hooks().backward.add(std::move(hook));
}

// --- Hooks of one tensor ------------------------------------------------------------------------

namespace {

Tensor first(std::span<const Tensor> tensors) { return tensors.empty() ? Tensor() : tensors[0]; }

void replace_first(std::span<Tensor> tensors, Tensor by) {
  if (!tensors.empty() && by.defined()) tensors[0] = std::move(by);
}

}  // namespace

HookHandle Module::register_forward_pre_hook(ForwardPreHook hook) {
  rw::detail::check_hook("register_forward_pre_hook", hook);
  return register_pre_call_hook([hook = std::move(hook)](Module& m, std::span<Tensor> inputs) {
    replace_first(inputs, hook(m, first(inputs)));
  });
}
HookHandle Module::register_forward_hook(ForwardHook hook) {
  rw::detail::check_hook("register_forward_hook", hook);
  return register_call_hook([hook = std::move(hook)](Module& m, std::span<const Tensor> inputs,
                                                     std::span<Tensor> results) {
    replace_first(results, hook(m, first(inputs), first(results)));
  });
}
HookHandle Module::register_full_backward_hook(FullBackwardHook hook) {
  rw::detail::check_hook("register_full_backward_hook", hook);
  return register_call_backward_hook(
      [hook = std::move(hook)](std::span<Tensor> grad_inputs,
                               std::span<const Tensor> grad_results) {
        replace_first(grad_inputs, hook(first(grad_inputs), first(grad_results)));
      });
}

// --- A call -------------------------------------------------------------------------------------

namespace detail {

// The gradients of a call's results, on their way from the end of the call to its start. Several
// threads may run backward through one call.
class GradResults {
 public:
  void put(std::vector<Tensor> grads) {
    const std::lock_guard lock(mutex_);
    by_thread_[std::this_thread::get_id()] = std::move(grads);
  }
  std::vector<Tensor> take() {
    const std::lock_guard lock(mutex_);
    const auto found = by_thread_.extract(std::this_thread::get_id());
    return found ? std::move(found.mapped()) : std::vector<Tensor>();
  }

 private:
  std::mutex mutex_;
  std::map<std::thread::id, std::vector<Tensor>> by_thread_;
};

}  // namespace detail

namespace {

// Gives those of the tensors that require a gradient another place on the tape, with the same data,
// where `see(gradients of all)` may replace the gradients. Whether there are any.
template <class F>
bool watch(std::span<Tensor> tensors, F see) {
  std::vector<size_t> places;
  std::vector<Tensor> inputs, results;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].defined() || !tensors[i].requires_grad()) continue;
    places.push_back(i);
    inputs.push_back(tensors[i]);
    results.push_back(rw::detail::share_data(tensors[i]));
  }
  if (inputs.empty()) return false;
  results = record("module_hook", std::move(results), inputs,
                   [=, n = tensors.size()](std::span<const Tensor> g, Needs) -> Grads {
                     std::vector<Tensor> all(n), watched;
                     for (size_t k = 0; k < places.size(); ++k) all[places[k]] = g[k];
                     see(all);
                     for (const size_t place : places) watched.push_back(all[place]);
                     return watched;
                   });
  for (size_t k = 0; k < places.size(); ++k) tensors[places[k]] = results[k];
  return true;
}

}  // namespace

struct detail::HookedCall::State {
  Module& module;
  std::shared_ptr<Module::Hooks> hooks;
  std::shared_ptr<detail::GradResults> grad_results = std::make_shared<detail::GradResults>();
  std::vector<Tensor> inputs = {};
  bool backward = false;  // is wanted
  bool inputs_watched = false;
};

detail::HookedCall::HookedCall(Module& module) : state_(new State{module, module.hooks_}) {}
detail::HookedCall::~HookedCall() = default;

bool detail::HookedCall::wanted(const Module& module) {
  const Module::Hooks* hooks = module.hooks_.get();
  return hooks && !(hooks->before.empty() && hooks->after.empty() && hooks->backward.empty());
}

void detail::HookedCall::start(std::span<Tensor> inputs) {
  const CallsAside aside;
  State& s = *state_;
  s.hooks->before.for_each([&](const Module::PreCallHook& hook) { hook(s.module, inputs); });
  s.backward = !s.hooks->backward.empty() && is_grad_enabled();
  if (s.backward)
    s.inputs_watched =
        watch(inputs, [hooks = s.hooks, end = s.grad_results](std::vector<Tensor>& grad_inputs) {
          const std::vector<Tensor> grad_results = end->take();
          hooks->backward.for_each(
              [&](const Module::CallBackwardHook& hook) { hook(grad_inputs, grad_results); });
        });
  s.inputs.assign(inputs.begin(), inputs.end());
}

void detail::HookedCall::end(std::span<Tensor> results) {
  const CallsAside aside;
  State& s = *state_;
  s.hooks->after.for_each([&](const Module::CallHook& hook) { hook(s.module, s.inputs, results); });
  if (!s.backward) return;
  watch(results, [hooks = s.hooks, end = s.grad_results, start_follows = s.inputs_watched,
                  n = s.inputs.size()](const std::vector<Tensor>& grad_results) {
    if (start_follows) return end->put(grad_results);
    std::vector<Tensor> none(n);
    hooks->backward.for_each(
        [&](const Module::CallBackwardHook& hook) { hook(none, grad_results); });
  });
}

}  // namespace rw::nn
