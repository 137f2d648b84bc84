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
#include <rewind/kernels/matmul/gemm.h>
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

// Numbers in the memory of a thread, one array after another, or, of no memory, how many they are.
template <class C>
class Arrays {
 public:
  explicit Arrays(C* memory = nullptr) : memory_(memory) {}
  template <class E = C>
  E* take(int64_t count) {
    const int64_t first = taken_;
    taken_ += (count * static_cast<int64_t>(sizeof(E)) + 63) / 64 * per_line;
    return memory_ ? reinterpret_cast<E*>(memory_ + first) : nullptr;
  }
  int64_t taken() const { return taken_; }

 private:
  static constexpr auto per_line = static_cast<int64_t>(64 / sizeof(C));
  C* memory_;
  int64_t taken_ = 0;
};

// The bytes that a Workspace takes, which is made of an attention and arrays.
template <class Workspace, class C = typename Workspace::C>
size_t bytes_of(const Attention& a) {
  Arrays<C> none;
  const Workspace space(a, none);
  return sizeof(C) * static_cast<size_t>(none.taken());
}

/// An operand's rows at one place of the batch, as numbers of the compute type.
template <class T>
struct RowsOf {
  using C = Compute<T>;
  T* data;
  int64_t row, width;
  C* copy = nullptr;  // of a block of rows of reduced types

  RowsOf() = default;
  RowsOf(const Attention& a, const AttentionRows& rows, int64_t n, int64_t place,
         C* memory = nullptr)
      : data(static_cast<T*>(rows.data)), row(rows.row), width(n), copy(memory) {
    if (data) data += offset_of(a.batch, rows.batch, place);
  }
  static int64_t room(int64_t count, int64_t width) { return is_reduced<T> ? count * width : 0; }
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

/// Where products go, in rows `row` elements apart.
template <class C>
struct Sums {
  C* data = nullptr;
  int64_t row = 0;
};

template <class C>
void multiply_row(C factor, C* row, int64_t n) {
  const hn::ScalableTag<C> d;
  const auto f = hn::Set(d, factor);
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    store_at(hn::Mul(load_at(row, C(0)), f), row);
  });
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

// Scores of the block's queries and keys as `products` multiplies them, with the mask; returns what
// they are still to be multiplied by.
template <class Products, class C = typename Products::C>
C score(const Attention& a, const ScoreBlock& b, const Products& products, C* scores) {
  products.score(b, scores);
  C factor = products.factor();
  if (a.mask.data) {
    if (factor != 1)
      for (int64_t j = 0; j < b.keys; ++j) multiply_row(factor, scores + j * score_row, b.columns);
    factor = 1;
    mask_scores<typename Products::T>(a, b, scores);
  }
  if (!a.is_causal) return factor;
  for (int64_t j = std::max<int64_t>(0, b.query + 1 - b.key); j < b.keys; ++j)
    std::fill_n(scores + j * score_row, std::min(b.queries, b.key + j - b.query),
                -std::numeric_limits<C>::infinity());
  return factor;
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

// Room for sums of a block of queries, turned as scores are, with whole vectors and tiles of rows.
inline int64_t sums_room(int64_t width) { return (width + 31) / 32 * 32 * score_row; }

// Turned sums of `width` numbers for each of the queries go to rows.
template <class C, class T>
void put_turned(const C* sums, int64_t queries, int64_t width, T* out, int64_t row) {
#if HWY_TARGET == HWY_SCALAR
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = 0; j < width; ++j) out[i * row + j] = static_cast<T>(sums[j * score_row + i]);
#else
  const hn::ScalableTag<C> d;
  constexpr auto at_once = static_cast<int64_t>(block_columns<C>);
  for (int64_t i = 0; i < queries; i += at_once)
    for (int64_t j = 0; j < width; j += static_cast<int64_t>(hn::Lanes(d))) {
      hn::Vec<decltype(d)> columns[block_columns<C>];
      transpose_columns(d, sums + j * score_row + i, score_row, columns);
      for (int64_t c = 0; c < std::min(at_once, queries - i); ++c)
        store_up_to(d, columns[c], out + (i + c) * row + j, width - j);
    }
#endif
}

template <class C>
C log_sum(C most, C total) {
  return total == 0 ? std::numeric_limits<C>::infinity() : most + std::log(total);
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
  log_sums[place * a.queries + query] = log_sum(most, total);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
