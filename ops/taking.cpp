#include <rewind/autograd/inplace.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/scatter_parts.h>
#include <rewind/ops/scattering.h>
#include <rewind/tensor/factories.h>

// Elements by their number in row-major order, and by masks.

namespace rw {

using namespace detail;

namespace {

// Numbers of elements of x, as a vector.
Tensor element_numbers(const char* op, const Tensor& x, const Tensor& index) {
  check_defined(op, x);
  return wrapped_index(op, index_argument(op, index).reshape(-1), x.numel());
}

}  // namespace

Tensor take(const Tensor& x, const Tensor& index) {
  const Tensor at = element_numbers("take", x, index);
  const Tensor taken = gather_checked("take", x.reshape(-1), 0, at);
  return index.dim() == 1 ? taken : taken.view(index.shape());
}

Tensor take_along_dim(const Tensor& x, const Tensor& indices, std::optional<int64_t> dim) {
  check_defined("take_along_dim", x);
  check(indices.defined(), "take_along_dim: the index is undefined");
  if (!dim) return gather(x.reshape(-1), 0, indices.reshape(-1));
  check<ShapeError>(x.dim() == indices.dim(),
                    "take_along_dim: expected indices of rank {}, as the input, got shape {}",
                    x.dim(), indices.shape());
  const int d = normalize_dim(*dim, x.dim(), "take_along_dim");
  if (x.dim() == 0) return gather(x, d, indices);
  const int64_t own = x.shape()[d], taken = indices.shape()[d];
  Shape of_x = x.shape(), of_indices = indices.shape();
  of_x[d] = of_indices[d] = 1;
  Shape shape = broadcast_shapes(of_x, of_indices, "take_along_dim");
  shape[d] = own;
  const Tensor from = x.expand(shape);
  shape[d] = taken;
  const Tensor at = wrapped_index("take_along_dim", index_argument("take_along_dim", indices), own);
  return gather(from, d, at.expand(shape));
}

// --- Elements replaced --------------------------------------------------------------------------

Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
  const Tensor at = element_numbers("put", x, index);
  check_values("put", x, source);
  check<ShapeError>(source.numel() == at.numel(),
                    "put: expected as many elements as indices, {}, got shape {}", at.numel(),
                    source.shape());
  const Tensor src = source.reshape(-1);
  const Tensor all = x.reshape(-1);
  const Tensor y =
      accumulate ? scatter_checked("put", all, 0, at, src) : with_values("put", all, 0, at, src);
  return y.view(x.shape());
}

Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source) {
  check_defined("masked_scatter", x);
  check(mask.defined(), "masked_scatter: the mask is undefined");
  check<DTypeError>(mask.dtype() == boolean, "masked_scatter: expected a bool mask, got {}",
                    mask.dtype());
  check_values("masked_scatter", x, source);
  const Shape shape = broadcast_shapes(x.shape(), mask.shape(), "masked_scatter");
  const Tensor places = nonzero_positions(mask.expand(shape));
  check<ShapeError>(source.numel() >= places.numel(),
                    "masked_scatter: expected at least {} elements, as the mask has, got shape {}",
                    places.numel(), source.shape());
  const Tensor src = source.reshape(-1).narrow(0, 0, places.numel());
  return with_values("masked_scatter", x.expand(shape).reshape(-1), 0, places, src).view(shape);
}

void detail::put_in_place(Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
  x.copy_(put(x, index, source, accumulate));
}

void detail::masked_scatter_in_place(Tensor& x, const Tensor& mask, const Tensor& source) {
  check_defined("masked_scatter_", x);
  check(mask.defined(), "masked_scatter_: the mask is undefined");
  check<ShapeError>(broadcast_shapes(x.shape(), mask.shape(), "masked_scatter_") == x.shape(),
                    "masked_scatter_: a mask of shape {} does not broadcast to the input, {}",
                    mask.shape(), x.shape());
  x.copy_(masked_scatter(x, mask, source));
}

// --- Where something is -------------------------------------------------------------------------

Tensor argwhere(const Tensor& x) { return nonzero(x); }

std::vector<Tensor> where(const Tensor& condition) {
  check_defined("where", condition);
  return nonzero(with_dimension(condition)).unbind(1);
}

}  // namespace rw
