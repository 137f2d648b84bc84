#include <rewind/kernels/matmul/gemm_block.h>

#include <algorithm>
#include <utility>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/matmul/gemm_block.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/transpose-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Tag<T>>;

template <class T>
constexpr int64_t lanes = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
// A tile of c is held in registers: this many rows and two vectors of columns.
constexpr int tile_rows = HWY_MAX_BYTES >= 64 ? 8 : 4;
template <class T>
constexpr int64_t tile_columns = 2 * lanes<T>;
// The part of the inner dimension whose share of b (32 KB with AVX-512) fits the first-level cache.
constexpr int64_t depth = 256;

// The first `count` elements, zeros behind them. Highway's masked load would touch those, too,
// where the machine has no such instruction.
template <class T>
Vector<T> load_first(const T* p, int64_t count) {
  const Tag<T> d;
  if (count >= lanes<T>) return hn::LoadU(d, p);
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T padded[lanes<T>] = {};
  for (int64_t i = 0; i < count; ++i) padded[i] = p[i];
  return hn::Load(d, padded);
#else
  return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(std::max<int64_t>(count, 0))), d, p);
#endif
}

template <class T>
void store_first(Vector<T> v, T* p, int64_t count) {
  const Tag<T> d;
  if (count >= lanes<T>) return hn::StoreU(v, d, p);
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T padded[lanes<T>];
  hn::Store(v, d, padded);
  for (int64_t i = 0; i < count; ++i) p[i] = padded[i];
#else
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(std::max<int64_t>(count, 0))), d, p);
#endif
}

/// A strip of b: `width` columns, padded to whole vectors, whose rows are `row` elements apart.
template <class T>
struct Strip {
  const T* data;
  int64_t row, width, depth;
};

// c = start + a strip, or c += that: `rows` rows of a, `vectors` vectors of columns. In `packed`
// rows the elements of a column of a lie side by side. Of a there are only scalars: a Matrix would
// come through memory, in wider loads than it was stored by, which have to wait until everything
// stored before has reached the cache.
template <int rows, int vectors, bool packed, class T>
void tile(const T* a, int64_t row, int64_t column, const Strip<T>& strip, const T* start, bool add,
          T* c, int64_t c_row) {
  const int64_t a_row = packed ? 1 : row, a_column = packed ? tile_rows : column;
  const Tag<T> d;
  Vector<T> sum[size_t{rows}][size_t{vectors}];
  // Written out, what is indexed by constants alone stays in registers from start to end.
#pragma GCC unroll 2
  for (int v = 0; v < vectors; ++v) {
    const Vector<T> first = hn::Load(d, start + v * lanes<T>);
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) sum[i][v] = first;
  }
  const T* b = strip.data;
  for (int64_t k = 0; k < strip.depth; ++k) {
    Vector<T> columns[size_t{vectors}];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) columns[v] = hn::LoadU(d, b + v * lanes<T>);
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const Vector<T> factor = hn::Set(d, a[i * a_row]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sum[i][v] = hn::MulAdd(factor, columns[v], sum[i][v]);
    }
    a += a_column;
    b += strip.row;
  }
  const int64_t width = strip.width;
  const bool whole = width >= vectors * lanes<T>;
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      T* out = c + i * c_row + v * lanes<T>;
      const int64_t count = whole ? lanes<T> : width - v * lanes<T>;
      Vector<T> result = sum[i][v];
      if (add) result = hn::Add(result, load_first(out, count));
      store_first(result, out, count);
    }
}

template <class T>
using Tile = void (*)(const T*, int64_t, int64_t, const Strip<T>&, const T*, bool, T*, int64_t);

template <class T, int... i>
Tile<T> tile_of(int64_t rows, int64_t width, std::integer_sequence<int, i...>) {
  static constexpr Tile<T> tiles[][2] = {{tile<i + 1, 1, false, T>, tile<i + 1, 2, false, T>}...};
  return tiles[rows - 1][width > lanes<T>];
}

// Copies [rows, columns] elements of m to rows that are `step` apart.
template <class T>
void pack_elements(Matrix<T> m, int64_t rows, int64_t columns, T* out, int64_t step) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) out[i * step + j] = m.data[i * m.row + j * m.column];
}

