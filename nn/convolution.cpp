#include <rewind/nn/convolution.h>

#include <rewind/nn/call_log.h>
#include <rewind/nn/layer_parts.h>
#include <rewind/nn/repr.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

namespace {

// The taps of a weight.
template <std::size_t N>
Size<N> kernel_of(const Tensor& weight) {
  Size<N> kernel;
  for (int d = 0; d < static_cast<int>(N); ++d) kernel[d] = weight.size(2 + d);
  return kernel;
}

template <std::size_t N>
std::string layer_name(bool transposed) {
  return fmt::format("Conv{}{}d", transposed ? "Transpose" : "", N);
}

// [first, second, k…]. Sizes are checked here, where the message can name them, rather than at the
// first use.
template <std::size_t N>
Tensor conv_weight(int64_t in, int64_t out, Size<N> kernel, int64_t groups, bool transposed) {
  const std::string name = layer_name<N>(transposed);
  check(in > 0 && out > 0, "{}: expected at least one channel, got {} in and {} out", name, in,
        out);
  check(groups > 0 && in % groups == 0 && out % groups == 0,
        "{}: groups ({}) must divide in_channels ({}) and out_channels ({})", name, groups, in,
        out);
  Shape shape = transposed ? Shape{in, out / groups} : Shape{out, in / groups};
  for (int d = 0; d < static_cast<int>(N); ++d) {
    check(kernel[d] > 0, "{}: expected a kernel_size of at least 1, got {}", name,
          tuple_repr(kernel));
    shape.push_back(kernel[d]);
  }
  return detail::new_weight(shape);
}

template <std::size_t N>
std::string padding_repr(const ConvPadding<N>& padding) {
  if (padding.is_same()) return "same";
  if (padding.before() == padding.after()) return tuple_repr(padding.before());
  return tuple_repr(padding.before()) + " and " + tuple_repr(padding.after());
}

Tensor call(const Tensor& x, const Tensor& w, const Tensor& b, const rw::Conv1dOptions& o) {
  return conv1d(x, w, b, o);
}
Tensor call(const Tensor& x, const Tensor& w, const Tensor& b, const rw::Conv2dOptions& o) {
  return conv2d(x, w, b, o);
}
Tensor call(const Tensor& x, const Tensor& w, const Tensor& b, const rw::Conv3dOptions& o) {
  return conv3d(x, w, b, o);
}
Tensor call(const Tensor& x, const Tensor& w, const Tensor& b,
            const rw::ConvTranspose1dOptions& o) {
  return conv_transpose1d(x, w, b, o);
}
Tensor call(const Tensor& x, const Tensor& w, const Tensor& b,
            const rw::ConvTranspose2dOptions& o) {
  return conv_transpose2d(x, w, b, o);
}
Tensor call(const Tensor& x, const Tensor& w, const Tensor& b,
            const rw::ConvTranspose3dOptions& o) {
  return conv_transpose3d(x, w, b, o);
}

}  // namespace

template <std::size_t N>
ConvNd<N>::ConvNd(int64_t in_channels, int64_t out_channels, Size<N> kernel_size,
                  const ConvOptions<N>& o)
    : weight(parameter("weight",
                       conv_weight(in_channels, out_channels, kernel_size, o.groups, false))),
      bias(parameter("bias", detail::new_bias(o.bias, out_channels, weight))),
      options_{o.stride, o.padding, o.dilation, o.groups, o.padding_mode} {}

template <std::size_t N>
Size<N> ConvNd<N>::kernel_size() const {
  return kernel_of<N>(weight);
}

template <std::size_t N>
Tensor ConvNd<N>::forward(const Tensor& x) {
  return detail::logged(*this, call(x, weight, bias, options_));
}

template <std::size_t N>
int64_t ConvNd<N>::multiply_adds(std::span<const Tensor>, std::span<const Tensor> results) const {
  return results[0].numel() * (weight.numel() / weight.size(0));
}

