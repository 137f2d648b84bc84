#include <rewind/ops/reduction.h>

#include <rewind/autograd/record.h>
#include <rewind/ops/kernels/reduce.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>

namespace rw {
namespace {

using kernels::Fold;

// What a reduction removes of its input, and the shapes that it leaves.
struct Reduced {
  uint32_t mask = 0;  // bit i set where dimension i goes away
  bool keepdim = false;
  Shape kept;         // with reduced dimensions as 1
  int64_t count = 1;  // of values per result
};

Reduced reduced_dims(const char* op, const Tensor& x, const Dims& dims, bool keepdim) {
  check(x.defined(), "{}: the tensor is undefined", op);
  Reduced r;
  r.keepdim = keepdim;
  for (const int64_t dim : dims) {
    const uint32_t bit = 1u << normalize_dim(dim, x.dim(), op);
    check<IndexError>((r.mask & bit) == 0, "{}: dimension {} is named twice in {}", op, dim, dims);
    r.mask |= bit;
  }
  if (dims.empty()) r.mask = ~0u;
  r.kept = x.shape();
  for (int d = 0; d < x.dim(); ++d) {
    if ((r.mask >> d & 1) == 0) continue;
    r.count *= x.shape()[d];
    r.kept[d] = 1;
  }
  return r;
}

Reduced reduced_floating(const char* op, const Tensor& x, const Dims& dims, bool keepdim) {
  const Reduced r = reduced_dims(op, x, dims, keepdim);
  check<DTypeError>(x.is_floating_point(),
                    "{}: expected a floating tensor, got {}; convert it with to(float32) first", op,
                    x.dtype());
  return r;
}

// Dense strides for `kept` in the memory order of x.
Strides kept_strides(const Tensor& x, const Shape& kept) {
  if (x.is_contiguous()) return contiguous_strides(kept);
  return detail::dense_strides_like(detail::make_view(x, kept, x.strides(), x.impl()->offset));
}

Tensor make_result(const Reduced& r, const Strides& strides, DType dtype) {
  if (r.keepdim) return detail::make_tensor(r.kept, strides, dtype);
  Shape shape;
  Strides left;
  for (int d = 0; d < r.kept.rank(); ++d) {
    if (r.mask >> d & 1) continue;
    shape.push_back(r.kept[d]);
    left.push_back(strides[d]);
  }
  return detail::make_tensor(shape, left, dtype);
}

Tensor fold(Fold f, const Tensor& x, const Reduced& r, double scale = 1) {
  const Strides strides = kept_strides(x, r.kept);
  Tensor out = make_result(r, strides, kernels::fold_result(f, x.dtype()));
  kernels::reduce(f, {x.raw_data(), x.dtype(), x.shape(), x.strides(), r.mask}, out.raw_data(),
                  strides, scale);
  return out;
}

// A result (or its gradient) with the reduced dimensions put back as 1, so that it broadcasts.
Tensor put_back(const Tensor& t, const Reduced& r) {
  return r.keepdim || t.dim() == 0 ? t : t.view(r.kept);
}

}  // namespace

// y = sum x.   dx = g
Tensor sum(const Tensor& x, const Dims& dims, bool keepdim) {
  const Reduced r = reduced_dims("sum", x, dims, keepdim);
  return record("sum", fold(Fold::sum, x, r), {x},
                [r, shape = x.shape()](const Tensor& g, Needs) -> Grads {
                  return put_back(g, r).expand(shape);
                });
}

// y = sum x / n.   dx = g / n
Tensor mean(const Tensor& x, const Dims& dims, bool keepdim) {
  const Reduced r = reduced_floating("mean", x, dims, keepdim);
  const double scale = 1 / static_cast<double>(r.count);
  return record("mean", fold(Fold::sum, x, r, scale), {x},
                [r, scale, shape = x.shape()](const Tensor& g, Needs) -> Grads {
                  return put_back(g * scale, r).expand(shape);
                });
}

Tensor Tensor::sum() const { return rw::sum(*this); }
Tensor Tensor::sum(const Dims& dims, bool keepdim) const { return rw::sum(*this, dims, keepdim); }
Tensor Tensor::mean() const { return rw::mean(*this); }
Tensor Tensor::mean(const Dims& dims, bool keepdim) const { return rw::mean(*this, dims, keepdim); }

}  // namespace rw
