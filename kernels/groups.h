#pragma once

#include <cstdint>

#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// Dense memory of outer x n x inner values; n is what an op goes along.
struct Groups {
  int64_t outer, n, inner;
};

/// How dimension `dim` of a dense tensor lies in its memory. A tensor without elements has no
/// groups; one of rank 0 has one of one value.
inline Groups groups_along(const Shape& shape, const Strides& dense_strides, int dim) {
  const int64_t numel = shape.numel();
  if (numel == 0) return {0, 1, 1};
  if (shape.empty()) return {1, 1, 1};
  const int64_t n = shape[dim], inner = dense_strides[dim];
  return {numel / (n * inner), n, inner};
}

}  // namespace rw::kernels
