#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Takes the hook out that came with it. Hooks whose handle is dropped stay.
class HookHandle {
 public:
  /// Of no hook.
  HookHandle() = default;
  /// Of the hook that runs as long as this flag is set.
  explicit HookHandle(std::shared_ptr<std::atomic<bool>> active) : active_(std::move(active)) {}
  /// The hook runs no more.
  void remove() {
    if (active_) *active_ = false;
  }

 private:
  std::shared_ptr<std::atomic<bool>> active_;
};

// Hooks of tensors and ops may be registered and removed while other threads run backward; a pass
// that is at the same node may or may not see the change. Passes of several threads call a hook at
// once where they meet at its node, so that a hook has to guard what it writes.

/// Sees the gradient of a tensor, and may return another one of its shape and dtype to take its
/// place.
using TensorHook = std::function<Tensor(const Tensor& grad)>;
/// Calls `hook` whenever backward has the whole gradient of `t`, before anything is done with it:
/// before retain_grad keeps it, and before a leaf adds it to what it has. Hooks run in the order in
/// which they came. Throws AutogradError where `t` does not require a gradient.
HookHandle register_hook(const Tensor& t, TensorHook hook);

/// Sees the gradients of all results of an op (undefined where none arrived), and may replace them
/// by others of the results' shapes and dtypes, or by undefined tensors, which count as zero.
using NodePreHook = std::function<void(std::span<Tensor> grad_outputs)>;
/// Sees the gradients of all inputs of an op, which it may replace, and those of its results.
using NodeHook =
    std::function<void(std::span<Tensor> grad_inputs, std::span<const Tensor> grad_outputs)>;
///@{
/// Calls `hook` before, or after, the pullback of the op that made `t`. Throws AutogradError where
/// no op did.
HookHandle register_node_prehook(const Tensor& t, NodePreHook hook);
HookHandle register_node_hook(const Tensor& t, NodeHook hook);
///@}

/// Sees what `leaf.grad()` is after backward has added to it, and may change it, put another one of
/// its shape and dtype in its place or, by an undefined tensor, drop it: for sums over processes,
/// say. It is called once the gradient of the leaf is whole, and others may follow. What the hook
/// captures must not own `leaf`, which owns the hook: capture `leaf.detach()`, which has the same
/// data. Passes of several threads take turns: no other adds to the gradient between one's addition
/// and the end of its hooks.
using AccumulateHook = std::function<void(Tensor& grad)>;
/// Calls `hook` after each addition to the gradient of `leaf`, in the order in which hooks came.
/// Throws AutogradError where that is no leaf that requires a gradient.
HookHandle register_post_accumulate_grad_hook(const Tensor& leaf, AccumulateHook hook);

}  // namespace rw

#pragma GCC visibility pop
