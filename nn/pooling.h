#pragma once

#include <string>
#include <utility>

#include <rewind/nn/module.h>
#include <rewind/ops/pool.h>
#include <rewind/tensor/by_place.h>

// Pooling layers with PyTorch's names, options and defaults.

#pragma GCC visibility push(default)

namespace rw::nn {

namespace detail {

/// What MaxPool1d, 2d and 3d have in common.
template <std::size_t N>
class MaxPool : public Module {
 public:
  /// With windows of `kernel_size`, which is their stride as well unless given.
  explicit MaxPool(Size<N> kernel_size, const MaxPoolOptions<N>& options = {})
      : kernel_(kernel_size), options_(options) {}
  /// A number for each axis: `({2, 1})`, which is no layer in braces.
  explicit MaxPool(const int64_t (&kernel_size)[N]) requires(N > 1)
      : MaxPool(Size<N>(kernel_size)) {}
  /// With options by their places, as PyTorch has them: `MaxPool2d(3, 2, 1)`; stride, padding
  /// and dilation.
  template <class... V>
  requires(sizeof...(V) <= 3 &&
           rw::detail::ByPlace<MaxPoolOptions<N>, V...>) explicit MaxPool(Size<N> kernel_size,
                                                                          V... options)
      : MaxPool(kernel_size, rw::detail::by_place<MaxPoolOptions<N>>(options...)) {}
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// What PyTorch's layer gives with return_indices: the result, and where its elements were.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& x);
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;

 private:
  Size<N> kernel_;
  MaxPoolOptions<N> options_;
};

/// What MaxUnpool1d, 2d and 3d have in common.
template <std::size_t N>
class MaxUnpool : public ModuleOf<MaxUnpool<N>> {
 public:
  /// Undoes a pooling with windows of `kernel_size`, which is their stride as well unless given.
  explicit MaxUnpool(Size<N> kernel_size, const MaxUnpoolOptions<N>& options = {})
      : kernel_(kernel_size), options_(options) {}
  /// A number for each axis: `({2, 1})`, which is no layer in braces.
  explicit MaxUnpool(const int64_t (&kernel_size)[N]) requires(N > 1)
      : MaxUnpool(Size<N>(kernel_size)) {}
  /// With options by their places, as PyTorch has them: `MaxUnpool2d(2, 2)`; stride and padding.
  template <class... V>
  requires(sizeof...(V) <= 2 &&
           rw::detail::ByPlace<MaxUnpoolOptions<N>, V...>) explicit MaxUnpool(Size<N> kernel_size,
                                                                              V... options)
      : MaxUnpool(kernel_size, rw::detail::by_place<MaxUnpoolOptions<N>>(options...)) {}
  /// With the indices from the pooling, and the size of its input where that is not the usual one.
  Tensor forward(const Tensor& x, const Tensor& indices,
                 Size<N> output_size = Size<N>::unset()) const;
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;

 private:
  Size<N> kernel_;
  MaxUnpoolOptions<N> options_;
};

/// What AvgPool1d, 2d and 3d have in common.
template <std::size_t N, class Options>
class AvgPool : public Module {
 public:
  /// With windows of `kernel_size`, which is their stride as well unless given.
  explicit AvgPool(Size<N> kernel_size, const Options& options = {})
      : kernel_(kernel_size), options_(options) {}
  /// A number for each axis: `({2, 1})`, which is no layer in braces.
  explicit AvgPool(const int64_t (&kernel_size)[N]) requires(N > 1)
      : AvgPool(Size<N>(kernel_size)) {}
  /// With options by their places, as PyTorch has them: `AvgPool2d(2, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<Options, V...>
  explicit AvgPool(Size<N> kernel_size, V... options)
      : AvgPool(kernel_size, rw::detail::by_place<Options>(options...)) {}
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;

 private:
  Size<N> kernel_;
  Options options_;
};

/// What LPPool1d, 2d and 3d have in common.
template <std::size_t N>
class LPPool : public Module {
 public:
  /// With windows of `kernel_size`, which is their stride as well unless given.
  LPPool(double norm_type, Size<N> kernel_size, const LPPoolOptions<N>& options = {})
      : norm_type_(norm_type), kernel_(kernel_size), options_(options) {}
  /// With options by their places, as PyTorch has them: `LPPool2d(2, 3, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<LPPoolOptions<N>, V...> LPPool(double norm_type, Size<N> kernel_size,
                                                              V... options)
      : LPPool(norm_type, kernel_size, rw::detail::by_place<LPPoolOptions<N>>(options...)) {}
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;

