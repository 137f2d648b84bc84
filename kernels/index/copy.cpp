#include <rewind/kernels/index/copy.h>

#include <rewind/kernels/index/stage.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <rewind/kernels/loop.h>
#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/index/copy.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <rewind/kernels/simd/transpose-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
constexpr size_t vector_bytes = HWY_MAX_BYTES;

// A square of as many rows as fit elements into `bytes`.
template <class T, size_t bytes>
HWY_INLINE void transpose_square(const T* x, int64_t x_step, T* y, int64_t y_step) {
  constexpr size_t n = block_columns<T>;
  const hn::FixedTag<T, bytes / sizeof(T)> d;
  for (size_t k = 0; k < bytes / 16; ++k, x += n) {
    hn::Vec<decltype(d)> columns[n];
    transpose_columns(d, x, x_step, columns);
    for (size_t i = 0; i < n; ++i, y += y_step) hn::StoreU(columns[i], d, y);
  }
}

#else
constexpr size_t vector_bytes = 16;

template <class T, size_t bytes>
void transpose_square(const T* x, int64_t x_step, T* y, int64_t y_step) {
  for (size_t i = 0; i < bytes / sizeof(T); ++i, x += x_step)
    for (size_t j = 0; j < bytes / sizeof(T); ++j) y[i + j * static_cast<size_t>(y_step)] = x[j];
}
#endif

// Everything by squares; the last ones overlap those before them. There is room for one.
template <class T, size_t bytes>
HWY_INLINE void transpose_squares(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t rows,
                                  int64_t columns) {
  constexpr int64_t n = bytes / sizeof(T);
  const auto square = [&](int64_t i, int64_t j) HWY_ATTR {
    i = std::min(i, rows - n);
    j = std::min(j, columns - n);
    transpose_square<T, bytes>(x + i * x_step + j, x_step, y + j * y_step + i, y_step);
  };
  // Rows that lie far apart, a power of two perhaps, get into each other's way in the cache: of
  // these only a few are touched at a time, each along its cache lines.
  if (x_step > y_step) {
    for (int64_t i = 0; i < rows; i += n)
      for (int64_t j = 0; j < columns; j += n) square(i, j);
  } else {
    for (int64_t j = 0; j < columns; j += n)
      for (int64_t i = 0; i < rows; i += n) square(i, j);
  }
}

// What is too small for the smallest square one by one.
template <class T>
HWY_INLINE void transpose_small(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t rows,
                                int64_t columns) {
  constexpr int64_t n = 16 / sizeof(T);
  if (rows >= n && columns >= n)
    return transpose_squares<T, 16>(x, x_step, y, y_step, rows, columns);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) y[j * y_step + i] = x[i * x_step + j];
}

// By the largest squares, then what is left of the columns and of the rows.
template <class T>
HWY_INLINE void transpose(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t rows,
                          int64_t columns) {
  constexpr int64_t n = vector_bytes / sizeof(T);
  const int64_t whole_rows = rows - rows % n, whole_columns = columns - columns % n;
  transpose_squares<T, vector_bytes>(x, x_step, y, y_step, whole_rows, whole_columns);
  if (whole_columns < columns)
    transpose_small(x + whole_columns, x_step, y + whole_columns * y_step, y_step, whole_rows,
                    columns - whole_columns);
  if (whole_rows < rows)
    transpose_small(x + whole_rows * x_step, x_step, y + whole_rows, y_step, rows - whole_rows,
                    columns);
}

// The lanes from the last to the first. Highway has this for bytes from 1.0.4 on.
template <class D, class V>
HWY_INLINE V reversed(D d, V v) {
  if constexpr (sizeof(hn::TFromD<D>) == 1 && hn::MaxLanes(D()) > 1) {
    const hn::RepartitionToWide<D> pairs;
    const auto r = hn::Reverse(pairs, hn::BitCast(pairs, v));
    return hn::BitCast(d, hn::Or(hn::ShiftLeft<8>(r), hn::ShiftRight<8>(r)));
  } else {
    return hn::Reverse(d, v);
  }
}

