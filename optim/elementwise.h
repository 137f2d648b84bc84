#pragma once

#include <concepts>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// Base of the optimizers whose rule goes element by element. All parameters are updated in one
/// parallel pass; what is kept of bfloat16 and float16 parameters is float32.
template <class Options>
class ElementwiseOptimizer : public GroupedOptimizer<Options> {
 public:
  using Group = ParamGroup<Options>;  ///< parameters with options of their own

  ///@{
  /// Of floating leaves, each once, as Module::parameters() gives them: with options, with a
  /// learning rate alone, or groups with options of their own. Throws for others, and for options
  /// that are out of range.
  explicit ElementwiseOptimizer(std::vector<Tensor> params, const Options& options = {})
      : ElementwiseOptimizer(std::vector<Group>{{std::move(params), options}}) {}
  ElementwiseOptimizer(std::vector<Tensor> params, std::floating_point auto lr)
      : ElementwiseOptimizer(std::move(params), Options{.lr = static_cast<double>(lr)}) {}
  explicit ElementwiseOptimizer(std::vector<Group> groups);
  ///@}

 private:
  void update() override;
  void check_gradients() const override;
};

}  // namespace rw::optim

#pragma GCC visibility pop
