#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/functional.h>

#pragma GCC visibility push(default)

namespace rw {

/// What gradcheck and gradgradcheck take by name.
struct GradcheckOptions {
  double eps = 1e-6;   ///< step, scaled by max(1, |x|)
  double atol = 1e-7;  ///< absolute tolerance
  double rtol = 1e-5;  ///< relative tolerance
  /// For large inputs: checks the derivative along one random direction of each input, in two
  /// evaluations, rather than element by element.
  bool fast_mode = false;
  /// Of functions with several results: whether those without a gradient count as ones with a
  /// gradient of zero.
  bool check_undefined_grad = true;
};

/// The outcome of a gradient check; true when all elements agree. `message` reports the worst one:
/// input, index, analytic and numeric value, and how many elements are wrong. The values are
/// derivatives of the sum of all results, weighed by fixed random numbers; of the result itself
/// where that is one number.
struct GradcheckResult {
  bool ok = true;       ///< whether all elements agree
  std::string message;  ///< the worst element; empty where all is well
  /// Whether all elements agree.
  explicit operator bool() const { return ok; }
};

/// Compares backward() of `f` with central differences at `inputs` (float64; those that require a
/// gradient are checked; they may be views, expanded, or share memory). f must compute by its
/// arguments, not by the tensors that were given for them: an input that shares elements with an
/// earlier one is handed over as a copy. f must be deterministic and must not change its inputs: it
/// is called twice, and backward is run twice and has to give the same digits.
GradcheckResult gradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});
/// The same for the gradients themselves: checks second derivatives.
GradcheckResult gradgradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options = {});

/// A function of several tensors with one result.
using OneResultFunction = std::function<Tensor(const std::vector<Tensor>&)>;
///@{
/// The same for functions of several tensors with one result, and for functions of one tensor.
GradcheckResult gradcheck(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});
GradcheckResult gradgradcheck(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options = {});
GradcheckResult gradcheck(const std::function<Tensor(const Tensor&)>& f, const Tensor& input,
                          const GradcheckOptions& options = {});
GradcheckResult gradgradcheck(const std::function<Tensor(const Tensor&)>& f, const Tensor& input,
                              const GradcheckOptions& options = {});
GradcheckResult gradcheck(const std::function<std::vector<Tensor>(const Tensor&)>& f,
                          const Tensor& input, const GradcheckOptions& options = {});
GradcheckResult gradgradcheck(const std::function<std::vector<Tensor>(const Tensor&)>& f,
                              const Tensor& input, const GradcheckOptions& options = {});
///@}

namespace detail {
/// A function of two to eight tensors.
template <class F>
concept OfSeveralTensors =
    !std::is_invocable_v<const F&, const Tensors&> && !TakesTensors<F, 1> && arity<F>() >= 2;
}  // namespace detail

/// For functions of several tensors one by one, with one result or a vector of them:
/// `gradcheck(f, {x, y})` for `f(x, y)`.
///@{
template <detail::OfSeveralTensors F>
GradcheckResult gradcheck(const F& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {}) {
  return gradcheck(detail::on_lists<detail::Tensors>("gradcheck", f), inputs, options);
}
template <detail::OfSeveralTensors F>
GradcheckResult gradgradcheck(const F& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options = {}) {
  return gradgradcheck(detail::on_lists<detail::Tensors>("gradgradcheck", f), inputs, options);
}
///@}

}  // namespace rw

#pragma GCC visibility pop
