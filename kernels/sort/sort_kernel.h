#pragma once

#include <cstdint>

#include <rewind/kernels/groups.h>
#include <rewind/tensor/dtype.h>

// Order along the n of each group, in any dtype. NaN is the greatest value, both zeros are equal,
// and equal values stand in the order of their positions.

namespace rw::kernels {

/// All values in order, and where they stood. `values` may be null.
void sort(DType dtype, Groups groups, bool descending, const void* x, void* values,
          int64_t* indices);

/// The first k <= n values of that order, with n of `groups` replaced by k. In any order unless
/// `sorted`.
void select_first(DType dtype, Groups groups, int64_t k, bool descending, bool sorted,
                  const void* x, void* values, int64_t* indices);

/// Which value of a row is taken.
enum class Rank : uint8_t {
  kth,        ///< the one at place k of the ascending order
  median,     ///< the lesser one of the middle; the first NaN where there is some
  nanmedian,  ///< the same among numbers, or among NaN where there is no number
  mode        ///< the value that is there most often, the least of such, at its last position
};

/// One value of each row, and where it stands, with n of `groups` replaced by 1. Rows have a value.
void select_rank(DType dtype, Groups groups, Rank rank, int64_t k, const void* x, void* values,
                 int64_t* indices);

}  // namespace rw::kernels
