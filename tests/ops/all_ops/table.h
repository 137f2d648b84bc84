#pragma once
// Every differentiable op of the public headers, with inputs to check its derivatives at.

#include "../../case.h"

namespace rw::test {

/// Whether a function has kinks where elements of its input are equal. Expanded inputs are none for
/// it then.
enum class Ties { smooth, kink };

/// A row of the table. Its name is that of the function, as declared (`Tensor::sum`), and after a
/// comma perhaps what is special about the row (`conv2d, groups`). There is at least one row for
/// each overload.
struct Row : Case {
  template <class F>
  Row(std::string row_name, F f, Tensors at, Ties equal = Ties::smooth)
      : Case(std::move(row_name), f), inputs(std::move(at)), ties(equal) {}

  std::string op() const { return name.substr(0, name.find(',')); }

  Tensors inputs;
  Ties ties;
};

using Rows = std::vector<Row>;

Rows all_rows();

/// Functions that return tensors and need no row, and why.
struct Exemption {
  std::string reason;
  std::vector<std::string> functions;
};
using Exemptions = std::vector<Exemption>;
Exemptions all_exemptions();

/// Joins the rows of a family, and its functions without, to the table: a family is a file.
struct Family {
  explicit Family(Rows (*rows)(), Exemptions exemptions = {});
};

/// f changes a copy of x. Squares before and after let second derivatives see the old value and the
/// new one.
template <class F>
Tensor changed(const Tensor& x, const F& f) {
  Tensor y = x.clone();
  f(y);
  return y.square();
}

// --- Inputs: float64 leaves of the same values in every run ------------------------------------

/// Standard normal.
Tensor normal(const Shape& shape);
/// In [0.5, 1.5).
Tensor positive(const Shape& shape);
/// In random order, 0.313 apart, on both sides of zero and beside whole and half numbers. Those of
/// another `shift` in [0, 0.3] are others.
Tensor distinct(const Shape& shape, double shift = 0);

}  // namespace rw::test
