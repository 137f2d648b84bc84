#include <rewind/ops/reduced.h>

#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/wide.h>

namespace rw::detail {

Reduced reduced_dims(const char* op, const Tensor& x, const Dims& dims, bool keepdim) {
  check_defined(op, x);
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
    r.count = to_size(op, Wide{r.count} * x.shape()[d], "a sum");
    r.kept[d] = 1;
  }
  return r;
}

Reduced reduced_floating(const char* op, const Tensor& x, const Dims& dims, bool keepdim) {
  const Reduced r = reduced_dims(op, x, dims, keepdim);
  check_floating(op, x);
  return r;
}

Strides kept_strides(const Tensor& x, const Shape& kept) {
  if (x.is_contiguous()) return contiguous_strides(kept);
  return dense_strides_like(make_view(x, kept, x.strides(), x.impl()->offset));
}

Tensor make_result(const Reduced& r, const Strides& strides, DType dtype) {
  if (r.keepdim) return make_tensor(r.kept, strides, dtype);
  Shape shape;
  Strides left;
  for (int d = 0; d < r.kept.rank(); ++d) {
    if (r.mask >> d & 1) continue;
    shape.push_back(r.kept[d]);
    left.push_back(strides[d]);
  }
  return make_tensor(shape, left, dtype);
}

Tensor fold(kernels::Fold f, const Tensor& x, const Reduced& r, double divisor) {
  const Strides strides = kept_strides(x, r.kept);
  Tensor out = make_result(r, strides, kernels::fold_result(f, x.dtype()));
  kernels::reduce(f, {x.raw_data(), x.dtype(), x.shape(), x.strides(), r.mask},
                  {out.raw_data(), out.dtype(), strides, divisor});
  return out;
}

Tensor fold_in(DType dtype, kernels::Fold f, const Tensor& x, const Reduced& r, double divisor,
               const Tensor& centers) {
  const Strides strides = kept_strides(x, r.kept);
  Tensor out = make_result(r, strides, dtype);
  const Tensor around = centers.defined() ? laid_out(centers, out.strides()) : centers;
  kernels::reduce(
      f, {x.raw_data(), x.dtype(), x.shape(), x.strides(), r.mask},
      {out.raw_data(), dtype, strides, divisor, around.defined() ? around.raw_data() : nullptr});
  return out;
}

Tensor put_back(const Tensor& t, const Reduced& r) {
  return r.keepdim || t.dim() == 0 ? t : t.view(r.kept);
}

Tensor without_repeats(const Tensor& x, int d) {
  Shape shape = x.shape();
  for (int i = 0; i < x.dim(); ++i)
    if (i != d && x.strides()[i] == 0 && shape[i] > 1) shape[i] = 1;
  return make_view(x, shape, x.strides(), x.impl()->offset);
}

}  // namespace rw::detail
