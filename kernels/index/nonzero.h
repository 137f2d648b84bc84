#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// Which of n adjacent values differ from zero.
class NonzeroBits {
 public:
  NonzeroBits(DType dtype, const void* x, int64_t n);

  int64_t count() const { return count_; }
  /// Their positions, in order.
  void positions(int64_t* out) const;
  /// The elements of x, of a size of 1, 2, 4 or 8 bytes, at these positions.
  void select(size_t itemsize, const void* x, void* out) const;
  /// The positions as coordinates in a row-major array of this shape: a row of `shape.rank()` for
  /// each.
  void coordinates(const Shape& shape, int64_t* out) const;

 private:
  int64_t words() const { return static_cast<int64_t>(bits_.size()); }
  /// Calls f(words begin and end, how many bits are set before them), on several threads.
  template <class F>
  void for_pieces(F&& f) const;
  template <class T>
  void select_as(const void* x, void* out) const;
  template <int outer>
  void write_coordinates(const Shape& shape, int64_t* out) const;

  std::vector<uint64_t> bits_;
  std::vector<int64_t> before_;  ///< so many are set before each piece
  int64_t count_ = 0;
};

}  // namespace rw::kernels
