#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

// What PyTorch has in torch.nn.utils for gradients and parameters as a whole.

namespace rw::nn::utils {

/// The norm of all tensors together, as of one long vector; of power `norm_type`, which may be
/// infinity; 0 of none. Undefined tensors are passed over. Each tensor's norm is taken in float32
/// at least, and theirs in float64. Throws, where it is asked to, for a norm that is NaN or
/// infinite.
double get_total_norm(const std::vector<Tensor>& tensors, double norm_type = 2,
                      bool error_if_nonfinite = false);

/// Scales the gradients of the parameters, where there are any, such that their norm together is at
/// most `max_norm`; returns the norm that they had. Where that is infinite or NaN, the gradients
/// become 0 and NaN, or NaN, or, where it is asked to, this throws and leaves them as they are.
/// Throws for a max_norm that is negative or NaN.
double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, double norm_type = 2,
                       bool error_if_nonfinite = false);
/// The same for a norm that is known, as that of the gradients of several machines.
void clip_grads_with_norm_(const std::vector<Tensor>& parameters, double max_norm,
                           double total_norm);
/// Limits each element of the gradients to [-clip_value, clip_value]. Throws for a clip_value that
/// is negative or NaN.
void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value);
///@{
/// The same for one tensor's gradient.
inline double clip_grad_norm_(const Tensor& parameter, double max_norm, double norm_type = 2,
                              bool error_if_nonfinite = false) {
  return clip_grad_norm_(std::vector<Tensor>{parameter}, max_norm, norm_type, error_if_nonfinite);
}
inline void clip_grad_value_(const Tensor& parameter, double clip_value) {
  clip_grad_value_(std::vector<Tensor>{parameter}, clip_value);
}
///@}

/// All elements of the parameters, one after another, as one vector on the tape. Throws where there
/// are none, or dtypes differ.
Tensor parameters_to_vector(const std::vector<Tensor>& parameters);
/// Copies such a vector's elements into the parameters, off the tape, in their dtypes. Throws, and
/// changes nothing, where it is not a vector of as many elements as they have together.
void vector_to_parameters(const Tensor& vector, const std::vector<Tensor>& parameters);

}  // namespace rw::nn::utils

#pragma GCC visibility pop
