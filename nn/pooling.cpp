#include <rewind/nn/pooling.h>

#include <rewind/nn/repr.h>
#include <rewind/tensor/check.h>

namespace rw::nn::detail {
namespace {

// The one of the functions for sequences, images and volumes which takes N axes.
template <size_t N, class F1, class F2, class F3>
auto by_axes([[maybe_unused]] F1 one, [[maybe_unused]] F2 two, [[maybe_unused]] F3 three) {
  if constexpr (N == 1) return one;
  if constexpr (N == 2) return two;
  if constexpr (N == 3) return three;
}
template <size_t N, class F2, class F3>
auto by_axes([[maybe_unused]] F2 two, [[maybe_unused]] F3 three) {
  if constexpr (N == 2) return two;
  if constexpr (N == 3) return three;
}

}  // namespace

template <size_t N>
Tensor MaxPool<N>::forward(const Tensor& x) {
  if constexpr (N == 1)
    return max_pool1d(x, kernel_, options_);
  else if constexpr (N == 2)
    return max_pool2d(x, kernel_, options_);
  else
    return max_pool3d(x, kernel_, options_);
}
template <size_t N>
std::pair<Tensor, Tensor> MaxPool<N>::forward_with_indices(const Tensor& x) {
  return by_axes<N>(max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices)(
      x, kernel_, options_);
}
template <size_t N>
std::string MaxPool<N>::extra_repr() const {
  return fmt::format("kernel_size={}, stride={}, padding={}, dilation={}, ceil_mode={}",
                     repr(kernel_), repr(options_.stride.value_or(kernel_)), repr(options_.padding),
                     repr(options_.dilation), repr(options_.ceil_mode));
}

template <size_t N>
Tensor MaxUnpool<N>::forward(const Tensor& x, const Tensor& indices, Size<N> output_size) const {
  MaxUnpoolOptions<N> options = options_;
  options.output_size = output_size.value_or(options.output_size);
  return by_axes<N>(max_unpool1d, max_unpool2d, max_unpool3d)(x, indices, kernel_, options);
}
template <size_t N>
std::string MaxUnpool<N>::extra_repr() const {
  return fmt::format("kernel_size={}, stride={}, padding={}", repr(kernel_),
                     repr(options_.stride.value_or(kernel_)), repr(options_.padding));
}

template <size_t N, class Options>
Tensor AvgPool<N, Options>::forward(const Tensor& x) {
  if constexpr (N == 1)
    return avg_pool1d(x, kernel_, options_);
  else if constexpr (N == 2)
    return avg_pool2d(x, kernel_, options_);
  else
    return avg_pool3d(x, kernel_, options_);
}
template <size_t N, class Options>
std::string AvgPool<N, Options>::extra_repr() const {
  return fmt::format("kernel_size={}, stride={}, padding={}", repr(kernel_),
                     repr(options_.stride.value_or(kernel_)), repr(options_.padding));
}

template <size_t N>
Tensor LPPool<N>::forward(const Tensor& x) {
  return by_axes<N>(lp_pool1d, lp_pool2d, lp_pool3d)(x, norm_type_, kernel_, options_);
}
template <size_t N>
std::string LPPool<N>::extra_repr() const {
  const bool has_stride = options_.stride != Size<N>::unset();
  return fmt::format("norm_type={}, kernel_size={}, stride={}, ceil_mode={}", repr(norm_type_),
                     repr(kernel_), has_stride ? repr(options_.stride) : "None",
                     repr(options_.ceil_mode));
}

template <size_t N>
Tensor AdaptiveAvgPool<N>::forward(const Tensor& x) {
  return by_axes<N>(adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)(x, output_size_);
}
template <size_t N>
std::string AdaptiveAvgPool<N>::extra_repr() const {
  return "output_size=" + repr(output_size_);
}

template <size_t N>
Tensor AdaptiveMaxPool<N>::forward(const Tensor& x) {
  return by_axes<N>(adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d)(x, output_size_);
}
template <size_t N>
std::pair<Tensor, Tensor> AdaptiveMaxPool<N>::forward_with_indices(const Tensor& x) {
  return by_axes<N>(adaptive_max_pool1d_with_indices, adaptive_max_pool2d_with_indices,
                    adaptive_max_pool3d_with_indices)(x, output_size_);
}
template <size_t N>
std::string AdaptiveMaxPool<N>::extra_repr() const {
  return "output_size=" + repr(output_size_);
}

template <size_t N>
FractionalMaxPool<N>::FractionalMaxPool(Size<N> kernel_size,
                                        const FractionalMaxPoolOptions<N>& options)
    : kernel_(kernel_size), options_(options) {
  const bool has_size = options.output_size != Size<N>::unset();
  check(has_size != options.output_ratio.has_value(),
        "FractionalMaxPool{}d: expected either an output_size or an output_ratio", N);
  if (!has_size)
    for (const double ratio : *options.output_ratio)
      check(ratio > 0 && ratio < 1,
            "FractionalMaxPool{}d: expected an output_ratio between 0 and 1, got {}", N, ratio);
}
template <size_t N>
Tensor FractionalMaxPool<N>::forward(const Tensor& x) {
  return by_axes<N>(fractional_max_pool2d, fractional_max_pool3d)(x, kernel_, options_);
}
template <size_t N>
std::pair<Tensor, Tensor> FractionalMaxPool<N>::forward_with_indices(const Tensor& x) {
  return by_axes<N>(fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices)(
      x, kernel_, options_);
}

template class MaxPool<1>;
template class MaxPool<2>;
template class MaxPool<3>;
template class MaxUnpool<1>;
template class MaxUnpool<2>;
template class MaxUnpool<3>;
template class AvgPool<1, AvgPool1dOptions>;
template class AvgPool<2, AvgPool2dOptions>;
template class AvgPool<3, AvgPool3dOptions>;
template class LPPool<1>;
template class LPPool<2>;
template class LPPool<3>;
template class AdaptiveAvgPool<1>;
template class AdaptiveAvgPool<2>;
template class AdaptiveAvgPool<3>;
template class AdaptiveMaxPool<1>;
template class AdaptiveMaxPool<2>;
template class AdaptiveMaxPool<3>;
template class FractionalMaxPool<2>;
template class FractionalMaxPool<3>;

}  // namespace rw::nn::detail
