#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <rewind/tensor/tensor.h>

namespace rw {

/// Takes the hook out that came with it. Hooks whose handle is dropped stay.
class HookHandle {
 public:
  HookHandle() = default;
  explicit HookHandle(std::shared_ptr<bool> active) : active_(std::move(active)) {}
  void remove() {
    if (active_) *active_ = false;
  }

 private:
  std::shared_ptr<bool> active_;
};

/// Sees the gradient of a tensor, and may return another one of its shape and dtype to take its
/// place.
using TensorHook = std::function<Tensor(const Tensor& grad)>;
/// Calls `hook` whenever backward has the whole gradient of `t`, before anything is done with it:
/// before retain_grad keeps it, and before a leaf adds it to what it has. Hooks run in the order in
/// which they came. Throws AutogradError where `t` does not require a gradient.
HookHandle register_hook(const Tensor& t, TensorHook hook);

/// Sees the gradients of all results of an op (undefined where none arrived), and may replace them.
using NodePreHook = std::function<void(std::span<Tensor> grad_outputs)>;
/// Sees the gradients of all inputs of an op, which it may replace, and those of its results.
using NodeHook =
    std::function<void(std::span<Tensor> grad_inputs, std::span<const Tensor> grad_outputs)>;
/// Calls `hook` before, or after, the pullback of the op that made `t`. Throws AutogradError where
/// no op did.
HookHandle register_node_prehook(const Tensor& t, NodePreHook hook);
HookHandle register_node_hook(const Tensor& t, NodeHook hook);

/// Sees what `leaf.grad()` is after backward has added to it, and may change it or, by an undefined
/// tensor, drop it: for sums over processes, or for a step that frees gradients as it goes. What
/// the hook captures must not own `leaf`, which owns the hook: capture `leaf.detach()`, which has
/// the same data.
using AccumulateHook = std::function<void(Tensor& grad)>;
HookHandle register_post_accumulate_grad_hook(const Tensor& leaf, AccumulateHook hook);

namespace detail {

/// Hooks of one kind.
template <class F>
class HookList {
 public:
  HookHandle add(F f) {
    std::erase_if(hooks_, [](const auto& h) { return !*h.second; });
    hooks_.emplace_back(std::move(f), std::make_shared<bool>(true));
    return HookHandle(hooks_.back().second);
  }
  bool empty() const { return hooks_.empty(); }
  /// g(hook) for each; they may register others meanwhile.
  template <class G>
  void for_each(G&& g) const {
    const auto now = hooks_;
    for (const auto& [hook, active] : now)
      if (*active) g(hook);
  }

 private:
  std::vector<std::pair<F, std::shared_ptr<bool>>> hooks_;
};

/// What a node has where somebody wants to see its gradients.
struct NodeHooks {
  std::vector<std::pair<uint32_t, Tensor>> retained;  // by output; undefined until one came
  HookList<std::pair<uint32_t, TensorHook>> tensor;   // by output
  HookList<NodePreHook> before;
  HookList<NodeHook> after;
  HookList<AccumulateHook> accumulated;
};

}  // namespace detail
}  // namespace rw
