#pragma once
// What happens around the forward of a module, whatever it takes and returns: hooks, the check that
// the model knows the layer, and the layer's path in front of errors.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::nn {

class Module;

namespace detail {

class Parametrizations;

/// A call of a module on this thread, from its start to its end.
class Call {
 public:
  /// Throws where a module calls a layer that no module of the same model has as a member.
  explicit Call(const Module& module);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  /// Puts the layer's path in front of the message, unless a call inside has done so.
  void locate(Error& e) const;

 private:
  std::string path() const;
  bool may_call(const Module& m) const;
  bool stands_below_a_call(const Module& m) const;
  const Call* way_to(const Module& m, std::string& names) const;
  [[noreturn]] void fail_unregistered(const Module& m) const;

  const Module& module_;
  const Call* caller_;
};

/// What the hooks of a module do around one call.
class HookedCall {
 public:
  explicit HookedCall(Module& module);
  ~HookedCall();
  HookedCall(const HookedCall&) = delete;
  HookedCall& operator=(const HookedCall&) = delete;
  static bool wanted(const Module& module);
  /// May replace inputs and results.
  void start(std::span<Tensor> inputs);
  void end(std::span<Tensor> results);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Computes the parametrized tensors of a module for a call. Where there are any, calls of other
/// threads wait until this one is done, for they would replace them.
class ComputedMembers {
 public:
  explicit ComputedMembers(Module& module);
  ~ComputedMembers();
  ComputedMembers(const ComputedMembers&) = delete;
  ComputedMembers& operator=(const ComputedMembers&) = delete;

 private:
  std::shared_ptr<Parametrizations> held_;
};

// --- The tensors that hooks see -----------------------------------------------------------------

template <class T>
inline constexpr bool holds_tensors = std::is_base_of_v<Tensor, T>;
template <class T>
inline constexpr bool holds_tensors<const T> = false;
template <class T>
inline constexpr bool holds_tensors<std::optional<T>> = holds_tensors<T>;
template <class T>
inline constexpr bool holds_tensors<std::vector<T>> = holds_tensors<T>;
template <class T, size_t n>
inline constexpr bool holds_tensors<std::array<T, n>> = holds_tensors<T>;
template <class A, class B>
inline constexpr bool holds_tensors<std::pair<A, B>> = holds_tensors<A> || holds_tensors<B>;
template <class... T>
inline constexpr bool holds_tensors<std::tuple<T...>> = (holds_tensors<T> || ...);

/// f(tensor) for each in `value`.
template <class T, class F>
void for_each_tensor(T& value, const F& f) {
  if constexpr (!holds_tensors<T>)
    return;
  else if constexpr (std::is_base_of_v<Tensor, T>)
    f(value);
  else if constexpr (requires { value.has_value(); }) {
    if (value) for_each_tensor(*value, f);
  } else if constexpr (requires { value.begin(); }) {
    for (auto& element : value) for_each_tensor(element, f);
  } else {
    std::apply([&](auto&... elements) { (for_each_tensor(elements, f), ...); }, value);
  }
}

/// see(tensors) of those in `value`, which it may replace.
template <class T, class F>
void see_tensors(T& value, const F& see) {
  std::vector<Tensor> tensors;
  for_each_tensor(value, [&](const Tensor& t) { tensors.push_back(t); });
  see(std::span(tensors));
  size_t i = 0;
  for_each_tensor(value, [&](auto& t) { t = std::move(tensors[i++]); });
}

// --- The call -----------------------------------------------------------------------------------

/// An argument during a call with hooks: they replace tensors in a copy of it.
template <class A>
using Held = std::conditional_t<holds_tensors<std::remove_cvref_t<A>>, std::remove_cvref_t<A>, A&&>;

template <class Forward, class... A>
auto call_with_hooks(Module& module, const Forward& forward, A&&... args)
    -> decltype(forward(std::forward<A>(args)...)) {
  using Result = decltype(forward(std::forward<A>(args)...));
  std::tuple<Held<A>...> held(std::forward<A>(args)...);
  HookedCall hooks(module);
  see_tensors(held, [&](std::span<Tensor> inputs) { hooks.start(inputs); });
  const auto run = [&]() -> Result {
    return std::apply([&](auto&... a) -> Result { return forward(static_cast<A&&>(a)...); }, held);
  };
  if constexpr (std::is_void_v<Result>) {
    run();
    hooks.end({});
  } else if constexpr (std::is_reference_v<Result>) {  // of something that is not the call's
    Result result = run();
    hooks.end({});
    return static_cast<Result>(result);
  } else {
    Result result = run();
    see_tensors(result, [&](std::span<Tensor> results) { hooks.end(results); });
    return result;
  }
}

/// Runs `forward(args...)` as a call of `module`.
template <class Forward, class... A>
auto call(Module& module, const Forward& forward, A&&... args)
    -> decltype(forward(std::forward<A>(args)...)) {
  const Call call(module);
  try {
    const ComputedMembers computed(module);
    if (HookedCall::wanted(module)) [[unlikely]]
      return call_with_hooks(module, forward, std::forward<A>(args)...);
    return forward(std::forward<A>(args)...);
  } catch (Error& e) {
    call.locate(e);
    throw;
  }
}

}  // namespace detail
}  // namespace rw::nn

#pragma GCC visibility pop
