#pragma once
// Private to ops: how views are made, and their gradients taken back.

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>

namespace rw::detail {

/// A view that knows its base, for changes in place: what x shows a part of, if x is a view too.
Tensor view_of(const Tensor& x, const Shape& shape, const Strides& strides, int64_t offset);

/// A dimension to be cut up, which a tensor of rank 0 does not have.
int cut_dim(const char* op, const Tensor& x, int64_t dim);

/// The adjoint of a view that picks elements, in its pullback: zeros of `shape` with g where `view`
/// looks, or g added there to what has gathered.
template <class View>
Tensor embed(const char* name, const Tensor& g, const Shape& shape, View view) {
  const profile_scope scope(name);
  if (Tensor gathered = take_gathered(shape); gathered.defined()) {
    const Tensor window = view(gathered);
    add_to(window, g, window);
    return gathered;
  }
  Tensor out = zeros_like(empty_in_order_of(g, shape, g.dtype()));
  const Tensor window = view(out);
  copy_into(window, g);
  return record(name, out, {g}, [view](const Tensor& gg, Needs) -> Grads { return view(gg); });
}

}  // namespace rw::detail
