#include <rewind/optim/adafactor.h>

#include <algorithm>
#include <cmath>

#include <rewind/kernels/update/adafactor_kernel.h>
#include <rewind/ops/arithmetic.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/optim/element_rule.h>
#include <rewind/tensor/factories.h>

namespace rw::optim {

namespace {

enum Slot : size_t { row_var, col_var, variance };

double norm_of(const Tensor& t) { return linalg::vector_norm(t).item<double>(); }

double eps_of(DType dtype) {
  switch (dtype) {
    case DType::float64:
      return 0x1p-52;
    case DType::float16:
      return 0x1p-10;
    case DType::bfloat16:
      return 0x1p-7;
    default:
      return 0x1p-23;
  }
}

// A vector's update, whose mean squares are kept one by one.
void update_vector(Tensor p, Tensor g, Tensor& mean, const kernels::AdafactorUpdate& u) {
  const Tensor wide = p.to(mean.dtype());
  g = u.maximize ? g.to(mean.dtype()).neg() : g.to(mean.dtype());
  mean.lerp_(g.square(), u.share);
  const Tensor change = mean.clamp_min(u.eps1 * u.eps1).rsqrt_().mul_(g);
  const double size = std::sqrt(static_cast<double>(p.numel()));
  const double excess = norm_of(change) / (size * u.d);
  const double rate = u.rate * std::max(u.eps2, norm_of(wide) / size) / (excess <= 1 ? 1 : excess);
  p.copy_((wide * u.keep).sub_(change, rate));
}

}  // namespace

Adafactor::Adafactor(std::vector<Tensor> params, const AdafactorOptions& options)
    : Adafactor(std::vector<Group>{{std::move(params), options}}) {}
Adafactor::Adafactor(std::vector<Group> groups)
    : GroupedOptimizer("Adafactor", {.tensors = {"row_var", "col_var", "variance"}},
                       std::move(groups), [](const Group& group) {
                         const AdafactorOptions& o = group.options;
                         check_at_least_0("Adafactor", {{"lr", o.lr},
                                                        {"eps.first", o.eps.first.value_or(0)},
                                                        {"eps.second", o.eps.second},
                                                        {"weight_decay", o.weight_decay}});
                         check(o.beta2_decay <= 0, "Adafactor: expected beta2_decay <= 0, got {}",
                               o.beta2_decay);
                         check(o.d >= 1, "Adafactor: expected d >= 1, got {}", o.d);
                       }) {}

std::optional<Shape> Adafactor::state_shape(size_t k, const Tensor& param) const {
  if (k == variance) return {};
  Shape shape = param.shape();
  const int dim = shape.rank() - (k == row_var ? 1 : 2);
  if (dim >= 0) shape[dim] = 1;
  return shape;
}

void Adafactor::update() {
  std::vector<kernels::AdafactorUpdate> updates;
  std::vector<Tensor> kept;                          // to the end
  std::vector<std::pair<Tensor, Tensor>> converted;  // parameters, and copies that are updated
  for_each_gradient([&](Tensor p, const Tensor& given, ParamState& s, const AdafactorOptions& o) {
    const DType dtype = compute_dtype(p.dtype());
    kernels::AdafactorUpdate u{.dtype = dtype,
                               .maximize = o.maximize,
                               .share = std::pow(s.step, o.beta2_decay),
                               .eps1 = o.eps.first.value_or(eps_of(p.dtype())),
                               .eps2 = o.eps.second,
                               .d = o.d,
                               .keep = 1 - o.lr * o.weight_decay,
                               .rate = std::min(o.lr, 1 / std::sqrt(s.step))};
    if (p.numel() == 0) return;
    if (p.dim() < 2) return update_vector(p, given, state_tensor(s, variance, p), u);
    s.tensors.resize(3);
    for (const size_t k : {row_var, col_var})
      if (!s.tensors[k].defined()) s.tensors[k] = zeros(*state_shape(k, p), dtype);
    const Tensor wide = p.to(dtype).contiguous(), g = given.to(dtype).contiguous();
    u.param = wide.raw_data();
    u.grad = g.raw_data();
    u.row_var = s.tensors[row_var].raw_data();
    u.col_var = s.tensors[col_var].raw_data();
    u.rows = p.size(-2);
    u.columns = p.size(-1);
    u.matrices = p.numel() / (u.rows * u.columns);
    updates.push_back(u);
    kept.push_back(g);
    if (!wide.is_same(p)) converted.emplace_back(p, wide);
    p.impl()->storage->bump_version("Adafactor");
  });
  kernels::adafactor_step(updates);
  for (auto& [p, wide] : converted) p.copy_(wide);
}

}  // namespace rw::optim
