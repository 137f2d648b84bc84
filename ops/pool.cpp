#include <rewind/ops/pool.h>

#include <limits>
#include <memory>

#include <rewind/autograd/record.h>
#include <rewind/kernels/reduce/reduce.h>
#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/ops/layout.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

using detail::Wide;
using kernels::Taps;

// Places along a side, and in a window, are kept in 32 bits.
constexpr int64_t longest = std::numeric_limits<int32_t>::max();

void check_images(const char* op, const Tensor& x) {
  check(x.defined(), "{}: the input is undefined", op);
  check<DTypeError>(x.is_floating_point(), "{}: expected a floating input, got {}", op, x.dtype());
  const Shape& s = x.shape();
  check<ShapeError>(s.rank() == 3 || s.rank() == 4,
                    "{}: expected an input [N, C, H, W] or [C, H, W], got shape {}", op, s);
  check<ShapeError>(s[s.rank() - 3] > 0 && s[s.rank() - 2] > 0 && s[s.rank() - 1] > 0,
                    "{}: expected an input with C, H and W greater than 0, got shape {}", op, s);
  check<ShapeError>(s[s.rank() - 2] <= longest && s[s.rank() - 1] <= longest,
                    "{}: expected an H and W below 2^31, got shape {}", op, s);
}

// All that describes windows sliding over images.
struct Sliding {
  Size2 kernel, stride, padding, dilation;
  bool ceil_mode;
};

void check_sliding(const char* op, const Sliding& s) {
  const auto at_least = [&](const char* what, Size2 v, int64_t least) {
    check<ShapeError>(v.h() >= least && v.w() >= least,
                      "{}: expected {} of at least {}, got ({}, {})", op, what, least, v.h(),
                      v.w());
  };
  at_least("a kernel", s.kernel, 1);
  at_least("a stride", s.stride, 1);
  at_least("a padding", s.padding, 0);
  at_least("a dilation", s.dilation, 1);
  check<ShapeError>(s.kernel.h() <= longest / s.kernel.w(), "{}: the kernel ({}, {}) is too large",
                    op, s.kernel.h(), s.kernel.w());
  check<ShapeError>(s.padding.h() <= s.kernel.h() / 2 && s.padding.w() <= s.kernel.w() / 2,
                    "{}: expected a padding of at most half the kernel ({}, {}), got ({}, {})", op,
                    s.kernel.h(), s.kernel.w(), s.padding.h(), s.padding.w());
}

// PyTorch's rule: with ceil_mode the last window must start inside the input or its left padding.
int64_t output_size(int64_t in, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                    bool ceil_mode) {
  const Wide room = in + 2 * padding - Wide{dilation} * (kernel - 1) - 1;
  if (room < 0 && !(ceil_mode && room + stride > 0)) return 0;
  Wide out = (room + (ceil_mode ? Wide{stride} - 1 : 0)) / stride + 1;
  if (ceil_mode && (out - 1) * stride >= in + padding) --out;
  return static_cast<int64_t>(out);  // at most in + padding, since the stride is not 0
}

// What every window takes is written down before anything is computed, in less memory than images
// take where there is sense in it.
void check_windows(const char* op, const Tensor& x, Size2 out, Size2 taken) {
  constexpr int64_t most = 1 << 28;
  check<ShapeError>(
      Wide{out.h()} * taken.h() <= most && Wide{out.w()} * taken.w() <= most,
      "{}: {}x{} windows that take {}x{} elements of an input of shape {} are too many", op,
      out.h(), out.w(), taken.h(), taken.w(), x.shape());
  Shape shape = x.shape();
  shape[shape.rank() - 2] = out.h();
  shape[shape.rank() - 1] = out.w();
  detail::check_allocatable(op, shape, x.dtype());
}

// The size of the result. Steps that nothing takes are made short: memory is set out by them.
Size2 output_size(const char* op, const Tensor& x, Sliding& s) {
  const int64_t h = x.size(-2), w = x.size(-1);
  const Size2 out = {
      output_size(h, s.kernel.h(), s.stride.h(), s.padding.h(), s.dilation.h(), s.ceil_mode),
      output_size(w, s.kernel.w(), s.stride.w(), s.padding.w(), s.dilation.w(), s.ceil_mode)};
  check<ShapeError>(
      out.h() > 0 && out.w() > 0,
      "{}: the input {} is too small for a kernel ({}, {}) with dilation ({}, {}) and padding "
      "({}, {})",
      op, x.shape(), s.kernel.h(), s.kernel.w(), s.dilation.h(), s.dilation.w(), s.padding.h(),
      s.padding.w());
  check_windows(op, x, out, {std::min(s.kernel.h(), h), std::min(s.kernel.w(), w)});
  if (out.h() == 1) s.stride[0] = std::min(s.stride.h(), h);
  if (out.w() == 1) s.stride[1] = std::min(s.stride.w(), w);
  if (s.kernel.h() == 1) s.dilation[0] = 1;
  if (s.kernel.w() == 1) s.dilation[1] = 1;
  return out;
}

