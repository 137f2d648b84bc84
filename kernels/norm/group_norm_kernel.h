#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// Normalization over the elements of one group of one sample. Results do not depend on the number
// of threads.
namespace rw::kernels {

/// Dense memory [samples, groups, channels, inner] of `dtype`, or, channels last, [samples, inner,
/// groups, channels]. Parameters are [groups, channels], in float32 for reduced types, and
/// statistics [samples, groups].
struct NormGroups {
  DType dtype;
  int64_t samples, groups, channels, inner;
  bool last;
  double eps;
  bool centered = true;  // otherwise the mean is 0, and the variance that of the squares
  int64_t group_size() const { return channels * inner; }
};

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, mean and variance (divided by n) being
/// those of each group, kept for the derivative. Of groups of neighbours only, where not centered.
void group_norm(const NormGroups& s, const void* x, const void* weight, const void* bias, void* y,
                double* mean, double* variance);
/// dx (where not null), dw = sum(g xh) and db = sum(g), xh being the normalised x:
/// dx = (h - mean(h) - xh mean(h xh)) / sqrt(variance + eps)   where h = g weight, mean(h) only
/// where centered.
void group_norm_backward(const NormGroups& s, const void* g, const void* x, const void* weight,
                         const double* mean, const double* variance, void* dx, void* dw, void* db);

}  // namespace rw::kernels
