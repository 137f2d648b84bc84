#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// How points are compared: by the norm of their difference to the power of p, which may be 0 or
/// infinite. `a` are n points of `size` numbers each, row-major; `b` are m points, number by
/// number: [size, m].
struct PointPairs {
  DType dtype;  // float32 or float64
  int64_t n, m, size;
  double p;
  const void *a, *b;
};

/// y [n, m]: the distances of all pairs.
void distances(const PointPairs& pairs, void* y);
/// The same of each point and those after it, a and b being the same points: y [n (n - 1) / 2].
void distances_to_later(const PointPairs& pairs, void* y);
/// db [size, m]: the sum over a of w |z|^(p - 1) sign(z), where z = b - a and w is [n, m]; for an
/// infinite p that of w sign(z) where |z| is the distance y [n, m].
void distances_backward(const PointPairs& pairs, const void* w, const void* y, void* db);

}  // namespace rw::kernels
