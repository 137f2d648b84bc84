#include <rewind/ops/softmax.h>

#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/norm/softmax_kernel.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>

namespace rw {

using kernels::SoftmaxForm;

namespace {

Tensor forward(const char* op, SoftmaxForm form, const Tensor& x, int dim) {
  detail::check_floating(op, x);
  const Strides strides = detail::dense_strides_like(x);
  const Tensor dense = detail::laid_out(x, strides);
  Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  kernels::softmax(form, x.dtype(), kernels::groups_along(x.shape(), strides, dim),
                   dense.raw_data(), y.raw_data());
  return y;
}

Tensor backward(SoftmaxForm form, const Tensor& g, const Tensor& y, int dim) {
  const Tensor dense = detail::laid_out(g, y.strides());
  Tensor dx = detail::make_tensor(y.shape(), y.strides(), y.dtype());
  kernels::softmax_backward(form, y.dtype(), kernels::groups_along(y.shape(), y.strides(), dim),
                            dense.raw_data(), y.raw_data(), dx.raw_data());
  return dx;
}

// dx = y (g - sum g y).   dg = y (h - sum h y), dy = h (g - sum g y) - g sum h y for its gradient h
Tensor softmax_backward(const Tensor& g, const Tensor& y, int dim) {
  const profile_scope scope("softmax_backward");
  return record("softmax_backward", backward(SoftmaxForm::plain, g, y, dim), {g, y},
                [dim, g = save(g), y = save(y)](const Tensor& h, Needs needs) -> Grads {
                  const Tensor u = g.get(), v = y.get();
                  const auto total = [dim](const Tensor& t) { return sum(t, dim, true); };
                  return {needs[0] ? softmax_backward(h, v, dim) : Tensor(),
                          needs[1] ? h * (u - total(u * v)) - u * total(h * v) : Tensor()};
                });
}

// dx = g - exp(y) sum g.   dg = h - sum h exp(y), dy = -h exp(y) sum g for its gradient h
Tensor log_softmax_backward(const Tensor& g, const Tensor& y, int dim) {
  const profile_scope scope("log_softmax_backward");
  return record("log_softmax_backward", backward(SoftmaxForm::log, g, y, dim), {g, y},
                [dim, g = save(g), y = save(y)](const Tensor& h, Needs needs) -> Grads {
                  const Tensor weighed = h * exp(y.get());
                  return {needs[0] ? h - sum(weighed, dim, true) : Tensor(),
                          needs[1] ? -weighed * sum(g.get(), dim, true) : Tensor()};
                });
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t along, std::optional<DType> dtype) {
  detail::check_defined("softmax", x);
  if (dtype) return softmax(x.to(*dtype), along);
  const profile_scope scope("softmax");
  const int dim = normalize_dim(along, x.dim(), "softmax");
  const Tensor y = forward("softmax", SoftmaxForm::plain, x, dim);
  return detail::traced("softmax",
                        record("softmax", y, {x},
                               [dim, y = save_result(y)](const Tensor& g, Needs) -> Grads {
                                 return softmax_backward(g, y.get(), dim);
                               }),
                        {x}, [dim] {
                          return detail::Attributes{{"dim", dim}};
                        });
}

Tensor log_softmax(const Tensor& x, int64_t along, std::optional<DType> dtype) {
  detail::check_defined("log_softmax", x);
  if (dtype) return log_softmax(x.to(*dtype), along);
  const profile_scope scope("log_softmax");
  const int dim = normalize_dim(along, x.dim(), "log_softmax");
  const Tensor y = forward("log_softmax", SoftmaxForm::log, x, dim);
  return detail::traced("log_softmax",
                        record("log_softmax", y, {x},
                               [dim, y = save_result(y)](const Tensor& g, Needs) -> Grads {
                                 return log_softmax_backward(g, y.get(), dim);
                               }),
                        {x}, [dim] {
                          return detail::Attributes{{"dim", dim}};
                        });
}

}  // namespace rw
