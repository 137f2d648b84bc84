#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// Products of bfloat16 matrices by a processor's units for tiles (AMX), many times as fast as its
// vectors. Products are summed up in float32.
namespace rw::kernels {

/// Whether processor, system and compiler have such units.
bool has_tiles();

/// A tile is 16 rows of 32 numbers in one piece, and a matrix consists of rows of such tiles, one
/// tile after another. That on the right of a product is turned by pairs of numbers: row p of its
/// tiles has numbers 2p and 2p + 1 of each of 16 columns.
constexpr int64_t tile_side = 16, tile_depth = 32, tile_numbers = tile_side * tile_depth;

struct TiledMatrix {
  const BFloat16* data;
  int64_t step;  ///< from one row of tiles to the next, in numbers
};

/// c = a b, m and n of whole sides and k of whole depths of tiles; rows of c are `c_row` apart.
struct TileProduct {
  int64_t m, n, k;
  TiledMatrix a, b;
  float* c;
  int64_t c_row;
};

/// The calling thread's units, in use as long as this is there. Only where has_tiles().
class TileUnits {
 public:
  TileUnits();
  ~TileUnits();
  TileUnits(const TileUnits&) = delete;
  TileUnits& operator=(const TileUnits&) = delete;

  /// With `add`, the product is added to what is in c.
  void multiply(const TileProduct& p, bool add = false) const;
};

}  // namespace rw::kernels
