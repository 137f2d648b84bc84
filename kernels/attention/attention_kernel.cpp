#include <rewind/kernels/attention/attention_kernel.h>

#include <cmath>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/attention/attention_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/attention/one_query-inl.h>
#include <rewind/kernels/attention/tile_products-inl.h>
#include <rewind/kernels/attention/vector_products-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// What a thread works in: the numbers of one block of queries.
template <class Products>
struct Workspace {
  using C = typename Products::C;
  Workspace(const Attention& a, Arrays<C>& arrays) : products(a, arrays) {
    sums = arrays.take(sums_room(a.value_width));
    scores = arrays.take(key_block * score_row);
    most = arrays.take(query_block);
    total = arrays.take(query_block);
    shrink = arrays.take(query_block);
  }

  Products products;
  C *sums, *scores, *most, *total, *shrink;
};

// exp(factor * scores - most) for the maximum of a column so far, which is added to `total`; what
// was there shrinks by the factors in `shrink`, as the maximum has grown.
template <class C>
void exponentiate(const ScoreBlock& b, C factor, C* scores, C* most, C* total, C* shrink) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto least = hn::Set(d, -std::numeric_limits<C>::infinity()), by = hn::Set(d, factor);
  for (int64_t i = 0; i < b.columns; i += lanes) {
    const auto before = hn::Load(d, most + i);
    auto m0 = least, m1 = least;
    int64_t j = 0;
    for (const C* s = scores + i; j + 2 <= b.keys; j += 2, s += 2 * score_row) {
      m0 = hn::Max(m0, hn::Load(d, s));
      m1 = hn::Max(m1, hn::Load(d, s + score_row));
    }
    if (j < b.keys) m0 = hn::Max(m0, hn::Load(d, scores + i + j * score_row));
    const auto now = hn::Max(before, hn::Mul(hn::Max(m0, m1), by));
    const auto from = hn::IfThenZeroElse(hn::Eq(now, least), now);  // -inf - -inf would be NaN
    auto sum = hn::Zero(d);
    C* s = scores + i;
    for (j = 0; j < b.keys; ++j, s += score_row) {
      const auto e = exp_to_1(d, hn::MulSub(hn::Load(d, s), by, from));
      sum = hn::Add(sum, e);
      hn::Store(e, d, s);
    }
    const auto rest = exp_to_1(d, hn::Sub(before, from));
    hn::Store(now, d, most + i);
    hn::Store(rest, d, shrink + i);
    hn::Store(hn::MulAdd(hn::Load(d, total + i), rest, sum), d, total + i);
  }
}

template <class C>
void drop(const Attention& a, const ScoreBlock& b, C* scores) {
  HWY_ALIGN C factors[query_block];
  for (int64_t j = 0; j < b.keys; ++j) {
    dropout_factors(a, b, b.key + j, factors);
    for (int64_t i = 0; i < b.columns; ++i) scores[j * score_row + i] *= factors[i];
  }
}

// Row j of sums *= factors, of which there is one for each query.
template <class C>
void multiply_columns(const ScoreBlock& b, const C* factors, int64_t width, C* sums) {
  const hn::ScalableTag<C> d;
  for (int64_t i = 0; i < b.columns; i += static_cast<int64_t>(hn::Lanes(d))) {
    const auto f = hn::Load(d, factors + i);
    if (hn::AllTrue(d, hn::Eq(f, hn::Set(d, C(1))))) continue;
    for (int64_t j = 0; j < width; ++j) {
      C* sum = sums + j * score_row + i;
      hn::Store(hn::Mul(hn::Load(d, sum), f), d, sum);
    }
  }
}

// The sums of values, weighed by exponentials, of one block of queries, over all of its keys.
template <class Products>
void sum_values(const Attention& a, ScoreBlock b, Workspace<Products>& w) {
  const int64_t end = keys_end(a, b.query, b.queries, a.keys);
  for (b.key = 0; b.key < end; b.key += key_block) {
    b.keys = std::min(key_block, end - b.key);
    w.products.take_keys(b);
    const auto factor = score(a, b, w.products, w.scores);
    exponentiate(b, factor, w.scores, w.most, w.total, w.shrink);
    if (b.key > 0) multiply_columns(b, w.shrink, a.value_width, w.sums);
    if (a.dropout_p > 0) drop(a, b, w.scores);
    w.products.add_values(b, w.scores, w.sums);
  }
}

