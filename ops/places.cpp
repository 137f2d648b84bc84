#include <rewind/ops/places.h>

#include <algorithm>

#include <rewind/autograd/record.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/ops/arithmetic.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {

using detail::Wide;

Tensor empty_strided(const Shape& size, const Strides& stride, const TensorOptions& options) {
  check<ShapeError>(size.rank() == stride.rank(),
                    "empty_strided: expected a stride for each of {} dimensions, got {}",
                    size.rank(), stride);
  Wide span = 1;
  for (int d = 0; d < size.rank(); ++d) {
    check<ShapeError>(size[d] >= 0 && stride[d] >= 0,
                      "empty_strided: expected sizes and strides that are not negative, got {} and "
                      "{}",
                      size, stride);
    span = span + Wide{size[d] - 1} * stride[d];
  }
  if (size.numel() == 0) span = 0;
  const Tensor memory =
      empty({detail::to_size("empty_strided", span, "the memory")}, {.dtype = options.dtype});
  return memory.as_strided(size, stride).detach().requires_grad_(options.requires_grad);
}

Tensor empty_permuted(const Shape& size, const Dims& physical_layout,
                      const TensorOptions& options) {
  const int rank = size.rank();
  check<ShapeError>(physical_layout.rank() == rank,
                    "empty_permuted: expected an order of {} dimensions, got {}", rank,
                    physical_layout);
  Strides strides = Shape::filled(rank, -1);
  int64_t step = 1;
  for (int k = rank - 1; k >= 0; --k) {
    const int d = normalize_dim(physical_layout[k], rank, "empty_permuted");
    check<ShapeError>(strides[d] < 0, "empty_permuted: dimension {} is named twice", d);
    strides[d] = step;
    step *= std::max<int64_t>(size[d], 1);
  }
  return empty_strided(size, strides, options);
}

Tensor new_empty_strided(const Tensor& x, const Shape& size, const Strides& stride,
                         const TensorOptions& options) {
  detail::check_defined("new_empty_strided", x);
  return empty_strided(
      size, stride,
      {.dtype = options.dtype.value_or(x.dtype()), .requires_grad = options.requires_grad});
}

Tensor fill(const Tensor& x, Scalar value) {
  detail::check_defined("fill", x);
  Tensor y = x.clone();
  return y.fill_(value);
}
Tensor fill(const Tensor& x, const Tensor& value) {
  detail::check_defined("fill", x);
  Tensor y = x.clone();
  return y.fill_(value);
}

Tensor nonzero_static(const Tensor& x, int64_t size, int64_t fill_value) {
  detail::check_defined("nonzero_static", x);
  check(size >= 0, "nonzero_static: expected size >= 0, got {}", size);
  const Tensor found = nonzero(x);
  const int64_t count = found.size(0), kept = std::min(size, count);
  return cat({found.narrow(0, 0, kept), full({size - kept, x.dim()}, fill_value, int64)});
}

std::vector<Tensor> unravel_index(const Tensor& indices, const Shape& shape) {
  detail::check_defined("unravel_index", indices);
  check<DTypeError>(is_integer(indices.dtype()), "unravel_index: expected integer indices, got {}",
                    indices.dtype());
  std::vector<Tensor> all(static_cast<size_t>(shape.rank()));
  Tensor rest = indices.to(int64);
  for (int d = shape.rank() - 1; d >= 0; --d) {
    check<ShapeError>(shape[d] >= 0, "unravel_index: expected sizes that are not negative, got {}",
                      shape);
    all[static_cast<size_t>(d)] = remainder(rest, shape[d]);
    rest = floor_divide(rest, shape[d]);
  }
  return all;
}

Tensor real(const Tensor& x) {
  detail::check_defined("real", x);
  return x;
}
Tensor conj(const Tensor& x) { return real(x); }
Tensor conj_physical(const Tensor& x) { return real(x); }
Tensor resolve_conj(const Tensor& x) { return real(x); }
Tensor resolve_neg(const Tensor& x) { return real(x); }

Tensor isreal(const Tensor& x) {
  detail::check_defined("isreal", x);
  return ones(x.shape(), boolean);
}

Tensor angle(const Tensor& x) {
  const auto forward = [&] {
    const no_grad guard;
    const Tensor in = detail::as_floating("angle", x);
    return where(isnan(in), in, where(lt(in, 0), 3.141592653589793, zeros_like(in)));
  };
  return record("angle", forward(), {x},
                [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

}  // namespace rw
