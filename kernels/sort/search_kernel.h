#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// Rows of values that are looked up in rows of n boundaries, which ascend.
struct Search {
  DType dtype;  ///< of boundaries and values; any but bool
  const void* boundaries;
  int64_t n;
  bool one_row;           ///< of boundaries, for all rows of values
  const int64_t* sorter;  ///< at which place of its row each boundary stands, or null
  const void* values;
  int64_t rows, columns;
  bool right;  ///< behind equal boundaries, rather than before them
};
/// How many boundaries come before each value. NaN comes after all numbers. Index is int64_t or
/// int32_t.
template <class Index>
void search_sorted(const Search& search, Index* y);

/// The order of rows of m adjacent values that compares the first of them first; equal rows stay in
/// theirs.
void order_rows(DType dtype, int64_t rows, int64_t m, const void* x, int64_t* order);

///@{
/// counts[b] += how many values, or the sum of their weights, are in bin b. Bins are of equal width
/// from `low` to `high`, or go from edges[b] to edges[b + 1], of the type of x; the greatest edge
/// belongs to the last one. Weights, of the same type, may be null. Floating dtypes.
void count_in_range(DType dtype, int64_t n, const void* x, double low, double high, int64_t bins,
                    double* counts);
void count_between(DType dtype, int64_t n, const void* x, const void* edges, int64_t bins,
                   const void* weights, double* counts);
///@}
///@{
/// counts[x[i]] += 1, or += weights[i].
void count_numbers(int64_t n, const int64_t* x, int64_t bins, int64_t* counts);
void add_weights(int64_t n, const int64_t* x, const double* weights, double* counts);
///@}

}  // namespace rw::kernels
