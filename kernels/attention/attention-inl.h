// Included once per target by Highway sources: a block of attention's scores. It lies turned, each
// row being one key's and neighbours those of queries: maxima and sums over keys go down columns,
// keys and values are read where they lie, and queries are turned once per block of them.
#if defined(REWIND_KERNELS_ATTENTION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_ATTENTION_INL_H_
#undef REWIND_KERNELS_ATTENTION_INL_H_
#else
#define REWIND_KERNELS_ATTENTION_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <rewind/kernels/attention/attention_kernel.h>
#include <rewind/kernels/compute.h>
#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/kernels/random/philox-inl.h>
#include <rewind/kernels/simd/exp_to_1-inl.h>
#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/transpose-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Queries and keys of a block. Rows of scores are further apart, as a power of two would bring
// those of all keys to the same few places of the first-level cache.
constexpr int64_t query_block = 128, key_block = 128, score_row = query_block + 16;

inline int64_t blocks_of(int64_t n, int64_t block) { return (n + block - 1) / block; }

// Where the operand's rows begin for a place of the batch.
inline int64_t offset_of(const Shape& batch, const Strides& strides, int64_t place) {
  int64_t offset = 0;
  for (int d = batch.rank() - 1; d >= 0; --d) {
    offset += place % batch[d] * strides[d];
    place /= batch[d];
  }
  return offset;
}

// Numbers in the memory of a thread, one array after another.
template <class C>
class Arrays {
 public:
  explicit Arrays(C* memory) : next_(memory) {}
  C* take(int64_t count) {
    C* const array = next_;
    next_ += room(count);
    return array;
  }
  static int64_t room(int64_t count) { return (count + 15) / 16 * 16; }

 private:
  C* next_;
};

/// An operand's rows at one place of the batch, as numbers of the compute type.
template <class T>
struct RowsOf {
  using C = Compute<T>;
  T* data;
  int64_t row, width;
  C* copy = nullptr;  // for a block of rows of reduced types

  RowsOf() = default;
  RowsOf(const Attention& a, const AttentionRows& rows, int64_t n, int64_t place)
      : data(static_cast<T*>(rows.data)), row(rows.row), width(n) {
    if (data) data += offset_of(a.batch, rows.batch, place);
  }
  static int64_t room(int64_t count, int64_t width) {
    return is_reduced<T> ? Arrays<C>::room(count * width) : 0;
  }
  Matrix<C> block(int64_t first, int64_t count) const {
    const T* p = data + first * row;
    if constexpr (is_reduced<T>) {
      for (int64_t i = 0; i < count; ++i) convert_floats(p + i * row, copy + i * width, width);
      return {copy, width, 1};
    } else {
      return {p, row, 1};
    }
  }
};

struct Sizes {
  int64_t rows, columns, depth;
};
/// Where products go, in rows `row` elements apart.
template <class C>
struct Sums {
  C* data = nullptr;
  int64_t row = 0;
};
// c = a b, or added to c.
template <class C>
void multiply(const Sizes& s, const Matrix<C>& a, const Matrix<C>& b, const Sums<C>& c,
              bool add = false) {
  gemm_block(Gemm<C>{s.rows, s.columns, s.depth, a, b, nullptr, c.data, c.row}, add);
}

// Turned rows lie in strips of as many as a product takes at once, so that it need not copy them.
template <class C>
int64_t strip_rows() {
  return 2 * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<C>()));
}

// Strips of columns: factor * rows[i][j] is number i of row j, with zeros behind up to whole
// vectors.
template <class C>
void turn(const Matrix<C>& rows, int64_t count, int64_t width, C factor, C* turned) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t strip = strip_rows<C>();
  for (int64_t i = 0; i < count; i += lanes) {
    C* const out = turned + i / strip * strip * width + i % strip;
    int64_t j = 0;
#if HWY_TARGET != HWY_SCALAR
    constexpr auto at_once = static_cast<int64_t>(block_columns<C>);
    if (i + lanes <= count)
      for (; j + at_once <= width; j += at_once) {
        hn::Vec<decltype(d)> columns[block_columns<C>];
        transpose_columns(d, rows.from(i, j).data, rows.row, columns);
        for (int64_t c = 0; c < at_once; ++c)
          hn::StoreU(hn::Mul(columns[c], hn::Set(d, factor)), d, out + (j + c) * strip);
      }
#endif
    for (; j < width; ++j)
      for (int64_t r = 0; r < lanes; ++r)
        out[j * strip + r] = i + r < count ? *rows.from(i + r, j).data * factor : C(0);
  }
}

// scores[i][j] = row i times the turned row j.
template <class C>
void multiply_turned(const Sizes& s, const Matrix<C>& rows, const C* turned, C* scores) {
  const int64_t strip = strip_rows<C>();
  for (int64_t j = 0; j < s.columns; j += strip)
    multiply<C>({s.rows, std::min(strip, s.columns - j), s.depth}, rows,
                {turned + j * s.depth, strip, 1}, {scores + j, score_row});
}

