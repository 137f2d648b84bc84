#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// The least and the greatest of some keys.
struct KeyRange {
  uint64_t least, most;
};

/// keys[i] = sort_key(x[i]) of n > 0 values, and their range.
KeyRange take_keys(DType dtype, const void* x, int64_t n, void* keys);

}  // namespace rw::kernels
