#include <rewind/ops/padding.h>

#include <algorithm>
#include <limits>

#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/index/pad.h>
#include <rewind/ops/pad_adjoint.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

namespace {

using Padding = std::vector<int64_t>;

int64_t before(const Padding& padding, int from_last) {
  const auto i = 2 * static_cast<size_t>(from_last);
  return i < padding.size() ? padding[i] : 0;
}
int64_t after(const Padding& padding, int from_last) {
  const auto i = 2 * static_cast<size_t>(from_last) + 1;
  return i < padding.size() ? padding[i] : 0;
}

Shape padded_shape(const Shape& shape, const Padding& padding, int64_t sign) {
  Shape out = shape;
  for (int d = 0; d < shape.rank(); ++d) {
    const int k = shape.rank() - 1 - d;
    const Wide border = Wide{before(padding, k)} + after(padding, k);
    out[d] = to_size("pad", out[d] + sign * border, "a dimension");
  }
  return out;
}

void check_padding(const Tensor& x, const Padding& padding, PaddingMode mode) {
  check_defined("pad", x);
  check<ShapeError>(padding.size() % 2 == 0 && padding.size() <= 2 * static_cast<size_t>(x.dim()),
                    "pad: expected two numbers for each of at most {} dimensions, got {} numbers",
                    x.dim(), padding.size());
  for (int d = 0; d < x.dim(); ++d) {
    const int64_t n = x.shape()[d], b = before(padding, x.dim() - 1 - d),
                  a = after(padding, x.dim() - 1 - d);
    if (b == 0 && a == 0) continue;
    if (mode == PaddingMode::zeros) {
      check<ShapeError>(Wide{n} + b + a >= 0 && Wide{n} + b >= 0 && Wide{n} + a >= 0,
                        "pad: {} and {} cut more off dimension {} of shape {} than there is", b, a,
                        d, x.shape());
      continue;
    }
    // Circular takes what is cut off away before it looks for what is opposite.
    const bool circular = mode == PaddingMode::circular, reflect = mode == PaddingMode::reflect;
    const Wide left = Wide{n} + std::min<int64_t>(a, 0) + std::min<int64_t>(b, 0);
    check<ShapeError>((circular ? left >= 0 : Wide{n} + a + b > 0 || n + std::max(a, b) == 0),
                      "pad: {} and {} cut more off dimension {} of shape {} than there is", b, a, d,
                      x.shape());
    const Wide most = reflect    ? Wide{n} - 1
                      : circular ? left
                      : n > 0    ? Wide{std::numeric_limits<int64_t>::max()}
                                 : Wide{0};
    check<ShapeError>(std::max(a, b) <= std::max(most, Wide{0}),
                      "pad: dimension {} of shape {} can't be padded by {} and {}{}", d, x.shape(),
                      b, a,
                      reflect    ? "; reflect takes less than its size"
                      : circular ? "; circular takes at most its size"
                                 : "; replicate needs an element to repeat");
  }
}

// The dimensions of `shape` in the order of memory, which is that of `like`.
std::vector<kernels::PadDim> dims_in_memory(const Shape& shape, const Padding& padding,
                                            bool channels_last) {
  std::vector<kernels::PadDim> dims;
  for (int d = 0; d < shape.rank(); ++d) {
    const int k = shape.rank() - 1 - d;
    dims.push_back({shape[d], before(padding, k), after(padding, k)});
  }
  if (channels_last) std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
  return dims;
}

bool is_channels_last(const Tensor& x) {
  return !x.is_contiguous() && x.is_contiguous(MemoryFormat::channels_last);
}
Tensor dense(const Tensor& x, bool channels_last) {
  return x.detach().contiguous(channels_last ? MemoryFormat::channels_last
                                             : MemoryFormat::contiguous);
}

Tensor pad_checked(const Tensor& x, const Padding& padding, PaddingMode mode, double value);

Padding limited(Padding padding, int64_t least, int64_t most) {
  for (int64_t& n : padding) n = std::clamp(n, least, most);
  return padding;
}

// The same where x lies unevenly and nothing is cut off: straight into its place.
Tensor framed(const Tensor& x, const Padding& padding, double value) {
  const Tensor out = empty(padded_shape(x.shape(), padding, 1), x.dtype());
  const Tensor number = full({}, value, x.dtype());
  Tensor inside = out;
  for (int k = 0; k < x.dim(); ++k) {
    const int d = x.dim() - 1 - k;
    const int64_t first = before(padding, k), last = inside.size(d) - after(padding, k);
    if (first > 0) copy_into(inside.narrow(d, 0, first), number);
    if (last < inside.size(d)) copy_into(inside.narrow(d, last, inside.size(d) - last), number);
    inside = inside.narrow(d, first, last - first);
  }
  copy_into(inside, x);
  return out;
}

// What is left where nothing is added.
Tensor cropped(const Tensor& x, const Padding& padding) {
  Tensor inside = x.detach();
  for (int k = 0; k < x.dim(); ++k) {
    const int d = x.dim() - 1 - k;
    const int64_t first = -before(padding, k), last = x.size(d) + after(padding, k);
    inside = inside.narrow(d, first, last - first);
  }
  const Tensor out = empty_in_order_of(x, inside.shape(), x.dtype());
  copy_into(out, inside);
  return out;
}

Tensor padded(const Tensor& x, const Padding& padding, PaddingMode mode, double value) {
  const no_grad guard;
  const bool channels_last = is_channels_last(x);
  const bool adds = std::all_of(padding.begin(), padding.end(), [](int64_t n) { return n >= 0; });
  const bool cuts = std::all_of(padding.begin(), padding.end(), [](int64_t n) { return n <= 0; });
  if (cuts) return cropped(x, padding);
  if (mode == PaddingMode::zeros && adds && !channels_last && !x.is_contiguous() && x.numel() > 0)
    return framed(x, padding, value);
  const Tensor in = dense(x, channels_last);
  const Tensor out = empty_in_order_of(in, padded_shape(x.shape(), padding, 1), x.dtype());
  if (out.numel() > 0)
    kernels::pad(x.dtype(), mode, dims_in_memory(x.shape(), padding, channels_last), value,
                 in.raw_data(), out.raw_data());
  return out;
}

Tensor pad_checked(const Tensor& x, const Padding& padding, PaddingMode mode, double value) {
  const profile_scope scope("pad");
  const Tensor out = padded(x, padding, mode, value);
  return traced(
      "pad",
      record("pad", out, {x},
             [padding, mode](const Tensor& g, Needs) -> Grads {
               return mode == PaddingMode::zeros ? pad_checked(g, negated(padding), mode, 0)
                                                 : pad_adjoint(g, padding, mode);
             }),
      {x}, [&] {
        return Attributes{{"padding", padding}, {"mode", static_cast<int>(mode)}, {"value", value}};
      });
}

}  // namespace

