#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// Parameters named "0", "1", … .
class ParameterList : public Module {
 public:
  ParameterList() = default;
  /// Of these tensors, in order.
  explicit ParameterList(const std::vector<Tensor>& tensors) { extend(tensors); }

  /// Adds a parameter; returns it.
  Parameter& append(const Tensor& t) {
    parameters_.push_back(parameter(std::to_string(size()), t));
    return parameters_.back();
  }
  /// Adds several: all, or none where one can't be a parameter.
  void extend(const std::vector<Tensor>& tensors) {
    for (const Tensor& t : tensors)
      if (t.defined() && !t.is_floating_point())
        throw DTypeError("ParameterList: only floating tensors can be parameters");
    for (const Tensor& t : tensors) append(t);
  }
  ///@{
  /// The parameter of this number, which can be assigned. Throws IndexError where there is none.
  Parameter& operator[](size_t i) { return parameters_[checked(i)]; }
  const Parameter& operator[](size_t i) const { return parameters_[checked(i)]; }
  ///@}
  ///@{
  /// How many parameters there are, and whether there are none.
  size_t size() const { return parameters_.size(); }
  bool empty() const { return parameters_.empty(); }
  ///@}
  ///@{
  /// `for (const Tensor& t : list)`.
  auto begin() { return parameters_.begin(); }
  auto end() { return parameters_.end(); }
  auto begin() const { return parameters_.begin(); }
  auto end() const { return parameters_.end(); }
  ///@}

 private:
  size_t checked(size_t i) const {
    if (i < size()) return i;
    throw IndexError("ParameterList: parameter " + std::to_string(i) + " of " +
                     std::to_string(size()));
  }

  std::vector<Parameter> parameters_;
};

/// Parameters by names of their own, in the order in which they came.
class ParameterDict : public Module {
 public:
  ParameterDict() = default;
  /// Of these pairs of names and tensors, in order.
  explicit ParameterDict(const std::vector<std::pair<std::string, Tensor>>& tensors) {
    for (const auto& [key, t] : tensors) insert(key, t);
  }

  /// Adds a parameter, or assigns to the one that has the name; returns it.
  Parameter& insert(const std::string& key, const Tensor& t) {
    if (contains(key)) return (*this)[key] = t;
    parameters_.emplace_back(key, parameter(key, t));
    return parameters_.back().second;
  }
  ///@{
  /// The parameter of this name, which can be assigned. Throws IndexError where there is none.
  Parameter& operator[](const std::string& key) { return parameters_[index(key)].second; }
  const Parameter& operator[](const std::string& key) const {
    return parameters_[index(key)].second;
  }
  ///@}
  /// Whether there is a parameter of this name.
  bool contains(const std::string& key) const {
    for (const auto& [name, t] : parameters_)
      if (name == key) return true;
    return false;
  }
  /// The names, in order.
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, t] : parameters_) all.push_back(key);
    return all;
  }
  ///@{
  /// How many parameters there are, and whether there are none.
  size_t size() const { return parameters_.size(); }
  bool empty() const { return parameters_.empty(); }
  ///@}
  ///@{
  /// `for (const auto& [name, t] : dict)`.
  auto begin() { return parameters_.begin(); }
  auto end() { return parameters_.end(); }
  auto begin() const { return parameters_.begin(); }
  auto end() const { return parameters_.end(); }
  ///@}
  /// Takes a parameter out, and returns it. Throws IndexError where there is none.
  Tensor pop(const std::string& key) {
    const Tensor t = (*this)[key];
    std::erase_if(parameters_, [&](const auto& p) { return p.first == key; });
    return t;
  }

 private:
  size_t index(const std::string& key) const {
    for (size_t i = 0; i < size(); ++i)
      if (parameters_[i].first == key) return i;
    throw IndexError("ParameterDict: there is no parameter '" + key + "'");
  }

  std::vector<std::pair<std::string, Parameter>> parameters_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
