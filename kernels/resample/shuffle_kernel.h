#pragma once

#include <cstddef>
#include <cstdint>

namespace rw::kernels {

/// Images of `channels * factor * factor` channels, [h, w], and of `channels`, [h * factor, w *
/// factor], both dense and of one memory order.
struct PixelShuffle {
  int64_t images, channels, h, w, factor;
  bool channels_last;
};

/// y, of the larger images, from x: channel c factor^2 + i factor + j at (h, w) goes to channel c
/// at (h factor + i, w factor + j). For elements of any `itemsize`.
void pixel_shuffle(size_t itemsize, const PixelShuffle& s, const void* x, void* y);
/// The inverse: y, of more channels, from x.
void pixel_unshuffle(size_t itemsize, const PixelShuffle& s, const void* x, void* y);

}  // namespace rw::kernels
