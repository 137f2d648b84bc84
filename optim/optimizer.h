#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rewind/optim/option_field.h>
#include <rewind/tensor/sparse_rows.h>
#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// Parameters that are updated with the same options.
template <class Options>
struct ParamGroup {
  std::vector<Tensor> params;  ///< handles to them
  Options options = {};        ///< which may be changed between steps
};

/// What an optimizer keeps for each parameter, under PyTorch's names.
struct StateNames {
  std::vector<const char*> tensors = {};  ///< as "exp_avg"
  std::vector<const char*> numbers = {};  ///< as "mu_product"
  bool step = true;                       ///< whether it counts the parameter's steps, as "step"
};

/// What an optimizer remembers of one parameter.
struct ParamState {
  double step = 0;              ///< how many steps it has seen
  std::vector<double> numbers;  ///< in the order of StateNames; empty before the first step
  std::vector<Tensor> tensors;  ///< the same; undefined where there is none (yet)
};

/// Base of the optimizers: reads the gradients of its parameters, never writes them. Parameters may
/// be frozen (`requires_grad_(false)`) or set free before or after they join it: frozen ones, as
/// those without a gradient, stay as they are.
class Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  /// The class, as messages name it.
  const char* name() const { return name_; }
  /// One update of every parameter that has a gradient. Throws, before it changes anything, where
  /// options are out of range, parameters are not those that have joined, or gradients are of rows
  /// (Tensor::sparse_grad) that the rule does not take.
  void step();
  /// Calls `closure`, which computes the loss and its gradients with recording on, then makes a
  /// step; returns the loss.
  virtual Tensor step(const std::function<Tensor()>& closure);
  /// Drops the gradients, so that the next backward starts from none; or makes dense ones zeros.
  void zero_grad(bool set_to_none = true) const;

  /// Those of all groups.
  std::vector<Tensor> parameters() const;
  /// The number of groups of parameters.
  size_t num_groups() const { return joined_.size(); }
  ///@{
  /// The learning rate of a group, and of all groups.
  double lr(size_t group = 0) const;
  void set_lr(double lr);
  void set_lr(double lr, size_t group);
  ///@}

  /// What training goes on from, as tensors under the paths of PyTorch's nested one:
  /// "state.0.exp_avg" of the first parameter, "state.0.step", and of the first group
  /// "param_groups.0.lr", "param_groups.0.betas" and, counted over all groups,
  /// "param_groups.0.params". Numbers are float64, int64 and bool tensors of rank 0, pairs of rank
  /// 1; the others share their memory with the optimizer: take `state_dict().clone()` to keep the
  /// values of now.
  virtual StateDict state_dict() const;
  /// Copies a state in, options included. Throws, and changes nothing, where there are other
  /// groups, shapes or names; options that are not there stay as they are.
  virtual void load_state_dict(const StateDict& state);

  ///@{
  /// The options of a group by their names, for what schedules and stores them.
  virtual std::vector<OptionField> options_of(size_t group) const = 0;
  virtual void set_option(size_t group, const OptionField& option) = 0;
  ///@}
  ///@{
  /// What a group's learning rate was before schedules, which is part of the state; none at first.
  std::optional<double> initial_lr(size_t group) const { return joined_at(group).initial_lr; }
  void set_initial_lr(double lr, size_t group) {
    const_cast<Joined&>(joined_at(group)).initial_lr = lr;
  }
  ///@}

 protected:
  /// `name` is a literal.
  Optimizer(const char* name, StateNames names) : name_(name), names_(std::move(names)) {}

  /// The update, under no_grad and after all checks.
  virtual void update() = 0;
  /// Throws where options of any group are out of range, or groups hold other parameters than have
  /// joined.
  virtual void check_groups() const = 0;
  /// Throws where a parameter's gradient is one of rows. Overridden by what takes these.
  virtual void check_gradients() const;
  ///@{
  /// The learning rate in a group's options.
  virtual double& lr_of(size_t group) = 0;
  virtual const std::vector<Tensor>& params_of(size_t group) const = 0;
  ///@}

  /// The shape of tensor `k` of a parameter's state, where it is not the parameter's own.
  virtual std::optional<Shape> state_shape(size_t k, const Tensor& param) const {
    return (void)k, (void)param, std::nullopt;
  }

  /// Takes in a group after check_joining.
  void join(const std::vector<Tensor>& params);
  /// Throws unless all are floating leaves, dense, each once and none here already.
  void check_joining(const std::vector<Tensor>& params) const;
  /// Throws where a group holds others than have joined, or they don't fit their state any more.
  void check_same(size_t group, const std::vector<Tensor>& params) const;
  /// What is remembered of a parameter.
  ParamState& state(size_t group, size_t i) { return joined_[group].states[i]; }
  /// Tensor `k` of a parameter's state, which begins as `initial`, lies as the parameter does and
  /// has the dtype that it is computed in: float32 for bfloat16 and float16.
  Tensor& state_tensor(ParamState& state, size_t k, const Tensor& param, double initial = 0) const;
  /// The gradient, in the memory order of the parameter; undefined where there is none.
  static Tensor gradient_like(const Tensor& param);

 private:
  struct Joined {
    std::vector<Tensor> params;
    std::vector<ParamState> states;
    std::optional<double> initial_lr = {};
  };
  friend class StateReader;
  const Joined& joined_at(size_t group) const;
  bool has_state_shape(size_t k, const Tensor& t, const Tensor& param) const {
    const std::optional<Shape> own = state_shape(k, param);
    return t.shape() == (own ? *own : param.shape());
  }

  const char* name_;
  StateNames names_;
  std::vector<Joined> joined_;
};