/// A block of scores: the place in the batch, and which queries and keys.
struct ScoreBlock {
  int64_t place, query, queries, key, keys;
  int64_t columns;  // queries, rounded up to whole vectors
};

template <class C>
int64_t whole_vectors(int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<C>()));
  return (n + lanes - 1) / lanes * lanes;
}

// scores[i] = f(scores[i], mask[i * step]), where step is 1 or 0.
template <class C, class M, class F>
void combine_row(C* scores, const M* mask, int64_t step, int64_t n, const F& f) {
  if (step == 1)
    for (int64_t i = 0; i < n; ++i) scores[i] = f(scores[i], mask[i]);
  else
    for (int64_t i = 0; i < n; ++i) scores[i] = f(scores[i], *mask);
}

// f(the mask's data, what it makes of a score and one of its elements).
template <class T, class F>
void mask_with(const Attention& a, const F& f) {
  using C = Compute<T>;
  const auto add = [](C s, auto number) { return s + static_cast<C>(number); };
  if (a.mask.dtype == boolean)
    f(static_cast<const uint8_t*>(a.mask.data),
      [](C s, uint8_t flag) { return flag ? s : -std::numeric_limits<C>::infinity(); });
  else if (a.mask.dtype == a.dtype)
    f(static_cast<const T*>(a.mask.data), add);
  else
    f(static_cast<const C*>(a.mask.data), add);
}

template <class T>
void mask_scores(const Attention& a, const ScoreBlock& b, Compute<T>* scores) {
  const AttentionMask& m = a.mask;
  const int64_t start = offset_of(a.batch, m.batch, b.place) + b.query * m.query;
  mask_with<T>(a, [&](const auto* mask, const auto& f) {
    for (int64_t j = 0; j < b.keys; ++j)
      combine_row(scores + j * score_row, mask + start + (b.key + j) * m.key, m.query, b.queries,
                  f);
  });
}

// Scores of the block's keys with queries that were turned and scaled.
template <class T>
void score(const Attention& a, const ScoreBlock& b, const Matrix<Compute<T>>& keys,
           const Compute<T>* queries, Compute<T>* scores) {
  using C = Compute<T>;
  multiply_turned({b.keys, b.columns, a.width}, keys, queries, scores);
  if (a.mask.data) mask_scores<T>(a, b, scores);
  if (!a.is_causal) return;
  for (int64_t j = std::max<int64_t>(0, b.query + 1 - b.key); j < b.keys; ++j)
    std::fill_n(scores + j * score_row, std::min(b.queries, b.key + j - b.query),
                -std::numeric_limits<C>::infinity());
}

// The keys of [begin, end) that some of the block's queries see.
inline int64_t keys_end(const Attention& a, int64_t query, int64_t queries, int64_t end) {
  return a.is_causal ? std::min(end, query + queries) : end;
}

// factors[i] = what dropout multiplies the weight of query i and this key by.
template <class C>
void dropout_factors(const Attention& a, const ScoreBlock& b, int64_t key, C* factors) {
  HWY_ALIGN uint32_t numbers[query_block + 32];
  const int64_t per_key = attention_numbers(a.queries) / 4;
  const int64_t block = (b.place * a.keys + key) * per_key + b.query / 4;
  philox_numbers(a.dropout.seed, a.dropout.first + static_cast<uint64_t>(block),
                 blocks_of(b.queries, 4), numbers);
  const C kept = a.dropout_p < 1 ? static_cast<C>(1 / (1 - a.dropout_p)) : C(0);
  for (int64_t i = 0; i < b.columns; ++i)
    factors[i] = i < b.queries && numbers[i] >= a.dropout.threshold ? kept : C(0);
}

template <class C>
void multiply_row(C factor, C* row, int64_t n) {
  const hn::ScalableTag<C> d;
  const auto f = hn::Set(d, factor);
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    store_at(hn::Mul(load_at(row, C(0)), f), row);
  });
}

// The results of one query, of sums that were weighed by exp(score - most), `total` together.
template <class T>
void finish_row(const Attention& a, const AttentionRows& y, int64_t place, int64_t query,
                Compute<T> most, Compute<T> total, Compute<T>* sums, Compute<T>* log_sums) {
  using C = Compute<T>;
  const RowsOf<T> results(a, y, a.value_width, place);
  multiply_row(total == 0 ? C(0) : 1 / total, sums, a.value_width);
  T* out = results.data + query * results.row;
  if constexpr (is_reduced<T>)
    convert_floats(sums, out, a.value_width);
  else
    std::copy_n(sums, a.value_width, out);
  log_sums[place * a.queries + query] =
      total == 0 ? std::numeric_limits<C>::infinity() : most + std::log(total);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
