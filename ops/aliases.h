#pragma once
// PyTorch's other names of functions, which Tensor has as members itself, and libtorch's of types.

#include <utility>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/arithmetic.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/special.h>

#pragma GCC visibility push(default)

namespace rw {

#define REWIND_ALIAS(alias, function)       \
  template <class... A>                     \
  Tensor alias(A&&... a) {                  \
    return function(std::forward<A>(a)...); \
  }
/// The function of the second name, in all its forms.
REWIND_ALIASES(REWIND_ALIAS)  // absolute, …
#undef REWIND_ALIAS

///@{
/// libtorch's name of a dtype.
inline constexpr DType kBool = boolean, kByte = uint8, kUInt8 = uint8, kChar = int8, kInt8 = int8;
inline constexpr DType kShort = int16, kInt16 = int16, kInt = int32, kInt32 = int32;
inline constexpr DType kLong = int64, kInt64 = int64, kHalf = float16, kFloat16 = float16;
inline constexpr DType kBFloat16 = bfloat16, kFloat = float32, kFloat32 = float32;
inline constexpr DType kDouble = float64, kFloat64 = float64;
///@}
using NoGradGuard = no_grad;  ///< libtorch's name
namespace autograd {
using rw::grad;
}

}  // namespace rw

#pragma GCC visibility pop
