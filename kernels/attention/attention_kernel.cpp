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

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// What a thread works in: the numbers of one block of queries.
template <class T>
struct Workspace {
  using C = Compute<T>;
  Workspace(const Attention& a, C* memory) : arrays(memory) {
    queries = arrays.take(a.width * query_block);
    sums = arrays.take(a.value_width * query_block);
    scores = arrays.take(key_block * score_row);
    most = arrays.take(query_block);
    total = arrays.take(query_block);
    shrink = arrays.take(query_block);
    copies = arrays.take(0);
  }
  static int64_t room(const Attention& a) {
    return Arrays<C>::room(a.width * query_block) + Arrays<C>::room(a.value_width * query_block) +
           key_block * score_row + 3 * query_block +
           RowsOf<T>::room(key_block, std::max(a.width, a.value_width));
  }

  Arrays<C> arrays;
  C *queries, *sums, *scores, *most, *total, *shrink, *copies;
};

// exp(scores - most) for the maximum of a column so far, which is added to `total`; what was there
// shrinks by the factors in `shrink`, as the maximum has grown.
template <class C>
void exponentiate(const ScoreBlock& b, C* scores, C* most, C* total, C* shrink) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto least = hn::Set(d, -std::numeric_limits<C>::infinity());
  for (int64_t i = 0; i < b.columns; i += lanes) {
    const auto before = hn::Load(d, most + i);
    auto m0 = before, m1 = before;
    int64_t j = 0;
    for (const C* s = scores + i; j + 2 <= b.keys; j += 2, s += 2 * score_row) {
      m0 = hn::Max(m0, hn::Load(d, s));
      m1 = hn::Max(m1, hn::Load(d, s + score_row));
    }
    if (j < b.keys) m0 = hn::Max(m0, hn::Load(d, scores + i + j * score_row));
    const auto now = hn::Max(m0, m1);
    const auto from = hn::IfThenZeroElse(hn::Eq(now, least), now);  // -inf - -inf would be NaN
    auto sum = hn::Zero(d);
    C* s = scores + i;
    for (j = 0; j < b.keys; ++j, s += score_row) {
      const auto e = exp_to_1(d, hn::Sub(hn::Load(d, s), from));
      sum = hn::Add(sum, e);
      hn::Store(e, d, s);
    }
    const auto factor = exp_to_1(d, hn::Sub(before, from));
    hn::Store(now, d, most + i);
    hn::Store(factor, d, shrink + i);
    hn::Store(hn::MulAdd(hn::Load(d, total + i), factor, sum), d, total + i);
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

// The sums of values, weighed by exponentials, of one block of queries, over all of its keys.
template <class T>
void sum_values(const Attention& a, ScoreBlock b, const Workspace<T>& w) {
  using C = Compute<T>;
  RowsOf<T> keys(a, a.k, a.width, b.place), values(a, a.v, a.value_width, b.place);
  keys.copy = values.copy = w.copies;
  const int64_t end = keys_end(a, b.query, b.queries, a.keys);
  for (b.key = 0; b.key < end; b.key += key_block) {
    b.keys = std::min(key_block, end - b.key);
    score<T>(a, b, keys.block(b.key, b.keys), w.queries, w.scores);
    exponentiate(b, w.scores, w.most, w.total, w.shrink);
    if (b.key > 0)
      for (int64_t i = 0; i < b.queries; ++i)
        if (w.shrink[i] != 1) multiply_row(w.shrink[i], w.sums + i * a.value_width, a.value_width);
    if (a.dropout_p > 0) drop(a, b, w.scores);
    multiply<C>({b.queries, a.value_width, b.keys}, {w.scores, 1, score_row},
                values.block(b.key, b.keys), {w.sums, a.value_width}, b.key > 0);
  }
}

template <class T>
void attend(const Attention& a, const ScoreBlock& b, const Workspace<T>& w, const AttentionRows& y,
            Compute<T>* log_sums) {
  using C = Compute<T>;
  RowsOf<T> queries(a, a.q, a.width, b.place);
  queries.copy = w.copies;
  turn(queries.block(b.query, b.queries), b.queries, a.width, static_cast<C>(a.scale), w.queries);
  std::fill_n(w.most, query_block, -std::numeric_limits<C>::infinity());
  std::fill_n(w.total, query_block, C(0));
  std::fill_n(w.sums, b.queries * a.value_width, C(0));
  sum_values(a, b, w);
  for (int64_t i = 0; i < b.queries; ++i)
    finish_row<T>(a, y, b.place, b.query + i, w.most[i], w.total[i], w.sums + i * a.value_width,
                  log_sums);
}

// Blocks of queries from either end in turn: of causal ones the last take longest, and threads have
// neighbours each.
inline int64_t mixed(int64_t i, int64_t n) { return i % 2 == 0 ? i / 2 : n - 1 - i / 2; }

constexpr int64_t grain = 1 << 17;

template <class T>
void attend_to_one_each(const Attention& a, const AttentionRows& y, void* log_sums) {
  using C = Compute<T>;
  const int64_t cost = a.keys * (a.width + a.value_width) + 1;
  const auto bytes = sizeof(C) * static_cast<size_t>(OneQuery<T>::room(a));
  parallel_for(0, a.batch.numel(), grain / cost + 1, [&](int64_t begin, int64_t end) {
    const rw::detail::ThreadMemory memory(bytes);
    const OneQuery<T> w(a, static_cast<C*>(memory.data()));
    for (int64_t place = begin; place < end; ++place)
      attend_one<T>(a, place, w, y, static_cast<C*>(log_sums));
  });
}

void Attend(const Attention& a, const AttentionRows& y, void* log_sums) {
  dispatch_floating(a.dtype, [&]<class T>() {
    using C = Compute<T>;
    if (a.queries == 1) return attend_to_one_each<T>(a, y, log_sums);
    const int64_t blocks = blocks_of(a.queries, query_block);
    const int64_t cost = query_block * a.keys * (a.width + a.value_width) + 1;
    const auto bytes = sizeof(C) * static_cast<size_t>(Workspace<T>::room(a));
    parallel_for(0, a.batch.numel() * blocks, grain / cost + 1, [&](int64_t begin, int64_t end) {
      const rw::detail::ThreadMemory memory(bytes);
      const Workspace<T> w(a, static_cast<C*>(memory.data()));
      for (int64_t at = begin; at < end; ++at) {
        ScoreBlock b = {at / blocks, mixed(at % blocks, blocks) * query_block, 0, 0, 0, 0};
        b.queries = std::min(query_block, a.queries - b.query);
        b.columns = whole_vectors<C>(b.queries);
        attend<T>(a, b, w, y, static_cast<C*>(log_sums));
      }
    });
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
