#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/distributed/process_group.h>
#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

/// As what gradients travel.
enum class Compression : uint8_t {
  none,     ///< as they are
  bfloat16  ///< float32 as bfloat16; what that loses is added to the gradient of the next step
};

/// What DistributedDataParallel takes by name.
struct DataParallelOptions {
  Group process_group = {};    ///< the ranks that share the batch; all by default
  double bucket_cap_mb = 25;   ///< 2^20 bytes of gradients that travel together
  double first_bucket_mb = 1;  ///< the same of the bucket that is ready first
  /// Looks, after each forward, which parameters its result does not depend on. Without it, each
  /// backward has to reach all of them.
  bool find_unused_parameters = false;
  bool broadcast_buffers = true;  ///< those of the first rank go to all before each forward
  Compression compression = Compression::none;  ///< of the gradients
  /// In join(): divides sums by the number of all ranks, or else by that of those that are left.
  bool divide_by_initial_world_size = true;
};

namespace detail {

/// What DistributedDataParallel does, whatever the module.
class Reducer {
 public:
  /// Hooks the parameters of a module, and makes all ranks' the same.
  Reducer(nn::Module& module, const DataParallelOptions& options);
  ~Reducer();
  Reducer(const Reducer&) = delete;
  Reducer& operator=(const Reducer&) = delete;

  ///@{
  /// Around each call of the module: before it, and for each tensor that it returns.
  void start_forward();
  void see_result(const Tensor& result);
  ///@}
  ///@{
  /// Whether the next passes exchange gradients.
  void set_sync(bool on);
  bool syncs() const;
  ///@}
  ///@{
  /// Around a loop that may be of another length on each rank.
  void start_join();
  void end_join();
  ///@}
  /// The names of the parameters in each bucket, in order.
  std::vector<std::vector<std::string>> buckets() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace detail

/// A module whose gradients are the mean of those of all ranks after each backward, so that
/// optimizers make the same step everywhere:
///
///     Net net;
///     distributed::DistributedDataParallel model(net);
///     optim::SGD sgd(model.parameters(), {.lr = 0.1});
///     loss(model(x), y).backward();  // x: this rank's share of the batch
///     sgd.step();
///
/// Parameters and buffers become those of the first rank. Gradients travel in buckets, in the order
/// in which backward produces them, while it goes on; the last one of them to come waits for all.
/// The module has to stay where it is, and frozen parameters frozen. States are the module's own:
/// files have no other names than those of one process.
template <class M>
class DistributedDataParallel {
 public:
  /// Called by all ranks of the group. Throws Error where their modules have other parameters.
  explicit DistributedDataParallel(M& module, const DataParallelOptions& options = {})
      : module_(&module), reducer_(module, options) {}

  /// Calls the module. Throws Error where the last backward has left parameters without a gradient,
  /// unless find_unused_parameters.
  template <class... A>
  auto operator()(A&&... args) {
    reducer_.start_forward();
    auto result = (*module_)(std::forward<A>(args)...);
    nn::detail::for_each_tensor(result, [&](const Tensor& t) { reducer_.see_result(t); });
    return result;
  }

  /// The module.
  M& module() const { return *module_; }
  ///@{
  /// Those of the module.
  std::vector<Tensor> parameters() const { return module_->parameters(); }
  NamedTensors named_parameters() const { return module_->named_parameters(); }
  StateDict state_dict() const { return module_->state_dict(); }
  nn::LoadReport load_state_dict(const StateDict& state, bool strict = true) {
    return module_->load_state_dict(state, strict);
  }
  void zero_grad() const { module_->zero_grad(); }
  ///@}
  ///@{
  /// Puts the module into training or evaluation mode.
  DistributedDataParallel& train(bool on = true) { return module_->train(on), *this; }
  DistributedDataParallel& eval() { return train(false); }
  ///@}

  /// Until its end, forward and backward exchange nothing: gradients of several batches add up, and
  /// those of the first pass after it are exchanged with them.
  class NoSync {
   public:
    /// See no_sync().
    explicit NoSync(detail::Reducer& r) : reducer_(r), before_(r.syncs()) { r.set_sync(false); }
    ~NoSync() { reducer_.set_sync(before_); }
    NoSync(const NoSync&) = delete;
    NoSync& operator=(const NoSync&) = delete;

   private:
    detail::Reducer& reducer_;
    bool before_;
  };
  /// `const auto guard = model.no_sync();`
  [[nodiscard]] NoSync no_sync() { return NoSync(reducer_); }

  /// Runs a loop that may be of another length on each rank: those who are done take part in the
  /// exchanges of the others, with gradients of zero. At the end all have the parameters and
  /// buffers of a rank that has done most steps.
  template <class F>
  void join(F&& loop) {
    reducer_.start_join();
    loop();
    reducer_.end_join();
  }

  /// The names of the parameters in each bucket, in order; buckets are made anew after the first
  /// step, by the order in which gradients came.
  std::vector<std::vector<std::string>> buckets() const { return reducer_.buckets(); }

 private:
  M* module_;
  detail::Reducer reducer_;
};

}  // namespace rw::distributed

#pragma GCC visibility pop
