#pragma once

#include <concepts>
#include <optional>
#include <utility>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Adafactor takes by name. Each step checks the numbers.
struct AdafactorOptions {
  double lr = 1e-2;           ///< the greatest step size, at least 0
  double beta2_decay = -0.8;  ///< power of the step that the share of new squares is; at most 0
  /// The least of a mean square's root, the dtype's eps by default, and of a parameter's.
  std::pair<std::optional<double>, double> eps = {std::nullopt, 1e-3};
  double d = 1;             ///< the greatest root mean square of an update, at least 1
  double weight_decay = 0;  ///< p shrinks by lr times this share of itself
  bool maximize = false;    ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("beta2_decay", beta2_decay), f("eps", eps), f("d", d);
    f("weight_decay", weight_decay), f("maximize", maximize);
  }
};

/// Adafactor (Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost",
/// 2018) as PyTorch defines it: mean squares of a matrix's gradient are kept by row and by column
/// alone, of the last two dimensions; steps are relative to the parameter's root mean square.
class Adafactor : public GroupedOptimizer<AdafactorOptions> {
 public:
  ///@{
  /// Of floating leaves, each once, as Module::parameters() gives them. Throws for others, and for
  /// options that are out of range.
  explicit Adafactor(std::vector<Tensor> params, const AdafactorOptions& options = {});
  Adafactor(std::vector<Tensor> params, std::floating_point auto lr)
      : Adafactor(std::move(params), AdafactorOptions{.lr = static_cast<double>(lr)}) {}
  explicit Adafactor(std::vector<Group> groups);
  ///@}

 private:
  void update() override;
  std::optional<Shape> state_shape(size_t k, const Tensor& param) const override;
};

}  // namespace rw::optim

#pragma GCC visibility pop
