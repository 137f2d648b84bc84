#pragma once

#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/module.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/tensor/factories.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// How a tensor joins the average of `n` before it: with a weight, or by any function.
struct AvgFn {
  /// The share of the new tensor: average += weight(n) * (t - average).
  std::function<double(int64_t n)> weight = {};
  /// In its place: the new average.
  std::function<Tensor(const Tensor& average, const Tensor& t, int64_t n)> combine = {};
};
/// An exponential moving average: `decay` of the average stays. Throws unless it is in [0, 1].
AvgFn get_ema_avg_fn(double decay = 0.999);
/// The mean of all (Izmailov et al., "Averaging weights leads to wider optima and better
/// generalization", 2018).
AvgFn get_swa_avg_fn();

/// What AveragedModel takes by name.
struct AveragedModelOptions {
  AvgFn avg_fn = get_swa_avg_fn();  ///< how averages are made
  bool use_buffers = false;         ///< average buffers as well, which are copied otherwise
};

namespace detail {

/// Throws unless the two models have the same parameters and buffers.
void check_same_state(const nn::Module& model, const nn::Module& averaged);
void update_averages(const nn::Module& model, const nn::Module& averaged, int64_t n,
                     const AveragedModelOptions& options);

/// While it lives, batch norms average over all batches, in training mode.
class BatchNormPass {
 public:
  /// Resets their statistics.
  explicit BatchNormPass(nn::Module& model);
  BatchNormPass(const BatchNormPass&) = delete;
  BatchNormPass& operator=(const BatchNormPass&) = delete;
  ~BatchNormPass();
  /// Whether there is no batch norm.
  bool is_idle() const { return momenta_.empty(); }

 private:
  std::vector<std::pair<nn::BatchNorm*, std::optional<double>>> momenta_;
  std::vector<std::pair<nn::Module*, bool>> modes_;
};

}  // namespace detail

/// A model whose parameters are averages of another's, to evaluate with. It needs a second model,
/// made as the first one was, whose values are overwritten:
///
///     Net net;
///     optim::AveragedModel<Net> average(net, Net(), {.avg_fn = optim::get_ema_avg_fn(0.99)});
///     …
///     adam.step();
///     average.update_parameters(net);
///     …
///     average(x);
///
/// Its state has PyTorch's names: "n_averaged", and the model's behind "module.".
template <class Net>
class AveragedModel : public nn::ModuleOf<AveragedModel<Net>> {
 public:
  /// Throws ShapeError or Error where the second model has other parameters or buffers.
  AveragedModel(const Net& model, Net second, AveragedModelOptions options = {})
      : module(this->add("module", std::move(second))),
        n_averaged(this->buffer("n_averaged", zeros({}, int64))),
        options_(std::move(options)) {
    detail::check_same_state(model, module);
    module.load_state_dict(model.state_dict());
  }

  /// What the averaged model computes.
  template <class... A>
  decltype(auto) forward(A&&... args) {
    return module(std::forward<A>(args)...);
  }
  /// Takes the model's parameters of now into the averages; the first time, copies them.
  void update_parameters(const Net& model) {
    detail::update_averages(model, module, n_averaged.template item<int64_t>(), options_);
    const no_grad guard;
    n_averaged.add_(1);
  }

  Net module;             ///< the averaged model
  nn::Buffer n_averaged;  ///< how many were averaged, int64

 private:
  AveragedModelOptions options_;
};

/// Makes the running statistics of the model's batch norms those of the data: the averages over one
/// pass, of batches that are a tensor, or have it first in a pair or tuple. All else of the model
/// stays as it is.
template <class Loader, class Net>
void update_bn(Loader&& loader, Net& model) {
  const detail::BatchNormPass pass(model);
  if (pass.is_idle()) return;
  const no_grad guard;
  for (auto&& batch : loader) {
    if constexpr (std::is_convertible_v<decltype(batch), Tensor>)
      model(static_cast<const Tensor&>(batch));
    else
      model(static_cast<const Tensor&>(std::get<0>(batch)));
  }
}

}  // namespace rw::optim

#pragma GCC visibility pop
