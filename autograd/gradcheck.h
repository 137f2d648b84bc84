#pragma once

#include <functional>
#include <string>

#include <rewind/autograd/autograd.h>

namespace rw {

struct GradcheckOptions {
  double eps = 1e-6;   ///< step, scaled by max(1, |x|)
  double atol = 1e-7;  ///< absolute tolerance
  double rtol = 1e-5;  ///< relative tolerance
};

/// The outcome of a gradient check; true when all elements agree. `message` reports the worst one:
/// output, input, index, analytic and numeric value.
struct GradcheckResult {
  bool ok = true;
  std::string message;
  explicit operator bool() const { return ok; }
};

using TensorFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

/// Compares backward() of `f` with central differences at `inputs` (float64; those that require a
/// gradient are checked). f must be deterministic and must not change its inputs.
GradcheckResult gradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});
/// The same for the gradients themselves: checks second derivatives.
GradcheckResult gradgradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options = {});

/// For functions of several tensors with one result, and for functions of one tensor.
using OneResultFunction = std::function<Tensor(const std::vector<Tensor>&)>;
GradcheckResult gradcheck(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});
GradcheckResult gradgradcheck(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options = {});
GradcheckResult gradcheck(const std::function<Tensor(const Tensor&)>& f, const Tensor& input,
                          const GradcheckOptions& options = {});
GradcheckResult gradgradcheck(const std::function<Tensor(const Tensor&)>& f, const Tensor& input,
                              const GradcheckOptions& options = {});

}  // namespace rw
