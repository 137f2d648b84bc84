#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Mixed precision until the end of the scope, on this thread, by PyTorch's rules for the CPU:
/// convolutions and matrix products take their float32 inputs in `dtype` (bfloat16, where oneDNN is
/// about twice as fast), losses take theirs in float32, everything else computes in the types it is
/// given. Parameters stay float32, and so do their gradients; each is converted once per value.
///
///     {
///       const autocast guard;
///       loss = cross_entropy(net(images), labels);
///     }
///     loss.backward();
///
/// On processors without bfloat16 instructions the results are the same but nothing is gained; a
/// line on stderr says so once. Scopes nest, and `autocast off(false);` makes an exception.
class autocast {
 public:
  /// Throws DTypeError for a dtype other than bfloat16.
  [[nodiscard]] explicit autocast(bool enabled = true, DType dtype = bfloat16);
  ~autocast();
  autocast(const autocast&) = delete;
  autocast& operator=(const autocast&) = delete;

 private:
  DType before_;
};

/// Whether an enabled autocast scope surrounds the caller.
bool is_autocast_enabled();

namespace detail {

/// float32 when off.
inline thread_local DType autocast_dtype = DType::float32;

/// `t` in autocast's dtype, if it is float32. Conversions of leaves are kept to the end of the
/// outermost scope, or until the leaf changes.
Tensor lowered(const Tensor& t);

/// Whether one of these inputs of a product has to be lowered first.
template <class... T>
bool must_lower(const T&... t) {
  if (autocast_dtype == DType::float32) return false;
  return ((t.defined() && t.dtype() == DType::float32) || ...);
}

/// Whether this input of a loss has to be converted to float32 first.
inline bool must_raise(const Tensor& t) {
  return autocast_dtype != DType::float32 && t.defined() && t.dtype() == autocast_dtype;
}

}  // namespace detail
}  // namespace rw

#pragma GCC visibility pop
