#pragma once

#include <array>
#include <concepts>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// How Muon's rate goes by the shape [A, B] of a parameter.
enum class AdjustLR : int64_t {
  original,           ///< times sqrt(max(1, A / B))
  match_rms_adamw,    ///< times 0.2 sqrt(max(A, B)), so that AdamW's rates serve
  spectral_unclamped  ///< times sqrt(A / B)
};

/// What Muon takes by name. Each step checks the numbers.
struct MuonOptions {
  double lr = 1e-3;           ///< step size, at least 0
  double weight_decay = 0.1;  ///< p shrinks by lr times this share of itself
  double momentum = 0.95;     ///< decay of the running mean of g, at least 0
  bool nesterov = true;       ///< look ahead by the momentum
  std::array<double, 3> ns_coefficients = {3.4445, -4.7750, 2.0315};  ///< of the iteration
  double eps = 1e-7;                           ///< the least norm that is divided by
  int64_t ns_steps = 5;                        ///< iterations, below 100
  AdjustLR adjust_lr_fn = AdjustLR::original;  ///< how lr goes by the shape
  DType ns_dtype = bfloat16;                   ///< floating type that the iteration rounds to

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("weight_decay", weight_decay), f("momentum", momentum), f("nesterov", nesterov);
    f("ns_coefficients", ns_coefficients), f("eps", eps), f("ns_steps", ns_steps);
    f("adjust_lr_fn", adjust_lr_fn), f("ns_dtype", ns_dtype);
  }
};

/// Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024) as PyTorch
/// has it: a matrix moves along the orthogonal matrix next to its momentum, which a Newton-Schulz
/// iteration approaches. For the weights of hidden layers; other parameters have AdamW.
class Muon : public GroupedOptimizer<MuonOptions> {
 public:
  ///@{
  /// Of floating leaves that are matrices, each once. Throws for others, and for options that are
  /// out of range.
  explicit Muon(std::vector<Tensor> params, const MuonOptions& options = {});
  Muon(std::vector<Tensor> params, std::floating_point auto lr)
      : Muon(std::move(params), MuonOptions{.lr = static_cast<double>(lr)}) {}
  explicit Muon(std::vector<Group> groups);
  ///@}

 private:
  void update() override;
};

}  // namespace rw::optim

#pragma GCC visibility pop
