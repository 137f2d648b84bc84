#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// f(inputs), without keeping what its ops save for backward: backward runs f again to have them
/// (Chen et al., "Training deep nets with sublinear memory cost", 2016). The gradients are the same
/// to the last digit, those of parameters that f uses included, and can be differentiated again.
///
///     for (auto& block : blocks) x = checkpoint(block, x);
///
/// The second run has the random numbers and the autocast of the first, and updates no running
/// statistics. f must do the same again: throws AutogradError in backward where it saves other
/// tensors, or where its inputs were changed in place meanwhile. What f refers to must live until
/// then.
std::vector<Tensor> checkpoint(
    const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& f,
    const std::vector<Tensor>& inputs);

namespace detail {
/// A copy of a function; what can't be copied, such as a module, by reference.
template <class F>
auto kept(F&& f) {
  if constexpr (std::is_copy_constructible_v<std::remove_reference_t<F>>) {
    return f;
  } else {
    static_assert(std::is_lvalue_reference_v<F>,
                  "checkpoint: the module must live until backward; give it a name");
    return std::ref(f);
  }
}
}  // namespace detail

/// The same for a function of some tensors with one result, or for a module.
template <class F, std::convertible_to<Tensor>... T>
requires(sizeof...(T) > 0) Tensor checkpoint(F&& f, const T&... inputs) {
  const auto call = [f = detail::kept(std::forward<F>(f))](const std::vector<Tensor>& in) mutable {
    return [&]<size_t... i>(std::index_sequence<i...>) { return std::vector<Tensor>{f(in[i]...)}; }
    (std::index_sequence_for<T...>());
  };
  return checkpoint(std::function<std::vector<Tensor>(const std::vector<Tensor>&)>(call),
                    std::vector<Tensor>{inputs...})[0];
}

}  // namespace rw

#pragma GCC visibility pop
