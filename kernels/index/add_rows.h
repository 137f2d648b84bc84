#pragma once

#include <cstdint>
#include <vector>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// So many float32 numbers can be added up one after another with an error of less than a ten
/// thousandth of what their absolute values make.
inline constexpr int64_t addends = 1024;

/// y[o][index[i]] += x[o][i] for i in [0, n) and every o in [0, outer): rows of `inner` numbers of
/// one floating dtype, x being [outer, n, inner] and y [outer, places, inner]. A place is summed up
/// in float32 (of float64 in that), from some thousand rows on in float64, and rounded once; in the
/// order of i whatever the number of threads. The indices, `step` apart, have been checked.
void add_rows(DType dtype, int64_t outer, int64_t n, int64_t places, int64_t inner,
              const int64_t* index, int64_t step, const void* x, void* y);

/// Sums of rows: that of group k is of entries [first[k], first[k + 1]).
struct RowSums {
  int64_t groups;
  const int64_t* first;
  const int64_t* from;  ///< of an entry, the row of x
  const void* scale =
      nullptr;  ///< of an entry, what that is multiplied by, if not by 1: of compute_dtype
  const int64_t* to = nullptr;  ///< of a group, the row of y, each once; its number, if null
};
/// y[to[k]] += the sum of scale[i] * x[from[i]], summed up as above; rows of `inner` numbers of one
/// floating dtype.
void add_row_sums(DType dtype, const RowSums& sums, int64_t inner, const void* x, void* y);

/// at[k][j] = which of the rows of x of group k, entries [first[k], first[k + 1]) of `rows`, has
/// the greatest number j; the first of equal ones, -1 of none.
void greatest_rows(DType dtype, int64_t groups, const int64_t* first, const int64_t* rows,
                   int64_t inner, const void* x, int64_t* at);

/// Which entries of an index name each place that is named: places in their order, the entries of
/// one in theirs.
struct NamedPlaces {
  std::vector<int64_t> places;   ///< each once
  std::vector<int64_t> members;  ///< entries of the index
  std::vector<int64_t> first;    ///< of a place among the members, and at last their number

  NamedPlaces(const int64_t* index, int64_t step, int64_t n);
  int64_t count() const { return static_cast<int64_t>(places.size()); }
  /// Of the rows that the entries number.
  RowSums sums() const {
    return {.groups = count(), .first = first.data(), .from = members.data(), .to = places.data()};
  }
};

}  // namespace rw::kernels
