#pragma once
// Private to the library's sources: where hooks are kept.

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/hooks.h>
#include <rewind/tensor/check.h>

namespace rw::detail {

/// Throws for an empty std::function.
template <class F>
void check_hook(const char* name, const F& hook) {
  check(static_cast<bool>(hook), "{}: expected a function, got an empty std::function", name);
}

/// Hooks of one kind.
template <class F>
class HookList {
 public:
  HookHandle add(F f) {
    auto active = std::make_shared<std::atomic<bool>>(true);
    const std::lock_guard lock(mutex_);
    std::erase_if(hooks_, [](const auto& h) { return !*h.second; });
    hooks_.emplace_back(std::move(f), active);
    return HookHandle(std::move(active));
  }
  /// Whether there are none but those that were removed.
  bool empty() const {
    const std::lock_guard lock(mutex_);
    return std::none_of(hooks_.begin(), hooks_.end(),
                        [](const auto& h) { return h.second->load(); });
  }
  /// g(hook) for each; they may register others meanwhile.
  template <class G>
  void for_each(G&& g) const {
    for (const auto& [hook, active] : now())
      if (*active) g(hook);
  }

 private:
  using Hooks = std::vector<std::pair<F, std::shared_ptr<std::atomic<bool>>>>;

  Hooks now() const {
    const std::lock_guard lock(mutex_);
    return hooks_;
  }

  mutable std::mutex mutex_;
  Hooks hooks_;
};

/// Gradients of a node's outputs that somebody asked to keep.
class RetainedGrads {
 public:
  void retain(uint32_t nr) {
    const std::lock_guard lock(mutex_);
    if (!find(nr)) by_output_.emplace_back(nr, Tensor());
  }
  bool has(uint32_t nr) const {
    const std::lock_guard lock(mutex_);
    return find(nr) != nullptr;
  }
  /// No longer keeps this one, and returns what it has of it.
  Tensor take(uint32_t nr) {
    const std::lock_guard lock(mutex_);
    Tensor kept;
    std::erase_if(by_output_, [&](auto& entry) {
      if (entry.first == nr) kept = std::move(entry.second);
      return entry.first == nr;
    });
    return kept;
  }
  void put(uint32_t nr, Tensor kept) {
    const std::lock_guard lock(mutex_);
    by_output_.emplace_back(nr, std::move(kept));
  }
  /// Adds them to what it has, in memory of its own: pullbacks and users change theirs.
  void see(std::span<const Tensor> grads) {
    const std::lock_guard lock(mutex_);
    for (auto& [nr, kept] : by_output_) {
      if (!grads[nr].defined()) continue;
      if (kept.defined())
        accumulate(kept, grads[nr]);
      else
        kept = grads[nr].clone();
    }
  }
  /// Undefined until one came.
  Tensor get(uint32_t nr) const {
    const std::lock_guard lock(mutex_);
    const Tensor* kept = find(nr);
    return kept ? *kept : Tensor();
  }

 private:
  const Tensor* find(uint32_t nr) const {
    for (const auto& [output, grad] : by_output_)
      if (output == nr) return &grad;
    return nullptr;
  }

  mutable std::mutex mutex_;
  std::vector<std::pair<uint32_t, Tensor>> by_output_;
};

/// Whether any leaf has had hooks: until then, no pass looks for those that have.
inline std::atomic<bool> leaves_have_hooks{false};

/// What a node has where somebody wants to see its gradients.
struct NodeHooks {
  RetainedGrads retained;
  HookList<std::pair<uint32_t, TensorHook>> tensor;  // by output
  HookList<NodePreHook> before;
  HookList<NodeHook> after;
  HookList<AccumulateHook> accumulated;
  std::recursive_mutex accumulating;  // held by a pass that adds to a leaf and calls its hooks
};

}  // namespace rw::detail