// Which elements the windows of a pooling take, and in which memory order it happens; shared by
// the op and its derivatives.
struct Windows {
  Shape in, out;
  detail::Layout layout;
  DType dtype;
  Taps rows, cols;
  size_t winner_bytes = 1;                   // maximum
  std::vector<double> row_share, col_share;  // average

  Windows(const Tensor& x, Size2 size, Taps r, Taps c)
      : in(x.shape()),
        out(x.shape()),
        layout(detail::layout_of(x, x.dim() - 3)),
        dtype(x.dtype()),
        rows(std::move(r)),
        cols(std::move(c)) {
    out[out.rank() - 2] = size.h();
    out[out.rank() - 1] = size.w();
  }

  kernels::Pool pool(const Taps& r, const Taps& c) const {
    const int64_t n = in.rank() == 4 ? in[0] : 1, channels = in[in.rank() - 3];
    if (layout.last) return {dtype, n, channels, r, c};
    return {dtype, n * channels, 1, r, c};
  }
  kernels::Pool pool() const { return pool(rows, cols); }
  kernels::Winners winners(const Tensor& t) const {
    return {t.defined() ? t.raw_data() : nullptr, winner_bytes};
  }
};
using WindowsPtr = std::shared_ptr<const Windows>;

// --- Maximum -------------------------------------------------------------------------------------

Tensor max_gather(const Tensor& x, const Tensor& winners, const WindowsPtr& windows);

// dx = g summed over the windows that each element won; linear in g.
Tensor max_backward(const Tensor& g, const Tensor& winners, const WindowsPtr& windows) {
  const profile_scope scope("max_pool2d_backward");
  const Windows& w = *windows;
  Tensor dx = detail::empty_in(w.layout, w.in, w.dtype);
  const Taps rows = w.rows.transposed(), cols = w.cols.transposed();
  kernels::max_pool_backward(w.pool(rows, cols), detail::dense_in(w.layout, g).raw_data(),
                             w.winners(winners), dx.raw_data());
  return record("max_pool2d_backward", dx, {g},
                [winners = save(winners), windows](const Tensor& gg, Needs) -> Grads {
                  return max_gather(gg, winners.get(), windows);
                });
}

// y = each window's winner out of x; linear in x, the transpose of max_backward.
Tensor max_gather(const Tensor& x, const Tensor& winners, const WindowsPtr& windows) {
  const profile_scope scope("max_pool2d_gather");
  const Windows& w = *windows;
  Tensor y = detail::empty_in(w.layout, w.out, w.dtype);
  kernels::max_pool_gather(w.pool(), detail::dense_in(w.layout, x).raw_data(), w.winners(winners),
                           y.raw_data());
  return record("max_pool2d_gather", y, {x},
                [winners = save(winners), windows](const Tensor& g, Needs) -> Grads {
                  return max_backward(g, winners.get(), windows);
                });
}

std::pair<Tensor, Tensor> max_pool(const char* op, const Tensor& x, Size2 kernel,
                                   const MaxPool2dOptions& options, bool want_indices) {
  check_images(op, x);
  if (x.dtype() == float16) {
    const auto [y, indices] = max_pool(op, x.to(float32), kernel, options, want_indices);
    return {y.to(float16), indices};
  }
  const profile_scope scope(op);
  Sliding s = {kernel, options.stride.value_or(kernel), options.padding, options.dilation,
               options.ceil_mode};
  check_sliding(op, s);
  const Size2 out = output_size(op, x, s);
  const auto windows =
      std::make_shared<Windows>(x, out,
                                Taps::sliding(x.size(-2), out.h(), kernel.h(), s.stride.h(),
                                              s.padding.h(), s.dilation.h(), kernel.w()),
                                Taps::sliding(x.size(-1), out.w(), kernel.w(), s.stride.w(),
                                              s.padding.w(), s.dilation.w(), 1));
  windows->winner_bytes = kernel.h() * kernel.w() <= 256 ? 1 : 4;

  Tensor y = detail::empty_in(windows->layout, windows->out, x.dtype());
  Tensor winners;
  if (want_indices || (is_grad_enabled() && x.requires_grad()))
    winners = empty({y.numel() * static_cast<int64_t>(windows->winner_bytes)}, uint8);
  kernels::max_pool(windows->pool(), detail::dense_in(windows->layout, x).raw_data(), y.raw_data(),
                    windows->winners(winners));
  Tensor indices;
  if (want_indices) {
    indices = detail::empty_in(windows->layout, windows->out, int64);
    kernels::max_pool_indices(windows->pool(), windows->winners(winners), indices.data<int64_t>());
  }
  return {record(op, y, {x},
                 [winners = save(winners), windows = WindowsPtr(windows)](const Tensor& g, Needs)
                     -> Grads { return max_backward(g, winners.get(), windows); }),
          indices};
}

// --- Average -------------------------------------------------------------------------------------

Tensor average(const char* op, const Tensor& x, const WindowsPtr& windows);

