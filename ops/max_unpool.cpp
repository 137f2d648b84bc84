#include <rewind/autograd/record.h>
#include <rewind/kernels/windows/placed_kernel.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/pool_windows.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

using detail::AxisSizes;
using detail::Wide;

AxisSizes output_sizes(const char* op, const Tensor& x, const AxisSizes& kernel,
                       const AxisSizes& stride, const AxisSizes& padding, const AxisSizes* chosen) {
  const AxisSizes in = detail::pooled_sizes(x, kernel.axes);
  AxisSizes out = in;
  for (int d = 3 - kernel.axes; d < 3; ++d) {
    const Wide size = Wide{in[d] - 1} * stride[d] - Wide{padding[d]} * 2 + kernel[d];
    const int64_t regular = detail::to_size(op, size, "the result");
    out[d] = chosen ? (*chosen)[d] : regular;
    check<ShapeError>(
        Wide{out[d]} > Wide{regular} - stride[d] && Wide{out[d]} < Wide{regular} + stride[d],
        "{}: expected an output size less than a stride {} from {} along axis {}, got {}", op,
        stride.text(), regular, d - 3, out.text());
  }
  check<ShapeError>(out.at_least(1), "{}: expected an output size of at least 1, got {}", op,
                    out.text());
  return out;
}

// Linear in x. The gradient of each element is what stands at its place.
template <size_t N>
Tensor unpool(const char* op, const Tensor& x, const Tensor& indices, Size<N> kernel,
              const MaxUnpoolOptions<N>& o) {
  constexpr int axes = N;
  check(x.defined() && indices.defined(), "{}: {} undefined", op,
        x.defined() ? "the indices are" : "the input is");
  detail::check_floating(op, x);
  check<DTypeError>(indices.dtype() == int64, "{}: expected indices of int64, got {}", op,
                    indices.dtype());
  detail::check_pooled(op, x, axes, 1);
  check<ShapeError>(indices.shape() == x.shape(),
                    "{}: expected indices of the input's shape {}, got {}", op, x.shape(),
                    indices.shape());
  const AxisSizes k(kernel, 1), stride(o.stride.value_or(kernel), 1), padding(o.padding, 0);
  check<ShapeError>(k.at_least(1) && stride.at_least(1) && padding.at_least(0),
                    "{}: expected a kernel and a stride of at least 1 and a padding of at least "
                    "0, got {}, {} and {}",
                    op, k.text(), stride.text(), padding.text());
  const AxisSizes chosen(o.output_size, 1);
  const AxisSizes out = output_sizes(op, x, k, stride, padding,
                                     o.output_size == Size<N>::unset() ? nullptr : &chosen);

  const profile_scope scope(op);
  Shape shape = x.shape();
  int64_t sources = 1, planes = 1;
  for (int d = 0; d < x.dim() - axes; ++d) planes *= shape[d];
  for (int d = 3 - axes; d < 3; ++d) {
    sources *= x.size(d - 3);
    shape[shape.rank() - 3 + d] = out[d];
  }
  detail::check_allocatable(op, shape, x.dtype());
  Tensor y = empty(shape, x.dtype());
  const Tensor from = x.detach().contiguous(), at = indices.contiguous();
  const int64_t targets = out[0] * out[1] * out[2];
  const auto outside = kernels::place(x.dtype(), planes, sources, targets, from.raw_data(),
                                      at.data<int64_t>(), y.raw_data());
  check<IndexError>(!outside, "{}: index {} is out of range for a result of size {}", op,
                    outside.value_or(0), out.text());
  return record(op, y, {x}, [at = save(at)](const Tensor& g, Needs) -> Grads {
    const Tensor index = at.get();
    return g.flatten(-axes, -1).gather(-1, index.flatten(-axes, -1)).view(index.shape());
  });
}

}  // namespace

Tensor max_unpool1d(const Tensor& x, const Tensor& indices, Size1 kernel,
                    const MaxUnpool1dOptions& options) {
  return unpool("max_unpool1d", x, indices, kernel, options);
}
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, Size2 kernel,
                    const MaxUnpool2dOptions& options) {
  return unpool("max_unpool2d", x, indices, kernel, options);
}
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, Size3 kernel,
                    const MaxUnpool3dOptions& options) {
  return unpool("max_unpool3d", x, indices, kernel, options);
}

}  // namespace rw
