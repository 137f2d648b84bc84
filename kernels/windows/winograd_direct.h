#pragma once

#include <cstdint>

#include <rewind/kernels/windows/winograd_tiles.h>

namespace rw::kernels {

// What belongs to marked tiles, as sums over their windows: every result depends on the pixels of
// its own window alone.

/// The results of those of `count` tiles from `first` on that are marked.
template <class T>
void direct_results(const TiledImages<const T>& x, const Filters& w, const float* bias,
                    int64_t first, int64_t count, const uint8_t* marked, const TiledImages<T>& y);

/// Adds the share of the marked of `tiles` tiles to the gradient of filters, [filters, channels, 3,
/// 3], of which each filter begins `filter` elements after the one before.
template <class T>
void add_direct_filter_gradient(const TiledImages<const T>& x, const TiledImages<const T>& g,
                                int64_t tiles, const uint8_t* marked, float* dw, int64_t filter);

}  // namespace rw::kernels