// dx = g shared out over its windows; linear in g.
Tensor average_backward(const Tensor& g, const WindowsPtr& windows) {
  const profile_scope scope("avg_pool2d_backward");
  const Windows& w = *windows;
  Tensor dx = detail::empty_in(w.layout, w.in, w.dtype);
  const Taps rows = w.rows.transposed(), cols = w.cols.transposed();
  kernels::avg_pool_backward(w.pool(rows, cols), detail::dense_in(w.layout, g).raw_data(),
                             w.row_share, w.col_share, dx.raw_data());
  return record("avg_pool2d_backward", dx, {g}, [windows](const Tensor& gg, Needs) -> Grads {
    return average("avg_pool2d", gg, windows);
  });
}

bool takes_all(const Taps& taps) {
  return taps.targets() == 1 && static_cast<int64_t>(taps.of(0).size()) == taps.sources();
}

// One window over everything is a sum: more accurate, and shared out over threads even for one
// image.
Tensor average(const char* op, const Tensor& x, const WindowsPtr& windows) {
  const profile_scope scope(op);
  const Windows& w = *windows;
  Tensor y = detail::empty_in(w.layout, w.out, w.dtype);
  if (takes_all(w.rows) && takes_all(w.cols)) {
    const int rank = x.dim();
    const kernels::ReduceInput in = {x.raw_data(), w.dtype, x.shape(), x.strides(),
                                     3u << (rank - 2)};
    kernels::reduce(kernels::Fold::sum, in,
                    {y.raw_data(), w.dtype, y.strides(), 1 / (w.row_share[0] * w.col_share[0])});
  } else {
    kernels::avg_pool(w.pool(), detail::dense_in(w.layout, x).raw_data(), w.row_share, w.col_share,
                      y.raw_data());
  }
  return record(op, y, {x}, [windows](const Tensor& g, Needs) -> Grads {
    return average_backward(g, windows);
  });
}

// What one element counts in each window's average: elements of the padding belong to it, those
// that ceil_mode adds beyond do not.
std::vector<double> shares(const Taps& taps, int64_t kernel, int64_t stride, int64_t padding,
                           bool count_include_pad) {
  std::vector<double> share;
  share.reserve(static_cast<size_t>(taps.targets()));
  for (int64_t i = 0; i < taps.targets(); ++i) {
    const int64_t to_end = taps.sources() + padding - (i * stride - padding);
    const int64_t inside = static_cast<int64_t>(taps.of(i).size());
    const int64_t count = count_include_pad ? std::min(kernel, to_end) : inside;
    share.push_back(1 / static_cast<double>(count));
  }
  return share;
}

}  // namespace

Tensor max_pool2d(const Tensor& x, Size2 kernel, const MaxPool2dOptions& options) {
  return max_pool("max_pool2d", x, kernel, options, false).first;
}

std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, Size2 kernel,
                                                  const MaxPool2dOptions& options) {
  return max_pool("max_pool2d_with_indices", x, kernel, options, true);
}

Tensor avg_pool2d(const Tensor& x, Size2 kernel, const AvgPool2dOptions& options) {
  check_images("avg_pool2d", x);
  if (x.dtype() == float16) return avg_pool2d(x.to(float32), kernel, options).to(float16);
  Sliding s = {kernel, options.stride.value_or(kernel), options.padding, 1, options.ceil_mode};
  check_sliding("avg_pool2d", s);
  const Size2 out = output_size("avg_pool2d", x, s);
  const auto windows = std::make_shared<Windows>(
      x, out, Taps::sliding(x.size(-2), out.h(), kernel.h(), s.stride.h(), s.padding.h(), 1, 0),
      Taps::sliding(x.size(-1), out.w(), kernel.w(), s.stride.w(), s.padding.w(), 1, 0));
  const bool with_pad = options.count_include_pad;
  windows->row_share = shares(windows->rows, kernel.h(), s.stride.h(), s.padding.h(), with_pad);
  windows->col_share = shares(windows->cols, kernel.w(), s.stride.w(), s.padding.w(), with_pad);
  return average("avg_pool2d", x, windows);
}

Tensor adaptive_avg_pool2d(const Tensor& x, Size2 output_size) {
  check_images("adaptive_avg_pool2d", x);
  if (x.dtype() == float16) return adaptive_avg_pool2d(x.to(float32), output_size).to(float16);
  check<ShapeError>(output_size.h() > 0 && output_size.w() > 0,
                    "adaptive_avg_pool2d: expected an output size of at least 1, got ({}, {})",
                    output_size.h(), output_size.w());
  check_windows("adaptive_avg_pool2d", x, output_size, 1);
  const auto windows =
      std::make_shared<Windows>(x, output_size, Taps::adaptive(x.size(-2), output_size.h()),
                                Taps::adaptive(x.size(-1), output_size.w()));
  windows->row_share = shares(windows->rows, 0, 0, 0, false);
  windows->col_share = shares(windows->cols, 0, 0, 0, false);
  return average("adaptive_avg_pool2d", x, windows);
}

}  // namespace rw
