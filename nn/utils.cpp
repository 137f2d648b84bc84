#include <rewind/nn/utils.h>

#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/overlap.h>

namespace rw::nn::utils {

namespace {

std::vector<Tensor> gradients(const char* function, const std::vector<Tensor>& parameters) {
  std::vector<Tensor> all;
  for (const Tensor& p : parameters) {
    check(p.defined(), "{}: a parameter is undefined", function);
    if (const Tensor g = rw::detail::changeable_grad(p); g.defined()) all.push_back(g);
  }
  return all;
}

bool overlaps_itself(const Tensor& t) { return rw::detail::may_overlap(t.shape(), t.strides()); }

// Infinite and NaN norms too.
double norm_of(const Tensor& t, double power) {
  const bool is_half = t.dtype() == float16 || t.dtype() == bfloat16;
  const DType dtype = is_half ? float32 : t.dtype();
  return linalg::vector_norm(t.detach(), power, {}, false, dtype).item<double>();
}

}  // namespace

double get_total_norm(const std::vector<Tensor>& tensors, double norm_type,
                      bool error_if_nonfinite) {
  const no_grad guard;
  check(!std::isnan(norm_type), "get_total_norm: expected a norm_type, got NaN");
  std::vector<double> norms;
  for (const Tensor& t : tensors)
    if (t.defined()) norms.push_back(norm_of(t, norm_type));
  if (norms.empty()) return 0;
  const double total = norm_of(from<double>(norms), norm_type);
  check(!error_if_nonfinite || std::isfinite(total),
        "get_total_norm: the norm of order {} is {}, and error_if_nonfinite was given", norm_type,
        total);
  return total;
}

void clip_grads_with_norm_(const std::vector<Tensor>& parameters, double max_norm,
                           double total_norm) {
  check(max_norm >= 0, "clip_grads_with_norm_: expected a max_norm of at least 0, got {}",
        max_norm);
  const no_grad guard;
  const double factor = max_norm / (total_norm + 1e-6);
  if (factor >= 1) return;  // not of NaN
  for (Tensor& g : gradients("clip_grads_with_norm_", parameters)) g.mul_(factor);
}

double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, double norm_type,
                       bool error_if_nonfinite) {
  check(max_norm >= 0, "clip_grad_norm_: expected a max_norm of at least 0, got {}", max_norm);
  const double total =
      get_total_norm(gradients("clip_grad_norm_", parameters), norm_type, error_if_nonfinite);
  clip_grads_with_norm_(parameters, max_norm, total);
  return total;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value) {
  check(clip_value >= 0, "clip_grad_value_: expected a clip_value of at least 0, got {}",
        clip_value);
  const no_grad guard;
  for (Tensor& g : gradients("clip_grad_value_", parameters)) g.clamp_(-clip_value, clip_value);
}

Tensor parameters_to_vector(const std::vector<Tensor>& parameters) {
  check(!parameters.empty(), "parameters_to_vector: there are no parameters");
  std::vector<Tensor> flat;
  for (const Tensor& p : parameters) {
    check(p.defined(), "parameters_to_vector: parameter {} is undefined", flat.size());
    check<DTypeError>(p.dtype() == parameters[0].dtype(),
                      "parameters_to_vector: expected parameters of one dtype, got {} and {}",
                      parameters[0].dtype(), p.dtype());
    flat.push_back(p.reshape({-1}));
  }
  return cat(flat);
}

void vector_to_parameters(const Tensor& vector, const std::vector<Tensor>& parameters) {
  check(vector.defined(), "vector_to_parameters: the vector is undefined");
  int64_t n = 0;
  for (const Tensor& p : parameters) {
    check(p.defined(), "vector_to_parameters: a parameter is undefined");
    check(!overlaps_itself(p),
          "vector_to_parameters: parameter of shape {} has several elements in one place, as "
          "expand() makes them",
          p.shape());
    n += p.numel();
  }
  check<ShapeError>(vector.dim() == 1 && vector.numel() == n,
                    "vector_to_parameters: expected a vector of the parameters' {} elements, got "
                    "shape {}",
                    n, vector.shape());
  const no_grad guard;
  // A copy, for the vector may be a view of a parameter.
  const Tensor values = vector.detach().clone();
  int64_t at = 0;
  for (Tensor p : parameters) {
    p.copy_(values.narrow(0, at, p.numel()).reshape(p.shape()));
    at += p.numel();
  }
}

}  // namespace rw::nn::utils
