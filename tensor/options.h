#pragma once

#include <optional>

#include <rewind/tensor/dtype.h>

#pragma GCC visibility push(default)

namespace rw {

/// What factories take by name: `zeros({2, 3}, {.dtype = float64, .requires_grad = true})`. The
/// dtype, which may also be given alone, `zeros({2, 3}, float64)`, is each factory's own choice
/// unless set. A gradient of integers is refused with a DTypeError.
struct TensorOptions {
  std::optional<DType> dtype = {};  ///< each factory's own choice, if unset
  bool requires_grad = false;       ///< as by Tensor::requires_grad_
};

}  // namespace rw

#pragma GCC visibility pop
