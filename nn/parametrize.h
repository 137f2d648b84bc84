#pragma once

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

// Parameters that a layer computes from others, at each call. That of a layer under the name
// "weight", say, leaves its place in parameters() and state_dict() to its originals, which stand
// there as "parametrizations.weight.original", or "….original0", "….original1" where there are
// several; parametrizations that have a state of their own follow as "parametrizations.weight.0.…".

namespace rw::nn::utils::parametrize {

/// A parametrization that says more than how a tensor is computed from one original, for which any
/// module will do.
class Parametrization : public Module {
 public:
  /// The tensor. Unless overridden, `forward` of the one original.
  virtual Tensor compute(std::span<const Tensor> originals);
  /// Originals that give `value`: those to start from, and what assigning to the tensor leads to.
  /// Unless overridden there are none: it then starts from the tensor that is there, as the
  /// original, and can't be assigned.
  virtual std::vector<Tensor> right_inverse(const Tensor& value);
};

/// What register_parametrization takes by name.
struct ParametrizationOptions {
  bool unsafe = false;  ///< whether the tensor may get another shape or dtype than it had
};

/// Lets `parametrization` compute the parameter or buffer `name` of a module from then on, in each
/// call of the module; the next one of the same name computes it from what the one before gives.
///
///     struct Symmetric : nn::Module {
///       Tensor forward(const Tensor& x) override { return x.triu() + x.triu(1).t(); }
///     };
///     nn::utils::parametrize::register_parametrization(layer, "weight", Symmetric());
///
/// The member `layer.weight` holds what the last call has computed, which `refresh` brings up to
/// date; load_state_dict, copy_state and `to` do that too, off the tape and without what a
/// parametrization does in training mode. A single original is the parameter that was there, which
/// optimizers go on to train; several are new ones. Throws, and changes nothing, where there is no
/// such tensor, where it gets another shape or dtype, and where a parametrization of several
/// originals is not the first.
Module& register_parametrization(Module& module, const std::string& name,
                                 std::shared_ptr<Module> parametrization,
                                 const ParametrizationOptions& options = {});
/// The same for a module, which is moved in, or a function of one tensor.
template <class P>
requires std::is_base_of_v<Module, P> || std::is_invocable_r_v<Tensor, P&, const Tensor&> Module&
register_parametrization(Module& module, const std::string& name, P parametrization,
                         const ParametrizationOptions& options = {}) {
  if constexpr (std::is_base_of_v<Module, P>)
    return register_parametrization(
        module, name, std::shared_ptr<Module>(std::make_shared<P>(std::move(parametrization))),
        options);
  else
    return register_parametrization(module, name, Lambda(std::move(parametrization)), options);
}

/// Makes the tensor a parameter or buffer of the module again: of its value of now, or, unless
/// `leave_parametrized`, of its only original. Throws where it is not parametrized, and where there
/// are several originals to leave.
Module& remove_parametrizations(Module& module, const std::string& name,
                                bool leave_parametrized = true);

///@{
/// Whether the tensor of this name, or any, is computed by a parametrization.
bool is_parametrized(const Module& module);
bool is_parametrized(const Module& module, const std::string& name);
///@}

/// Computes what is parametrized in a module and those below it, for those who read such members
/// outside of calls, after a step of an optimizer say. What a parametrization does in training
/// mode, as spectral_norm does, it does here too.
void refresh(Module& module);

}  // namespace rw::nn::utils::parametrize

#pragma GCC visibility pop
