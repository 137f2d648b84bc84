// Convolutions and pooling, along one to three axes.

#include <algorithm>
#include <cmath>
#include <numeric>

#include <rewind/io/onnx_operators.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::onnx {

namespace {

// --- What they share ----------------------------------------------------------------------------

Ints axes_behind_channels(const Tensor& x) {
  Ints axes;
  for (int64_t d = 2; d < x.dim(); ++d) axes.push_back(d);
  return axes;
}

// What sizes are computed from does not overflow.
void expect_sizes(const Node& n, const Ints& numbers) {
  constexpr int64_t most = int64_t{1} << 30;
  for (const int64_t number : numbers)
    if (number < -most || number > most) n.refuse("a size of its window is out of range");
}

// Numbers of an attribute, one for each axis.
struct WindowAttributes {
  Ints kernel, stride, dilation, pads;
  std::string auto_pad;
  bool ceil = false;

  explicit WindowAttributes(Node& n)
      : kernel(n.integers("kernel_shape")),
        stride(n.integers("strides")),
        dilation(n.integers("dilations")),
        pads(n.integers("pads")),
        auto_pad(n.text("auto_pad", "NOTSET")) {
    if (auto_pad != "NOTSET" && auto_pad != "VALID" && auto_pad != "SAME_UPPER" &&
        auto_pad != "SAME_LOWER")
      n.refuse("its auto_pad is '" + auto_pad + "'");
    for (const int64_t s : stride)
      if (s < 1) n.refuse("a stride is not positive");
    for (const Ints* numbers : {&kernel, &stride, &dilation, &pads}) expect_sizes(n, *numbers);
  }
  bool is_same() const { return auto_pad.starts_with("SAME"); }
};

// Windows over the last axes of a certain input.
struct Windows {
  Ints kernel, stride, dilation, in, before, after;
  bool ceil;

  Windows(const WindowAttributes& a, const Tensor& x, const Ints& kernel_of_weight = {})
      : kernel(a.kernel.empty() ? kernel_of_weight : a.kernel), ceil(a.ceil) {
    const size_t n = kernel.size();
    check<ShapeError>(n >= 1 && n <= 3 && static_cast<size_t>(x.dim()) == n + 2,
                      "expected an input [N, C] and one to three axes, as many as the window has, "
                      "got shape {} and {}",
                      x.shape(), n);
    stride = filled(a.stride, 1);
    dilation = filled(a.dilation, 1);
    in = {x.shape().begin() + 2, x.shape().end()};
    before = after = Ints(n, 0);
    const auto half = static_cast<std::ptrdiff_t>(n);
    if (a.is_same())
      border_to_same(a.auto_pad == "SAME_UPPER");
    else if (a.auto_pad == "NOTSET" && a.pads.size() == 2 * n)
      before = {a.pads.begin(), a.pads.begin() + half},
      after = {a.pads.begin() + half, a.pads.end()};
    else
      check(a.pads.empty() || a.auto_pad == "VALID", "expected {} pads, got {}", 2 * n,
            a.pads.size());
  }

