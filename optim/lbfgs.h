#pragma once

#include <array>
#include <concepts>
#include <deque>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// How LBFGS chooses the length of a step.
enum class LineSearch : int64_t {
  none,         ///< lr
  strong_wolfe  ///< by evaluations until the strong Wolfe conditions hold
};

/// What LBFGS takes by name. Each step checks the numbers.
struct LBFGSOptions {
  double lr = 1;                                 ///< step size, or the first to try; at least 0
  int64_t max_iter = 20;                         ///< iterations in a step
  int64_t max_eval = 0;                          ///< evaluations in a step; 0 for max_iter * 5 / 4
  double tolerance_grad = 1e-7;                  ///< ends a step: the greatest |g|
  double tolerance_change = 1e-9;                ///< ends a step: change of p, or of the loss
  int64_t history_size = 100;                    ///< changes that are remembered, at least 1
  LineSearch line_search_fn = LineSearch::none;  ///< none by default
  bool maximize = false;                         ///< go up

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("max_iter", max_iter), f("max_eval", max_eval);
    f("tolerance_grad", tolerance_grad), f("tolerance_change", tolerance_change);
    f("history_size", history_size), f("line_search_fn", line_search_fn), f("maximize", maximize);
  }
};

/// L-BFGS (Nocedal and Wright, "Numerical optimization", 2006, algorithms 7.4, 3.5 and 3.6) as
/// PyTorch has it: a quasi-Newton method for losses without noise. A step is up to `max_iter`
/// iterations, for which it calls the closure that computes the loss and its gradients:
///
///     lbfgs.step([&] {
///       lbfgs.zero_grad();
///       const Tensor loss = mse_loss(model(x), y);
///       loss.backward();
///       return loss;
///     });
///
/// All memory of the parameters' size is taken in the first iterations.
class LBFGS : public GroupedOptimizer<LBFGSOptions> {
 public:
  /// Of floating leaves, each once, in one group. Throws for others, and for options that are out
  /// of range.
  explicit LBFGS(std::vector<Tensor> params, const LBFGSOptions& options = {});
  /// With a learning rate, and the defaults of all else.
  LBFGS(std::vector<Tensor> params, std::floating_point auto lr)
      : LBFGS(std::move(params), LBFGSOptions{.lr = static_cast<double>(lr)}) {}
  void add_param_group(Group group) = delete;

  /// Throws: a step takes a closure.
  void step();
  /// Returns the loss before the step.
  Tensor step(const std::function<Tensor()>& closure) override;

  /// With the history as "state.0.old_dirs.0" and so on.
  StateDict state_dict() const override;
  void load_state_dict(const StateDict& state) override;

 private:
  // A change of the gradient and of the parameters, and 1 over their product.
  struct Change {
    Tensor of_grad, of_params;
    double ro;
  };
  struct History {
    double n_iter = 0, func_evals = 0;
    double t = 0, h_diag = 1, prev_loss = 0;
    Tensor d, prev_flat_grad;  // undefined before the first iteration
    std::deque<Change> changes;
  };
  using Closure = std::function<Tensor()>;

  void update() override;
  double evaluate(const Closure& closure, Tensor& flat_grad);
  void remember_change();
  void choose_direction();
  bool iterate(const Closure& closure, double& loss, int64_t& evals, bool is_last);
  void move(double t);
  void keep_params();
  void restore_kept();
  Tensor& scratch(size_t i);
  DType flat_dtype() const;
  int64_t numel() const;

  History history_;
  Tensor flat_grad_;
  std::array<Tensor, 7> scratch_;  // kept between steps; of the parameters' size
};

}  // namespace rw::optim

#pragma GCC visibility pop
