#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::onednn {

/// Whether oneDNN computes in this type here: float32, and bfloat16 where the processor can.
bool supports(DType dtype);
/// Whether the processor has units for products of bfloat16 matrices (AMX), many times as fast as
/// its vectors.
bool has_amx();

/// What happened over all threads since the start.
struct CacheStats {
  int64_t hits = 0;    ///< primitives found ready-made
  int64_t misses = 0;  ///< primitives made
  int64_t packs = 0;   ///< weights brought into the layout that a primitive asked for
};
CacheStats cache_stats();

}  // namespace rw::onednn
