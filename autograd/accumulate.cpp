#include <rewind/autograd/autograd.h>

#include <algorithm>

// The kernels that the engine needs: plain memory in and out, they know no tape.
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/reduce/reduce.h>

namespace rw::detail {

namespace {

// The inverse of summing: `g`, of rank at most that of `shape`, repeated over `shape`.
Tensor expand_to(const Tensor& g, const Shape& shape) {
  const profile_scope scope("expand");
  const int extra = shape.rank() - g.dim();
  Strides strides = Strides::filled(shape.rank(), 0);
  for (int d = 0; d < g.dim(); ++d)
    if (g.shape()[d] == shape[extra + d]) strides[extra + d] = g.strides()[d];
  return record("expand", make_view(g, shape, strides, g.impl()->offset), {g},
                [shape = g.shape(), dtype = g.dtype()](const Tensor& gg, Needs) -> Grads {
                  return reduce_to(gg, shape, dtype);
                });
}

Tensor sum_to(const Tensor& g, const Shape& shape) {
  const profile_scope scope("sum_to");
  const int extra = g.dim() - shape.rank();
  kernels::ReduceInput in{g.raw_data(), g.dtype(), g.shape(), g.strides(), 0};
  Tensor out = make_tensor(shape, g.dtype());
  Strides out_strides = Strides::filled(g.dim(), 0);
  for (int d = 0; d < g.dim(); ++d) {
    if (d < extra || shape[d - extra] != g.shape()[d])
      in.reduced |= 1u << d;
    else
      out_strides[d] = out.strides()[d - extra];
  }
  kernels::reduce(kernels::Fold::sum, in, {out.raw_data(), out.dtype(), out_strides});
  return record("sum_to", out, {g}, [shape = g.shape()](const Tensor& gg, Needs) -> Grads {
    return expand_to(gg, shape);
  });
}

}  // namespace

void add_to(const Tensor& a, const Tensor& b, const Tensor& out) {
  const auto operand = [](const Tensor& t) { return kernels::Operand{t.raw_data(), t.strides()}; };
  kernels::binary(kernels::BinaryOp::add, {}, out.dtype(), out.shape(), operand(a), operand(b),
                  operand(out));
}

bool only_ours(const Tensor& t) {
  const TensorImpl& impl = *t.impl();
  return impl.use_count() == 1 && impl.storage->use_count() == 1 && !impl.node && !impl.is_view &&
         is_dense(t);
}

Tensor reduce_to(const Tensor& g, const Shape& shape, DType dtype) {
  const Tensor summed = g.shape() == shape ? g : sum_to(g, shape);
  return summed.dtype() == dtype ? summed : summed.to(dtype);
}

void accumulate(Tensor& sum, const Tensor& g) {
  const profile_scope scope("accumulate");
  const bool recorded = is_grad_enabled() && (sum.requires_grad() || g.requires_grad());
  if (!recorded && only_ours(sum)) return add_to(sum, g, sum);
  Tensor out = make_tensor(sum.shape(), dense_strides_like(sum), sum.dtype());
  add_to(sum, g, out);
  sum = record("accumulate", out, {sum, g}, [](const Tensor& gg, Needs) -> Grads {
    return {gg, gg};
  });
}

}  // namespace rw::detail
