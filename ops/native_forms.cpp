#include <rewind/ops/native_forms.h>

#include <rewind/autograd/record.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/statistics.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

// y with the mean and 1 / sqrt(var + eps) of x over some dimensions.
std::tuple<Tensor, Tensor, Tensor> with_statistics(const Tensor& y, const Tensor& x,
                                                   const Dims& dims, bool keepdim, double eps,
                                                   const Tensor& weight, const Tensor& bias) {
  const bool wide = (weight.defined() && weight.dtype() == float32) ||
                    (bias.defined() && bias.dtype() == float32);
  const DType dtype = wide && is_reduced_floating(x.dtype()) ? float32 : x.dtype();
  const auto [variance, average] = var_mean(x.to(compute_dtype(x.dtype())), dims, 0, keepdim);
  return {y, average.to(dtype), (variance + eps).rsqrt().to(dtype)};
}

}  // namespace

std::tuple<Tensor, Tensor, Tensor> native_layer_norm(const Tensor& x, const Shape& normalized_shape,
                                                     const Tensor& weight, const Tensor& bias,
                                                     double eps) {
  const Tensor y = layer_norm(x, normalized_shape, weight, bias, eps);
  Dims dims;
  for (int d = 1; d <= normalized_shape.rank(); ++d) dims.push_back(-d);
  return with_statistics(y, x.detach(), dims, true, eps, weight, bias);
}

std::tuple<Tensor, Tensor, Tensor> native_group_norm(const Tensor& x, const Tensor& weight,
                                                     const Tensor& bias, int64_t n, int64_t c,
                                                     int64_t hxw, int64_t group, double eps) {
  detail::check_defined("native_group_norm", x);
  check<ShapeError>(n >= 0 && c > 0 && hxw >= 0 && x.numel() == n * c * hxw,
                    "native_group_norm: expected {} x {} x {} elements, got shape {}", n, c, hxw,
                    x.shape());
  check<ShapeError>(group > 0 && c % group == 0,
                    "native_group_norm: {} groups must divide the {} channels", group, c);
  const Tensor rows = x.reshape({n, c, hxw});
  const Tensor y = group_norm(rows, group, weight, bias, eps).view(x.shape());
  const Tensor groups = x.reshape({n, group, c / group * hxw});
  return with_statistics(y, groups, {-1}, false, eps, weight, bias);
}

std::tuple<Tensor, Tensor, Tensor> native_batch_norm(const Tensor& x, const Tensor& weight,
                                                     const Tensor& bias, const Tensor& running_mean,
                                                     const Tensor& running_var, bool training,
                                                     double momentum, double eps) {
  const Tensor y = batch_norm(x, weight, bias, running_mean, running_var,
                              {.training = training, .momentum = momentum, .eps = eps});
  if (!training) return {y, empty({0}, x.dtype()), empty({0}, x.dtype())};
  Dims dims = {0};
  for (int d = 2; d < x.dim(); ++d) dims.push_back(d);
  return with_statistics(y, x.detach(), dims, false, eps, weight, bias);
}

std::pair<Tensor, Tensor> native_dropout(const Tensor& x, double p, bool train) {
  const Tensor ones = ones_like(x.detach());
  if (!train) return {x * 1, ones.to(boolean)};
  const Tensor kept = dropout(ones, p, true);
  return {x * kept, kept.to(boolean)};
}

Tensor native_dropout_backward(const Tensor& g, const Tensor& mask, double scale) {
  detail::check_defined("native_dropout_backward", g, mask, "mask");
  check<DTypeError>(mask.dtype() == boolean,
                    "native_dropout_backward: expected a mask of bool, got {}", mask.dtype());
  return g * mask * scale;
}

Tensor max_pool2d_with_indices_backward(const Tensor& g, const Tensor& x, Size2 kernel,
                                        const MaxPoolOptions<2>& options, const Tensor& indices) {
  const char* const op = "max_pool2d_with_indices_backward";
  detail::check_defined(op, g, x);
  detail::check_defined(op, g, indices, "indices");
  const Shape pooled = [&] {
    const no_grad guard;
    return max_pool2d_with_indices(x, kernel, options).first.shape();
  }();
  check<ShapeError>(g.shape() == pooled && indices.shape() == pooled,
                    "{}: expected a gradient and indices of shape {}, got {} and {}", op, pooled,
                    g.shape(), indices.shape());
  const auto forward = [&] {
    const no_grad guard;
    const Tensor planes = zeros(x.shape(), g.dtype()).flatten(-2);
    return scatter_add(planes, -1, indices.flatten(-2), g.flatten(-2)).view(x.shape());
  };
  return record(op, forward(), {g, x},
                [indices = save(indices)](const Tensor& h, Needs needs) -> Grads {
                  const Tensor at = indices.get();
                  return {gather(h.flatten(-2), -1, at.flatten(-2)).view(at.shape()),
                          needs[1] ? zeros_like(h) : Tensor()};
                });
}

}  // namespace rw
