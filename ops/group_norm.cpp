#include <memory>

#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/norm/group_norm_kernel.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/ops/layout.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/normalization.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/precision.h>

// Layer, root mean square, group and instance normalization: all normalise over groups of elements
// of a sample.

namespace rw {
namespace {

// Which elements belong together, and what the derivatives need besides the input and the weight.
struct Plan {
  const char* backward_name;
  detail::Layout layout;
  kernels::NormGroups groups;
  Shape parameters;   // of weight and bias
  Tensor statistics;  // [mean and variance, samples, groups]

  double* mean() const { return static_cast<double*>(statistics.raw_data()); }
  double* variance() const { return mean() + groups.samples * groups.groups; }
};
using PlanPtr = std::shared_ptr<const Plan>;

// A weight or bias as the kernels take it.
Tensor parameter(const Tensor& t, const Plan& plan, double otherwise) {
  const DType dtype = compute_dtype(plan.groups.dtype);
  if (!t.defined()) return full(plan.parameters, otherwise, dtype);
  return t.detach().to(dtype).contiguous();
}

// The derivative of norm_backward.
Grads second_order(const Plan& plan, const Tensor& g, const Tensor& x, const Tensor& weight,
                   const Tensor& gg, const Tensor& gw, const Tensor& gb) {
  const kernels::NormGroups& s = plan.groups;
  const Shape all = {s.samples, s.groups, s.channels, s.inner};
  const Shape per_channel = {1, s.groups, s.channels, 1};
  const auto input = [&](const Tensor& t) {
    return t.defined() ? t.reshape(all) : zeros(all, x.dtype());
  };
  const auto by_channel = [&](const Tensor& t, double otherwise) {
    return t.defined() ? t.reshape(per_channel) : full(per_channel, otherwise, x.dtype());
  };
  const detail::Normalization norm = {{2, 3}, {0, 3}, s.eps, s.centered};
  Grads grads = detail::second_order(norm, input(g), input(x), by_channel(weight, 1), input(gg),
                                     by_channel(gw, 0), by_channel(gb, 0));
  return {grads[0].reshape(x.shape()), grads[1].reshape(x.shape()),
          grads[2].reshape(plan.parameters)};
}

std::vector<Tensor> norm_backward(const Tensor& g, const Tensor& x, const Tensor& weight,
                                  const PlanPtr& plan, bool want_dx) {
  const profile_scope scope(plan->backward_name);
  const Plan& p = *plan;
  const DType dtype = compute_dtype(x.dtype());
  const Tensor dw = empty(p.parameters, dtype), db = empty(p.parameters, dtype);
  const Tensor dx = want_dx ? detail::empty_in(p.layout, x.shape(), x.dtype()) : Tensor();
  const Tensor dense_g = detail::dense_in(p.layout, g), dense_x = detail::dense_in(p.layout, x);
  kernels::group_norm_backward(p.groups, dense_g.raw_data(), dense_x.raw_data(),
                               parameter(weight, p, 1).raw_data(), p.mean(), p.variance(),
                               want_dx ? dx.raw_data() : nullptr, dw.raw_data(), db.raw_data());
  return record(p.backward_name, {dx, dw, db}, {g, x, weight},
                [g = save(g), x = save(x), weight = save(weight), plan](
                    std::span<const Tensor> grads, Needs) -> Grads {
                  return second_order(*plan, g.get(), x.get(), weight.get(), grads[0], grads[1],
                                      grads[2]);
                });
}

Tensor normalize(const char* op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                 const std::shared_ptr<Plan>& plan) {
  const profile_scope scope(op);
  const kernels::NormGroups& s = plan->groups;
  plan->statistics = empty({2, s.samples, s.groups}, float64);
  const Tensor y = detail::empty_in(plan->layout, x.shape(), x.dtype());
  kernels::group_norm(s, detail::dense_in(plan->layout, x).raw_data(),
                      parameter(weight, *plan, 1).raw_data(), parameter(bias, *plan, 0).raw_data(),
                      y.raw_data(), plan->mean(), plan->variance());
  if (x.dtype() != float64 && x.numel() > 0 &&
      detail::need_float64(plan->variance(), s.samples * s.groups, s.eps)) {
    plan->groups.dtype = float64;
    return normalize(op, x.to(float64), detail::to_float64(weight), detail::to_float64(bias), plan)
        .to(x.dtype());
  }
  return record(op, y, {x, weight, bias},
                [x = save(x), weight = save(weight), plan = PlanPtr(plan)](const Tensor& g,
                                                                           Needs needs) -> Grads {
                  return norm_backward(g, x.get(), weight.get(), plan,
                                       needs[0] || is_grad_enabled());
                });
}

std::shared_ptr<Plan> plan_by_channel(const char* backward_name, const Tensor& x, int64_t groups,
                                      double eps) {
  const detail::Layout layout = detail::layout_of(x, 1);
  const int64_t samples = x.size(0), channels = x.size(1);
  int64_t inner = 1;
  for (int d = 2; d < x.dim(); ++d) inner *= x.size(d);
  const kernels::NormGroups s = {
      x.dtype(), samples, groups, channels / std::max<int64_t>(groups, 1), inner, layout.last, eps};
  return std::make_shared<Plan>(Plan{backward_name, layout, s, {channels}, {}});
}

void check_input(const char* op, const Tensor& x, int rank, const char* shape) {
  detail::check_floating(op, x);
  check<ShapeError>(x.dim() >= rank, "{}: expected an input {}, got shape {}", op, shape,
                    x.shape());
}

void check_last_dims(const char* op, const Tensor& x, const Shape& sizes) {
  const int rank = sizes.rank();
  check<ShapeError>(rank > 0, "{}: expected a normalized_shape of at least one dimension", op);
  bool fits = x.dim() >= rank;
  for (int d = 1; fits && d <= rank; ++d) fits = x.size(-d) == sizes[rank - d];
  check<ShapeError>(fits, "{}: expected an input that ends in {}, got shape {}", op, sizes,
                    x.shape());
}

// Over the last dimensions, of these sizes.
std::shared_ptr<Plan> plan_by_row(const char* backward_name, const Tensor& x, const Shape& sizes,
                                  double eps, bool centered) {
  int64_t rows = 1;
  for (int d = 0; d < x.dim() - sizes.rank(); ++d) rows *= x.shape()[d];
  const kernels::NormGroups s = {x.dtype(), rows, 1, sizes.numel(), 1, false, eps, centered};
  return std::make_shared<Plan>(Plan{backward_name, {0, false}, s, sizes, {}});
}

// Averages over the samples of the means and the variances (divided by n - 1).
void update_running(const Plan& plan, Tensor& mean, Tensor& variance, double momentum) {
  const kernels::NormGroups& s = plan.groups;
  if (!mean.defined() || s.samples == 0 || detail::is_recomputing) return;
  const auto average = [&](const double* values, double scale) {
    std::vector<double> out(static_cast<size_t>(s.groups));
    for (int64_t i = 0; i < s.samples * s.groups; ++i)
      out[static_cast<size_t>(i % s.groups)] += values[i] * scale;
    return out;
  };
  const double n = static_cast<double>(s.inner), share = 1 / static_cast<double>(s.samples);
  detail::update_running(mean, average(plan.mean(), share), momentum);
  detail::update_running(variance, average(plan.variance(), share * n / (n - 1)), momentum);
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                  const Tensor& bias, double eps) {
  check_input("layer_norm", x, 0, "");
  check_last_dims("layer_norm", x, normalized_shape);
  detail::check_parameter("layer_norm", "a weight", weight, normalized_shape, x);
  detail::check_parameter("layer_norm", "a bias", bias, normalized_shape, x);
  const auto plan = plan_by_row("layer_norm_backward", x, normalized_shape, eps, true);
  return detail::traced(
      "layer_norm", normalize("layer_norm", x, weight, bias, plan), {x, weight, bias}, [&] {
        return detail::Attributes{{"axes", normalized_shape.rank()}, {"eps", eps}};
      });
}

Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                std::optional<double> eps) {
  const double added = eps.value_or(detail::epsilon(x.defined() ? x.dtype() : float32));
  check_input("rms_norm", x, 0, "");
  check_last_dims("rms_norm", x, normalized_shape);
  detail::check_parameter("rms_norm", "a weight", weight, normalized_shape, x);
  const auto plan = plan_by_row("rms_norm_backward", x, normalized_shape, added, false);
  return detail::traced("rms_norm", normalize("rms_norm", x, weight, {}, plan), {x, weight}, [&] {
    return detail::Attributes{{"axes", normalized_shape.rank()}, {"eps", added}};
  });
}

Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight, const Tensor& bias,
                  double eps) {
  check_input("group_norm", x, 2, "[N, C] or [N, C, ...]");
  const Shape channels = {x.size(1)};
  check<ShapeError>(num_groups > 0 && channels[0] % num_groups == 0,
                    "group_norm: num_groups ({}) must divide the {} channels of the input {}",
                    num_groups, channels[0], x.shape());
  check<ShapeError>(channels[0] > 0 && (x.dim() == 2 || x.size(0) == 0 || x.numel() > 0),
                    "group_norm: expected channels, and values in each, got shape {}", x.shape());
  detail::check_parameter("group_norm", "a weight", weight, channels, x);
  detail::check_parameter("group_norm", "a bias", bias, channels, x);
  const auto plan = plan_by_channel("group_norm_backward", x, num_groups, eps);
  return detail::traced("group_norm", normalize("group_norm", x, weight, bias, plan),
                        {x, weight, bias}, [&] {
                          return detail::Attributes{{"groups", num_groups}, {"eps", eps}};
                        });
}

