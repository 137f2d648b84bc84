#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// The inner loops of norm for rows of `width` elements, `stride` from one to the next, in the
// widest vectors that the machine has. Coefficients are one per column; g may be null.
namespace rw::kernels {

/// For each column, with c = x - center: the sums of f and of f * c, where f is g or, without one,
/// c itself.
void sum_columns(const float* g, const float* x, int64_t rows, int64_t width, int64_t stride,
                 const float* center, float* sum, float* product);
void sum_columns(const double* g, const double* x, int64_t rows, int64_t width, int64_t stride,
                 const double* center, double* sum, double* product);
void sum_columns(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width, int64_t stride,
                 const float* center, float* sum, float* product);

/// y = (x - center) * b + shift, plus g * a where there is a g.
void combine_columns(const float* g, const float* x, int64_t rows, int64_t width, int64_t stride,
                     const float* center, const float* a, const float* b, const float* shift,
                     float* y);
void combine_columns(const double* g, const double* x, int64_t rows, int64_t width, int64_t stride,
                     const double* center, const double* a, const double* b, const double* shift,
                     double* y);
void combine_columns(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width,
                     int64_t stride, const float* center, const float* a, const float* b,
                     const float* shift, BFloat16* y);

}  // namespace rw::kernels