  size_t axes() const { return kernel.size(); }
  // How far a window reaches.
  int64_t reach(size_t d) const { return dilation[d] * (kernel[d] - 1) + 1; }
  // How many windows there are, where no last one may end outside.
  int64_t count(size_t d, int64_t border) const {
    return (in[d] + border - reach(d)) / stride[d] + 1;
  }
  bool is_even() const { return before == after; }
  template <class F>
  bool any_border(F f) const {
    return std::any_of(before.begin(), before.end(), f) ||
           std::any_of(after.begin(), after.end(), f);
  }
  bool has_border() const {
    return any_border([](int64_t n) { return n != 0; });
  }
  int64_t elements() const {
    return std::accumulate(kernel.begin(), kernel.end(), int64_t{1}, std::multiplies<>());
  }
  // x with its border, which is none then.
  Tensor bordered(const Tensor& x, double value) {
    if (ceil) drop_outside();
    Ints pads = before;
    pads.insert(pads.end(), after.begin(), after.end());
    before = after = Ints(axes(), 0);
    return with_border(x, axes_behind_channels(x), pads, PaddingMode::zeros, value);
  }
  // Whether ops of pooling take such a border.
  bool fits_kernel() const {
    for (size_t d = 0; d < axes(); ++d)
      if (before[d] < 0 || 2 * before[d] > kernel[d]) return false;
    return true;
  }
  // Whether a border like `before` on both sides gives as many windows: those are the same.
  bool take_even_border() {
    const auto fits = [&](bool ceil_mode) {
      for (size_t d = 0; d < axes(); ++d) {
        const int64_t slack = ceil_mode ? stride[d] - 1 : 0;
        int64_t even = count(d, 2 * before[d] + slack);
        if (ceil_mode && (even - 1) * stride[d] >= in[d] + before[d]) --even;
        if (even != count(d, before[d] + after[d])) return false;
      }
      return true;
    };
    if (!fits_kernel()) return false;
    if (ceil) return is_even();
    ceil = !fits(false);
    if (ceil && !fits(true)) return ceil = false;
    after = before;
    return true;
  }

