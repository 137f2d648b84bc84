#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/reduce/reduce.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/pool_windows.h>
#include <rewind/tensor/check.h>

namespace rw {
namespace {

using detail::PoolWindows;
using detail::PoolWindowsPtr;
using kernels::Taps;

const char* const names[] = {"avg_pool1d", "avg_pool2d", "avg_pool3d"};
const char* const backward_names[] = {"avg_pool1d_backward", "avg_pool2d_backward",
                                      "avg_pool3d_backward"};

Tensor average(const char* op, const Tensor& x, const PoolWindowsPtr& windows);

// dx = g shared out over its windows; linear in g.
Tensor average_backward(const Tensor& g, const PoolWindowsPtr& windows) {
  const PoolWindows& w = *windows;
  const char* name = backward_names[w.axes - 1];
  const profile_scope scope(name);
  Tensor dx = detail::empty_in(w.layout, w.in, w.dtype);
  const Taps rows = w.rows.transposed(), cols = w.cols.transposed();
  kernels::avg_pool_backward(w.pool(rows, cols), detail::dense_in(w.layout, g).raw_data(),
                             w.row_share, w.col_share, dx.raw_data());
  return record(name, w.given(dx), {g}, [windows](const Tensor& gg, Needs) -> Grads {
    return average(names[windows->axes - 1], gg, windows);
  });
}

bool takes_all(const Taps& taps) {
  return taps.targets() == 1 && static_cast<int64_t>(taps.of(0).size()) == taps.sources();
}

// One window over everything is a sum: more accurate, and shared out over threads even for one
// image.
Tensor average(const char* op, const Tensor& x, const PoolWindowsPtr& windows) {
  const profile_scope scope(op);
  const PoolWindows& w = *windows;
  Tensor y = detail::empty_in(w.layout, w.out, w.dtype);
  if (x.is_floating_point() && takes_all(w.rows) && takes_all(w.cols)) {
    const uint32_t pooled = ((1u << w.axes) - 1) << (x.dim() - w.axes);
    const kernels::ReduceInput in = {x.raw_data(), w.dtype, x.shape(), x.strides(), pooled};
    kernels::reduce(kernels::Fold::sum, in,
                    {y.raw_data(), w.dtype, y.strides(), 1 / (w.row_share[0] * w.col_share[0])});
  } else {
    kernels::avg_pool(w.pool(), detail::dense_in(w.layout, x).raw_data(), w.row_share, w.col_share,
                      y.raw_data());
  }
  return record(op, w.given(y), {x}, [windows](const Tensor& g, Needs) -> Grads {
    return average_backward(g, windows);
  });
}

template <size_t N, class Options>
Tensor sliding(const char* op, const Tensor& x, Size<N> kernel, const Options& o,
               std::optional<int64_t> divisor) {
  detail::check_defined(op, x);
  check<DTypeError>(x.is_floating_point() || x.dtype() == int64,
                    "{}: expected a floating input or int64, got {}", op, x.dtype());
  check(divisor != 0, "{}: expected a divisor_override other than 0", op);
  detail::check_pooled(op, x, N, detail::channel_of(x, N));
  const detail::Sliding s(kernel, o.stride, o.padding, Size<N>(1), o.ceil_mode);
  const auto windows =
      detail::sliding_windows(op, x, s, {o.count_include_pad, divisor.value_or(0)});
  return detail::traced(op, average(op, x, windows), {x}, [&] {
    return detail::Attributes{{"kernel", kernel},
                              {"stride", o.stride.value_or(kernel)},
                              {"padding", o.padding},
                              {"ceil_mode", o.ceil_mode},
                              {"count_include_pad", o.count_include_pad},
                              {"divisor", divisor.value_or(0)}};
  });
}

// Whether row-major planes that would be pooled with their channels last, there and back, are
// better pooled along the columns first, in vectors of rows: what is left is small. Numbers of less
// precision would be rounded twice.
bool better_by_rows(const PoolWindows& w) {
  return w.layout.last && !w.result.last && itemsize(w.dtype) >= 4 &&
         w.rows.targets() < w.rows.sources();
}

template <size_t N>
Tensor adaptive_average(const char* op, const Tensor& x, Size<N> output_size) {
  detail::check_floating(op, x);
  detail::check_pooled(op, x, N, N == 3 ? 1 : x.dim() - static_cast<int>(N));
  const auto windows = detail::adaptive_windows(op, x, {output_size, 1});
  if (!better_by_rows(*windows)) return average(op, x, windows);
  Size<N> rows = output_size, cols(same_size);
  std::swap(rows[N - 1], cols[N - 1]);
  const Tensor by_rows = average(op, x, detail::adaptive_windows(op, x, {rows, 1}));
  return average(op, by_rows, detail::adaptive_windows(op, by_rows, {cols, 1}));
}

template <size_t N>
Tensor adaptive(const char* op, const Tensor& x, Size<N> output_size) {
  return detail::traced(op, adaptive_average(op, x, output_size), {x});
}

Tensor power(const Tensor& x, double p) { return p == 1 ? x : pow(x, p); }

// y = (sum of x^p)^(1/p).   dx = sum over windows of g y^(1-p), times x^(p-1)
Tensor norms(const char* op, const Tensor& x, double p, const PoolWindowsPtr& windows) {
  const profile_scope scope(op);
  const auto forward = [&] {
    no_grad guard;
    const char* sum = names[windows->axes - 1];
    if (p == 2) return sqrt(average(sum, square(x), windows));
    return power(average(sum, power(x, p), windows), 1 / p);
  };
  const Tensor y = forward();
  return record(op, y, {x},
                [x = save(x), y = save_result(y), p, windows](const Tensor& g, Needs) -> Grads {
                  const Tensor norm = y.get(), zero = norm.eq(0);
                  const Tensor share = where(zero, 0, g / power(where(zero, 1, norm), p - 1));
                  return average_backward(share, windows) * power(x.get(), p - 1);
                });
}

template <size_t N>
Tensor lp_pool(const char* op, const Tensor& x, double p, Size<N> kernel,
               const LPPoolOptions<N>& o) {
  detail::check_defined(op, x);
  if (!x.is_floating_point()) return lp_pool(op, x.to(get_default_dtype()), p, kernel, o);
  if (itemsize(x.dtype()) < 4) return lp_pool(op, x.to(float32), p, kernel, o).to(x.dtype());
  check(p != 0, "{}: expected a norm_type other than 0", op);
  detail::check_pooled(op, x, N, detail::channel_of(x, N));
  const detail::Sliding s(kernel, o.stride, Size<N>(0), Size<N>(1), o.ceil_mode);
  return norms(op, x, p, detail::sliding_windows(op, x, s, {.of_sums = true}));
}

}  // namespace

Tensor avg_pool1d(const Tensor& x, Size1 kernel, const AvgPool1dOptions& options) {
  return sliding("avg_pool1d", x, kernel, options, {});
}
Tensor avg_pool2d(const Tensor& x, Size2 kernel, const AvgPool2dOptions& options) {
  return sliding("avg_pool2d", x, kernel, options, options.divisor_override);
}
Tensor avg_pool3d(const Tensor& x, Size3 kernel, const AvgPool3dOptions& options) {
  return sliding("avg_pool3d", x, kernel, options, options.divisor_override);
}

Tensor adaptive_avg_pool1d(const Tensor& x, Size1 output_size) {
  return adaptive("adaptive_avg_pool1d", x, output_size);
}
Tensor adaptive_avg_pool2d(const Tensor& x, Size2 output_size) {
  return adaptive("adaptive_avg_pool2d", x, output_size);
}
Tensor adaptive_avg_pool3d(const Tensor& x, Size3 output_size) {
  return adaptive("adaptive_avg_pool3d", x, output_size);
}

Tensor lp_pool1d(const Tensor& x, double norm_type, Size1 kernel, const LPPool1dOptions& options) {
  return lp_pool("lp_pool1d", x, norm_type, kernel, options);
}
Tensor lp_pool2d(const Tensor& x, double norm_type, Size2 kernel, const LPPool2dOptions& options) {
  return lp_pool("lp_pool2d", x, norm_type, kernel, options);
}
Tensor lp_pool3d(const Tensor& x, double norm_type, Size3 kernel, const LPPool3dOptions& options) {
  return lp_pool("lp_pool3d", x, norm_type, kernel, options);
}

}  // namespace rw
