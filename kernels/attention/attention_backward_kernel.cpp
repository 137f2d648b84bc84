#include <rewind/kernels/attention/attention_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/attention/attention_backward_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/attention/attention-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Gradients are wanted of q, k and v: where they go. Sums of reduced types gather in float32.
template <class T>
struct Wanted {
  RowsOf<T> dq, dk, dv;
  bool of_scores() const { return dq.data || dk.data; }
};

// What a thread works in.
template <class T>
struct BackwardSpace {
  using C = Compute<T>;
  BackwardSpace(const Attention& a, C* memory) : arrays(memory) {
    queries = arrays.take(a.width * query_block);
    grads = arrays.take(a.value_width * query_block);
    sums = arrays.take(a.width * query_block);
    weights = arrays.take(key_block * score_row);
    dweights = arrays.take(key_block * score_row);
    log_sums = arrays.take(query_block);
    means = arrays.take(query_block);
    for (C*& copy : copies) copy = arrays.take(RowsOf<T>::room(key_block, widest(a)));
    dk = arrays.take(RowsOf<T>::room(a.keys, a.width));
    dv = arrays.take(RowsOf<T>::room(a.keys, a.value_width));
  }
  static int64_t widest(const Attention& a) { return std::max(a.width, a.value_width); }
  static int64_t room(const Attention& a) {
    return 2 * Arrays<C>::room(a.width * query_block) +
           Arrays<C>::room(a.value_width * query_block) + 2 * key_block * score_row +
           2 * query_block + 4 * RowsOf<T>::room(key_block, widest(a)) +
           RowsOf<T>::room(a.keys, a.width) + RowsOf<T>::room(a.keys, a.value_width);
  }

  Arrays<C> arrays;
  C *queries, *grads, *sums, *weights, *dweights, *log_sums, *means, *copies[4], *dk, *dv;
};

