#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Tensors with their names, in order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Tensors by name, in the order of the model that they are the state of: pairs to walk through, to
/// look up as `state["fc.weight"]`, and to add or erase.
class StateDict : public NamedTensors {
 public:
  using NamedTensors::NamedTensors;
  /// Of pairs of names and tensors.
  StateDict(NamedTensors entries) : NamedTensors(std::move(entries)) {}

  /// Whether there is a tensor of this name.
  bool contains(std::string_view name) const { return find(name) != end(); }
  ///@{
  /// The tensor of this name. Throws IndexError, which tells the names that are there, without one.
  Tensor& at(std::string_view name);
  const Tensor& at(std::string_view name) const;
  Tensor& operator[](std::string_view name) { return at(name); }
  const Tensor& operator[](std::string_view name) const { return at(name); }
  ///@}
  /// The same names with copies of the tensors.
  StateDict clone() const;
  /// Drops the tensor of this name; whether there was one.
  bool erase(std::string_view name);

  using NamedTensors::at;
  using NamedTensors::erase;
  using NamedTensors::operator[];

 private:
  const_iterator find(std::string_view name) const;
};

}  // namespace rw

#pragma GCC visibility pop
