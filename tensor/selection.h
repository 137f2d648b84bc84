#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
/// Where index tensors picked the elements of a Selection.
struct IndexedPlace : RefCounted {
  Tensor whole;
  std::vector<Tensor> tensors;  ///< what `indices` refer to
  std::vector<Index> indices;

  static void dispose(IndexedPlace* p) noexcept { delete p; }
};
}  // namespace detail

/// What `x[i]`, `select`, `slice`, `narrow` and `index` give: a tensor that knows its place in x.
/// As long as it has no name, assigning to it writes into x, on the tape, as in Python:
///
///     x[0] = y;
///     x.slice(1, 0, 4) *= 2;
///     x.index({mask}) += y;
///
/// Values broadcast and are converted to the dtype of x. A place that is named several times by
/// index tensors is written once, with one of its values, and each of them gets its gradient. Under
/// a name (`auto row = x[0]`) it is a handle like any other: `row = y` makes it hold y instead, and
/// `row += y` changes its elements in place. By index tensors it keeps x alive as long as it lives;
/// `Tensor row = x.index(…)` does not.
class Selection : public Tensor {
 public:
  /// What is a view: changes of its elements are changes of the whole.
  explicit Selection(Tensor view) : Tensor(std::move(view)) {}
  /// A copy of elements, which a change puts back to where they came from.
  Selection(Tensor elements, Ref<detail::IndexedPlace> place)
      : Tensor(std::move(elements)), place_(std::move(place)) {}
  ///@{
  /// Copies and moves of the handle, with its place.
  Selection(const Selection&) = default;
  Selection(Selection&&) = default;
  ///@}

  ///@{
  /// Under a name: makes the handle hold another tensor.
  Selection& operator=(const Selection&) & = default;
  Selection& operator=(Selection&&) & = default;
  Selection& operator=(const Tensor& t) & { return *this = Selection(t); }
  ///@}

  ///@{
  /// Without a name: writes into the tensor that this was taken of, as copy_ and fill_ do.
  void operator=(const Selection& values) && { write(values); }
  void operator=(const Tensor& values) && { write(values); }
  void operator=(Scalar value) &&;
  ///@}
  ///@{
  /// Without a name: changes the elements in their place, as add_, sub_, mul_ and div_ do.
  void operator+=(const Tensor& other) &&;
  void operator+=(Scalar other) &&;
  void operator-=(const Tensor& other) &&;
  void operator-=(Scalar other) &&;
  void operator*=(const Tensor& other) &&;
  void operator*=(Scalar other) &&;
  void operator/=(const Tensor& other) &&;
  void operator/=(Scalar other) &&;
  ///@}

 private:
  void write(const Tensor& values);
  void put_back();

  Ref<detail::IndexedPlace> place_;  // null for a view
};

inline Selection Tensor::operator[](int64_t index) const { return select(0, index); }
inline Selection Tensor::operator[](const Tensor& index) const { return this->index({index}); }

}  // namespace rw

#pragma GCC visibility pop
