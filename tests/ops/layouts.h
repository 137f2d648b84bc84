#pragma once
// Tensors in memory of all kinds of strides.

#include "../check.h"

namespace rw::test {

inline Strides column_major(const Shape& shape) {
  Strides strides = shape;
  int64_t step = 1;
  for (int d = 0; d < shape.rank(); ++d) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

inline Strides with_gaps(const Shape& shape) {
  Strides strides = contiguous_strides(shape);
  for (int64_t& s : strides) s *= 3;
  return strides;
}

// Calls f(index, row-major number) for all elements of a shape.
template <class F>
void for_each_index(const Shape& shape, F&& f) {
  for (int64_t i = 0; i < shape.numel(); ++i) {
    Shape index = shape;
    int64_t rest = i;
    for (int d = shape.rank() - 1; d >= 0; --d) {
      index[d] = rest % shape[d];
      rest /= shape[d];
    }
    f(index, i);
  }
}

inline int64_t offset_of(const Shape& index, const Strides& strides) {
  int64_t offset = 0;
  for (int d = 0; d < index.rank(); ++d) offset += index[d] * strides[d];
  return offset;
}

// The values, given in row-major order, in memory of these strides.
template <class T>
Tensor laid_out(const std::vector<T>& values, const Shape& shape, const Strides& strides) {
  std::vector<T> memory(static_cast<size_t>(3 * shape.numel() + 3), T(-1));
  for_each_index(shape, [&](const Shape& index, int64_t i) {
    memory[static_cast<size_t>(offset_of(index, strides) + 2)] = values[static_cast<size_t>(i)];
  });
  return detail::make_view(from(memory), shape, strides, 2).detach();
}

inline std::vector<Strides> layouts(const Shape& shape) {
  std::vector<Strides> all = {contiguous_strides(shape), column_major(shape), with_gaps(shape)};
  if (shape.rank() == 4) all.push_back(channels_last_strides(shape));
  return all;
}

}  // namespace rw::test
