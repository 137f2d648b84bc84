#include "run.h"

#include <optional>

namespace rw::fuzz {

Plan::Plan(Source& s)
    : derivatives(static_cast<int>(s.below(3))),
      by_backward(derivatives == 1 && s.chance(0.5)),
      constant(s.chance(0.7) ? 0 : static_cast<unsigned>(s.below(8))),
      seed(s.next()) {}

namespace {

thread_local std::optional<Source> noise_source;
thread_local double noise_eps = 0;

Tensor weights(const Tensor& like, Source& s) {
  std::vector<double> values(static_cast<size_t>(like.numel()));
  // No zeros, which would hide that a derivative overflows in float64 as well.
  for (double& v : values) v = static_cast<double>(s.between(1, 8)) / (s.chance(0.5) ? 4 : -4);
  return with_noise(from(values, like.shape())).to(like.dtype());
}

// Those that a gradient can be asked of, and a weight for each element.
struct Weighted {
  Weighted(const Tensors& all, Source& s) {
    for (const Tensor& t : all)
      if (t.defined() && t.is_floating_point() && t.requires_grad()) {
        tensors.push_back(t);
        weights.push_back(fuzz::weights(t, s));
      }
  }
  Tensors tensors, weights;
};

Tensors leaves_of(const Tensors& inputs, unsigned constant) {
  Tensors leaves;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Tensor leaf = noise_source ? with_noise(inputs[i]) : inputs[i].detach();
    if (leaf.is_floating_point() && !(constant >> i & 1)) leaf.requires_grad_();
    leaves.push_back(leaf);
  }
  return leaves;
}

Tensors gradients_by_backward(const Weighted& of, const Tensors& leaves) {
  Tensor loss;
  for (size_t i = 0; i < of.tensors.size(); ++i) {
    const Tensor sum = (of.tensors[i] * of.weights[i]).sum();
    loss = loss.defined() ? loss + sum : sum;
  }
  loss.backward();
  Tensors grads;
  for (const Tensor& leaf : leaves) grads.push_back(leaf.grad());
  return grads;
}

void append(Tensors& all, const Tensors& more) { all.insert(all.end(), more.begin(), more.end()); }

// The gradients of some tensors by the leaves that require one.
Tensors differentiate(const Tensors& tensors, const Tensors& leaves, const Plan& plan, bool again,
                      Source& s) {
  const Weighted of(tensors, s);
  if (of.tensors.empty() || leaves.empty()) return {};
  if (plan.by_backward) return gradients_by_backward(of, leaves);
  return grad(of.tensors, leaves, of.weights, again, again, /*allow_unused=*/true);
}

// Expanded tensors may have more elements than there is memory.
bool drop_large(Tensors& all) {
  const auto dropped = std::erase_if(
      all, [](const Tensor& t) { return t.defined() && t.numel() > int64_t{1} << 22; });
  return dropped > 0;
}

}  // namespace

Outcome run(const Call& call, const Tensors& inputs, const Plan& plan) {
  Outcome o;
  manual_seed(plan.seed);
  Source source(plan.seed);
  try {
    const Tensors leaves = leaves_of(inputs, plan.constant);
    Tensors wanted;
    for (const Tensor& leaf : leaves)
      if (leaf.requires_grad()) wanted.push_back(leaf);
    o.all = call.function(leaves);
    o.too_large = drop_large(o.all);
    o.results = o.all.size();
    Tensors last = o.all;
    while (o.stage < plan.derivatives && !o.too_large) {
      ++o.stage;
      last = differentiate(last, wanted, plan, o.stage < plan.derivatives, source);
      append(o.all, last);
    }
  } catch (const Error& e) {
    o.failed = true;
    o.error = e.what();
  }
  for (Tensor& t : o.all)
    if (t.defined()) t = t.detach();
  return o;
}

Noise::Noise(double eps, uint64_t seed) {
  noise_source.emplace(seed);
  noise_eps = eps;
}

Noise::~Noise() { noise_source.reset(); }

Tensor with_noise(const Tensor& x) {
  if (!noise_source || !x.is_floating_point()) return x;
  const auto factors = [&] {
    std::vector<double> all(static_cast<size_t>(x.numel()));
    // Of all sizes: equal ones would cancel each other.
    for (double& f : all)
      f = 1 + (noise_source->chance(0.5) ? noise_eps : -noise_eps) * (0.5 + noise_source->unit());
    return from(all, x.shape());
  };
  const Tensor moved = x * factors();
  if (!x.requires_grad()) return moved;
  // Off the tape too: t / (noise * t) has no derivative, t / (t + noise) has.
  const Tensor value = x.detach();
  return moved + where(isfinite(value), value * (factors() - 1), 0);
}

Tensor with_noisy_slope(const Tensor& y, const Tensor& x, bool mixes) {
  if (!noise_source || !x.requires_grad()) return y;
  const Tensor t = where(isfinite(x.detach()), x, 0);
  Tensor u = t - t.detach();  // 0, of slope 1
  if (mixes) u = u + u.sum(-1, true);
  const auto noise = [&] { return with_noise(ones_like(y)) - 1; };
  return y + noise() * u + noise() * square(u);
}

}  // namespace rw::fuzz
