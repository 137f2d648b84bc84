#include <rewind/ops/conv_integers.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/padding.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/factories.h>

// Rare, and so by ops: a product of matrices for each tap of the kernel.

namespace rw::detail {
namespace {

// Calls f(k) with each place in a kernel of these sizes.
template <class F>
void each_tap(const Size<3>& kernel, const F& f) {
  for (int64_t d = 0; d < kernel[0]; ++d)
    for (int64_t h = 0; h < kernel[1]; ++h)
      for (int64_t w = 0; w < kernel[2]; ++w) f(Size<3>{d, h, w});
}

// What the tap k meets along each axis, from `windows` windows.
Tensor met(const ConvArguments& c, Tensor x, const Size<3>& k, const Size<3>& windows) {
  for (int d = c.first(); d < 3; ++d) {
    const int64_t start = k[d] * c.dilation[d], last = start + (windows[d] - 1) * c.stride[d];
    x = x.slice(2 + d - c.first(), start, last + 1, c.stride[d]);
  }
  return x;
}

// The weights at a tap, [groups, rows, columns].
Tensor tap_of(const ConvArguments& c, Tensor weight, const Size<3>& k) {
  for (int d = 2; d >= c.first(); --d) weight = weight.select(2 + d - c.first(), k[d]);
  return weight.reshape({c.groups, weight.size(0) / c.groups, weight.size(1)});
}

// [N, channels, sizes] as [groups, channels / groups, N sizes], and back.
Tensor to_columns(const Tensor& x, int64_t groups) {
  const Tensor first = x.transpose(0, 1);
  return first.reshape({groups, x.size(1) / groups, x.numel() / std::max<int64_t>(x.size(1), 1)});
}
Tensor from_columns(const Tensor& y, int64_t n, const Shape& sizes) {
  Shape shape = {y.size(0) * y.size(1), n};
  for (int d = 0; d < sizes.rank(); ++d) shape.push_back(sizes[d]);
  return y.reshape(shape).transpose(0, 1);
}

Shape sizes_of(const ConvArguments& c, const Size<3>& s) {
  Shape shape;
  for (int d = c.first(); d < 3; ++d) shape.push_back(s[d]);
  return shape;
}

Tensor padded(const ConvArguments& c, const Tensor& x) {
  std::vector<int64_t> border;
  for (int d = 2; d >= c.first(); --d) border.insert(border.end(), {c.before[d], c.after[d]});
  return c.before == Size<3>(0) && c.after == Size<3>(0) ? x : pad(x, border, c.mode);
}

Tensor forward(ConvArguments c, const Tensor& x, const Tensor& weight) {
  const Size<3> kernel = spatial(weight);
  c = with_padding_counted(c, kernel);
  const Size<3> out = conv_output(c, x, weight);
  const Tensor in = padded(c, x);
  Tensor sum;
  each_tap(kernel, [&](const Size<3>& k) {
    const Tensor part = bmm(tap_of(c, weight, k), to_columns(met(c, in, k, out), c.groups));
    sum = sum.defined() ? sum.add_(part) : part;
  });
  return from_columns(sum, x.size(0), sizes_of(c, out));
}

Tensor transposed(const ConvArguments& c, const Tensor& x, const Tensor& weight) {
  const Size<3> in = spatial(x), out = conv_transpose_output(c, x, weight);
  const Tensor columns = to_columns(x, c.groups);
  Shape whole = {x.size(0), weight.size(1) * c.groups};
  for (int d = c.first(); d < 3; ++d) whole.push_back(out[d] + c.before[d] + c.after[d]);
  Tensor y = zeros(whole, x.dtype());
  each_tap(spatial(weight), [&](const Size<3>& k) {
    const Tensor part = bmm(tap_of(c, weight, k).transpose(1, 2), columns);
    met(c, y, k, in).add_(from_columns(part, x.size(0), sizes_of(c, in)));
  });
  for (int d = c.first(); d < 3; ++d) y = y.narrow(2 + d - c.first(), c.before[d], out[d]);
  return y;
}

}  // namespace

Tensor integer_convolution(const ConvArguments& c, const Tensor& x, const Tensor& weight,
                           const Tensor& bias) {
  const no_grad guard;
  const Tensor y = c.transposed ? transposed(c, x, weight) : forward(c, x, weight);
  if (!bias.defined()) return y.contiguous();
  Shape shape = Shape::filled(c.axes + 1, 1);
  shape[0] = bias.size(0);
  return y.contiguous() + bias.view(shape);
}

}  // namespace rw::detail