/// Base of optimizers whose parameters come in groups with options, a struct of numbers that has a
/// `double lr` and lists them for files and schedulers:
///
///     struct Options {
///       double lr = 1e-2, alpha = 0.99;
///       template <class F>
///       void each(F&& f) { f("lr", lr), f("alpha", alpha); }
///     };
template <class Options>
class GroupedOptimizer : public Optimizer {
 public:
  /// Parameters with options of their own.
  using Group = ParamGroup<Options>;

  ///@{
  /// To change options as training goes: `sgd.groups()[0].options.lr *= 0.1`.
  std::vector<Group>& groups() { return groups_; }
  const std::vector<Group>& groups() const { return groups_; }        ///< the same
  std::vector<Group>& param_groups() { return groups_; }              ///< by PyTorch's name
  const std::vector<Group>& param_groups() const { return groups_; }  ///< the same
  ///@}
  /// One more group, for the next step. Throws, and changes nothing, where the constructor would.
  void add_param_group(Group group) {
    check_joining(group.params);
    check_group(group);
    groups_.reserve(groups_.size() + 1);
    join(group.params);
    groups_.push_back(std::move(group));
  }
  std::vector<OptionField> options_of(size_t group) const override {  ///< by their names
    std::vector<OptionField> fields;
    Options options = group_at(group).options;
    options.each([&](const char* name, auto& v) { fields.push_back(detail::field(name, v)); });
    return fields;
  }
  void set_option(size_t group, const OptionField& option) override {  ///< by its name
    bool found = false;
    const_cast<Group&>(group_at(group)).options.each([&](const char* name, auto& v) {
      if (option.name == name) detail::assign(option, v), found = true;
    });
    if (!found) detail::fail_unknown_option(this->name(), option);
  }

 protected:
  using Check = void (*)(const Group&);  ///< throws where a group does not do
  /// `check` throws for options that are out of range, or parameters that the rule can't take.
  GroupedOptimizer(const char* name, StateNames names, std::vector<Group> groups,
                   Check check = nullptr)
      : Optimizer(name, std::move(names)), check_(check) {
    if (groups.empty()) detail::fail_without_groups(name);
    for (Group& group : groups) add_param_group(std::move(group));
  }

  /// Calls f(parameter, gradient, state, options) for each parameter that has a gradient. The
  /// state's step is counted before.
  template <class F>
  void for_each_gradient(F&& f) {
    for (size_t k = 0; k < groups_.size(); ++k)
      for (size_t i = 0; i < groups_[k].params.size(); ++i) {
        const Tensor& p = groups_[k].params[i];
        if (const Tensor g = gradient_like(p); g.defined()) {
          ParamState& s = state(k, i);
          ++s.step;
          f(p, g, s, groups_[k].options);
        }
      }
  }

  void check_groups() const override {  ///< before each step
    if (groups_.size() != num_groups()) detail::fail_other_parameters(name());
    for (size_t k = 0; k < groups_.size(); ++k) {
      check_same(k, groups_[k].params);
      check_group(groups_[k]);
    }
  }
  double& lr_of(size_t group) override {  ///< of a group
    return const_cast<Group&>(group_at(group)).options.lr;
  }
  const std::vector<Tensor>& params_of(size_t group) const override {  ///< of a group
    return group_at(group).params;
  }

 private:
  const Group& group_at(size_t group) const {
    if (group >= groups_.size()) detail::fail_group(name(), group, groups_.size());
    return groups_[group];
  }
  void check_group(const Group& group) const {
    if (check_) check_(group);
  }

  std::vector<Group> groups_;
  Check check_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
