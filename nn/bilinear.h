#pragma once

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// What Bilinear takes by name.
struct BilinearOptions {
  bool bias = true;  ///< add one
};
/// rw::bilinear of two inputs; weight [out, in1, in2], bias [out], both uniform within 1 /
/// sqrt(in1) at first.
class Bilinear : public ModuleOf<Bilinear> {
 public:
  /// From vectors of `in1_features` and `in2_features` numbers to vectors of `out_features`.
  Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features,
           const BilinearOptions& options = {});
  /// Of shape […, out], for x1 of shape […, in1] and x2 of shape […, in2].
  Tensor forward(const Tensor& x1, const Tensor& x2);
  std::string extra_repr() const override;
  int64_t multiply_adds(std::span<const Tensor> inputs,
                        std::span<const Tensor> results) const override;

  ///@{
  /// What is trained; bias is undefined without one.
  Parameter weight, bias;
  ///@}
};

}  // namespace rw::nn

#pragma GCC visibility pop
