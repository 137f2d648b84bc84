#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace rw {

/// How a border is filled: with a constant (zeros in convolution), mirrored about the edge without
/// repeating it (`reflect`), repeating the edge (`replicate`), or from the opposite side
/// (`circular`).
enum class PaddingMode : uint8_t { zeros, reflect, replicate, circular };

}  // namespace rw

#pragma GCC visibility pop
