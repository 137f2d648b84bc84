#pragma once
// Private to ops: where the gradients of pad go.

#include <vector>

#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// What undoes a padding of zeros.
std::vector<int64_t> negated(std::vector<int64_t> padding);
/// The adjoint of pad by another mode: what a border was copied from gets its gradient added.
Tensor pad_adjoint(const Tensor& g, const std::vector<int64_t>& padding, PaddingMode mode);

}  // namespace rw::detail
