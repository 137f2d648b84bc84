#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// Parameters that are updated with the same options.
template <class Options>
struct ParamGroup {
  std::vector<Tensor> params;  ///< handles to them
  Options options = {};        ///< which may be changed between steps
};

/// Base of the optimizers: reads the gradients of its parameters, never writes them. Parameters may
/// be frozen (`requires_grad_(false)`) or set free before or after they join it: frozen ones stay
/// as they are.
class Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  /// One update of every parameter that has a gradient.
  virtual void step() = 0;
  /// Drops the gradients, so that the next backward starts from none.
  void zero_grad() const {
    for (const Tensor& p : all_)
      if (p.requires_grad()) p.set_grad({});
  }

 protected:
  /// Checks parameters that join the optimizer `name`: floating leaves, each once.
  void join(const char* name, const std::vector<Tensor>& params);
  /// Throws where groups hold others than have joined: `states` has one entry for each.
  template <class Groups, class States>
  void check_groups(const char* name, const Groups& groups, const States& states) const {
    bool same = groups.size() == states.size();
    auto joined = all_.begin();
    for (size_t k = 0; same && k < groups.size(); ++k) {
      same = groups[k].params.size() == states[k].size();
      for (size_t i = 0; same && i < groups[k].params.size(); ++i)
        same = groups[k].params[i].is_same(*joined++);
    }
    if (!same) fail_other_parameters(name);
  }

 private:
  [[noreturn]] static void fail_other_parameters(const char* name);

  std::vector<Tensor> all_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