template <class Products, class C = typename Products::C>
void attend(const Attention& a, const ScoreBlock& b, Workspace<Products>& w, const AttentionRows& y,
            C* log_sums) {
  w.products.go_to(b.place, 0, a.keys);
  w.products.take_queries(b);
  std::fill_n(w.most, query_block, -std::numeric_limits<C>::infinity());
  std::fill_n(w.total, query_block, C(0));
  std::fill_n(w.sums, sums_room(a.value_width), C(0));
  sum_values(a, b, w);
  for (int64_t i = 0; i < b.queries; ++i) {
    log_sums[b.place * a.queries + b.query + i] = log_sum(w.most[i], w.total[i]);
    w.shrink[i] = w.total[i] == 0 ? C(0) : 1 / w.total[i];
  }
  multiply_columns(b, w.shrink, a.value_width, w.sums);
  const RowsOf<typename Products::T> results(a, y, a.value_width, b.place);
  put_turned(w.sums, b.queries, a.value_width, results.data + b.query * results.row, results.row);
}

// Blocks of queries from either end in turn: of causal ones the last take longest, and threads have
// neighbours each.
inline int64_t mixed(int64_t i, int64_t n) { return i % 2 == 0 ? i / 2 : n - 1 - i / 2; }

constexpr int64_t grain = 1 << 17;

template <class T>
void attend_to_one_each(const Attention& a, const AttentionRows& y, void* log_sums) {
  using C = Compute<T>;
  const int64_t cost = a.keys * (a.width + a.value_width) + 1;
  const size_t bytes = bytes_of<OneQuery<T>>(a);
  parallel_for(0, a.batch.numel(), grain / cost + 1, [&](int64_t begin, int64_t end) {
    const rw::detail::ThreadMemory memory(bytes);
    Arrays<C> arrays(static_cast<C*>(memory.data()));
    const OneQuery<T> w(a, arrays);
    for (int64_t place = begin; place < end; ++place)
      attend_one<T>(a, place, w, y, static_cast<C*>(log_sums));
  });
}

template <class Products, class C = typename Products::C>
void attend_by_blocks(const Attention& a, const AttentionRows& y, void* log_sums) {
  const int64_t blocks = blocks_of(a.queries, query_block);
  const int64_t cost = query_block * a.keys * (a.width + a.value_width) + 1;
  const size_t bytes = bytes_of<Workspace<Products>>(a);
  parallel_for(0, a.batch.numel() * blocks, grain / cost + 1, [&](int64_t begin, int64_t end) {
    const rw::detail::ThreadMemory memory(bytes);
    Arrays<C> arrays(static_cast<C*>(memory.data()));
    Workspace<Products> w(a, arrays);
    for (int64_t at = begin; at < end; ++at) {
      ScoreBlock b = {at / blocks, mixed(at % blocks, blocks) * query_block, 0, 0, 0, 0};
      b.queries = std::min(query_block, a.queries - b.query);
      b.columns = Products::columns(b.queries);
      attend(a, b, w, y, static_cast<C*>(log_sums));
    }
  });
}

void Attend(const Attention& a, const AttentionRows& y, void* log_sums) {
  dispatch_floating(a.dtype, [&]<class T>() {
    if (a.queries == 1) return attend_to_one_each<T>(a, y, log_sums);
    if constexpr (ByTiles::are_for<T>)
      if (ByTiles::take(a)) return attend_by_blocks<ByTiles>(a, y, log_sums);
    attend_by_blocks<ByVectors<T>>(a, y, log_sums);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Attend);

void attention(const Attention& a, const AttentionRows& y, void* log_sums) {
  HWY_DYNAMIC_DISPATCH(Attend)(a, y, log_sums);
}

}  // namespace rw::kernels
#endif
