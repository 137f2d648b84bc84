#include <cmath>
#include <vector>

#include <rewind/autograd/record.h>
#include <rewind/kernels/compute.h>
#include <rewind/kernels/windows/placed_kernel.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/pool_windows.h>
#include <rewind/ops/random.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

using detail::AxisSizes;

// The size of the result, checked.
template <size_t N>
AxisSizes output_sizes(const char* op, const AxisSizes& in, const AxisSizes& kernel,
                       const FractionalMaxPoolOptions<N>& o) {
  const bool has_size = o.output_size != Size<N>::unset();
  check(has_size || o.output_ratio, "{}: expected an output_size or an output_ratio", op);
  check<ShapeError>(kernel.at_least(1), "{}: expected a kernel of at least 1, got {}", op,
                    kernel.text());
  AxisSizes out(o.output_size, 1);
  const int first = 3 - static_cast<int>(N);
  for (int d = first; d < 3 && !has_size; ++d) {
    const double ratio = (*o.output_ratio)[static_cast<size_t>(d - first)];
    check(ratio >= 0 && ratio <= 1, "{}: expected an output_ratio in [0, 1], got {}", op, ratio);
    out[d] = static_cast<int64_t>(static_cast<double>(in[d]) * ratio);
  }
  check<ShapeError>(out.at_least(0), "{}: expected an output size of at least 0, got {}", op,
                    out.text());
  // Of volumes PyTorch wants one element more.
  for (int d = first; d < 3; ++d)
    check<ShapeError>(
        kernel[d] <= in[d] && out[d] <= in[d] - kernel[d] + (N == 3 ? 0 : 1),
        "{}: a result of size {} is too large for a kernel {} and an input of size {}", op,
        out.text(), kernel.text(), in.text());
  return out;
}

// Where `out` windows start along an axis, computed in T as PyTorch does.
template <class T>
void append_starts(std::vector<int32_t>& starts, T sample, int64_t in, int64_t out,
                   int64_t kernel) {
  using C = kernels::Compute<T>;
  const auto rounded = [](auto v) { return static_cast<C>(static_cast<T>(static_cast<C>(v))); };
  const C s = static_cast<C>(sample);
  const C alpha = out > 1 ? rounded(rounded(in - kernel) / rounded(out - 1)) : C(0);
  const C before = std::trunc(rounded(s * alpha));
  for (int64_t i = 0; i + 1 < out; ++i)
    starts.push_back(
        static_cast<int32_t>(std::trunc(rounded(rounded(rounded(i) + s) * alpha)) - before));
  if (out > 0) starts.push_back(static_cast<int32_t>(in - kernel));
}

struct Starts {
  const char* op;
  int64_t planes;
  AxisSizes in, out, kernel;

  // For each plane along each axis. The samples of images come width first.
  std::vector<int32_t> from(const Tensor& samples) const {
    std::vector<int32_t> starts;
    starts.reserve(static_cast<size_t>(planes * (out[0] + out[1] + out[2])));
    dispatch_floating(samples.dtype(), [&]<class T>() {
      const T* sample = samples.data<T>();
      for (int64_t p = 0; p < planes; ++p, sample += in.axes)
        for (int d = 0; d < 3; ++d) {
          if (d < 3 - in.axes) {
            starts.push_back(0);
            continue;
          }
          const T s = in.axes == 3 ? sample[d] : sample[2 - d];
          check(std::abs(static_cast<double>(s)) < 1e6,
                "{}: expected random_samples in [0, 1), got {}", op, static_cast<double>(s));
          const size_t first = starts.size();
          append_starts(starts, s, in[d], out[d], kernel[d]);
          for (size_t i = first; i < starts.size(); ++i)
            check(starts[i] >= 0 && starts[i] <= in[d] - kernel[d],
                  "{}: expected random_samples in [0, 1), got {}", op, static_cast<double>(s));
        }
    });
    return starts;
  }
};

void check_samples(const char* op, const Tensor& samples, const Tensor& x, int64_t n,
                   int64_t channels, int axes) {
  check<DTypeError>(samples.dtype() == x.dtype(), "{}: expected random_samples of {}, got {}", op,
                    x.dtype(), samples.dtype());
  check<ShapeError>(samples.dim() == 3 && samples.size(0) >= n && samples.size(1) == channels &&
                        samples.size(2) == axes,
                    "{}: expected random_samples of shape [{}, {}, {}], got {}", op, n, channels,
                    axes, samples.shape());
}

// The winners get the gradient.
Tensor scattered(const Tensor& g, const Tensor& indices, const Shape& shape, int axes) {
  Shape planes = shape;
  for (int d = 1; d < axes; ++d) planes.erase(planes.rank() - 1);
  planes[planes.rank() - 1] = 1;
  for (int d = 0; d < axes; ++d) planes[planes.rank() - 1] *= shape[shape.rank() - 1 - d];
  const Tensor index = indices.flatten(-axes, -1);
  return detail::scatter_back("max_pool_backward", g.flatten(-axes, -1), planes, planes.rank() - 1,
                              index)
      .view(shape);
}

template <size_t N>
std::pair<Tensor, Tensor> pool(const char* op, const Tensor& x, Size<N> kernel,
                               const FractionalMaxPoolOptions<N>& o) {
  constexpr int axes = N;
  detail::check_floating(op, x);
  detail::check_pooled(op, x, axes, 1);
  const AxisSizes in = detail::pooled_sizes(x, axes), k(kernel, 1);
  const AxisSizes out = output_sizes(op, in, k, o);
  const int64_t n = x.dim() == axes + 2 ? x.size(0) : 1, channels = x.size(-axes - 1);
  if (o.random_samples.defined()) check_samples(op, o.random_samples, x, n, channels, axes);

  const profile_scope scope(op);
  Shape shape = x.shape();
  for (int d = 3 - axes; d < 3; ++d) shape[shape.rank() - 3 + d] = out[d];
  detail::check_allocatable(op, shape, int64);
  const Tensor samples = o.random_samples.defined() ? o.random_samples.detach().contiguous()
                                                    : rand({n, channels, axes}, x.dtype());
  const auto starts = Starts{op, n * channels, in, out, k}.from(samples);
  Tensor y = empty(shape, x.dtype()), indices = empty(shape, int64);
  kernels::max_placed({x.dtype(), n * channels, in.by_axis, out.by_axis, k.by_axis, starts.data()},
                      x.detach().contiguous().raw_data(), y.raw_data(), indices.data<int64_t>());
  const Tensor result =
      record(op, y, {x}, [at = save(indices), in = x.shape()](const Tensor& g, Needs) -> Grads {
        return scattered(g, at.get(), in, axes);
      });
  return {result, indices};
}

}  // namespace

Tensor fractional_max_pool2d(const Tensor& x, Size2 kernel,
                             const FractionalMaxPool2dOptions& options) {
  return pool("fractional_max_pool2d", x, kernel, options).first;
}
Tensor fractional_max_pool3d(const Tensor& x, Size3 kernel,
                             const FractionalMaxPool3dOptions& options) {
  return pool("fractional_max_pool3d", x, kernel, options).first;
}

std::pair<Tensor, Tensor> fractional_max_pool2d_with_indices(
    const Tensor& x, Size2 kernel, const FractionalMaxPool2dOptions& options) {
  return pool("fractional_max_pool2d_with_indices", x, kernel, options);
}
std::pair<Tensor, Tensor> fractional_max_pool3d_with_indices(
    const Tensor& x, Size3 kernel, const FractionalMaxPool3dOptions& options) {
  return pool("fractional_max_pool3d_with_indices", x, kernel, options);
}

}  // namespace rw
