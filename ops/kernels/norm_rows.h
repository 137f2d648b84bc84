#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// The inner loops of norm for elements that are neighbours in memory, in the widest vectors that
// the machine has. Values are computed in float32 (float64 for that type); what `mean` loses when
// it is rounded to this is made up for.
namespace rw::kernels {

/// Mean and sum of squared deviations of n > 0 values, in one pass over memory.
void row_moments(DType dtype, const void* x, int64_t n, double* mean, double* m2);
/// The sums of g and of g * (x - mean).
void row_sums(DType dtype, const void* g, const void* x, int64_t n, double mean, double* sum_g,
              double* sum_gx);
/// y = (x - mean) * b + shift, plus g * a where there is a g.
void combine_row(DType dtype, const void* g, const void* x, int64_t n, double mean, double a,
                 double b, double shift, void* y);

/// Rows of n elements each, `stride` from one to the next, with parameters per element, in the type
/// computed in. A row's mean and variance are `step` from the next one's.
struct NormRows {
  DType dtype;
  int64_t rows, n, stride, step;
  double eps;
};
/// y = (x - mean) / sqrt(variance + eps) * weight + bias by row, and the moments of x.
void norm_rows(const NormRows& r, const void* x, const void* weight, const void* bias, void* y,
               double* mean, double* variance);
/// dx (where not null) of the same, and this plus what was there: dw = sum(g xh), db = sum(g) over
/// the rows, few enough for float32 to sum up.
void norm_rows_backward(const NormRows& r, const void* g, const void* x, const void* weight,
                        const double* mean, const double* variance, void* dx, double* dw,
                        double* db);

}  // namespace rw::kernels
