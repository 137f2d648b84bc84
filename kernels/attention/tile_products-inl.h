// Included once per target by Highway sources: products of blocks of attention by a processor's
// units for tiles of bfloat16. The rows of 32 keys or queries that a product sums over come in
// pairs of row i and row i + 16.
#if defined(REWIND_KERNELS_TILE_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_TILE_PRODUCTS_INL_H_
#undef REWIND_KERNELS_TILE_PRODUCTS_INL_H_
#else
#define REWIND_KERNELS_TILE_PRODUCTS_INL_H_
#endif

#include <rewind/kernels/attention/attention-inl.h>
#include <rewind/kernels/matmul/tiles.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

inline int64_t whole_sides(int64_t n) { return blocks_of(n, tile_side) * tile_side; }
inline int64_t whole_depths(int64_t n) { return blocks_of(n, tile_depth) * tile_depth; }

/// Rows to make tiles of; what is beyond them is 0.
struct TileRows {
  const BFloat16* data;
  int64_t row, rows, width;
};

// The numbers of row i from column j on, as many as the row has, up to `count`.
inline void copy_numbers(const TileRows& x, int64_t i, int64_t j, int64_t count, BFloat16* out) {
  const int64_t there = i < x.rows ? std::clamp<int64_t>(x.width - j, 0, count) : 0;
  std::copy_n(x.data + (there > 0 ? i * x.row + j : 0), there, out);
  std::fill(out + there, out + count, BFloat16(0.0f));
}

// 16 rows of 32 numbers.
inline void take_rows(const TileRows& x, int64_t i, int64_t j, BFloat16* tile) {
  if (i + tile_side <= x.rows && j + tile_depth <= x.width)
    for (int64_t r = 0; r < tile_side; ++r)
      std::copy_n(x.data + (i + r) * x.row + j, tile_depth, tile + r * tile_depth);
  else
    for (int64_t r = 0; r < tile_side; ++r)
      copy_numbers(x, i + r, j, tile_depth, tile + r * tile_depth);
}

// 16 pairs of rows, of 16 numbers each.
inline void take_pairs(const TileRows& x, int64_t i, int64_t j, BFloat16* tile) {
  const hn::CappedTag<uint32_t, tile_side> d;
  const hn::Rebind<uint16_t, decltype(d)> half;
  HWY_ALIGN BFloat16 part[2][tile_side];
  const bool whole = j + tile_side <= x.width;
  for (int64_t r = 0; r < tile_side; ++r, tile += tile_depth) {
    const BFloat16* rows[2];
    for (int64_t p = 0; p < 2; ++p) {
      const int64_t from = i + r + p * tile_side;
      rows[p] = part[p];
      if (whole && from < x.rows)
        rows[p] = x.data + from * x.row + j;
      else
        copy_numbers(x, from, j, tile_side, part[p]);
    }
    for (int64_t c = 0; c < tile_side; c += static_cast<int64_t>(hn::Lanes(d))) {
      const auto numbers = [&](const BFloat16* row) HWY_ATTR {
        return hn::PromoteTo(d, hn::LoadU(half, reinterpret_cast<const uint16_t*>(row + c)));
      };
      const auto pairs = hn::Or(numbers(rows[0]), hn::ShiftLeft<16>(numbers(rows[1])));
      hn::StoreU(pairs, d, reinterpret_cast<uint32_t*>(tile + 2 * c));
    }
  }
}

// Pairs of numbers change places over the diagonal.
inline void turn_tile(const BFloat16* tile, BFloat16* turned) {
  const auto* from = reinterpret_cast<const float*>(tile);
  auto* to = reinterpret_cast<float*>(turned);
#if HWY_TARGET == HWY_SCALAR
  for (int64_t i = 0; i < tile_side; ++i)
    for (int64_t j = 0; j < tile_side; ++j) to[j * tile_side + i] = from[i * tile_side + j];
#else
  const hn::CappedTag<float, tile_side> d;
  constexpr auto at_once = static_cast<int64_t>(block_columns<float>);
  for (int64_t i = 0; i < tile_side; i += static_cast<int64_t>(hn::Lanes(d)))
    for (int64_t j = 0; j < tile_side; j += at_once) {
      hn::Vec<decltype(d)> columns[block_columns<float>];
      transpose_columns(d, from + i * tile_side + j, tile_side, columns);
      for (int64_t c = 0; c < at_once; ++c) hn::StoreU(columns[c], d, to + (j + c) * tile_side + i);
    }
#endif
}