template <class C>
C dot(const C* x, const C* y, int64_t n) {
  const hn::ScalableTag<C> d;
  auto sum = hn::Zero(d);
  for_each_vector(d, n, [&](auto load_at, auto) HWY_ATTR {
    sum = hn::MulAdd(load_at(x, C(0)), load_at(y, C(0)), sum);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// Scores and, where wanted, the gradients of what v is multiplied by, with numbers of the queries.
template <class C>
struct WeightRows {
  C *weights, *dweights;
  const C *log_sums, *means;
};

// Scores become weights, after dropout, and gradients those of the scores, times the scale:
//   p = softmax(s), w = p drop:   ds = p (dw drop - sum(p dw drop)), and this sum is that of g y
template <class C>
void weigh(const Attention& a, const ScoreBlock& b, const WeightRows<C>& rows, bool with_gradient) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto scale = hn::Set(d, static_cast<C>(a.scale));
  HWY_ALIGN C factors[query_block];
  for (int64_t j = 0; j < b.keys; ++j) {
    if (a.dropout_p > 0) dropout_factors(a, b, b.key + j, factors);
    for (int64_t i = 0; i < b.columns; i += lanes) {
      C *weight = rows.weights + j * score_row + i, *dweight = rows.dweights + j * score_row + i;
      const auto p = exp_to_1(d, hn::Sub(hn::Load(d, weight), hn::Load(d, rows.log_sums + i)));
      auto w = p;
      if (a.dropout_p > 0) w = hn::Mul(p, hn::Load(d, factors + i));
      hn::Store(w, d, weight);
      if (!with_gradient) continue;
      auto dw = hn::Load(d, dweight);
      if (a.dropout_p > 0) dw = hn::Mul(dw, hn::Load(d, factors + i));
      const auto ds = hn::Mul(hn::Mul(p, scale), hn::Sub(dw, hn::Load(d, rows.means + i)));
      hn::Store(ds, d, dweight);
    }
  }
}

// One place of the batch, for the keys of [begin, end).
template <class T>
class Backward {
 public:
  using C = Compute<T>;
  Backward(const Attention& a, const AttentionGrads& from, int64_t place, const BackwardSpace<T>& w)
      : a_(a),
        w_(w),
        place_(place),
        q_(a, a.q, a.width, place),
        k_(a, a.k, a.width, place),
        v_(a, a.v, a.value_width, place),
        y_(a, from.y, a.value_width, place),
        g_(a, from.g, a.value_width, place),
        log_sums_(static_cast<const C*>(from.log_sums) + place * a.queries) {
    q_.copy = w.copies[0], g_.copy = w.copies[1], k_.copy = w.copies[2], v_.copy = w.copies[3];
    y_.copy = w.copies[2];
  }

  // dq_sums: rows of the sums for q of these keys alone, or null where dq has them.
  void run(const Wanted<T>& to, int64_t begin, int64_t end, C* dq_sums) {
    dk_ = gathered(to.dk, w_.dk, begin, end, a_.width);
    dv_ = gathered(to.dv, w_.dv, begin, end, a_.value_width);
    for (int64_t query = 0; query < a_.queries; query += query_block) {
      ScoreBlock b = {place_, query, std::min(query_block, a_.queries - query), 0, 0, 0};
      b.columns = whole_vectors<C>(b.queries);
      take_queries(b);
      const int64_t last = keys_end(a_, b.query, b.queries, end);
      bool summed = false;
      for (b.key = begin; b.key < last; b.key += key_block, summed = true) {
        b.keys = std::min(key_block, last - b.key);
        take_keys(to, b, begin, summed);
      }
      if (to.dq.data) put_queries(to, b, summed, dq_sums);
    }
    put_keys(to.dk, dk_, begin, end, a_.width);
    put_keys(to.dv, dv_, begin, end, a_.value_width);
  }

 private:
  // Rows from `begin` on to which blocks add.
  struct Sums {
    C* data = nullptr;
    int64_t row = 0;
  };
  static Sums gathered(const RowsOf<T>& rows, C* copy, int64_t begin, int64_t end, int64_t width) {
    if (!rows.data) return {};
    Sums sums;
    if constexpr (is_reduced<T>)
      sums = {copy, width};
    else
      sums = {rows.data + begin * rows.row, rows.row};
    for (int64_t j = 0; j < end - begin; ++j) std::fill_n(sums.data + j * sums.row, width, C(0));
    return sums;
  }
  static void put_keys(const RowsOf<T>& rows, const Sums& sums, int64_t begin, int64_t end,
                       int64_t width) {
    if constexpr (is_reduced<T>)
      if (rows.data)
        for (int64_t j = begin; j < end; ++j)
          convert_floats(sums.data + (j - begin) * width, rows.data + j * rows.row, width);
  }

  void take_queries(const ScoreBlock& b) {
    queries_ = q_.block(b.query, b.queries);
    grads_ = g_.block(b.query, b.queries);
    turn(queries_, b.queries, a_.width, static_cast<C>(a_.scale), w_.queries);
    turn(grads_, b.queries, a_.value_width, C(1), w_.grads);
    const Matrix<C> y = y_.block(b.query, b.queries);
    for (int64_t i = 0; i < b.columns; ++i) {
      const bool real = i < b.queries;
      w_.means[i] = real ? dot(y.from(i, 0).data, grads_.from(i, 0).data, a_.value_width) : C(0);
      w_.log_sums[i] = real ? log_sums_[b.query + i] : std::numeric_limits<C>::infinity();
    }
  }

  void take_keys(const Wanted<T>& to, const ScoreBlock& b, int64_t begin, bool add) {
    const Matrix<C> keys = k_.block(b.key, b.keys);
    score<T>(a_, b, keys, w_.queries, w_.weights);
    const bool of_scores = to.of_scores();
    if (of_scores)
      gemm_block(Gemm<C>{b.keys,
                         b.columns,
                         a_.value_width,
                         v_.block(b.key, b.keys),
                         {w_.grads, query_block, 1},
                         nullptr,
                         w_.dweights,
                         score_row});
    weigh<C>(a_, b, {w_.weights, w_.dweights, w_.log_sums, w_.means}, of_scores);
    const int64_t at = b.key - begin;
    if (to.dv.data)
      gemm_block(Gemm<C>{b.keys,
                         a_.value_width,
                         b.queries,
                         {w_.weights, score_row, 1},
                         grads_,
                         nullptr,
                         dv_.data + at * dv_.row,
                         dv_.row},
                 true);
    if (to.dk.data)
      gemm_block(Gemm<C>{b.keys,
                         a_.width,
                         b.queries,
                         {w_.dweights, score_row, 1},
                         queries_,
                         nullptr,
                         dk_.data + at * dk_.row,
                         dk_.row},
                 true);
    if (to.dq.data)
      gemm_block(Gemm<C>{b.queries,
                         a_.width,
                         b.keys,
                         {w_.dweights, 1, score_row},
                         keys,
                         nullptr,
                         w_.sums,
                         a_.width},
                 add);
  }

  void put_queries(const Wanted<T>& to, const ScoreBlock& b, bool summed, C* dq_sums) {
    if (!summed) std::fill_n(w_.sums, b.queries * a_.width, C(0));
    if (dq_sums) {
      std::copy_n(w_.sums, b.queries * a_.width, dq_sums + b.query * a_.width);
      return;
    }
    for (int64_t i = 0; i < b.queries; ++i) {
      const C* sums = w_.sums + i * a_.width;
      T* out = to.dq.data + (b.query + i) * to.dq.row;
      if constexpr (is_reduced<T>)
        convert_floats(sums, out, a_.width);
      else
        std::copy_n(sums, a_.width, out);
    }
  }

  const Attention& a_;
  const BackwardSpace<T>& w_;
  int64_t place_;
  RowsOf<T> q_, k_, v_, y_, g_;
  const C* log_sums_;
  Matrix<C> queries_{}, grads_{};
  Sums dk_, dv_;
};

// Few places of the batch are shared out further, by keys: by the sizes alone, for results not to
// depend on the number of threads. Each part then sums up a dq of its own.
constexpr int64_t enough_parts = 8;
inline int64_t parts_of(const Attention& a) {
  const int64_t wanted = blocks_of(enough_parts, std::max<int64_t>(1, a.batch.numel()));
  return std::max<int64_t>(1, std::min(wanted, blocks_of(a.keys, key_block)));
}

template <class T>
Wanted<T> wanted_at(const Attention& a, const AttentionRows& dq, const AttentionRows& dk,
                    const AttentionRows& dv, int64_t place) {
  return {{a, dq, a.width, place}, {a, dk, a.width, place}, {a, dv, a.value_width, place}};
}

// dq = the sums of all parts.
template <class T>
void add_parts(const Attention& a, const Compute<T>* sums, int64_t parts, const AttentionRows& dq) {
  const int64_t rows = a.batch.numel() * a.queries;
  parallel_for(0, rows, std::max<int64_t>(1, (1 << 13) / std::max<int64_t>(1, a.width)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r) {
                   const RowsOf<T> to(a, dq, a.width, r / a.queries);
                   T* out = to.data + r % a.queries * to.row;
                   for (int64_t c = 0; c < a.width; ++c) {
                     Compute<T> sum = 0;
                     for (int64_t p = 0; p < parts; ++p) sum += sums[(p * rows + r) * a.width + c];
                     out[c] = static_cast<T>(sum);
                   }
                 }
               });
}

void AttendBackward(const Attention& a, const AttentionGrads& from, const AttentionRows& dq,
                    const AttentionRows& dk, const AttentionRows& dv) {
  dispatch_floating(a.dtype, [&]<class T>() {
    using C = Compute<T>;
    constexpr int64_t grain = 1 << 17;
    const int64_t parts = parts_of(a), places = a.batch.numel();
    const int64_t part = blocks_of(blocks_of(a.keys, key_block), parts) * key_block;
    const int64_t dq_size = places * a.queries * a.width;
    const bool apart = parts > 1 && dq.data;
    rw::detail::CachedVector<C> sums(static_cast<size_t>(apart ? parts * dq_size : 0));
    const auto bytes = sizeof(C) * static_cast<size_t>(BackwardSpace<T>::room(a));
    const int64_t cost = a.queries * part * (a.width + a.value_width) * 2 + 1;
    parallel_for(0, parts * places, grain / cost + 1, [&](int64_t begin, int64_t end) {
      const rw::detail::ThreadMemory memory(bytes);
      const BackwardSpace<T> w(a, static_cast<C*>(memory.data()));
      for (int64_t at = begin; at < end; ++at) {
        const int64_t place = at % places, p = at / places, first = p * part;
        C* own = apart ? sums.data() + p * dq_size + place * a.queries * a.width : nullptr;
        Backward<T>(a, from, place, w)
            .run(wanted_at<T>(a, dq, dk, dv, place), std::min(first, a.keys),
                 std::min(first + part, a.keys), own);
      }
    });
    if (apart) add_parts<T>(a, sums.data(), parts, dq);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(AttendBackward);

void attention_backward(const Attention& a, const AttentionGrads& from, const AttentionRows& dq,
                        const AttentionRows& dk, const AttentionRows& dv) {
  HWY_DYNAMIC_DISPATCH(AttendBackward)(a, from, dq, dk, dv);
}

}  // namespace rw::kernels
#endif