 private:
  double norm_type_;
  Size<N> kernel_;
  LPPoolOptions<N> options_;
};

/// What AdaptiveAvgPool1d, 2d and 3d have in common.
template <std::size_t N>
class AdaptiveAvgPool : public Module {
 public:
  /// To results of `output_size`, of which axes may be same_size.
  explicit AdaptiveAvgPool(Size<N> output_size) : output_size_(output_size) {}
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;

 private:
  Size<N> output_size_;
};

/// What AdaptiveMaxPool1d, 2d and 3d have in common.
template <std::size_t N>
class AdaptiveMaxPool : public Module {
 public:
  /// To results of `output_size`, of which axes may be same_size.
  explicit AdaptiveMaxPool(Size<N> output_size) : output_size_(output_size) {}
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// What PyTorch's layer gives with return_indices: the result, and where its elements were.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& x);
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;

 private:
  Size<N> output_size_;
};

/// What FractionalMaxPool2d and 3d have in common.
template <std::size_t N>
class FractionalMaxPool : public Module {
 public:
  /// With windows of `kernel_size`, and an output_size or an output_ratio between 0 and 1.
  FractionalMaxPool(Size<N> kernel_size, const FractionalMaxPoolOptions<N>& options);
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// What PyTorch's layer gives with return_indices: the result, and where its elements were.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& x);

 private:
  Size<N> kernel_;
  FractionalMaxPoolOptions<N> options_;
};

}  // namespace detail

///@{
/// The greatest element of each window; see rw::max_pool1d, rw::max_pool2d, rw::max_pool3d.
struct MaxPool1d : detail::MaxPool<1> {
  using MaxPool::MaxPool;
};
struct MaxPool2d : detail::MaxPool<2> {
  using MaxPool::MaxPool;
};
struct MaxPool3d : detail::MaxPool<3> {
  using MaxPool::MaxPool;
};
///@}

///@{
/// What was pooled back to where it was; see rw::max_unpool1d, rw::max_unpool2d, rw::max_unpool3d.
struct MaxUnpool1d : detail::MaxUnpool<1> {
  using MaxUnpool::MaxUnpool;
};
struct MaxUnpool2d : detail::MaxUnpool<2> {
  using MaxUnpool::MaxUnpool;
};
struct MaxUnpool3d : detail::MaxUnpool<3> {
  using MaxUnpool::MaxUnpool;
};
///@}

///@{
/// The average of each window; see rw::avg_pool1d, rw::avg_pool2d, rw::avg_pool3d.
struct AvgPool1d : detail::AvgPool<1, AvgPool1dOptions> {
  using AvgPool::AvgPool;
};
struct AvgPool2d : detail::AvgPool<2, AvgPool2dOptions> {
  using AvgPool::AvgPool;
};
struct AvgPool3d : detail::AvgPool<3, AvgPool3dOptions> {
  using AvgPool::AvgPool;
};
///@}

///@{
/// The norm of each window; see rw::lp_pool1d, rw::lp_pool2d, rw::lp_pool3d.
struct LPPool1d : detail::LPPool<1> {
  using LPPool::LPPool;
};
struct LPPool2d : detail::LPPool<2> {
  using LPPool::LPPool;
};
struct LPPool3d : detail::LPPool<3> {
  using LPPool::LPPool;
};
///@}

///@{
/// Averages over a given number of bins; see rw::adaptive_avg_pool2d.
struct AdaptiveAvgPool1d : detail::AdaptiveAvgPool<1> {
  using AdaptiveAvgPool::AdaptiveAvgPool;
};
struct AdaptiveAvgPool2d : detail::AdaptiveAvgPool<2> {
  using AdaptiveAvgPool::AdaptiveAvgPool;
};
struct AdaptiveAvgPool3d : detail::AdaptiveAvgPool<3> {
  using AdaptiveAvgPool::AdaptiveAvgPool;
};
///@}

///@{
/// Greatest elements of a given number of bins; see rw::adaptive_max_pool2d.
struct AdaptiveMaxPool1d : detail::AdaptiveMaxPool<1> {
  using AdaptiveMaxPool::AdaptiveMaxPool;
};
struct AdaptiveMaxPool2d : detail::AdaptiveMaxPool<2> {
  using AdaptiveMaxPool::AdaptiveMaxPool;
};
struct AdaptiveMaxPool3d : detail::AdaptiveMaxPool<3> {
  using AdaptiveMaxPool::AdaptiveMaxPool;
};
///@}

///@{
/// Greatest elements of windows that lie at random, anew in each call; see
/// rw::fractional_max_pool2d.
struct FractionalMaxPool2d : detail::FractionalMaxPool<2> {
  using FractionalMaxPool::FractionalMaxPool;
};
struct FractionalMaxPool3d : detail::FractionalMaxPool<3> {
  using FractionalMaxPool::FractionalMaxPool;
};
///@}

}  // namespace rw::nn

#pragma GCC visibility pop
