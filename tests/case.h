#pragma once
// A function of tensors under a name, for tests that walk tables of ops.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <rewind/rewind.h>

namespace rw::test {

using Tensors = std::vector<Tensor>;
using In = const Tensor&;

/// A name and a function of one or more tensors, or of `const Tensors&`; it returns a tensor, a
/// pair or Tensors.
class Case {
 public:
  template <class F>
  Case(std::string case_name, F f)
      : name(std::move(case_name)), function(unpacked(f, &F::operator())) {}

  std::string name;
  std::function<Tensors(const Tensors&)> function;

 private:
  static Tensors list(Tensor t) { return {std::move(t)}; }
  static Tensors list(std::pair<Tensor, Tensor> p) { return {p.first, p.second}; }
  static Tensors list(Tensors all) { return all; }

  template <class F>
  static std::function<Tensors(const Tensors&)> unpacked(F f,
                                                         Tensors (F::*)(const Tensors&) const) {
    return f;
  }
  template <class F, class Result, class... T>
  static std::function<Tensors(const Tensors&)> unpacked(F f, Result (F::*)(T...) const) {
    return [f](const Tensors& in) {
      if (in.size() != sizeof...(T)) throw Error("case: another number of inputs");
      return [&]<size_t... i>(std::index_sequence<i...>) { return list(f(in[i]...)); }
      (std::index_sequence_for<T...>());
    };
  }
};

}  // namespace rw::test
