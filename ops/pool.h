#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <utility>

#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

// Pooling over sequences [N, C, L], images [N, C, H, W] and volumes [N, C, D, H, W], or over one
// without N, in channels-last memory where the input is. Differentiable to any order.
//
// Where sizes of results are chosen, unset() along an axis keeps the input's, as PyTorch's None.
// Indices are int64 and count the elements of a channel, row-major.

#pragma GCC visibility push(default)

namespace rw {

/// A number for the length of sequences.
using Size1 = Size<1>;
/// A number for the depth, one for the height and one for the width of volumes.
using Size3 = Size<3>;

/// As the size of a result along one axis of several: the input's. `{same_size, 1}`
inline constexpr int64_t same_size = Size1::unset()[0];

/// What max_pool takes by name.
template <std::size_t N>
struct MaxPoolOptions {
  Size<N> stride = Size<N>::unset();  ///< the kernel's size by default
  Size<N> padding = 0;                ///< at most half the kernel; never wins
  Size<N> dilation = 1;               ///< from one element of a window to the next
  bool ceil_mode = false;             ///< keep a last window that starts inside but ends outside
};
///@{
/// Of sequences, of images, of volumes.
using MaxPool1dOptions = MaxPoolOptions<1>;
using MaxPool2dOptions = MaxPoolOptions<2>;
using MaxPool3dOptions = MaxPoolOptions<3>;
///@}
///@{
/// The greatest element of each window. The first of equal ones receives the gradient; NaN wins. Of
/// any dtype but bool.
Tensor max_pool1d(const Tensor& x, Size1 kernel, const MaxPool1dOptions& options = {});
Tensor max_pool2d(const Tensor& x, Size2 kernel, const MaxPool2dOptions& options = {});
Tensor max_pool3d(const Tensor& x, Size3 kernel, const MaxPool3dOptions& options = {});
///@}
///@{
/// With options by their place, as PyTorch takes them: `max_pool2d(x, 3, 2, 1)`.
template <std::integral I>
Tensor max_pool1d(const Tensor& x, Size1 kernel, I stride, Size1 padding = 0, Size1 dilation = 1,
                  bool ceil_mode = false) {
  return max_pool1d(x, kernel, {stride, padding, dilation, ceil_mode});
}
template <std::integral I>
Tensor max_pool2d(const Tensor& x, Size2 kernel, I stride, Size2 padding = 0, Size2 dilation = 1,
                  bool ceil_mode = false) {
  return max_pool2d(x, kernel, {stride, padding, dilation, ceil_mode});
}
template <std::integral I>
Tensor max_pool3d(const Tensor& x, Size3 kernel, I stride, Size3 padding = 0, Size3 dilation = 1,
                  bool ceil_mode = false) {
  return max_pool3d(x, kernel, {stride, padding, dilation, ceil_mode});
}
///@}
///@{
/// The same, and the index of each window's winner.
std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, Size1 kernel,
                                                  const MaxPool1dOptions& options = {});
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, Size2 kernel,
                                                  const MaxPool2dOptions& options = {});
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& x, Size3 kernel,
                                                  const MaxPool3dOptions& options = {});
///@}
///@{
/// The greatest element of each of output_size bins that cover the input: bin i along an axis spans
/// [floor(i n / out), ceil((i + 1) n / out)). With the index of each winner, if asked for.
Tensor adaptive_max_pool1d(const Tensor& x, Size1 output_size);
Tensor adaptive_max_pool2d(const Tensor& x, Size2 output_size);
Tensor adaptive_max_pool3d(const Tensor& x, Size3 output_size);
std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& x, Size1 output_size);
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& x, Size2 output_size);
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& x, Size3 output_size);
///@}

/// What max_unpool takes by name.
template <std::size_t N>
struct MaxUnpoolOptions {
  Size<N> stride = Size<N>::unset();  ///< the kernel's size by default
  Size<N> padding = 0;                ///< of the pooling that is undone
  /// Less than a stride from (n - 1) stride - 2 padding + kernel, which it is by default: several
  /// sizes are pooled to the same.
  Size<N> output_size = Size<N>::unset();
};
///@{
/// Of sequences, of images, of volumes.
using MaxUnpool1dOptions = MaxUnpoolOptions<1>;
using MaxUnpool2dOptions = MaxUnpoolOptions<2>;
using MaxUnpool3dOptions = MaxUnpoolOptions<3>;
///@}
///@{
/// What max_pool_with_indices has taken back to where it was, in zeros; of equal indices the last
/// one counts. `indices` has the shape of x.
Tensor max_unpool1d(const Tensor& x, const Tensor& indices, Size1 kernel,
                    const MaxUnpool1dOptions& options = {});
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, Size2 kernel,
                    const MaxUnpool2dOptions& options = {});
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, Size3 kernel,
                    const MaxUnpool3dOptions& options = {});
///@}

