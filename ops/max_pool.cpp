#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/pool_windows.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

using detail::PoolWindows;
using detail::PoolWindowsPtr;
using kernels::Taps;

const char* const backward_names[] = {"max_pool1d_backward", "max_pool2d_backward",
                                      "max_pool3d_backward"};
const char* const gather_names[] = {"max_pool1d_gather", "max_pool2d_gather", "max_pool3d_gather"};

Tensor max_gather(const Tensor& x, const Tensor& winners, const PoolWindowsPtr& windows);

// dx = g summed over the windows that each element won; linear in g.
Tensor max_backward(const Tensor& g, const Tensor& winners, const PoolWindowsPtr& windows) {
  const PoolWindows& w = *windows;
  const char* name = backward_names[w.axes - 1];
  const profile_scope scope(name);
  Tensor dx = detail::empty_in(w.layout, w.in, w.dtype);
  const Taps rows = w.rows.transposed(), cols = w.cols.transposed();
  kernels::max_pool_backward(w.pool(rows, cols), detail::dense_in(w.layout, g).raw_data(),
                             w.winners(winners), dx.raw_data());
  return record(name, w.given(dx), {g},
                [winners = save(winners), windows](const Tensor& gg, Needs) -> Grads {
                  return max_gather(gg, winners.get(), windows);
                });
}

// y = each window's winner out of x; linear in x, the transpose of max_backward.
Tensor max_gather(const Tensor& x, const Tensor& winners, const PoolWindowsPtr& windows) {
  const PoolWindows& w = *windows;
  const char* name = gather_names[w.axes - 1];
  const profile_scope scope(name);
  Tensor y = detail::empty_in(w.layout, w.out, w.dtype);
  kernels::max_pool_gather(w.pool(), detail::dense_in(w.layout, x).raw_data(), w.winners(winners),
                           y.raw_data());
  return record(name, w.given(y), {x},
                [winners = save(winners), windows](const Tensor& g, Needs) -> Grads {
                  return max_backward(g, winners.get(), windows);
                });
}

using Maxima = std::pair<Tensor, Tensor>;

Maxima maxima(const char* op, const Tensor& x, const PoolWindowsPtr& windows, bool want_indices) {
  const profile_scope scope(op);
  const PoolWindows& w = *windows;
  Tensor y = detail::empty_in(w.layout, w.out, w.dtype);
  Tensor winners;
  if (want_indices || (is_grad_enabled() && x.requires_grad()))
    winners = empty({y.numel() * static_cast<int64_t>(w.winner_bytes)}, uint8);
  kernels::max_pool(w.pool(), detail::dense_in(w.layout, x).raw_data(), y.raw_data(),
                    w.winners(winners));
  Tensor indices;
  if (want_indices) {
    const Tensor computed = detail::empty_in(w.layout, w.out, int64);
    kernels::max_pool_indices(w.pool(), w.winners(winners), computed.data<int64_t>());
    indices = w.given(computed);
  }
  return {record(op, w.given(y), {x},
                 [winners = save(winners), windows](const Tensor& g, Needs) -> Grads {
                   return max_backward(g, winners.get(), windows);
                 }),
          indices};
}

template <size_t N>
Maxima sliding(const char* op, const Tensor& x, Size<N> kernel, const MaxPoolOptions<N>& o,
               bool want_indices) {
  constexpr int axes = N;
  detail::check_defined(op, x);
  check<DTypeError>(x.dtype() != boolean, "{}: expected an input of numbers, got bool", op);
  if (!x.is_floating_point() && itemsize(x.dtype()) < 4) {
    const auto [y, indices] = sliding(op, x.to(int32), kernel, o, want_indices);
    return {y.to(x.dtype()), indices};
  }
  detail::check_pooled(op, x, axes, detail::channel_of(x, axes));
  const detail::Sliding s(kernel, o.stride, o.padding, o.dilation, o.ceil_mode);
  Maxima y = maxima(op, x, detail::sliding_windows(op, x, s), want_indices);
  detail::enter(op, {x}, {&y.first, 1}, [&] {
    return detail::Attributes{{"kernel", kernel},
                              {"stride", o.stride.value_or(kernel)},
                              {"padding", o.padding},
                              {"dilation", o.dilation},
                              {"ceil_mode", o.ceil_mode}};
  });
  return y;
}

template <size_t N>
Maxima adaptive(const char* op, const Tensor& x, Size<N> output_size, bool want_indices) {
  detail::check_floating(op, x);
  detail::check_pooled(op, x, N, 1);
  return maxima(op, x, detail::adaptive_windows(op, x, {output_size, 1}), want_indices);
}

}  // namespace

Tensor max_pool1d(const Tensor& x, Size1 kernel, const MaxPool1dOptions& options) {
  return sliding("max_pool1d", x, kernel, options, false).first;
}
Tensor max_pool2d(const Tensor& x, Size2 kernel, const MaxPool2dOptions& options) {
  return sliding("max_pool2d", x, kernel, options, false).first;
}
Tensor max_pool3d(const Tensor& x, Size3 kernel, const MaxPool3dOptions& options) {
  return sliding("max_pool3d", x, kernel, options, false).first;
}

Maxima max_pool1d_with_indices(const Tensor& x, Size1 kernel, const MaxPool1dOptions& options) {
  return sliding("max_pool1d_with_indices", x, kernel, options, true);
}
Maxima max_pool2d_with_indices(const Tensor& x, Size2 kernel, const MaxPool2dOptions& options) {
  return sliding("max_pool2d_with_indices", x, kernel, options, true);
}
Maxima max_pool3d_with_indices(const Tensor& x, Size3 kernel, const MaxPool3dOptions& options) {
  return sliding("max_pool3d_with_indices", x, kernel, options, true);
}

Tensor adaptive_max_pool1d(const Tensor& x, Size1 output_size) {
  return adaptive("adaptive_max_pool1d", x, output_size, false).first;
}
Tensor adaptive_max_pool2d(const Tensor& x, Size2 output_size) {
  return adaptive("adaptive_max_pool2d", x, output_size, false).first;
}
Tensor adaptive_max_pool3d(const Tensor& x, Size3 output_size) {
  return adaptive("adaptive_max_pool3d", x, output_size, false).first;
}

Maxima adaptive_max_pool1d_with_indices(const Tensor& x, Size1 output_size) {
  return adaptive("adaptive_max_pool1d_with_indices", x, output_size, true);
}
Maxima adaptive_max_pool2d_with_indices(const Tensor& x, Size2 output_size) {
  return adaptive("adaptive_max_pool2d_with_indices", x, output_size, true);
}
Maxima adaptive_max_pool3d_with_indices(const Tensor& x, Size3 output_size) {
  return adaptive("adaptive_max_pool3d_with_indices", x, output_size, true);
}

}  // namespace rw
