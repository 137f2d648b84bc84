#pragma once

#include <optional>
#include <vector>

#include <rewind/kernels/pointwise/pointwise_kernel.h>

namespace rw::kernels {

/// The first index, in memory order of the walk, outside [low, high).
std::optional<int64_t> out_of_range(const Shape& shape, const Operand& index, int64_t low,
                                    int64_t high);

/// y[i] = x[i with coordinate `dim` replaced by index[i]], for every i in `shape`. The indices have
/// been checked. An index that does not depend on other dimensions has strides of 0 there, and
/// whole slices are copied at once.
void gather(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& index,
            const Operand& y);
/// The opposite: y[i with coordinate `dim` replaced by index[i]] += x[i], in the order of
/// coordinate `dim` whatever the number of threads. Not for bool.
void scatter_add(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& index,
                 const Operand& y);

/// The same with y[…] = op(y[…], x[i]), the op being mul, maximum or minimum. For integers, float32
/// and float64.
void scatter_join(DType dtype, BinaryOp op, const Shape& shape, int dim, const Operand& x,
                  const Operand& index, const Operand& y);

/// The same, but y[…] = x[i]. Which of several values for one place stays is not defined.
void scatter(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& index,
             const Operand& y);

/// y = y * size + index, an index below 0 counting from the end. Applied to one index after another
/// this numbers the elements of a row-major array.
void append_index(const Shape& shape, int64_t size, const Operand& index, const Operand& y);

/// Whether the indices along `dim`, for one position in the other dimensions, name one place more
/// than `limit` times. May say so where they do not, if there are many places.
bool may_crowd(const Shape& shape, int dim, const Operand& index, int64_t limit);

/// Places that a vector of indices names more than `limit` times, and by which of its entries.
struct Crowds {
  std::vector<int64_t> places;
  std::vector<int64_t> members;          ///< positions in the vector
  std::vector<int64_t> place_of_member;  ///< which of `places` a member names
};
Crowds crowds(const int64_t* index, int64_t n, int64_t step, int64_t limit);

/// Copies `matrices` row-major matrices of n rows and m columns; what lies above diagonal `high` or
/// below diagonal `low` (0 is the main one) becomes zero. x and y may be the same memory.
void copy_band(size_t itemsize, int64_t matrices, int64_t n, int64_t m, int64_t low, int64_t high,
               const void* x, void* y);

}  // namespace rw::kernels