// take(i, j, tile) for each of the sides in `rows` and the depths in `columns`.
template <class Take>
void make_tiles(int64_t rows, int64_t columns, bool turned, BFloat16* out, const Take& take) {
  HWY_ALIGN BFloat16 tile[tile_numbers];
  for (int64_t i = 0; i < rows; i += tile_side)
    for (int64_t j = 0; j < columns; j += tile_depth, out += tile_numbers) {
      take(i, j, turned ? tile : out);
      if (turned) turn_tile(tile, out);
    }
}
// Tiles of x, or, turned, of x^T as it stands on the right of a product.
inline void tile_rows_of(const TileRows& x, bool turned, BFloat16* out) {
  make_tiles(whole_depths(x.rows), whole_depths(x.width), turned, out,
             [&](int64_t i, int64_t j, BFloat16* tile) { take_rows(x, i, j, tile); });
}
// Tiles of x as it stands on the right, or, turned, of x^T.
inline void tile_pairs_of(const TileRows& x, bool turned, BFloat16* out) {
  make_tiles(whole_depths(x.width), whole_depths(x.rows), turned, out,
             [&](int64_t j, int64_t i, BFloat16* tile) { take_pairs(x, i, j, tile); });
}

// The vectors at two places become pairs, `rows` rows of 16.
inline void pair_numbers(const float* even, const float* odd, int64_t rows, BFloat16* tile) {
  const hn::CappedTag<float, tile_side> d;
  for (int64_t r = 0; r < rows; ++r, even += score_row, odd += score_row, tile += tile_depth)
    for (int64_t c = 0; c < tile_side; c += static_cast<int64_t>(hn::Lanes(d)))
      store_pairs(d, hn::Load(d, even + c), hn::Load(d, odd + c), tile + 2 * c, tile_depth);
}

/// As ByVectors; keys and values are made tiles of once for each place. Scores are not scaled.
class ByTiles {
 public:
  using T = BFloat16;
  using C = float;

  ByTiles(const Attention& a, Arrays<C>& arrays, bool backward = false)
      : a_(a), width_(whole_depths(a.width)), value_width_(whole_depths(a.value_width)) {
    const auto take = [&](int64_t numbers) { return arrays.take<BFloat16>(numbers); };
    const int64_t keys = whole_depths(a.keys);
    keys_ = take(keys * width_);
    queries_ = take(query_block * width_);
    values_ = take(keys * value_width_);
    paired_ = take(key_block * query_block);
    if (!backward) return;
    turned_keys_ = take(keys * width_);
    grads_ = take(query_block * value_width_);
    paired_queries_ = take(query_block * width_);
    paired_grads_ = take(query_block * value_width_);
  }
  // Processors with such units have vectors of 512 bits.
  template <class Number>
  static constexpr bool are_for = std::is_same_v<Number, BFloat16>&& HWY_TARGET <= HWY_AVX3;
  static bool take(const Attention& a) {
    return a.scale > 0 && has_tiles();  // masked scores are -inf, which a scale must leave
  }
  static int64_t columns(int64_t queries) { return whole_depths(queries); }

  void go_to(int64_t place, int64_t begin, int64_t end) {
    if (place == place_ && begin == begin_) return;
    place_ = place, begin_ = begin, end_ = end;
    const TileRows k = rows_of(a_.k, begin, end - begin, a_.width);
    const TileRows v = rows_of(a_.v, begin, end - begin, a_.value_width);
    tile_rows_of(k, false, keys_);
    if (turned_keys_) {
      tile_pairs_of(k, true, turned_keys_);
      tile_rows_of(v, false, values_);
    } else {
      tile_pairs_of(v, true, values_);
    }
  }
  void take_queries(const ScoreBlock& b) {
    const TileRows q = rows_of(a_.q, b.query, b.queries, a_.width);
    tile_rows_of(q, true, queries_);
    if (paired_queries_) tile_pairs_of(q, false, paired_queries_);
  }
  void take_keys(const ScoreBlock&) {}
  void score(const ScoreBlock& b, C* scores) const {
    multiply_rows(b, keys_, queries_, width_, scores);
  }
  C factor() const { return static_cast<C>(a_.scale); }
  void add_values(const ScoreBlock& b, C* weights, C* sums) const {
    add_columns(b, values_, a_.value_width, weights, sums);
  }

