#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace rw {

/// How a border is filled.
enum class PaddingMode : uint8_t {
  zeros,      ///< with a constant, 0 in convolution
  reflect,    ///< mirrored about the edge, without repeating it
  replicate,  ///< with the edge, repeated
  circular    ///< from the opposite side
};

}  // namespace rw

#pragma GCC visibility pop