/// What avg_pool2d and avg_pool3d take by name.
template <std::size_t N>
struct AvgPoolOptions {
  Size<N> stride = Size<N>::unset();  ///< the kernel's size by default
  Size<N> padding = 0;                ///< at most half the kernel; zeros
  bool ceil_mode = false;             ///< keep a last window that starts inside but ends outside
  bool count_include_pad = true;      ///< zeros of the padding count in the average
  std::optional<int64_t> divisor_override = {};  ///< divides the sum in place of the count
};
///@{
/// Of images, of volumes.
using AvgPool2dOptions = AvgPoolOptions<2>;
using AvgPool3dOptions = AvgPoolOptions<3>;
///@}
/// What avg_pool1d takes by name.
struct AvgPool1dOptions {
  Size1 stride = Size1::unset();  ///< the kernel's size by default
  Size1 padding = 0;              ///< at most half the kernel; zeros
  bool ceil_mode = false;         ///< keep a last window that starts inside but ends outside
  bool count_include_pad = true;  ///< zeros of the padding count in the average
};
///@{
/// The average of each window; of int64 without its fraction.
Tensor avg_pool1d(const Tensor& x, Size1 kernel, const AvgPool1dOptions& options = {});
Tensor avg_pool2d(const Tensor& x, Size2 kernel, const AvgPool2dOptions& options = {});
Tensor avg_pool3d(const Tensor& x, Size3 kernel, const AvgPool3dOptions& options = {});
///@}
///@{
/// With options by their place, as PyTorch takes them: `avg_pool2d(x, 3, 2, 1)`.
template <std::integral I>
Tensor avg_pool1d(const Tensor& x, Size1 kernel, I stride, Size1 padding = 0,
                  bool ceil_mode = false, bool count_include_pad = true) {
  return avg_pool1d(x, kernel, {stride, padding, ceil_mode, count_include_pad});
}
template <std::integral I>
Tensor avg_pool2d(const Tensor& x, Size2 kernel, I stride, Size2 padding = 0,
                  bool ceil_mode = false, bool count_include_pad = true) {
  return avg_pool2d(x, kernel, {stride, padding, ceil_mode, count_include_pad});
}
template <std::integral I>
Tensor avg_pool3d(const Tensor& x, Size3 kernel, I stride, Size3 padding = 0,
                  bool ceil_mode = false, bool count_include_pad = true) {
  return avg_pool3d(x, kernel, {stride, padding, ceil_mode, count_include_pad});
}
///@}
///@{
/// Averages over the bins of adaptive_max_pool.
Tensor adaptive_avg_pool1d(const Tensor& x, Size1 output_size);
Tensor adaptive_avg_pool2d(const Tensor& x, Size2 output_size);
Tensor adaptive_avg_pool3d(const Tensor& x, Size3 output_size);
///@}

/// What lp_pool takes by name.
template <std::size_t N>
struct LPPoolOptions {
  Size<N> stride = Size<N>::unset();  ///< the kernel's size by default
  bool ceil_mode = false;             ///< keep a last window that starts inside but ends outside
};
///@{
/// Of sequences, of images, of volumes.
using LPPool1dOptions = LPPoolOptions<1>;
using LPPool2dOptions = LPPoolOptions<2>;
using LPPool3dOptions = LPPoolOptions<3>;
///@}
///@{
/// (sum of x^p)^(1/p) over each window, p being norm_type, which is not 0; times (kernel's size /
/// number of elements)^(1/p) where a window ends outside, as PyTorch has it. Where it is 0 it has
/// no gradient. Integers become the default dtype.
Tensor lp_pool1d(const Tensor& x, double norm_type, Size1 kernel,
                 const LPPool1dOptions& options = {});
Tensor lp_pool2d(const Tensor& x, double norm_type, Size2 kernel,
                 const LPPool2dOptions& options = {});
Tensor lp_pool3d(const Tensor& x, double norm_type, Size3 kernel,
                 const LPPool3dOptions& options = {});
///@}

/// What fractional_max_pool takes by name: one of output_size and output_ratio.
template <std::size_t N>
struct FractionalMaxPoolOptions {
  Size<N> output_size = Size<N>::unset();                  ///< the size of the result
  std::optional<std::array<double, N>> output_ratio = {};  ///< or its share of the input's size
  /// Numbers in [0, 1) that place the windows, [N, C, axes], of x's dtype; drawn from this thread's
  /// generator by default.
  Tensor random_samples = {};
};
///@{
/// Of images, of volumes.
using FractionalMaxPool2dOptions = FractionalMaxPoolOptions<2>;
using FractionalMaxPool3dOptions = FractionalMaxPoolOptions<3>;
///@}
///@{
/// The greatest element of each of output_size windows of a kernel's size, which lie at random, but
/// in order, from the first element to the last (Graham, "Fractional max-pooling", 2014). With the
/// index of each winner, if asked for.
Tensor fractional_max_pool2d(const Tensor& x, Size2 kernel,
                             const FractionalMaxPool2dOptions& options);
Tensor fractional_max_pool3d(const Tensor& x, Size3 kernel,
                             const FractionalMaxPool3dOptions& options);
std::pair<Tensor, Tensor> fractional_max_pool2d_with_indices(
    const Tensor& x, Size2 kernel, const FractionalMaxPool2dOptions& options);
std::pair<Tensor, Tensor> fractional_max_pool3d_with_indices(
    const Tensor& x, Size3 kernel, const FractionalMaxPool3dOptions& options);
///@}

}  // namespace rw

#pragma GCC visibility pop
