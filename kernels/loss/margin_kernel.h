#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// Rows of `classes` scores x, row-major, of a floating dtype.
struct Scores {
  DType dtype;
  int64_t rows, classes;
  const void* x;
};

/// y[row] = weights[row] sum max(margin - x[target] + x[i], 0)^p over i != target; p is 1 or 2.
void multi_margin(const Scores& scores, const int64_t* targets, const double* weights, bool squared,
                  double margin, void* y);
/// dx, its derivative by x, where the gradients of y are part of the weights.
void multi_margin_backward(const Scores& scores, const int64_t* targets, const double* weights,
                           bool squared, double margin, void* dx);

/// y[row] = sum max(1 - x[t] + x[i], 0) / classes over the row's targets t, which end at -1, and
/// the classes i that are none.
void multilabel_margin(const Scores& scores, const int64_t* targets, void* y);
/// The derivatives of y by x.
void multilabel_margin_slopes(const Scores& scores, const int64_t* targets, void* dx);

}  // namespace rw::kernels