 private:
  // No window begins in the border behind: what a last one would be needed for is cut off.
  void drop_outside() {
    for (size_t d = 0; d < axes(); ++d) {
      const int64_t last = count(d, before[d] + after[d] + stride[d] - 1) - 1;
      if (last > 0 && last * stride[d] >= in[d] + before[d])
        after[d] = std::min(after[d], (last - 1) * stride[d] + reach(d) - in[d] - before[d]);
    }
  }
  Ints filled(const Ints& given, int64_t otherwise) const {
    check(given.empty() || given.size() == axes(), "expected {} numbers, one for each axis, got {}",
          axes(), given.size());
    return given.empty() ? Ints(axes(), otherwise) : given;
  }
  void border_to_same(bool more_after) {
    for (size_t d = 0; d < axes(); ++d) {
      const int64_t windows = (in[d] + stride[d] - 1) / stride[d];
      const int64_t border = std::max<int64_t>((windows - 1) * stride[d] + reach(d) - in[d], 0);
      (more_after ? before : after)[d] = border / 2;
      (more_after ? after : before)[d] = border - border / 2;
    }
  }
};

template <size_t N>
Size<N> size_of(const Ints& numbers) {
  Size<N> s;
  for (size_t d = 0; d < N; ++d) s[static_cast<int>(d)] = numbers[d];
  return s;
}

// f.operator()<N>() for as many axes.
template <class F>
Tensor by_axes(size_t axes, const F& f) {
  if (axes == 1) return f.template operator()<1>();
  return axes == 2 ? f.template operator()<2>() : f.template operator()<3>();
}

Ints kernel_of(const Tensor& weight) {
  check<ShapeError>(weight.dim() > 2, "expected a weight of one to three axes, got shape {}",
                    weight.shape());
  return {weight.shape().begin() + 2, weight.shape().end()};
}

// --- Convolutions -------------------------------------------------------------------------------

template <size_t N>
Tensor convolved(const Tensor& x, const Tensor& w, const Tensor& b, const ConvOptions<N>& o) {
  if constexpr (N == 1) return conv1d(x, w, b, o);
  if constexpr (N == 2) return conv2d(x, w, b, o);
  if constexpr (N == 3) return conv3d(x, w, b, o);
}
template <size_t N>
Tensor widened(const Tensor& x, const Tensor& w, const Tensor& b,
               const ConvTransposeOptions<N>& o) {
  if constexpr (N == 1) return conv_transpose1d(x, w, b, o);
  if constexpr (N == 2) return conv_transpose2d(x, w, b, o);
  if constexpr (N == 3) return conv_transpose3d(x, w, b, o);
}

Step conv(Node& n) {
  const WindowAttributes attributes(n);
  const int64_t groups = n.integer("group", 1);
  return [=](Arguments& in) {
    Windows w(attributes, in[0], kernel_of(in[1]));
    const Tensor x = w.is_even() ? in[0] : w.bordered(in[0], 0);
    return by_axes(w.axes(), [&]<size_t N>() {
      return convolved(x, in[1], in[2],
                       ConvOptions<N>{.stride = size_of<N>(w.stride),
                                      .padding = size_of<N>(w.before),
                                      .dilation = size_of<N>(w.dilation),
                                      .groups = groups});
    });
  };
}

// Borders that are cut off: those given, or what leads to sizes that are given. Where these are
// greater than all there is, the one behind is negative.
void border_of_result(Windows& w, const Ints& output_padding, Ints sizes,
                      const WindowAttributes& a) {
  if (a.is_same() && sizes.empty())
    for (size_t d = 0; d < w.axes(); ++d) sizes.push_back(w.in[d] * w.stride[d]);
  if (sizes.empty()) return;
  check(sizes.size() >= w.axes(), "expected an output_shape of {} axes", w.axes());
  for (size_t d = 0; d < w.axes(); ++d) {
    const int64_t all = w.stride[d] * (w.in[d] - 1) + output_padding[d] + w.reach(d),
                  over = all - sizes[sizes.size() - w.axes() + d], cut = std::max<int64_t>(over, 0);
    const bool more_after = a.auto_pad == "SAME_UPPER";
    w.before[d] = more_after ? cut / 2 : cut - cut / 2;
    w.after[d] = over - w.before[d];
  }
}

Step conv_transpose(Node& n) {
  const WindowAttributes attributes(n);
  const int64_t groups = n.integer("group", 1);
  const Ints extra = n.integers("output_padding"), sizes = n.integers("output_shape");
  for (const Ints* numbers : {&extra, &sizes}) expect_sizes(n, *numbers);
  return [=](Arguments& in) {
    Windows w(attributes, in[0], kernel_of(in[1]));
    const Ints output_padding = extra.empty() ? Ints(w.axes(), 0) : extra;
    check(output_padding.size() == w.axes(), "expected an output_padding of {} axes", w.axes());
    border_of_result(w, output_padding, sizes, attributes);
    const bool grows = w.any_border([](int64_t n) { return n < 0; }), even = w.is_even() && !grows;
    const Tensor y = by_axes(w.axes(), [&]<size_t N>() {
      return widened(in[0], in[1], grows ? Tensor() : in[2],
                     ConvTransposeOptions<N>{.stride = size_of<N>(w.stride),
                                             .padding = size_of<N>(even ? w.before : Ints(N, 0)),
                                             .output_padding = size_of<N>(output_padding),
                                             .groups = groups,
                                             .dilation = size_of<N>(w.dilation)});
    });
    if (even) return y;
    for (Ints* border : {&w.before, &w.after})
      for (int64_t& cut : *border) cut = -cut;
    const Tensor whole = w.bordered(y, 0);
    if (!grows || !in.has(2)) return whole;
    Shape row = Shape::filled(whole.dim(), 1);
    row[1] = -1;
    return whole + in[2].reshape(row);
  };
}

// --- Pooling ------------------------------------------------------------------------------------

template <size_t N>
Tensor greatest(const Tensor& x, Size<N> k, const MaxPoolOptions<N>& o) {
  if constexpr (N == 1) return max_pool1d(x, k, o);
  if constexpr (N == 2) return max_pool2d(x, k, o);
  if constexpr (N == 3) return max_pool3d(x, k, o);
}

Tensor averages(const Tensor& x, const Windows& w, bool count_border) {
  return by_axes(w.axes(), [&]<size_t N>() {
    const Size<N> kernel = size_of<N>(w.kernel);
    const std::conditional_t<N == 1, AvgPool1dOptions, AvgPoolOptions<N>> o{
        .stride = size_of<N>(w.stride),
        .padding = size_of<N>(w.before),
        .ceil_mode = w.ceil,
        .count_include_pad = count_border};
    if constexpr (N == 1) return avg_pool1d(x, kernel, o);
    if constexpr (N == 2) return avg_pool2d(x, kernel, o);
    if constexpr (N == 3) return avg_pool3d(x, kernel, o);
  });
}

WindowAttributes pooling_attributes(Node& n) {
  WindowAttributes a(n);
  a.ceil = n.integer("ceil_mode", 0) != 0;
  if (a.kernel.empty()) n.refuse("it has no kernel_shape");
  return a;
}

// What is beyond the border never wins.
Step max_pool(Node& n) {
  const WindowAttributes attributes = pooling_attributes(n);
  n.integer("storage_order", 0);  // of places, which are not computed
  if (n.outputs() > 1) n.refuse("it has a second result, places of the greatest elements");
  return [=](Arguments& in) {
    Windows w(attributes, in[0]);
    const double least = is_floating(in[0].dtype()) ? -std::numeric_limits<double>::infinity()
                         : in[0].dtype() == uint8   ? 0
                                                    : -128;
    const Tensor x = w.take_even_border() ? in[0] : w.bordered(in[0], least);
    return by_axes(w.axes(), [&]<size_t N>() {
      return greatest(x, size_of<N>(w.kernel),
                      MaxPoolOptions<N>{.stride = size_of<N>(w.stride),
                                        .padding = size_of<N>(w.before),
                                        .dilation = size_of<N>(w.dilation),
                                        .ceil_mode = w.ceil});
    });
  };
}

Step average_pool(Node& n) {
  const WindowAttributes attributes = pooling_attributes(n);
  const bool count_border = n.integer("count_include_pad", 0) != 0;
  for (const int64_t d : attributes.dilation)
    if (d != 1) n.refuse("it has dilations");
  return [=](Arguments& in) {
    const Tensor& x = in[0];
    Windows w(attributes, x);
    if (!w.has_border()) return averages(x, w, false);
    if (count_border && w.is_even() && w.fits_kernel()) return averages(x, w, true);
    if (count_border) {
      const Tensor whole = w.bordered(x, 0);
      return averages(whole, w, false);
    }
    if (w.take_even_border()) return averages(x, w, false);
    Windows same = w;
    const Tensor shares = same.bordered(ones_like(x), 0);
    return averages(w.bordered(x, 0), w, false) / averages(shares, same, false);
  };
}

// (sum |x|^p)^(1 / p)
Step lp_pool(Node& n) {
  const WindowAttributes attributes = pooling_attributes(n);
  const auto p = static_cast<double>(n.integer("p", 2));
  for (const int64_t d : attributes.dilation)
    if (d != 1) n.refuse("it has dilations");
  if (attributes.ceil) n.refuse("its ceil_mode is on");
  return [=](Arguments& in) {
    Windows w(attributes, in[0]);
    const Tensor powers = w.bordered(pow(abs(in[0]), p), 0);
    return pow(averages(powers, w, false) * static_cast<double>(w.elements()), 1 / p);
  };
}

// f(x, the axes behind channels)
template <class F>
auto global(F f) {
  return [f](Node&) -> Step {
    return [f](Arguments& in) {
      check<ShapeError>(in[0].dim() > 2, "expected axes behind [N, C], got shape {}",
                        in[0].shape());
      return f(in[0], Dims(axes_behind_channels(in[0])));
    };
  };
}

Step global_lp_pool(Node& n) {
  const int64_t p = n.integer("p", 2);
  return global(
      [p](const Tensor& x, const Dims& axes) { return linalg::vector_norm(x, p, axes, true); })(n);
}

}  // namespace

const Operators& window_operators() {
  static const Operators operators = {
      {"Conv", {1, {2, 3}, conv}},
      {"ConvTranspose", {1, {2, 3}, conv_transpose}},
      {"MaxPool", {1, 1, max_pool}},
      {"AveragePool", {1, 1, average_pool}},
      {"LpPool", {2, 1, lp_pool}},
      {"GlobalAveragePool",
       {1, 1, global([](const Tensor& x, const Dims& axes) { return mean(x, axes, true); })}},
      {"GlobalMaxPool",
       {1, 1, global([](const Tensor& x, const Dims& axes) { return amax(x, axes, true); })}},
      {"GlobalLpPool", {2, 1, global_lp_pool}},
  };
  return operators;
}

}  // namespace rw::onnx