Tensor instance_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor running_mean,
                     Tensor running_var, const InstanceNormOptions& options) {
  check_input("instance_norm", x, 3, "[N, C, L, ...]");
  const Shape channels = {x.size(1)};
  detail::check_parameter("instance_norm", "a weight", weight, channels, x);
  detail::check_parameter("instance_norm", "a bias", bias, channels, x);
  detail::check_parameter("instance_norm", "a running_mean", running_mean, channels, x);
  detail::check_parameter("instance_norm", "a running_var", running_var, channels, x);
  check(running_mean.defined() == running_var.defined(),
        "instance_norm: expected running_mean and running_var both, or neither");
  if (!options.use_input_stats) {
    check(running_mean.defined(),
          "instance_norm: expected running_mean and running_var without use_input_stats");
    return batch_norm(x, weight, bias, running_mean, running_var, {.eps = options.eps});
  }
  const auto plan = plan_by_channel("instance_norm_backward", x, channels[0], options.eps);
  check<ShapeError>(plan->groups.inner != 1,
                    "instance_norm: expected more than 1 value per channel and sample, got input "
                    "size {}",
                    x.shape());
  Tensor y = detail::traced("instance_norm", normalize("instance_norm", x, weight, bias, plan),
                            {x, weight, bias}, [&] {
                              return detail::Attributes{{"eps", options.eps}};
                            });
  update_running(*plan, running_mean, running_var, options.momentum);
  return y;
}

}  // namespace rw