// The same from memory whose columns are in one piece each.
template <class T>
void pack_transposed(Matrix<T> m, int64_t rows, int64_t columns, T* out, int64_t step) {
  int64_t whole_rows = 0, whole_columns = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<T, tile_rows> d;
  constexpr auto at_once = static_cast<int64_t>(block_columns<T>);
  const auto width = static_cast<int64_t>(hn::Lanes(d));
  whole_rows = rows / at_once * at_once;
  whole_columns = columns / width * width;
  for (int64_t j = 0; j < whole_columns; j += width)
    for (int64_t i = 0; i < whole_rows; i += at_once) {
      hn::VFromD<decltype(d)> turned[block_columns<T>];
      transpose_columns(d, m.from(i, j).data, m.column, turned);
      for (int64_t k = 0; k < at_once; ++k) hn::StoreU(turned[k], d, out + (i + k) * step + j);
    }
#endif
  pack_elements(m.from(0, whole_columns), whole_rows, columns - whole_columns, out + whole_columns,
                step);
  pack_elements(m.from(whole_rows, 0), rows - whole_rows, columns, out + whole_rows * step, step);
}

// The first `width` columns of b in one piece, zeros behind them up to whole vectors.
template <class T>
void pack_strip(Matrix<T> b, int64_t rows, int64_t width, T* out) {
  const Tag<T> d;
  const int64_t step = width > lanes<T> ? tile_columns<T> : lanes<T>;
  if (b.column == 1) {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < step; j += lanes<T>)
        hn::Store(load_first(b.data + i * b.row + j, width - j), d, out + i * step + j);
    return;
  }
  if (width < step)
    for (int64_t i = 0; i < rows; ++i) hn::Store(hn::Zero(d), d, out + (i + 1) * step - lanes<T>);
  if (b.row == 1)
    pack_transposed(b, rows, width, out, step);
  else
    pack_elements(b, rows, width, out, step);
}

// `rows` rows of a as one group per tile, in which the tile's rows alternate: what a tile reads is
// in one piece then, wherever it lay before.
template <class T>
void pack_rows(Matrix<T> a, int64_t rows, int64_t columns, T* out) {
  if (a.row == 1) {  // columns lie far apart, and each is read once, in one piece
    const int64_t whole = rows / tile_rows * tile_rows;
    for (int64_t k = 0; k < columns; ++k) {
      const T* column = a.from(0, k).data;
      T* to = out + k * tile_rows;
      for (int64_t i = 0; i < whole; i += tile_rows)
        std::copy_n(column + i, tile_rows, to + i * columns);
      std::copy_n(column + whole, rows - whole, to + whole * columns);
    }
    return;
  }
  for (int64_t i = 0; i < rows; i += tile_rows, out += tile_rows * columns) {
    const Matrix<T> group = a.from(i, 0);
    const int64_t count = std::min<int64_t>(tile_rows, rows - i);
    const Matrix<T> turned = group.transpose();
    if (a.column == 1)
      pack_transposed(turned, columns, count, out, int64_t{tile_rows});
    else
      pack_elements(turned, columns, count, out, int64_t{tile_rows});
  }
}

