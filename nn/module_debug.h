#pragma once

#include <rewind/autograd/debug.h>
#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

///@{
/// rw::unused_parameters and rw::grad_report of all parameters of a module.
inline std::vector<std::string> unused_parameters(const Tensor& loss, const Module& module) {
  return rw::unused_parameters(loss, module.named_parameters());
}
inline GradReport grad_report(const Module& module) {
  return rw::grad_report(module.named_parameters());
}
///@}

}  // namespace rw::nn

#pragma GCC visibility pop
