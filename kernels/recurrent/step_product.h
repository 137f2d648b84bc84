#pragma once

#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/tensor/allocator.h>

namespace rw::kernels {

/// A matrix that some rows are multiplied by at every step, in the order in which that reads it:
/// strips of columns, one after another.
template <class T>
class StepProduct {
 public:
  /// b is [k, n]; `rows` are those of all steps together. For few of them it is used where it lies.
  StepProduct(Matrix<T> b, int64_t k, int64_t n, int64_t rows);

  /// c = a b + bias on the calling thread, or added to c. a is [rows, k], c [rows, n], both in one
  /// piece; bias may be null.
  void multiply(const T* a, int64_t rows, const T* bias, T* c, bool add) const;

 private:
  Matrix<T> b_;
  int64_t k_, n_;
  detail::CachedVector<T> strips_;
};

}  // namespace rw::kernels