template <std::size_t N>
std::string ConvNd<N>::extra_repr() const {
  const rw::ConvOptions<N>& o = options_;
  std::string s = fmt::format("{}, {}, kernel_size={}, stride={}", weight.size(1) * o.groups,
                              weight.size(0), tuple_repr(kernel_size()), tuple_repr(o.stride));
  const bool is_padded =
      o.padding.is_same() || o.padding.before() != Size<N>(0) || o.padding.after() != Size<N>(0);
  if (is_padded) s += ", padding=" + padding_repr(o.padding);
  if (o.dilation != Size<N>(1)) s += ", dilation=" + tuple_repr(o.dilation);
  if (o.groups != 1) s += fmt::format(", groups={}", o.groups);
  if (!bias.defined()) s += ", bias=False";
  if (o.padding_mode != PaddingMode::zeros)
    s += fmt::format(", padding_mode={}", repr(o.padding_mode));
  return s;
}

template <std::size_t N>
ConvTransposeNd<N>::ConvTransposeNd(int64_t in_channels, int64_t out_channels, Size<N> kernel_size,
                                    const ConvTransposeOptions<N>& o)
    : weight(
          parameter("weight", conv_weight(in_channels, out_channels, kernel_size, o.groups, true))),
      bias(parameter("bias", detail::new_bias(o.bias, out_channels, weight))),
      options_{o.stride, o.padding, o.output_padding, o.groups, o.dilation} {}

template <std::size_t N>
Size<N> ConvTransposeNd<N>::kernel_size() const {
  return kernel_of<N>(weight);
}

template <std::size_t N>
Tensor ConvTransposeNd<N>::forward(const Tensor& x) {
  return detail::logged(*this, call(x, weight, bias, options_));
}

template <std::size_t N>
Tensor ConvTransposeNd<N>::forward(const Tensor& x, Size<N> output_size) {
  constexpr int axes = static_cast<int>(N);
  check<ShapeError>(x.defined() && x.dim() >= axes + 1,
                    "{}: expected an input of at least {} dimensions", layer_name<N>(true),
                    axes + 1);
  rw::ConvTransposeOptions<N> o = options_;
  const Size<N> kernel = kernel_size();
  for (int d = 0; d < axes; ++d) {
    const int64_t least = (x.size(d - axes) - 1) * o.stride[d] - 2 * o.padding[d] +
                          o.dilation[d] * (kernel[d] - 1) + 1;
    o.output_padding[d] = output_size[d] - least;
    check<ShapeError>(0 <= o.output_padding[d] && o.output_padding[d] < o.stride[d],
                      "{}: expected an output_size from {} to {} along axis {}, got {}",
                      layer_name<N>(true), least, least + o.stride[d] - 1, d, output_size[d]);
  }
  return detail::logged(*this, call(x, weight, bias, o));
}

template <std::size_t N>
int64_t ConvTransposeNd<N>::multiply_adds(std::span<const Tensor> inputs,
                                          std::span<const Tensor>) const {
  return inputs[0].numel() * (weight.numel() / weight.size(0));
}

template <std::size_t N>
std::string ConvTransposeNd<N>::extra_repr() const {
  const rw::ConvTransposeOptions<N>& o = options_;
  std::string s =
      fmt::format("{}, {}, kernel_size={}, stride={}", weight.size(0), weight.size(1) * o.groups,
                  tuple_repr(kernel_size()), tuple_repr(o.stride));
  if (o.padding != Size<N>(0)) s += ", padding=" + tuple_repr(o.padding);
  if (o.dilation != Size<N>(1)) s += ", dilation=" + tuple_repr(o.dilation);
  if (o.output_padding != Size<N>(0)) s += ", output_padding=" + tuple_repr(o.output_padding);
  if (o.groups != 1) s += fmt::format(", groups={}", o.groups);
  if (!bias.defined()) s += ", bias=False";
  return s;
}

namespace {

std::string fold_repr(Size2 kernel, const FoldOptions& o) {
  return fmt::format("kernel_size={}, dilation={}, padding={}, stride={}", tuple_repr(kernel),
                     tuple_repr(o.dilation), tuple_repr(o.padding), tuple_repr(o.stride));
}

}  // namespace

std::string Unfold::extra_repr() const { return fold_repr(kernel_size_, options_); }
std::string Fold::extra_repr() const {
  return fmt::format("output_size={}, {}", tuple_repr(output_size_),
                     fold_repr(kernel_size_, options_));
}

template class ConvNd<1>;
template class ConvNd<2>;
template class ConvNd<3>;
template class ConvTransposeNd<1>;
template class ConvTransposeNd<2>;
template class ConvTransposeNd<3>;

}  // namespace rw::nn
