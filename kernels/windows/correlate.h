#pragma once

#include <cstdint>

namespace rw::kernels {

// Windows that slide by one over float32 planes, in vectors along the rows, on the calling thread.

/// Results that are computed together: the widest vector.
constexpr int64_t correlate_block = 16;

/// Planes with zeros around them, `plane` elements apart, whose rows are `row` elements apart. At
/// every window there is room for a whole block. Rows before `begin` and from `end` on are zero.
struct PaddedPlanes {
  const float* data;
  int64_t plane, row;
  int64_t begin, end;
};

/// y[i][j] takes kh x kw elements of a padded plane from (i, j) on. Rows [begin, end) of y are
/// wanted.
struct Windows {
  int64_t oh, ow, kh, kw;
  int64_t begin, end;
};

/// Copies the rows of a plane to rows that are `row` elements apart.
void copy_plane(const float* x, int64_t h, int64_t w, float* y, int64_t row);

/// One plane of results from one: y = x * w + bias.
void correlate(const Windows& s, const PaddedPlanes& x, const float* w, float bias, float* y);

/// Whether correlate_planes takes windows of this size.
bool correlate_planes_takes(int64_t kh, int64_t kw);
/// `filters` adjacent planes of results, each a sum over `channels` planes: y[f] = sum of x[c] *
/// w[f][c] + bias[f]. The weight is row-major; the bias may be null.
void correlate_planes(const Windows& s, const PaddedPlanes& x, int64_t channels, const float* w,
                      const float* bias, int64_t filters, float* y);

/// Filters whose elements lie side by side: weight [channels, kh, kw, row], bias [row]. A row holds
/// the filters and zeros up to a multiple of two blocks.
struct PixelFilters {
  const float* weight;
  const float* bias;
  int64_t channels, filters, row;
};
/// y[i][j][f], with the results of a pixel side by side, a sum over the channels.
void correlate_pixels(const Windows& s, const PaddedPlanes& x, const PixelFilters& w, float* y);

/// Adds the sum of x[i + a][j + b] * g[i][j] over those rows of a plane to block (a, b): its
/// numbers have to be added up in the end. x is padded, g is not. Unless `strictly`, what x holds
/// right of the last window's elements is multiplied by zero and added, which is faster, but shows
/// where it is not finite.
void correlate_with(const Windows& s, const PaddedPlanes& x, const float* g, bool strictly,
                    float* blocks);
/// Adds the sum of each block to a total, and makes the block zero.
void add_blocks(float* blocks, int64_t count, double* totals);

}  // namespace rw::kernels