// y[i] = x[i * x_step], x_step being 0, 1 or -1, for n elements, at least a vector of them. The
// last vector overlaps the one before.
template <class D, class T>
HWY_INLINE void copy_vectors(D d, const T* x, int64_t x_step, T* y, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (x_step == 0) {
    const auto v = hn::Set(d, *x);
    for (int64_t i = 0; i < n - lanes; i += lanes) hn::StoreU(v, d, y + i);
    hn::StoreU(v, d, y + n - lanes);
  } else if (x_step < 0) {
    const auto backwards = [&](int64_t i) HWY_ATTR {
      hn::StoreU(reversed(d, hn::LoadU(d, x - i - lanes + 1)), d, y + i);
    };
    for (int64_t i = 0; i < n - lanes; i += lanes) backwards(i);
    backwards(n - lanes);
  } else {
    for (int64_t i = 0; i < n - lanes; i += lanes) hn::StoreU(hn::LoadU(d, x + i), d, y + i);
    hn::StoreU(hn::LoadU(d, x + n - lanes), d, y + n - lanes);
  }
}

// `rows` runs of n elements, in the largest vectors that one of them fills.
template <class D, class T>
HWY_INLINE void copy_rows(D d, const T* x, int64_t x_stride, int64_t x_step, T* y, int64_t y_stride,
                          int64_t rows, int64_t n) {
  if constexpr (hn::MaxLanes(d) > 1)
    if (n < static_cast<int64_t>(hn::Lanes(d)))
      return copy_rows(hn::Half<D>(), x, x_stride, x_step, y, y_stride, rows, n);
  for (int64_t r = 0; r < rows; ++r, x += x_stride, y += y_stride) copy_vectors(d, x, x_step, y, n);
}

// By whole cache lines.
void StreamRun(const char* from, size_t bytes, char* to) {
  constexpr size_t line = 64;
  const hn::CappedTag<uint8_t, line> d;
  const size_t head = std::min(bytes, (line - reinterpret_cast<uintptr_t>(to) % line) % line);
  std::memcpy(to, from, head);
  const size_t whole = head + (bytes - head) / line * line;
  for (size_t i = head; i < whole; i += hn::Lanes(d))
    hn::Stream(hn::LoadU(d, reinterpret_cast<const uint8_t*>(from + i)), d,
               reinterpret_cast<uint8_t*>(to + i));
  std::memcpy(to + whole, from + whole, bytes - whole);
}

#define REWIND_TRANSPOSE(T)                                                               \
  void Transpose_##T(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t rows,      \
                     int64_t columns) {                                                   \
    transpose(x, x_step, y, y_step, rows, columns);                                       \
  }                                                                                       \
  void CopyRows_##T(const T* x, int64_t x_stride, int64_t x_step, T* y, int64_t y_stride, \
                    int64_t rows, int64_t n) {                                            \
    copy_rows(hn::ScalableTag<T>(), x, x_stride, x_step, y, y_stride, rows, n);           \
  }
REWIND_TRANSPOSE(uint8_t)
REWIND_TRANSPOSE(uint16_t)
REWIND_TRANSPOSE(uint32_t)
REWIND_TRANSPOSE(uint64_t)
#undef REWIND_TRANSPOSE

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(StreamRun);
HWY_EXPORT(Transpose_uint8_t);
HWY_EXPORT(Transpose_uint16_t);
HWY_EXPORT(Transpose_uint32_t);
HWY_EXPORT(Transpose_uint64_t);
HWY_EXPORT(CopyRows_uint8_t);
HWY_EXPORT(CopyRows_uint16_t);
HWY_EXPORT(CopyRows_uint32_t);
HWY_EXPORT(CopyRows_uint64_t);