// The rows of a as tiles read them: where they lie, or copied where the copy is read often enough.
template <class T>
class Rows {
 public:
  explicit Rows(const Gemm<T>& g) : a_(g.a), rows_(g.m) {
    if (g.n <= 4 * tile_columns<T> || g.m <= tile_rows || g.k <= 64) return;
    bytes_ = sizeof(T) * static_cast<size_t>((g.m + tile_rows) * std::min(g.k, depth));
    copy_ = static_cast<T*>(detail::allocate(bytes_));
  }
  ~Rows() {
    if (copy_) detail::deallocate(copy_, bytes_);
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // Goes on to `part` columns from k on.
  void take(int64_t k, int64_t part) {
    k_ = k;
    part_ = part;
    if (copy_) pack_rows(a_.from(0, k), rows_, part, copy_);
  }
  bool are_packed() const { return copy_ != nullptr; }
  const T* from(int64_t i) const { return copy_ ? copy_ + i * part_ : a_.from(i, k_).data; }
  int64_t row() const { return copy_ ? 1 : a_.row; }
  int64_t column() const { return copy_ ? tile_rows : a_.column; }

 private:
  Matrix<T> a_;
  int64_t rows_, k_ = 0, part_ = 0;
  T* copy_ = nullptr;
  size_t bytes_ = 0;
};

// The strip of b from row k and column j on: where it lies, or copied to `memory`.
template <class T>
Strip<T> strip_of(const Gemm<T>& g, int64_t k, int64_t j, T* memory) {
  const Matrix<T> b = g.b.from(k, j);
  const int64_t part = std::min(depth, g.k - k), width = std::min(tile_columns<T>, g.n - j);
  const bool whole = b.column == 1 && width % lanes<T> == 0;
  const bool spread = b.row == width || b.row * static_cast<int64_t>(sizeof(T)) % 128 == 64;
  if (whole && (spread || g.m <= 4 * tile_rows)) return {b.data, b.row, width, part};
  pack_strip(b, part, width, memory);
  return {memory, width > lanes<T> ? tile_columns<T> : lanes<T>, width, part};
}

// One row of a by `columns` columns of b, all in one piece each.
template <int columns, class T>
void dot_products(const T* a, const T* b, int64_t b_column, int64_t length, const T* bias, T* c) {
  const Tag<T> d;
  Vector<T> sum[size_t{columns}];
  for (int j = 0; j < columns; ++j) sum[j] = hn::Zero(d);
  for (int64_t k = 0; k < length; k += lanes<T>) {
    const Vector<T> factor = load_first(a + k, length - k);
    for (int j = 0; j < columns; ++j)
      sum[j] = hn::MulAdd(factor, load_first(b + j * b_column + k, length - k), sum[j]);
  }
  for (int j = 0; j < columns; ++j)
    c[j] = hn::GetLane(hn::SumOfLanes(d, sum[j])) + (bias ? bias[j] : T(0));
}

// Few rows: turning b into rows would cost more than the product.
template <class T>
void multiply_few_rows(const Gemm<T>& g) {
  constexpr int64_t together = 8;
  for (int64_t i = 0; i < g.m; ++i) {
    const T* a = g.a.from(i, 0).data;
    for (int64_t j = 0; j < g.n; j += together) {
      const T* bias = g.bias ? g.bias + j : nullptr;
      T* c = g.c + i * g.c_row + j;
      const int64_t rest = g.n - j;
      if (rest >= together) {
        dot_products<together>(a, g.b.from(0, j).data, g.b.column, g.k, bias, c);
        continue;
      }
      for (int64_t r = 0; r < rest; ++r)
        dot_products<1>(a, g.b.from(0, j + r).data, g.b.column, g.k, bias ? bias + r : nullptr,
                        c + r);
    }
  }
}

template <class T>
void multiply(const Gemm<T>& g, bool add) {
  if (!add && g.m < 3 && g.a.column == 1 && g.b.row == 1) return multiply_few_rows(g);
  const Tag<T> d;
  HWY_ALIGN T start[tile_columns<T>];
  HWY_ALIGN T memory[depth * tile_columns<T>];
  Rows<T> rows(g);
  for (int64_t k = 0; k == 0 || k < g.k; k += depth) {
    rows.take(k, std::min(depth, g.k - k));
    for (int64_t j = 0; j < g.n; j += tile_columns<T>) {
      const Strip<T> strip = strip_of(g, k, j, memory);
      for (int64_t v = 0; v < tile_columns<T>; v += lanes<T>) {
        const bool biased = g.bias && k == 0;
        hn::Store(biased ? load_first(g.bias + j + v, strip.width - v) : hn::Zero(d), d, start + v);
      }
      for (int64_t i = 0; i < g.m; i += tile_rows) {
        const int64_t count = std::min<int64_t>(tile_rows, g.m - i);
        const bool whole = count == tile_rows && strip.width > lanes<T>;
        const auto run =
            whole && rows.are_packed()
                ? tile<tile_rows, 2, true, T>
                : tile_of<T>(count, strip.width, std::make_integer_sequence<int, tile_rows>());
        run(rows.from(i), rows.row(), rows.column(), strip, start, add || k > 0,
            g.c + i * g.c_row + j, g.c_row);
      }
    }
  }
}

void MultiplyF32(const Gemm<float>& g, bool add) { multiply(g, add); }
void MultiplyF64(const Gemm<double>& g, bool add) { multiply(g, add); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(MultiplyF32);
HWY_EXPORT(MultiplyF64);

void gemm_block(const Gemm<float>& g, bool add) { HWY_DYNAMIC_DISPATCH(MultiplyF32)(g, add); }
void gemm_block(const Gemm<double>& g, bool add) { HWY_DYNAMIC_DISPATCH(MultiplyF64)(g, add); }

}  // namespace rw::kernels
#endif
