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

/// Adjacent rows of n elements; row i has the parameters of group i % groups, one per element and
/// in the type computed in. The first row is one of group 0.
struct NormRows {
  DType dtype;
  int64_t rows, n, groups;
  double eps;
  bool centered = true;  // otherwise the mean is 0, and the variance that of the squares
};
/// y = (x - mean) / sqrt(variance + eps) * weight + bias, and the moments of each row of x.
void norm_rows(const NormRows& r, const void* x, const void* weight, const void* bias, void* y,
               double* mean, double* variance);
/// dx (where not null), dw = sum(g xh) and db = sum(g) over the rows of each group, few enough for
/// float32 to sum up.
void norm_rows_backward(const NormRows& r, const void* g, const void* x, const void* weight,
                        const double* mean, const double* variance, void* dx, double* dw,
                        double* db);

}  // namespace rw::kernels