namespace {

// y[j][i] = x[i][j]; x lies evenly along j, y along i.
template <class T>
void transpose_tile(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t rows,
                    int64_t columns) {
  if constexpr (sizeof(T) == 1)
    HWY_DYNAMIC_DISPATCH(Transpose_uint8_t)(x, x_step, y, y_step, rows, columns);
  else if constexpr (sizeof(T) == 2)
    HWY_DYNAMIC_DISPATCH(Transpose_uint16_t)(x, x_step, y, y_step, rows, columns);
  else if constexpr (sizeof(T) == 4)
    HWY_DYNAMIC_DISPATCH(Transpose_uint32_t)(x, x_step, y, y_step, rows, columns);
  else
    HWY_DYNAMIC_DISPATCH(Transpose_uint64_t)(x, x_step, y, y_step, rows, columns);
}

template <class T>
void copy_rows(const T* x, int64_t x_stride, int64_t x_step, T* y, int64_t y_stride, int64_t rows,
               int64_t n) {
  if constexpr (sizeof(T) == 1)
    HWY_DYNAMIC_DISPATCH(CopyRows_uint8_t)(x, x_stride, x_step, y, y_stride, rows, n);
  else if constexpr (sizeof(T) == 2)
    HWY_DYNAMIC_DISPATCH(CopyRows_uint16_t)(x, x_stride, x_step, y, y_stride, rows, n);
  else if constexpr (sizeof(T) == 4)
    HWY_DYNAMIC_DISPATCH(CopyRows_uint32_t)(x, x_stride, x_step, y, y_stride, rows, n);
  else
    HWY_DYNAMIC_DISPATCH(CopyRows_uint64_t)(x, x_stride, x_step, y, y_stride, rows, n);
}

int64_t tiles_of(int64_t n, int64_t tile) { return (n + tile - 1) / tile; }

// y lies evenly along the innermost dimension, x along dimension `across`: both are read and
// written by whole cache lines when the copy goes tile by tile. Of rows that lie far apart there
// are few in a tile: each is a stream of its own to the machine, which follows some of them only.
template <class T>
void copy_transposed(const Loop<2>& loop, int across, const T* x, T* y) {
  constexpr int64_t line = 64 / sizeof(T), stretch = 64;
  constexpr int64_t grain = (1 << 15) / (line * stretch);
  const int inner = loop.rank() - 1;
  const bool far_in_x = loop.stride(0, inner) > loop.stride(1, across);
  const int64_t tile_rows = far_in_x ? line : stretch, tile_columns = far_in_x ? stretch : line;
  const int64_t rows = loop.size(inner), columns = loop.size(across);
  const int64_t row_tiles = tiles_of(rows, tile_rows);
  const int64_t column_tiles = tiles_of(columns, tile_columns);
  const int64_t outer = loop.numel() / (rows * columns);
  parallel_for(0, outer * row_tiles * column_tiles, grain, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t j = at % column_tiles * tile_columns;
      const int64_t i = at / column_tiles % row_tiles * tile_rows;
      int64_t rest = at / (column_tiles * row_tiles);
      int64_t from = i * loop.stride(0, inner) + j;
      int64_t to = i + j * loop.stride(1, across);
      for (int d = inner - 1; d >= 0; --d) {
        if (d == across) continue;
        from += rest % loop.size(d) * loop.stride(0, d);
        to += rest % loop.size(d) * loop.stride(1, d);
        rest /= loop.size(d);
      }
      transpose_tile(x + from, loop.stride(0, inner), y + to, loop.stride(1, across),
                     std::min(tile_rows, rows - i), std::min(tile_columns, columns - j));
    }
  });
}

// The dimension along which x lies evenly, when that is not the innermost one; otherwise -1.
int transposed_dim(const Loop<2>& loop) {
  const int inner = loop.rank() - 1;
  if (inner < 1 || loop.stride(1, inner) != 1 || loop.stride(0, inner) <= 1) return -1;
  for (int d = inner - 1; d >= 0; --d)
    if (loop.stride(0, d) == 1) return d;
  return -1;
}

