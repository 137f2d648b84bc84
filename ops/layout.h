#pragma once
// Private to the library's sources: memory orders of tensors with a dimension of channels.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Dense memory with the dimension `channel` innermost and the others row-major (`last`), or all
/// of them row-major.
struct Layout {
  int channel;
  bool last;
};

/// The order that `t` has or, where it is not dense, is nearest to.
Layout layout_of(const Tensor& t, int channel);
Strides strides_in(const Layout& layout, const Shape& shape);
/// Uninitialised memory in that order.
Tensor empty_in(const Layout& layout, const Shape& shape, DType dtype);
/// `t` where it has that order, a copy off the tape otherwise.
Tensor dense_in(const Layout& layout, const Tensor& t);

}  // namespace rw::detail
