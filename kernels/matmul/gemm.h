#pragma once

#include <cstdint>

#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// A matrix to read: element strides of its rows and columns, in any order, or 0.
template <class T>
struct Matrix {
  const T* data;
  int64_t row, column;

  Matrix transpose() const { return {data, column, row}; }
  /// The part that begins at row i and column j.
  Matrix from(int64_t i, int64_t j) const { return {data + i * row + j * column, row, column}; }
};

/// c = a b + bias: a is [m, k], b [k, n], bias [n] or null, c [m, n] with its rows in one piece
/// each, `c_row` elements apart.
template <class T>
struct Gemm {
  int64_t m, n, k;
  Matrix<T> a, b;
  const T* bias;
  T* c;
  int64_t c_row;
};

/// Further products over other matrices: element strides by batch dimension, 0 where an operand is
/// the same for all. Results lie one after another.
struct Batch {
  Shape shape;
  Strides a, b;
};

/// T is float, double, BFloat16 or Float16 (which multiply and add in float) or int64_t.
template <class T>
void gemm(const Gemm<T>& g, const Batch& batch = {});

}  // namespace rw::kernels
