#pragma once

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// Makes `to`, a model of the same parts, the same as `from`: the values and dtypes of parameters
/// and buffers, in memory of its own; requires_grad flags; training mode and held_elsewhere() of
/// each part; and where two names of `from` are one tensor, so are they in `to`. Gradients and
/// hooks are not copied. Handles and optimizers of `to` stay good, but where names are now one
/// tensor, and where `to` had a tensor of `from`. Throws, names all that differs, and changes
/// nothing, where names or shapes differ, and where a layer is the same object in both.
void copy_state(const Module& from, Module& to);

/// A deep copy of a model. Modules can't be copied as C++ objects, since what they are made with is
/// theirs alone: `make` makes another one of the same kind, and copy_state does the rest.
///
///     Net teacher = nn::clone(net, [] { return Net(10); });
///
/// Returns what `make` does: a module, or a std::shared_ptr or std::unique_ptr to one.
template <class Make>
[[nodiscard]] auto clone(const Module& model, const Make& make) -> decltype(make()) {
  auto copy = make();
  if constexpr (std::is_base_of_v<Module, decltype(copy)>) {
    copy_state(model, copy);
  } else {
    if (!copy) throw Error("clone: `make` returned a null pointer");
    copy_state(model, *copy);
  }
  return copy;
}

}  // namespace rw::nn

#pragma GCC visibility pop
