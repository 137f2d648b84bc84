#include <rewind/kernels/matmul/tiles.h>

#include <algorithm>
#include <cassert>

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#define REWIND_TILES 1
#endif

namespace rw::kernels {

#ifdef REWIND_TILES

#define REWIND_WITH_TILES __attribute__((target("amx-tile,amx-bf16")))

namespace {

struct alignas(64) Configuration {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

bool ask_for_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned needed = 1u << 22 | 1u << 24;  // AMX-BF16 and AMX-TILE
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & needed) != needed) return false;
  // Linux keeps the tiles of a process only after it has asked for that.
  constexpr long request = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request, tile_data) == 0;
}

REWIND_WITH_TILES void configure() {
  static constexpr Configuration configuration;
  _tile_loadconfig(&configuration);
}
REWIND_WITH_TILES void release() { _tile_release(); }

// `rows` by `columns` tiles of c from tiles of a and b on, in tiles 0 to 3.
template <int rows, int columns>
REWIND_WITH_TILES void multiply_tiles(const TileProduct& p, const BFloat16* a, const BFloat16* b,
                                      float* c, bool add) {
  constexpr int64_t row = tile_depth * static_cast<int64_t>(sizeof(BFloat16));
  const int64_t c_row = p.c_row * static_cast<int64_t>(sizeof(float));
  float* const below = c + tile_side * p.c_row;
  if (add) {
    _tile_loadd(0, c, c_row);
    if constexpr (columns > 1) _tile_loadd(1, c + tile_side, c_row);
    if constexpr (rows > 1) _tile_loadd(2, below, c_row);
    if constexpr (rows > 1 && columns > 1) _tile_loadd(3, below + tile_side, c_row);
  } else {
    _tile_zero(0);
    if constexpr (columns > 1) _tile_zero(1);
    if constexpr (rows > 1) _tile_zero(2);
    if constexpr (rows > 1 && columns > 1) _tile_zero(3);
  }
  for (int64_t k = 0; k < p.k; k += tile_depth, a += tile_numbers, b += tile_numbers) {
    _tile_loadd(4, a, row);
    _tile_loadd(6, b, row);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (columns > 1) {
      _tile_loadd(7, b + p.b.step, row);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (rows > 1) {
      _tile_loadd(5, a + p.a.step, row);
      _tile_dpbf16ps(2, 5, 6);
    }
    if constexpr (rows > 1 && columns > 1) _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, c_row);
  if constexpr (columns > 1) _tile_stored(1, c + tile_side, c_row);
  if constexpr (rows > 1) _tile_stored(2, below, c_row);
  if constexpr (rows > 1 && columns > 1) _tile_stored(3, below + tile_side, c_row);
}

template <int columns>
void multiply_columns(const TileProduct& p, const BFloat16* b, float* c, bool add) {
  const BFloat16* a = p.a.data;
  int64_t i = 0;
  for (; i + 2 * tile_side <= p.m; i += 2 * tile_side, a += 2 * p.a.step)
    multiply_tiles<2, columns>(p, a, b, c + i * p.c_row, add);
  if (i < p.m) multiply_tiles<1, columns>(p, a, b, c + i * p.c_row, add);
}

}  // namespace

bool has_tiles() {
  static const bool has = ask_for_tiles();
  return has;
}

TileUnits::TileUnits() {
  assert(has_tiles());
  configure();
}
TileUnits::~TileUnits() { release(); }

void TileUnits::multiply(const TileProduct& p, bool add) const {
  asm volatile("" ::: "memory");  // GCC does not know that loads of tiles read memory
  const BFloat16* b = p.b.data;
  int64_t j = 0;
  for (; j + 2 * tile_side <= p.n; j += 2 * tile_side, b += 2 * p.b.step)
    multiply_columns<2>(p, b, p.c + j, add);
  if (j < p.n) multiply_columns<1>(p, b, p.c + j, add);
}

#else

bool has_tiles() { return false; }
TileUnits::TileUnits() { assert(false); }
TileUnits::~TileUnits() = default;
void TileUnits::multiply(const TileProduct&, bool) const { assert(false); }

#endif

}  // namespace rw::kernels
