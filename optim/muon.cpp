#include <rewind/optim/muon.h>

#include <algorithm>
#include <cmath>

#include <rewind/ops/arithmetic.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/products.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/optim/element_rule.h>

namespace rw::optim {

namespace {

void check_options(const MuonOptions& o, const std::vector<Tensor>& params) {
  check_at_least_0("Muon",
                   {{"lr", o.lr}, {"momentum", o.momentum}, {"weight_decay", o.weight_decay}});
  check(o.ns_steps >= 0 && o.ns_steps < 100, "Muon: expected ns_steps in [0, 100), got {}",
        o.ns_steps);
  check(o.adjust_lr_fn >= AdjustLR::original && o.adjust_lr_fn <= AdjustLR::spectral_unclamped,
        "Muon: expected an adjust_lr_fn, got {}", static_cast<int64_t>(o.adjust_lr_fn));
  check<DTypeError>(is_floating(o.ns_dtype), "Muon: expected a floating ns_dtype, got {}",
                    o.ns_dtype);
  for (size_t i = 0; i < params.size(); ++i)
    check<ShapeError>(params[i].dim() == 2,
                      "Muon: expected parameters that are matrices, parameter {} is of shape {}", i,
                      params[i].shape());
}

// What is orthogonal next to x, nearly. The iteration goes along the shorter side.
Tensor orthogonalized(const Tensor& given, const MuonOptions& o) {
  const auto [a, b, c] = o.ns_coefficients;
  const bool is_tall = given.size(0) > given.size(1);
  Tensor x = given.to(o.ns_dtype);
  if (is_tall) x = x.t();
  x = x.div(std::max(linalg::vector_norm(x).item<double>(), o.eps));
  for (int64_t i = 0; i < o.ns_steps; ++i) {
    const Tensor gram = matmul(x, x.t());
    x = addmm(x, addmm(gram, gram, gram, b, c), x, a);
  }
  return is_tall ? x.t() : x;
}

double adjusted(double lr, AdjustLR by, const Shape& shape) {
  const auto rows = static_cast<double>(shape[0]), columns = static_cast<double>(shape[1]);
  if (by == AdjustLR::match_rms_adamw) return lr * 0.2 * std::sqrt(std::max(rows, columns));
  const double ratio = rows / columns;
  return lr * std::sqrt(by == AdjustLR::original ? std::max(1., ratio) : ratio);
}

}  // namespace

Muon::Muon(std::vector<Tensor> params, const MuonOptions& options)
    : Muon(std::vector<Group>{{std::move(params), options}}) {}
Muon::Muon(std::vector<Group> groups)
    : GroupedOptimizer("Muon", {.tensors = {"momentum_buffer"}, .step = false}, std::move(groups),
                       [](const Group& group) { check_options(group.options, group.params); }) {}

void Muon::update() {
  for_each_gradient([&](Tensor p, const Tensor& g, ParamState& s, const MuonOptions& o) {
    Tensor& buffer = state_tensor(s, 0, p);
    const Tensor wide = g.to(buffer.dtype());
    buffer.lerp_(wide, 1 - o.momentum);
    const Tensor change =
        orthogonalized(o.nesterov ? lerp(wide, buffer, o.momentum) : buffer, o).to(p.dtype());
    p.mul_(1 - o.lr * o.weight_decay).sub_(change, adjusted(o.lr, o.adjust_lr_fn, p.shape()));
  });
}

}  // namespace rw::optim
