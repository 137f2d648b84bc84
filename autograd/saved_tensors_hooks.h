#pragma once

#include <any>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Until the end of the scope, on this thread: what ops save for their pullbacks passes through
/// `pack`, whose answer is kept instead of the tensor, and through `unpack` when backward needs it,
/// which must return a tensor of the same shape and dtype. For memory kept elsewhere, or in fewer
/// bits. Leaves that require a gradient are saved as they are: they stay in memory anyway. Whether
/// a packed tensor was changed in place meanwhile is not checked. Scopes nest: the innermost
/// counts.
///
/// `pack` gets the tensor off the tape; both run without recording, and out of these hooks.
class saved_tensors_hooks {
 public:
  /// Any value. A tensor is one to std::any_cast<Tensor>, also where it is a Selection.
  struct Packed {
    /// Holds a value that can be copied.
    template <class T>
    Packed(T v)
        : value(std::conditional_t<std::is_base_of_v<Tensor, T>, Tensor, T>(std::move(v))) {}
    std::any value;  ///< what unpack gets
  };
  /// What is kept instead of a tensor.
  using Pack = std::function<Packed(const Tensor&)>;
  /// The tensor again.
  using Unpack = std::function<Tensor(const std::any&)>;
  /// Throws where one of the functions is empty.
  [[nodiscard]] saved_tensors_hooks(Pack pack, Unpack unpack);
  ~saved_tensors_hooks();
  saved_tensors_hooks(const saved_tensors_hooks&) = delete;
  saved_tensors_hooks& operator=(const saved_tensors_hooks&) = delete;

  /// Both functions.
  struct Functions {
    Pack pack;      ///< for ops that save
    Unpack unpack;  ///< for backward
  };

 private:
  std::shared_ptr<const Functions> before_;
};

/// saved_tensors_hooks that keep float32 tensors as bfloat16: half the memory for activations, at
/// a relative error of up to 1/256 in what the gradients are computed from.
class save_as_bfloat16 : public saved_tensors_hooks {
 public:
  [[nodiscard]] save_as_bfloat16();
};

}  // namespace rw

#pragma GCC visibility pop
