#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// Parameters that are updated with the same options.
template <class Options>
struct ParamGroup {
  std::vector<Tensor> params;
  Options options = {};
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

 private:
  std::vector<Tensor> all_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