// Whether y lies evenly along the innermost dimension, and x as well, backwards, or not at all.
bool goes_evenly(const Loop<2>& loop) {
  const int inner = loop.rank() - 1;
  return inner >= 0 && loop.stride(1, inner) == 1 && std::abs(loop.stride(0, inner)) <= 1;
}

// Whether y is made of short rows, each of which is one in x, either way round, or a single
// element. The overhead of a call for each would count.
bool has_short_rows(const Loop<2>& loop, size_t itemsize) {
  constexpr int64_t short_row = 512;  // bytes
  const int inner = loop.rank() - 1;
  return inner >= 1 && goes_evenly(loop) &&
         loop.size(inner) * static_cast<int64_t>(itemsize) <= short_row;
}

template <class T>
void copy_short_rows(const Loop<2>& loop, const T* x, T* y) {
  const int inner = loop.rank() - 1, down = inner - 1;
  const int64_t n = loop.size(inner), rows = loop.size(down);
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / n);
  parallel_for(0, loop.numel() / n, grain, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t r = begin % rows, count = std::min(rows - r, end - begin);
      int64_t from = r * loop.stride(0, down), to = r * loop.stride(1, down);
      int64_t rest = begin / rows;
      for (int d = down - 1; d >= 0; --d) {
        from += rest % loop.size(d) * loop.stride(0, d);
        to += rest % loop.size(d) * loop.stride(1, d);
        rest /= loop.size(d);
      }
      copy_rows(x + from, loop.stride(0, down), loop.stride(0, inner), y + to, loop.stride(1, down),
                count, n);
      begin += count;
    }
  });
}

template <class T>
void copy_streamed(const Loop<2>& loop, const T* x, T* y) {
  parallel_for(0, loop.numel(), 1 << 15, [&](int64_t begin, int64_t end) {
    loop.for_each_run(begin, end, [&](auto offset, int64_t n, auto) {
      stream_run(reinterpret_cast<const char*>(x + offset[0]), static_cast<size_t>(n) * sizeof(T),
                 reinterpret_cast<char*>(y + offset[1]));
    });
    finish_streams();
  });
}

template <class T>
void copy_as(const Shape& shape, const Operand& x, const Operand& y) {
  const auto* from = static_cast<const T*>(x.data);
  auto* to = static_cast<T*>(y.data);
  const Loop<2> loop(shape, {{&x.strides, &y.strides}});
  if (loop.numel() == 0) return;
  if (const int across = transposed_dim(loop); across >= 0)
    return copy_transposed(loop, across, from, to);
  if (has_short_rows(loop, sizeof(T))) return copy_short_rows(loop, from, to);
  const int inner = loop.rank() - 1;
  if (static_cast<size_t>(loop.numel()) * sizeof(T) >= streaming_bytes &&
      loop.stride(0, inner) == 1 && loop.stride(1, inner) == 1)
    return copy_streamed(loop, from, to);
  loop.run([&](auto offset, int64_t n, auto step) {
    if (step[0] <= 0 && goes_evenly(loop))
      return copy_rows(from + offset[0], 0, step[0], to + offset[1], 0, 1, n);
    copy_run(from + offset[0], step[0], to + offset[1], step[1], n);
  });
}

}  // namespace

void copy_bytes(size_t itemsize, const Shape& shape, const Operand& x, const Operand& y) {
  by_itemsize(itemsize, [&]<class T>() { copy_as<T>(shape, x, y); });
}

void transpose_tile(size_t itemsize, const char* x, int64_t x_step, char* y, int64_t y_step,
                    int64_t rows, int64_t columns) {
  by_itemsize(itemsize, [&]<class T>() {
    transpose_tile(reinterpret_cast<const T*>(x), x_step, reinterpret_cast<T*>(y), y_step, rows,
                   columns);
  });
}

void stream_run(const char* from, size_t bytes, char* to) {
  HWY_DYNAMIC_DISPATCH(StreamRun)(from, bytes, to);
}

void finish_streams() { hwy::FlushStream(); }

}  // namespace rw::kernels
#endif