  // Backward.

  static int64_t whole_rows(int64_t n) { return whole_depths(n); }
  void take_grads(const RowsOf<T>& g, const ScoreBlock& b) {
    const TileRows rows = {g.data + b.query * g.row, g.row, b.queries, a_.value_width};
    tile_rows_of(rows, true, grads_);
    tile_pairs_of(rows, false, paired_grads_);
  }
  void score_grads(const ScoreBlock& b, C* dweights) const {
    multiply_rows(b, values_, grads_, value_width_, dweights);
  }
  void add_dv(const ScoreBlock& b, C* weights, const Sums<C>& dv) const {
    add_rows(b, weights, paired_grads_, a_.value_width, dv);
  }
  void add_dk(const ScoreBlock& b, C* dscores, const Sums<C>& dk) const {
    add_rows(b, dscores, paired_queries_, a_.width, dk);
  }
  void add_dq(const ScoreBlock& b, C* dscores, C* sums) const {
    add_columns(b, turned_keys_, a_.width, dscores, sums);
  }

 private:
  TileRows rows_of(const AttentionRows& rows, int64_t first, int64_t count, int64_t width) const {
    const RowsOf<BFloat16> r(a_, rows, width, place_);
    return {r.data + first * r.row, r.row, count, width};
  }
  // out = the block's rows of `rows`, which are `depth` wide, times tiles of the queries.
  void multiply_rows(const ScoreBlock& b, const BFloat16* rows, const BFloat16* turned,
                     int64_t depth, C* out) const {
    const int64_t step = depth * tile_side;
    units_.multiply({whole_sides(b.keys),
                     b.columns,
                     depth,
                     {rows + (b.key - begin_) * depth, step},
                     {turned, step},
                     out,
                     score_row});
  }
  // Keys and queries that the block does not have weigh nothing.
  static int64_t clear_to(int64_t keys, const ScoreBlock& b, C* weights) {
    if (b.queries < b.columns)
      for (int64_t j = 0; j < b.keys; ++j)
        std::fill(weights + j * score_row + b.queries, weights + j * score_row + b.columns, C(0));
    for (int64_t j = b.keys; j < keys; ++j) std::fill_n(weights + j * score_row, b.columns, C(0));
    return keys;
  }
  // sums += the columns of the block's keys times weights.
  void add_columns(const ScoreBlock& b, const BFloat16* columns, int64_t width, C* weights,
                   C* sums) const {
    const int64_t keys = clear_to(whole_depths(b.keys), b, weights);
    BFloat16* out = paired_;
    for (int64_t i = 0; i < b.columns; i += tile_side)
      for (int64_t j = 0; j < keys; j += tile_depth, out += tile_numbers) {
        const C* even = weights + j * score_row + i;
        pair_numbers(even, even + tile_side * score_row, tile_side, out);
      }
    units_.multiply(
        {whole_sides(width),
         b.columns,
         keys,
         {columns + (b.key - begin_) * tile_side, whole_depths(end_ - begin_) * tile_side},
         {paired_, keys * tile_side},
         sums,
         score_row},
        true);
  }
  // sums += weights times the pairs of rows of queries or gradients.
  void add_rows(const ScoreBlock& b, C* weights, const BFloat16* pairs, int64_t width,
                const Sums<C>& sums) const {
    const int64_t keys = clear_to(whole_sides(b.keys), b, weights), step = b.columns * tile_side;
    BFloat16* out = paired_;
    for (int64_t j = 0; j < keys; j += tile_side)
      for (int64_t i = 0; i < b.columns; i += tile_depth, out += tile_numbers) {
        const C* even = weights + j * score_row + i;
        pair_numbers(even, even + tile_side, tile_side, out);
      }
    units_.multiply(
        {keys, whole_sides(width), b.columns, {paired_, step}, {pairs, step}, sums.data, sums.row},
        true);
  }

  const Attention& a_;
  int64_t width_, value_width_, place_ = -1, begin_ = -1, end_ = 0;
  BFloat16 *keys_, *queries_, *values_, *paired_;
  BFloat16 *turned_keys_ = nullptr, *grads_ = nullptr, *paired_queries_ = nullptr,
           *paired_grads_ = nullptr;
  TileUnits units_;
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
