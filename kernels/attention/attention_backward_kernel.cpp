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

#include <rewind/kernels/attention/tile_products-inl.h>
#include <rewind/kernels/attention/vector_products-inl.h>

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
template <class Products>
struct BackwardSpace {
  using T = typename Products::T;
  using C = typename Products::C;
  BackwardSpace(const Attention& a, Arrays<C>& arrays) : products(a, arrays, true) {
    sums = arrays.take(sums_room(a.width));
    weights = arrays.take(key_block * score_row);
    dweights = arrays.take(key_block * score_row);
    log_sums = arrays.take(query_block);
    means = arrays.take(query_block);
    if (!is_reduced<T>) return;
    const int64_t keys = Products::whole_rows(a.keys);
    dk = arrays.take(keys * Products::whole_rows(a.width));
    dv = arrays.take(keys * Products::whole_rows(a.value_width));
  }

  Products products;
  C *sums, *weights, *dweights, *log_sums, *means, *dk = nullptr, *dv = nullptr;
};

template <class T>
Compute<T> dot(const T* x, const T* y, int64_t n) {
  using C = Compute<T>;
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

// Scores times a factor become weights, after dropout, and gradients those of the scores, times the
// scale:
//   p = softmax(s), w = p drop:   ds = p (dw drop - sum(p dw drop)), and this sum is that of g y
template <class C>
void weigh(const Attention& a, const ScoreBlock& b, C factor, const WeightRows<C>& rows,
           bool with_gradient) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto scale = hn::Set(d, static_cast<C>(a.scale)), by = hn::Set(d, factor);
  HWY_ALIGN C factors[query_block];
  for (int64_t j = 0; j < b.keys; ++j) {
    if (a.dropout_p > 0) dropout_factors(a, b, b.key + j, factors);
    for (int64_t i = 0; i < b.columns; i += lanes) {
      C *weight = rows.weights + j * score_row + i, *dweight = rows.dweights + j * score_row + i;
      const auto p =
          exp_to_1(d, hn::MulSub(hn::Load(d, weight), by, hn::Load(d, rows.log_sums + i)));
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
template <class Products>
class Backward {
 public:
  using T = typename Products::T;
  using C = typename Products::C;
  Backward(const Attention& a, const AttentionGrads& from, int64_t place,
           BackwardSpace<Products>& w)
      : a_(a),
        w_(w),
        place_(place),
        y_(a, from.y, a.value_width, place),
        g_(a, from.g, a.value_width, place),
        log_sums_(static_cast<const C*>(from.log_sums) + place * a.queries) {}

  // dq_sums: rows of the sums for q of these keys alone, or null where dq has them.
  void run(const Wanted<T>& to, int64_t begin, int64_t end, C* dq_sums) {
    w_.products.go_to(place_, begin, end);
    dk_ = gathered(to.dk, w_.dk, begin, end, a_.width);
    dv_ = gathered(to.dv, w_.dv, begin, end, a_.value_width);
    for (int64_t query = 0; query < a_.queries; query += query_block) {
      ScoreBlock b = {place_, query, std::min(query_block, a_.queries - query), 0, 0, 0};
      b.columns = Products::columns(b.queries);
      take_queries(b);
      const int64_t last = keys_end(a_, b.query, b.queries, end);
      for (b.key = begin; b.key < last; b.key += key_block) {
        b.keys = std::min(key_block, last - b.key);
        take_keys(to, b, begin);
      }
      if (to.dq.data) put_queries(to, b, dq_sums);
    }
    put_keys(to.dk, dk_, begin, end, a_.width);
    put_keys(to.dv, dv_, begin, end, a_.value_width);
  }

 private:
  // Rows from `begin` on, to which blocks add.
  static Sums<C> gathered(const RowsOf<T>& rows, C* copy, int64_t begin, int64_t end,
                          int64_t width) {
    if (!rows.data) return {};
    int64_t count = end - begin;
    Sums<C> sums;
    if constexpr (is_reduced<T>) {
      count = Products::whole_rows(count);
      width = Products::whole_rows(width);
      sums = {copy, width};
    } else {
      sums = {rows.data + begin * rows.row, rows.row};
    }
    for (int64_t j = 0; j < count; ++j) std::fill_n(sums.data + j * sums.row, width, C(0));
    return sums;
  }
  static void put_keys(const RowsOf<T>& rows, const Sums<C>& sums, int64_t begin, int64_t end,
                       int64_t width) {
    if constexpr (is_reduced<T>)
      if (rows.data)
        for (int64_t j = begin; j < end; ++j)
          convert_floats(sums.data + (j - begin) * sums.row, rows.data + j * rows.row, width);
  }

  void take_queries(const ScoreBlock& b) {
    w_.products.take_queries(b);
    w_.products.take_grads(g_, b);
    std::fill_n(w_.sums, sums_room(a_.width), C(0));
    for (int64_t i = 0; i < b.columns; ++i) {
      const bool real = i < b.queries;
      const int64_t query = b.query + i;
      w_.means[i] =
          real ? dot(y_.data + query * y_.row, g_.data + query * g_.row, a_.value_width) : C(0);
      w_.log_sums[i] = real ? log_sums_[query] : std::numeric_limits<C>::infinity();
    }
  }

  void take_keys(const Wanted<T>& to, const ScoreBlock& b, int64_t begin) {
    Products& products = w_.products;
    products.take_keys(b);
    const C factor = score(a_, b, products, w_.weights);
    const bool of_scores = to.of_scores();
    if (of_scores) products.score_grads(b, w_.dweights);
    weigh<C>(a_, b, factor, {w_.weights, w_.dweights, w_.log_sums, w_.means}, of_scores);
    const auto rows = [&](const Sums<C>& sums) {
      return Sums<C>{sums.data + (b.key - begin) * sums.row, sums.row};
    };
    if (to.dv.data) products.add_dv(b, w_.weights, rows(dv_));
    if (to.dk.data) products.add_dk(b, w_.dweights, rows(dk_));
    if (to.dq.data) products.add_dq(b, w_.dweights, w_.sums);
  }

  void put_queries(const Wanted<T>& to, const ScoreBlock& b, C* dq_sums) {
    if (dq_sums)
      put_turned(w_.sums, b.queries, a_.width, dq_sums + b.query * a_.width, a_.width);
    else
      put_turned(w_.sums, b.queries, a_.width, to.dq.data + b.query * to.dq.row, to.dq.row);
  }

  const Attention& a_;
  BackwardSpace<Products>& w_;
  int64_t place_;
  RowsOf<T> y_, g_;
  const C* log_sums_;
  Sums<C> dk_, dv_;
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

template <class Products>
void attend_backward(const Attention& a, const AttentionGrads& from, const AttentionRows& dq,
                     const AttentionRows& dk, const AttentionRows& dv) {
  using T = typename Products::T;
  using C = typename Products::C;
  constexpr int64_t grain = 1 << 17;
  const int64_t parts = parts_of(a), places = a.batch.numel();
  const int64_t part = blocks_of(blocks_of(a.keys, key_block), parts) * key_block;
  const int64_t dq_size = places * a.queries * a.width;
  const bool apart = parts > 1 && dq.data;
  rw::detail::CachedVector<C> sums(static_cast<size_t>(apart ? parts * dq_size : 0));
  const size_t bytes = bytes_of<BackwardSpace<Products>>(a);
  const int64_t cost = a.queries * part * (a.width + a.value_width) * 2 + 1;
  parallel_for(0, parts * places, grain / cost + 1, [&](int64_t begin, int64_t end) {
    const rw::detail::ThreadMemory memory(bytes);
    Arrays<C> arrays(static_cast<C*>(memory.data()));
    BackwardSpace<Products> w(a, arrays);
    for (int64_t at = begin; at < end; ++at) {
      const int64_t place = at % places, p = at / places, first = p * part;
      C* own = apart ? sums.data() + p * dq_size + place * a.queries * a.width : nullptr;
      Backward<Products>(a, from, place, w)
          .run(wanted_at<T>(a, dq, dk, dv, place), std::min(first, a.keys),
               std::min(first + part, a.keys), own);
    }
  });
  if (apart) add_parts<T>(a, sums.data(), parts, dq);
}

void AttendBackward(const Attention& a, const AttentionGrads& from, const AttentionRows& dq,
                    const AttentionRows& dk, const AttentionRows& dv) {
  dispatch_floating(a.dtype, [&]<class T>() {
    if constexpr (ByTiles::are_for<T>)
      if (ByTiles::take(a)) return attend_backward<ByTiles>(a, from, dq, dk, dv);
    attend_backward<ByVectors<T>>(a, from, dq, dk, dv);
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
