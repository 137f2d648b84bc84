// Included once per target by Highway sources: products of blocks of attention by vectors, in the
// compute type.
#if defined(REWIND_KERNELS_VECTOR_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_VECTOR_PRODUCTS_INL_H_
#undef REWIND_KERNELS_VECTOR_PRODUCTS_INL_H_
#else
#define REWIND_KERNELS_VECTOR_PRODUCTS_INL_H_
#endif

#include <rewind/kernels/attention/attention-inl.h>
#include <rewind/kernels/matmul/gemm_block.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

struct Sizes {
  int64_t rows, columns, depth;
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

/// What a block of queries and a block of keys are multiplied to, for one place of the batch after
/// another. Queries are scaled before. What follows "backward" is for that alone.
template <class Number>
class ByVectors {
 public:
  using T = Number;
  using C = Compute<T>;

  ByVectors(const Attention& a, Arrays<C>& arrays, bool backward = false) : a_(a) {
    const auto copy = [&](int64_t width) { return arrays.take(RowsOf<T>::room(key_block, width)); };
    turned_ = arrays.take(a.width * query_block);
    query_copy_ = copy(a.width), key_copy_ = copy(a.width), value_copy_ = copy(a.value_width);
    if (!backward) return;
    turned_grads_ = arrays.take(a.value_width * query_block);
    grad_copy_ = copy(a.value_width);
  }
  static int64_t columns(int64_t queries) { return whole_vectors<C>(queries); }

  /// Goes on to a place of the batch, of which the keys of [begin, end) come.
  void go_to(int64_t place, int64_t, int64_t) {
    q_ = {a_, a_.q, a_.width, place, query_copy_};
    k_ = {a_, a_.k, a_.width, place, key_copy_};
    v_ = {a_, a_.v, a_.value_width, place, value_copy_};
  }
  void take_queries(const ScoreBlock& b) {
    queries_ = q_.block(b.query, b.queries);
    turn(queries_, b.queries, a_.width, static_cast<C>(a_.scale), turned_);
  }
  void take_keys(const ScoreBlock& b) {
    keys_ = k_.block(b.key, b.keys);
    values_ = v_.block(b.key, b.keys);
  }
  /// scores = k q^T
  void score(const ScoreBlock& b, C* scores) const {
    multiply_turned({b.keys, b.columns, a_.width}, keys_, turned_, scores);
  }
  /// What scores are still to be multiplied by.
  C factor() const { return 1; }
  /// sums += v^T weights
  void add_values(const ScoreBlock& b, C* weights, C* sums) const {
    multiply<C>({a_.value_width, b.columns, b.keys}, values_.transpose(), {weights, score_row, 1},
                {sums, score_row}, true);
  }

  // Backward.

  static int64_t whole_rows(int64_t n) { return n; }
  void take_grads(const RowsOf<T>& g, const ScoreBlock& b) {
    RowsOf<T> rows = g;
    rows.copy = grad_copy_;
    grads_ = rows.block(b.query, b.queries);
    turn(grads_, b.queries, a_.value_width, C(1), turned_grads_);
  }
  /// dweights = v g^T
  void score_grads(const ScoreBlock& b, C* dweights) const {
    multiply_turned({b.keys, b.columns, a_.value_width}, values_, turned_grads_, dweights);
  }
  /// dv += weights g
  void add_dv(const ScoreBlock& b, const C* weights, const Sums<C>& dv) const {
    multiply<C>({b.keys, a_.value_width, b.queries}, {weights, score_row, 1}, grads_, dv, true);
  }
  /// dk += dscores q
  void add_dk(const ScoreBlock& b, const C* dscores, const Sums<C>& dk) const {
    multiply<C>({b.keys, a_.width, b.queries}, {dscores, score_row, 1}, queries_, dk, true);
  }
  /// sums += k^T dscores
  void add_dq(const ScoreBlock& b, C* dscores, C* sums) const {
    multiply<C>({a_.width, b.columns, b.keys}, keys_.transpose(), {dscores, score_row, 1},
                {sums, score_row}, true);
  }

 private:
  const Attention& a_;
  C *turned_, *turned_grads_ = nullptr, *query_copy_, *key_copy_, *value_copy_,
              *grad_copy_ = nullptr;
  RowsOf<T> q_, k_, v_;
  Matrix<C> queries_{}, keys_{}, values_{}, grads_{};
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
