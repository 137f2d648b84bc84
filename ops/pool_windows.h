#pragma once
// Private to the library's sources: which elements the windows of a pooling take, along one to
// three axes.

#include <memory>
#include <string>
#include <vector>

#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/ops/layout.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// A number for each of the last `axes` dimensions, the first ones of `by_axis` standing for axes
/// that are not there.
struct AxisSizes {
  int axes;
  Size<3> by_axis;

  /// `missing` for the axes that are not there.
  template <size_t N>
  AxisSizes(Size<N> s, int64_t missing) : axes(N), by_axis(missing) {
    for (int d = 0; d < static_cast<int>(N); ++d) by_axis[3 - axes + d] = s[d];
  }
  int64_t operator[](int d) const { return by_axis[d]; }
  int64_t& operator[](int d) { return by_axis[d]; }
  friend bool operator==(const AxisSizes&, const AxisSizes&) = default;
  /// Whether all numbers of axes that are there are at least that.
  bool at_least(int64_t least) const;
  /// "(2, 3)", and "2" of one axis.
  std::string str() const;
  auto text() const {
    return later{[this] { return str(); }};
  }
};

/// The sizes of x's last dimensions.
AxisSizes pooled_sizes(const Tensor& x, int axes);

/// Throws unless x is [N, C, ...] or [C, ...] with that many axes after C, where dimensions from
/// `first_filled` on have elements.
void check_pooled(const char* op, const Tensor& x, int axes, int first_filled);
/// The first dimension of x which a pooling over its last `axes` wants not to be empty: C, or what
/// follows the first one, as PyTorch has it of different functions.
inline int channel_of(const Tensor& x, int axes) { return x.dim() - axes - 1; }

/// All that describes windows sliding over axes.
struct Sliding {
  AxisSizes kernel, stride, padding, dilation;
  bool ceil_mode;

  template <size_t N>
  Sliding(Size<N> k, Size<N> s, Size<N> p, Size<N> d, bool ceil)
      : kernel(k, 1), stride(s.value_or(k), 1), padding(p, 0), dilation(d, 1), ceil_mode(ceil) {}
  friend bool operator==(const Sliding&, const Sliding&) = default;
};

/// What the op and its derivatives share.
struct PoolWindows {
  int axes;
  Shape in, out;
  Layout layout;  // in which they are computed
  Layout result;  // which their results have
  DType dtype;
  kernels::Taps rows, cols;                  // rows: of the depth and the height
  size_t winner_bytes = 1;                   // maximum
  std::vector<double> row_share, col_share;  // average

  kernels::Pool pool(const kernels::Taps& r, const kernels::Taps& c) const;
  kernels::Pool pool() const { return pool(rows, cols); }
  /// What was computed, in the order of results.
  Tensor given(const Tensor& computed) const { return dense_in(result, computed); }
  kernels::Winners winners(const Tensor& t) const {
    return {t.defined() ? t.raw_data() : nullptr, winner_bytes};
  }
};
using PoolWindowsPtr = std::shared_ptr<const PoolWindows>;

/// How an average counts.
struct Counting {
  bool include_pad = true;
  int64_t divisor = 0;   // instead of the number of elements, unless 0
  bool of_sums = false;  // times the size of the kernel
  friend bool operator==(const Counting&, const Counting&) = default;
};

///@{
/// Checks, and the windows of a maximum; of an average, with its shares. Each thread keeps the last
/// ones: for small inputs it takes longer to make them than to use them.
PoolWindowsPtr sliding_windows(const char* op, const Tensor& x, const Sliding& s);
PoolWindowsPtr sliding_windows(const char* op, const Tensor& x, const Sliding& s,
                               const Counting& counting);
///@}
/// The same of bins that cover the input, with the shares of an average. Sizes that are unset are
/// the input's.
PoolWindowsPtr adaptive_windows(const char* op, const Tensor& x, const AxisSizes& out);

}  // namespace rw::detail
