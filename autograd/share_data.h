#pragma once
// Private to the library's sources.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// The data of `t` under a handle of its own, off the tape: a view in every respect but one,
/// in-place rules do not see it as a view.
Tensor share_data(const Tensor& t);

}  // namespace rw::detail
