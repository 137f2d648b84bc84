#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/optim/optimizer.h>
#include <rewind/tensor/state_dict.h>
#include <rewind/train/callbacks.h>
#include <rewind/train/metric.h>
#include <rewind/train/progress.h>
#include <rewind/train/training_state.h>

#pragma GCC visibility push(default)

namespace rw::optim {
class LRScheduler;
class ReduceLROnPlateau;
}  // namespace rw::optim

namespace rw::training {

/// Anything that gives batches of two tensors, data and target: `for (auto& [x, y] : loader)`. A
/// handle; what it was made of has to outlive it. That has a `size()`, in batches.
class Loader {
 public:
  /// Sees a batch; false ends the loop.
  using Visit = std::function<bool(const Tensor& data, const Tensor& target)>;

  /// None.
  Loader() = default;
  /// Of a data::DataLoader, a vector of batches or the like. Its `state_dict` and
  /// `load_state_dict`, or else its `set_epoch`, are used where it has them.
  template <class L>
  requires(!std::same_as<std::remove_cv_t<L>, Loader>) Loader(L& batches)
      : batches_(std::make_shared<Of<L>>(batches)) {}

  /// Whether there is one.
  bool defined() const { return batches_ != nullptr; }
  /// The number of batches in an epoch.
  int64_t size() const { return batches_->size(); }
  /// The number of samples of the data set; 0 where there is none.
  int64_t samples() const { return batches_->samples(); }
  /// Calls `visit` for each batch of an epoch.
  void each(const Visit& visit) const { batches_->each(visit); }
  ///@{
  /// Where it is, for a loader that has a state.
  bool has_state() const { return defined() && batches_->has_state(); }
  StateDict state_dict() const { return batches_->state_dict(); }
  void load_state_dict(const StateDict& state) const { batches_->load_state_dict(state); }
  ///@}
  /// Goes to the beginning of an epoch, for a loader that has several.
  void set_epoch(int64_t epoch) const { batches_->set_epoch(epoch); }

 private:
  struct Batches {
    virtual ~Batches() = default;
    virtual int64_t size() const = 0;
    virtual int64_t samples() const = 0;
    virtual void each(const Visit& visit) = 0;
    virtual bool has_state() const = 0;
    virtual StateDict state_dict() const = 0;
    virtual void load_state_dict(const StateDict& state) = 0;
    virtual void set_epoch(int64_t epoch) = 0;
  };
  template <class L>
  struct Of : Batches {
    explicit Of(L& l) : batches(l) {}
    int64_t size() const override { return static_cast<int64_t>(batches.size()); }
    int64_t samples() const override {
      if constexpr (requires { batches.dataset().size(); }) return batches.dataset().size();
      return 0;
    }
    void each(const Visit& visit) override {
      for (auto&& [data, target] : batches)
        if (!visit(data, target)) return;
    }
    bool has_state() const override { return Stateful<L>; }
    StateDict state_dict() const override {
      if constexpr (Stateful<L>) return batches.state_dict();
      return {};
    }
    void load_state_dict(const StateDict& state) override {
      if constexpr (Stateful<L>) batches.load_state_dict(state);
    }
    void set_epoch(int64_t epoch) override {
      if constexpr (requires { batches.set_epoch(0); })
        batches.set_epoch(static_cast<uint64_t>(epoch));
    }
    L& batches;
  };
  std::shared_ptr<Batches> batches_;
};

/// A metric and what its numbers are called: `{"accuracy", metrics::Accuracy()}`.
struct NamedMetric {
  /// Copies the metric, without what it has seen.
  template <std::derived_from<metrics::PairMetric> M>
  NamedMetric(std::string called, M metric)
      : name(std::move(called)), make([m = std::move(metric)] {
          auto copy = std::make_unique<M>(m);
          copy->reset();
          return copy;
        }) {}

  std::string name;                                            ///< as in History
  std::function<std::unique_ptr<metrics::PairMetric>()> make;  ///< a copy that has seen nothing
};

/// What fit takes by name.
struct FitOptions {
  /// The mean loss of a batch, from what the model makes of its data, and its target:
  /// `[](const Tensor& y, const Tensor& target) { return cross_entropy(y, target); }`.
  std::function<Tensor(const Tensor& output, const Tensor& target)> loss;
  int64_t epochs = 1;      ///< of the training as a whole
  Loader validation = {};  ///< what to evaluate after each epoch
  /// Of training and validation: each is one number. Names are those of no other number, as "lr".
  std::vector<NamedMetric> metrics = {};
  optim::LRScheduler* scheduler = nullptr;      ///< stepped after each epoch, or
  bool schedule_steps = false;                  ///< after each step of the optimizer
  optim::ReduceLROnPlateau* plateau = nullptr;  ///< stepped by "val_loss", or "loss" without
  std::optional<double> clip_grad_norm = {};    ///< the norm of all gradients is at most that
  std::optional<double> clip_grad_value = {};   ///< no element of a gradient is beyond that
  int64_t accumulate = 1;    ///< batches that make up a step: as one, if losses are means
  bool autocast = false;     ///< model and loss in bfloat16, where that is faster
  Callbacks callbacks = {};  ///< in this order
  /// A file that holds all that it takes to go on, written after each epoch, before its validation
  /// and callbacks, every so many steps and where Ctrl-C ends the training. Where it is there at
  /// the beginning, training goes on from it, with as many batches and samples and the same
  /// metrics.
  std::string save_to = {};
  int64_t save_every = 0;  ///< steps; 0: only after epochs
  /// Ctrl-C and SIGTERM end the training after the step or the batch of validation of now. A
  /// validation that was cut short is made anew when training goes on.
  bool handle_signals = true;
  bool show_progress = true;      ///< by Progress, a line for each epoch, and one of Ctrl-C
  ProgressOptions progress = {};  ///< how
};

namespace detail {
/// How the model is called.
using Forward = std::function<Tensor(const Tensor& data)>;
History fit(nn::Module& model, const Forward& forward, const Loader& loader,
            optim::Optimizer& optimizer, const FitOptions& options);
}  // namespace detail

/// Trains a model: for each batch the loss, its gradients and a step, in epochs, with what the
/// options ask for. It is no more than the loop that one would write, and can be killed at any
/// moment and gone on with by the same call, to the same result:
///
///     data::DataLoader loader(train_set, {.batch_size = 64, .shuffle = true, .seed = 1});
///     optim::Adam adam(model.parameters());
///     const training::History history = training::fit(
///         model, loader, adam,
///         {.loss = [](const Tensor& y, const Tensor& t) { return cross_entropy(y, t); },
///          .epochs = 10,
///          .metrics = {{"accuracy", metrics::Accuracy()}},
///          .save_to = "run.state"});
///
/// The mode of the model is set for training and validation, and at the end that of each module is
/// what it was. What is in evaluation mode within a model in training mode, as batch norm that is
/// frozen, stays so. Throws for options that are out of range, before anything is changed.
template <std::derived_from<nn::Module> Model>
History fit(Model& model, const Loader& loader, optim::Optimizer& optimizer,
            const FitOptions& options) {
  static_assert(
      requires(const Tensor& data) {
        { model(data) } -> std::convertible_to<Tensor>;
      },
      "fit calls model(data): the model's forward has to take a Tensor and to return one");
  return detail::fit(
      model, [&model](const Tensor& data) -> Tensor { return model(data); }, loader, optimizer,
      options);
}

}  // namespace rw::training

#pragma GCC visibility pop
