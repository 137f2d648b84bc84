#pragma once

#include <cstdint>

#include <rewind/kernels/reduce/reduce.h>

// The inner loops of reduce for floating types, in the widest vectors that the machine has.
// `fold` is sum, sum_squares, max or min.
namespace rw::kernels {

/// `n` adjacent values folded into one, by blocks, so that the rounding errors of a float32 sum
/// stay small. n may be 0.
double fold_row(Fold fold, const float* p, int64_t n);
double fold_row(Fold fold, const double* p, int64_t n);
double fold_row(Fold fold, const BFloat16* p, int64_t n);

/// acc[i] = fold(acc[i], p[r * stride + i]) for i in [0, n), over all r in [0, rows).
void fold_rows(Fold fold, const float* p, int64_t rows, int64_t stride, int64_t n, float* acc);
void fold_rows(Fold fold, const double* p, int64_t rows, int64_t stride, int64_t n, double* acc);
void fold_rows(Fold fold, const BFloat16* p, int64_t rows, int64_t stride, int64_t n, float* acc);

}  // namespace rw::kernels
