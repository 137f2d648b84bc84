#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <rewind/kernels/windows/taps.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {

/// A batch of planes, channels-last: [planes, h, w, channels], where rows and cols take h and w
/// from sources to targets. Contiguous NCHW memory is N * C planes of one channel. Volumes are
/// planes of d * h rows, of which `rows` takes both axes (Taps::times).
struct Pool {
  DType dtype;
  int64_t planes;
  int64_t channels;
  const Taps& rows;
  const Taps& cols;
};

/// For each window the place of its greatest element: the sum of the positions of a row's and a
/// column's tap. One per output, of 1 byte or 4.
struct Winners {
  void* data;  // null when nobody asks
  size_t bytes;
};

/// f(begin, end) over the rows of all planes' targets, on several threads, some thousand elements
/// each at least.
template <class F>
void for_rows(const Pool& pool, F&& f) {
  const int64_t larger = std::max(pool.cols.targets(), pool.cols.sources());
  const int64_t grain = (1 << 14) / std::max<int64_t>(larger * pool.channels, 1) + 1;
  parallel_for(0, pool.planes * pool.rows.targets(), grain, f);
}

/// y = the greatest element of each window, the first of equal ones; NaN wins; -infinity, or the
/// least integer, for a window without elements. Of floating types, int32 and int64.
void max_pool(const Pool& pool, const void* x, void* y, const Winners& winners);
/// dx = the sum of g over the windows that each element won. `pool` is transposed.
void max_pool_backward(const Pool& pool, const void* g, const Winners& winners, void* dx);
/// y = the element of x at each window's winner, 0 for a window without elements.
void max_pool_gather(const Pool& pool, const void* x, const Winners& winners, void* y);
/// indices = the place of each winner in its plane, row-major, -1 for a window without elements.
void max_pool_indices(const Pool& pool, const Winners& winners, int64_t* indices);

/// y = the sum of each window, times row_share[i] * col_share[j] in output (i, j); of int64 the
/// quotient without its fraction.
void avg_pool(const Pool& pool, const void* x, const std::vector<double>& row_share,
              const std::vector<double>& col_share, void* y);
/// dx = the sum over each element's windows of g times the same. `pool` is transposed.
void avg_pool_backward(const Pool& pool, const void* g, const std::vector<double>& row_share,
                       const std::vector<double>& col_share, void* dx);

}  // namespace rw::kernels
