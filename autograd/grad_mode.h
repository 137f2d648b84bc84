#pragma once

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
inline thread_local bool grad_mode = true;
/// While a checkpoint runs its function for the second time: nothing but results may change.
inline thread_local bool is_recomputing = false;
}  // namespace detail

/// Whether ops on this thread are recorded.
inline bool is_grad_enabled() { return detail::grad_mode; }

/// Sets the thread's grad mode until the end of the scope.
class GradMode {
 public:
  /// Records, or does not.
  [[nodiscard]] explicit GradMode(bool on) : before_(detail::grad_mode) { detail::grad_mode = on; }
  ~GradMode() { detail::grad_mode = before_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool before_;
};
/// `no_grad guard;`: nothing is recorded until the end of the scope.
class no_grad : GradMode {
 public:
  [[nodiscard]] no_grad() : GradMode(false) {}
};
/// Recording again, inside a no_grad scope.
class enable_grad : GradMode {
 public:
  [[nodiscard]] enable_grad() : GradMode(true) {}
};
/// PyTorch's inference mode; here the same as no_grad, which keeps nothing either.
using inference_mode = no_grad;

}  // namespace rw

#pragma GCC visibility pop
