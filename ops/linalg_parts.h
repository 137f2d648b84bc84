#pragma once
// Private to ops: what the functions of linalg share.

#include <rewind/autograd/record.h>
#include <rewind/ops/linalg.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::linalg {

/// Throws unless `a` is a batch of matrices (of square ones) of float32 or float64.
void check_matrices(const char* op, const Tensor& a);
void check_square(const char* op, const Tensor& a);
/// Throws unless both are so and have one dtype.
void check_same_dtype(const char* op, const Tensor& a, const Tensor& b);

/// The dimensions before the last two.
Shape batch_of(const Tensor& a);
/// `shape` with further dimensions at its end.
Shape with(Shape shape, std::initializer_list<int64_t> more);
/// A matrix, or a batch of them, transposed.
inline Tensor transposed(const Tensor& a) { return a.transpose(-2, -1); }
/// matmul, in the dtype at hand even where autocast would lower it.
Tensor times(const Tensor& a, const Tensor& b);
/// a^T times b.
inline Tensor transposed_times(const Tensor& a, const Tensor& b) { return times(transposed(a), b); }
/// Whether b is a vector for each matrix of a: as PyTorch decides.
bool is_vector_for(const Tensor& a, const Tensor& b);
/// a copy off the tape, row-major.
Tensor row_major_copy(const Tensor& a);
/// A row-major tensor whose batch is this: x itself where it has one matrix for all.
Tensor dense_for(const Tensor& x, const Shape& batch);

/// Calls f(i) for each of `count` matrices, on several threads where `cost` (multiplications each)
/// makes that worth it.
template <class F>
void each_matrix(int64_t count, int64_t cost, F&& f) {
  constexpr int64_t grain = 1 << 16;
  parallel_for(0, count, grain / (cost + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

/// "" for one matrix, " of batch element 3" in a batch.
std::string place_in_batch(const Tensor& status, int64_t index);
/// The first element of `status` (int32) that differs from 0, or -1.
int64_t first_failure(const Tensor& status);

/// What kernels::lu makes of a batch of matrices: LU in one, pivots from 0 on, and for each matrix
/// 0 or the number, from 1 on, of the zero on the diagonal.
struct Lu {
  Tensor factors, pivots, zero_at;

  explicit Lu(const Tensor& a);
  /// Throws LinAlgError where one is singular.
  void check_regular(const char* op) const;
  /// x with a x = b, or a^T x = b. b has the batch dimensions of the result. Not on the tape.
  Tensor solve(const Tensor& b, bool transposed) const;
  /// The inverses.
  Tensor inverse() const;
};

/// The reflections I - tau v v^T whose product is Q of a = Q R, off the tape: R, with the vectors
/// below its diagonal, and the taus.
std::pair<Tensor, Tensor> reflections(const Tensor& a);

/// The singular values alone, recorded as `name`.
Tensor singular_values(const char* name, const Tensor& a);

}  // namespace rw::linalg
