// Included once per target by Highway sources: attention of a single query for each place of the
// batch, as a text that grows token by token has it. Keys and values are read once, and nothing is
// turned: what takes time is their memory.
#if defined(REWIND_KERNELS_ONE_QUERY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_ONE_QUERY_INL_H_
#undef REWIND_KERNELS_ONE_QUERY_INL_H_
#else
#define REWIND_KERNELS_ONE_QUERY_INL_H_
#endif

#include <rewind/kernels/attention/attention-inl.h>
#include <rewind/kernels/matmul/gemm_block.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class C>
C dot(const C* x, const C* y, int64_t n) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto s0 = hn::Zero(d), s1 = hn::Zero(d);
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    s0 = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, y + i), s0);
    s1 = hn::MulAdd(hn::LoadU(d, x + i + lanes), hn::LoadU(d, y + i + lanes), s1);
  }
  C rest = 0;
  if (i + lanes <= n) {
    s0 = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, y + i), s0);
    i += lanes;
  }
  for (; i < n; ++i) rest += x[i] * y[i];
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1))) + rest;
}

// What a thread works in, beside the copies of rows of reduced types.
template <class T>
struct OneQuery {
  using C = Compute<T>;
  OneQuery(const Attention& a, Arrays<C>& arrays) {
    query = arrays.take(a.width);
    scores = arrays.take(a.keys);
    sums = arrays.take(a.value_width);
    copies = arrays.take(RowsOf<T>::room(key_block, std::max(a.width, a.value_width)));
  }

  C *query, *scores, *sums, *copies;
};

// f(block, rows of the block) for each block of keys.
template <class T, class F>
void for_each_block(const RowsOf<T>& rows, int64_t count, const F& f) {
  for (int64_t j = 0; j < count; j += key_block)
    f(j, rows.block(j, std::min(key_block, count - j)));
}

template <class T>
void mask_one(const Attention& a, int64_t place, int64_t keys, Compute<T>* scores) {
  const AttentionMask& m = a.mask;
  const int64_t start = offset_of(a.batch, m.batch, place);
  mask_with<T>(a, [&](const auto* mask, const auto& f) {
    for (int64_t j = 0; j < keys; ++j) scores[j] = f(scores[j], mask[start + j * m.key]);
  });
}

// Exponentials of scores less `most`, in their place; returns their sum.
template <class C>
C exponentiate_one(C most, int64_t n, C* scores) {
  const hn::ScalableTag<C> d;
  const auto from = hn::Set(d, most == -std::numeric_limits<C>::infinity() ? C(0) : most);
  auto total = hn::Zero(d);
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    const auto e = exp_to_1(d, hn::Sub(load_at(scores, -std::numeric_limits<C>::infinity()), from));
    total = hn::Add(total, e);
    store_at(e, scores);
  });
  return hn::GetLane(hn::SumOfLanes(d, total));
}

template <class T>
void attend_one(const Attention& a, int64_t place, const OneQuery<T>& w, const AttentionRows& y,
                Compute<T>* log_sums) {
  using C = Compute<T>;
  RowsOf<T> query(a, a.q, a.width, place), keys(a, a.k, a.width, place);
  RowsOf<T> values(a, a.v, a.value_width, place);
  query.copy = keys.copy = values.copy = w.copies;
  const int64_t n = keys_end(a, 0, 1, a.keys);
  const Matrix<C> row = query.block(0, 1);
  for (int64_t i = 0; i < a.width; ++i) w.query[i] = row.data[i] * static_cast<C>(a.scale);
  for_each_block(keys, n, [&](int64_t j, const Matrix<C>& block) {
    for (int64_t k = 0; k < std::min(key_block, n - j); ++k)
      w.scores[j + k] = dot(w.query, block.data + k * block.row, a.width);
  });
  if (a.mask.data) mask_one<T>(a, place, n, w.scores);
  C most = -std::numeric_limits<C>::infinity();
  for (int64_t j = 0; j < n; ++j) most = std::max(most, w.scores[j]);
  const C total = exponentiate_one(most, n, w.scores);
  if (a.dropout_p > 0) {
    // Each key has a block of four numbers for one query, and those of neighbours lie side by side:
    // they are drawn as if one key had that many queries.
    HWY_ALIGN C factors[query_block];
    const ScoreBlock b = {place, 0, query_block, 0, n, query_block};
    for (int64_t j = 0; j < n; j += query_block / 4) {
      dropout_factors(a, b, j, factors);
      for (int64_t k = 0; k < std::min(query_block / 4, n - j); ++k)
        w.scores[j + k] *= factors[4 * k];
    }
  }
  std::fill_n(w.sums, a.value_width, C(0));
  for_each_block(values, n, [&](int64_t j, const Matrix<C>& block) {
    gemm_block(Gemm<C>{1,
                       a.value_width,
                       std::min(key_block, n - j),
                       {w.scores + j, n, 1},
                       block,
                       nullptr,
                       w.sums,
                       a.value_width},
               true);
  });
  finish_row<T>(a, y, place, 0, most, total, w.sums, log_sums);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