Padding detail::negated(Padding padding) {
  for (int64_t& n : padding) n = -n;
  return padding;
}

Tensor detail::pad_adjoint(const Tensor& g, const Padding& padding, PaddingMode mode) {
  const profile_scope scope("pad_backward");
  const Tensor out = [&] {
    no_grad guard;
    const bool channels_last = is_channels_last(g);
    const Tensor in = dense(g.dtype() == float16 ? g.to(float32) : g, channels_last);
    const Tensor sums = empty_in_order_of(in, padded_shape(g.shape(), padding, -1), in.dtype());
    if (sums.numel() > 0)
      kernels::unpad(in.dtype(), mode, dims_in_memory(sums.shape(), padding, channels_last),
                     in.raw_data(), sums.raw_data());
    return sums.to(g.dtype());
  }();
  return record("pad_backward", out, {g}, [padding, mode](const Tensor& gg, Needs) -> Grads {
    return pad_checked(gg, padding, mode, 0);
  });
}

Tensor pad(const Tensor& x, const Padding& padding, PaddingMode mode, double value) {
  check_padding(x, padding, mode);
  check_held("pad", value, x.dtype());
  const bool nothing =
      std::all_of(padding.begin(), padding.end(), [](int64_t n) { return n == 0; });
  if (nothing) return x.clone();
  const Padding added = limited(padding, 0, std::numeric_limits<int64_t>::max());
  const Padding cut = limited(padding, std::numeric_limits<int64_t>::min(), 0);
  if (mode == PaddingMode::zeros || added == padding) return pad_checked(x, padding, mode, value);
  const auto crop = [&](const Tensor& t) { return pad_checked(t, cut, PaddingMode::zeros, 0); };
  if (cut == padding) return crop(x);
  // Circular repeats what is left; the others what stood at the border before.
  return mode == PaddingMode::circular ? pad_checked(crop(x), added, mode, 0)
                                       : crop(pad_checked(x, added, mode, 0));
}

}  // namespace rw
