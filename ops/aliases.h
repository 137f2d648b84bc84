#pragma once
// PyTorch's other names of functions; as members, Tensor has them itself.

#include <utility>

#include <rewind/ops/arithmetic.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/special.h>

namespace rw {

/// The function of the second name, in all its forms.
#define REWIND_ALIAS(alias, function)       \
  template <class... A>                     \
  Tensor alias(A&&... a) {                  \
    return function(std::forward<A>(a)...); \
  }
REWIND_ALIASES(REWIND_ALIAS)  // absolute, …
#undef REWIND_ALIAS

}  // namespace rw
