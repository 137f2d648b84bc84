#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/size.h>

namespace rw::kernels {

// The transforms of Winograd's F(4x4, 3x3), on the calling thread. See winograd.h.

constexpr int64_t winograd_tile = 4;       // results of a tile, each way
constexpr int64_t winograd_window = 6;     // pixels that they depend on
constexpr int64_t winograd_products = 36;  // of which they are made

/// Images [n, h, w] of pixels with `channels` adjacent values each, `pixel` elements apart, cut
/// into tiles, rows by columns of them: tile (i, j) begins at the pixel (4 i - offset.h(), 4 j -
/// offset.w()) and may hang over the border.
template <class T>
struct TiledImages {
  T* data;
  int64_t h, w, pixel, channels;
  Size2 offset;
  int64_t rows, columns;
  // Of results: what they are added to, which lies as they do, or null; and whether negative ones
  // become zero then.
  const T* add = nullptr;
  bool relu = false;

  int64_t tiles(int64_t n) const { return n * rows * columns; }
  /// How far into the images a tile begins, but for the offset.
  int64_t begin(int64_t tile) const {
    const int64_t image = tile / (rows * columns), row = tile / columns % rows;
    return ((image * h + row * winograd_tile) * w + tile % columns * winograd_tile) * pixel;
  }
  /// `count` channels from `first` on.
  TiledImages narrow(int64_t first, int64_t count) const {
    TiledImages part = *this;
    part.data += first;
    if (add) part.add += first;
    part.channels = count;
    return part;
  }
};

/// What was transformed: 36 matrices, `matrix` elements apart, of one row for each tile and one
/// column for each channel. `row` leads from row to row.
struct Spectrum {
  float* data;
  int64_t matrix, row;

  Spectrum from(int64_t i, int64_t j) const { return {data + i * row + j, matrix, row}; }
  float* product(int64_t p) const { return data + p * matrix; }
};

/// Filters [out, in, 3, 3] by their strides, which may be negative.
struct Filters {
  const float* data;
  int64_t out, in;
  int64_t out_stride, in_stride;
  Size2 stride;

  /// `out_count` filters from i on, of which `in_count` channels from j on.
  Filters part(int64_t i, int64_t out_count, int64_t j, int64_t in_count) const {
    return {
        data + i * out_stride + j * in_stride, out_count, in_count, out_stride, in_stride, stride};
  }
};

/// Windows of 6 x 6 pixels, zero beyond the border: B' x B for `count` tiles from `first` on. Those
/// that are uneven (see winograd_even-inl.h) are marked and become zero.
void transform_windows(const TiledImages<const float>& x, int64_t first, int64_t count,
                       uint8_t* uneven, const Spectrum& to);
void transform_windows(const TiledImages<const BFloat16>& x, int64_t first, int64_t count,
                       uint8_t* uneven, const Spectrum& to);
/// The same in two steps, where channels are transformed in parts.
void find_uneven_windows(const TiledImages<const float>& x, int64_t first, int64_t count,
                         uint8_t* uneven);
void find_uneven_windows(const TiledImages<const BFloat16>& x, int64_t first, int64_t count,
                         uint8_t* uneven);
void transform_even_windows(const TiledImages<const float>& x, int64_t first, int64_t count,
                            const uint8_t* uneven, const Spectrum& to);
void transform_even_windows(const TiledImages<const BFloat16>& x, int64_t first, int64_t count,
                            const uint8_t* uneven, const Spectrum& to);
/// Tiles of 4 x 4 results: A' m A + bias, which may be null, and what TiledImages tells of results.
void transform_results(const Spectrum& from, const float* bias, int64_t first, int64_t count,
                       const TiledImages<float>& y);
void transform_results(const Spectrum& from, const float* bias, int64_t first, int64_t count,
                       const TiledImages<BFloat16>& y);
/// The adjoint of transform_results, A g A', for even tiles in the same way.
void transform_result_gradients(const TiledImages<const float>& g, int64_t first, int64_t count,
                                uint8_t* uneven, const Spectrum& to);
void transform_result_gradients(const TiledImages<const BFloat16>& g, int64_t first, int64_t count,
                                uint8_t* uneven, const Spectrum& to);
/// G w G': one row for each input channel, one column for each filter.
void transform_filters(const Filters& w, const Spectrum& to);
/// The adjoint for one filter, of which there is one column for each of `in` input channels: G' u
/// G, u summed over `parts` spectra that are `part` elements apart. To [in, 3, 3], or added to it.
void transform_filter_gradient(const Spectrum& from, int64_t parts, int64_t part, int64_t in,
                               bool add, float* dw);

}  // namespace rw::kernels
