#pragma once
// Private to the library's sources.

#include <rewind/tensor/shape.h>

namespace rw::detail {

/// Whether two elements that lie by these strides, none of them negative, may share a place. False
/// only where steps along each dimension lead beyond all that smaller ones reach.
bool may_overlap(const Shape& shape, const Strides& strides);

}  // namespace rw::detail
