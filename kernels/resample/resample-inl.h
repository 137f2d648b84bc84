// Included once per target by the resampling kernel: weighted sums along rows and columns.
#if defined(REWIND_KERNELS_RESAMPLE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_RESAMPLE_INL_H_
#undef REWIND_KERNELS_RESAMPLE_INL_H_
#else
#define REWIND_KERNELS_RESAMPLE_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/resample/axis_weights.h>
#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/tensor/allocator.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// y = the sum of `count` rows of `size` numbers, each by its weight. Row k begins at rows(k).
template <class P, class To, class Rows, class W>
HWY_INLINE void combine(const Rows& rows, const W* weights, int64_t count, int64_t size, To* y) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 4 * lanes <= size; i += 4 * lanes) {
    auto a = hn::Zero(d), b = a, c = a, e = a;
    for (int64_t k = 0; k < count; ++k) {
      const auto w = hn::Set(d, static_cast<P>(weights[k]));
      const auto* x = rows(k) + i;
      a = hn::MulAdd(w, load(d, x), a);
      b = hn::MulAdd(w, load(d, x + lanes), b);
      c = hn::MulAdd(w, load(d, x + 2 * lanes), c);
      e = hn::MulAdd(w, load(d, x + 3 * lanes), e);
    }
    store(d, a, y + i);
    store(d, b, y + i + lanes);
    store(d, c, y + i + 2 * lanes);
    store(d, e, y + i + 3 * lanes);
  }
  for (; i < size; i += lanes) {
    auto a = hn::Zero(d);
    for (int64_t k = 0; k < count; ++k)
      a = hn::MulAdd(hn::Set(d, static_cast<P>(weights[k])), load_up_to(d, rows(k) + i, size - i),
                     a);
    store_up_to(d, a, y + i, size - i);
  }
}

// Sums along a row of numbers, a vector of targets at a time. Neighbouring targets are made of
// neighbouring sources: mostly one or two vectors of these hold all that stand at the same place of
// their targets' sums, to be brought in order.
template <class P>
class Columns {
  using D = hn::ScalableTag<P>;
  using DI = hn::RebindToSigned<D>;
  using I = hn::TFromD<DI>;

 public:
  Columns(const AxisWeights& w, int64_t channels)
      : step_(channels), targets_(w.targets() * channels), most_(w.most) {
    const int64_t groups = (targets_ + lanes_ - 1) / lanes_;
    groups_.resize(static_cast<size_t>(groups));
    index_.resize(static_cast<size_t>(groups * lanes_));
    count_.resize(static_cast<size_t>(groups * lanes_));
    weights_.resize(static_cast<size_t>(groups * lanes_ * most_));
    for (int64_t g = 0; g < groups; ++g) prepare(w, g);
  }

  // How many numbers have to be readable behind a row's end.
  static int64_t margin() { return 2 * static_cast<int64_t>(hn::Lanes(D())); }

  template <class To>
  void run(const P* x, To* y) const {
    for (size_t g = 0; g < groups_.size(); ++g) {
      switch (groups_[g].reach) {
        case Reach::one:
          run_group<Reach::one>(g, x, y);
          break;
        case Reach::two:
          run_group<Reach::two>(g, x, y);
          break;
        case Reach::any:
          run_group<Reach::any>(g, x, y);
          break;
      }
    }
  }

 private:
  enum class Reach : uint8_t { one, two, any };  // vectors that hold a place's sources
  struct Group {
    int64_t base = 0;  // the first source of all
    int64_t most = 0;  // the greatest number of sources of a target
    Reach reach = Reach::one;
    bool even = true;  // each has as many
  };

  void prepare(const AxisWeights& w, int64_t g) {
    Group& group = groups_[static_cast<size_t>(g)];
    const auto source = [&](int64_t e) {
      return int64_t{w.first[static_cast<size_t>(e / step_)]} * step_ + e % step_;
    };
    const int64_t begin = g * lanes_, last = std::min(begin + lanes_, targets_) - 1;
    int64_t low = source(begin), high = low;
    for (int64_t e = begin; e <= last; ++e) {
      low = std::min(low, source(e));
      high = std::max(high, source(e));
    }
    group.base = low;
    group.reach = high - low < lanes_       ? Reach::one
                  : high - low < 2 * lanes_ ? Reach::two
                                            : Reach::any;
    const auto count = [&](int64_t e) { return w.count[static_cast<size_t>(e / step_)]; };
    for (int64_t i = 0; i < lanes_; ++i) {
      const int64_t e = std::min(begin + i, last);  // those behind the row's end are not stored
      const auto at = static_cast<size_t>(begin + i);
      index_[at] = static_cast<I>(source(e) - low);
      count_[at] = count(e);
      group.most = std::max<int64_t>(group.most, count(e));
      group.even &= count(e) == count(begin);
      for (int64_t k = 0; k < count(e); ++k)
        weights_[static_cast<size_t>((g * most_ + k) * lanes_ + i)] =
            static_cast<P>(w.of(e / step_)[k]);
    }
  }

  template <Reach reach, class To>
  HWY_INLINE void run_group(size_t g, const P* x, To* y) const {
    const Group& group = groups_[g];
    const auto at = static_cast<int64_t>(g) * lanes_;
    const auto index = hn::LoadU(di, index_.data() + at), count = hn::LoadU(di, count_.data() + at);
    const P* weights = weights_.data() + at * most_;
    const auto place =
        hn::IndicesFromVec(d, hn::And(index, hn::Set(di, static_cast<I>(lanes_ - 1))));
    const auto in_second =
        hn::RebindMask(d, hn::Gt(index, hn::Set(di, static_cast<I>(lanes_ - 1))));
    auto sum = hn::Zero(d);
    x += group.base;
    for (int64_t k = 0; k < group.most; ++k, x += step_, weights += lanes_) {
      hn::Vec<D> v;
      if constexpr (reach == Reach::any) {
        // A target of few sources does not look for more of them beyond the row.
        const auto there = hn::Gt(count, hn::Set(di, static_cast<I>(k)));
        v = hn::GatherIndex(d, x, hn::IfThenElseZero(there, index));
      } else {
        v = hn::TableLookupLanes(hn::LoadU(d, x), place);
        if constexpr (reach == Reach::two)
          v = hn::IfThenElse(in_second, hn::TableLookupLanes(hn::LoadU(d, x + lanes_), place), v);
      }
      if (!group.even)  // what is not part of a sum may be NaN
        v = hn::IfThenElseZero(hn::RebindMask(d, hn::Gt(count, hn::Set(di, static_cast<I>(k)))), v);
      sum = hn::MulAdd(v, hn::LoadU(d, weights), sum);
    }
    store_up_to(d, sum, y + at, targets_ - at);
  }

  static constexpr D d{};
  static constexpr DI di{};
  const int64_t lanes_ = static_cast<int64_t>(hn::Lanes(d));
  int64_t step_, targets_, most_;
  std::vector<Group> groups_;
  detail::CachedVector<I> index_, count_;
  detail::CachedVector<P> weights_;
};

template <class T>
class Resampler {
  using P = Compute<T>;

 public:
  Resampler(const AxisWeights& rows, const AxisWeights& columns, int64_t channels, const T* x, T* y)
      : rows_(rows),
        columns_(columns),
        channels_(channels),
        from_(columns.sources * channels),
        to_(columns.targets() * channels),
        x_(x),
        y_(y),
        order_(choose_order()),
        by_vectors_(channels >= static_cast<int64_t>(hn::Lanes(hn::ScalableTag<P>()))),
        shuffles_(order_ == Order::rows_only || by_vectors_ ? AxisWeights() : columns, channels) {}

  // Targets of rows [begin, end) of all planes.
  void operator()(int64_t begin, int64_t end) const {
    const int64_t targets = rows_.targets();
    for (int64_t at = begin; at < end;) {
      const int64_t plane = at / targets, first = at % targets;
      const int64_t last = std::min(targets, first + end - at);
      run(x_ + plane * rows_.sources * from_, y_ + plane * targets * to_, first, last);
      at += last - first;
    }
  }

 private:
  using Row = detail::CachedVector<P>;
  enum class Order : uint8_t { rows_only, columns_only, rows_first, columns_first };

  static int64_t total(const AxisWeights& w) {
    int64_t sum = 0;
    for (const int32_t n : w.count) sum += n;
    return sum;
  }

  // Products of a column cost about twice as much as those of rows.
  Order choose_order() const {
    if (columns_.is_identity()) return Order::rows_only;
    if (rows_.is_identity()) return Order::columns_only;
    const int64_t by_rows = total(rows_), by_columns = 2 * total(columns_);
    const int64_t columns_first = rows_.sources * by_columns + by_rows * columns_.targets();
    const int64_t rows_first = by_rows * columns_.sources + rows_.targets() * by_columns;
    return columns_first < rows_first ? Order::columns_first : Order::rows_first;
  }

  void run(const T* x, T* y, int64_t begin, int64_t end) const {
    Row line(static_cast<size_t>(from_ + shuffles_.margin()));
    switch (order_) {
      case Order::rows_only:
        for (int64_t i = begin; i < end; ++i) row(x, i, y + i * to_);
        return;
      case Order::columns_only:
        for (int64_t i = begin; i < end; ++i) columns(x + i * from_, y + i * to_, line);
        return;
      case Order::rows_first:
        for (int64_t i = begin; i < end; ++i) {
          row(x, i, line.data());
          columns(line.data(), y + i * to_, line);
        }
        return;
      case Order::columns_first:
        return columns_first(x, y, begin, end, line);
    }
  }

  // The sum of rows of x that makes row i.
  template <class To>
  void row(const T* x, int64_t i, To* y) const {
    const auto t = static_cast<size_t>(i);
    x += rows_.first[t] * from_;
    combine<P>([&](int64_t k) HWY_ATTR { return x + k * from_; }, rows_.of(i), rows_.count[t],
               from_, y);
  }

  template <class From, class To>
  void columns(const From* x, To* y, Row& line) const {
    if (by_vectors_) {
      for (int64_t t = 0; t < columns_.targets(); ++t, y += channels_) {
        const From* first = x + columns_.first[static_cast<size_t>(t)] * channels_;
        combine<P>([&](int64_t k) HWY_ATTR { return first + k * channels_; }, columns_.of(t),
                   columns_.count[static_cast<size_t>(t)], channels_, y);
      }
      return;
    }
    if constexpr (std::is_same_v<From, P>) {
      if (x != line.data()) std::copy_n(x, from_, line.data());
    } else {
      convert_floats(x, line.data(), from_);
    }
    shuffles_.run(line.data(), y);
  }

  // As few rows are kept as a sum takes: row r in the place r modulo their number.
  void columns_first(const T* x, T* y, int64_t begin, int64_t end, Row& line) const {
    Row kept(static_cast<size_t>(rows_.most * to_));
    const auto place = [&](int64_t r) HWY_ATTR { return kept.data() + r % rows_.most * to_; };
    int64_t next = 0;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = rows_.first[static_cast<size_t>(i)];
      const int64_t count = rows_.count[static_cast<size_t>(i)];
      for (next = std::max(next, first); next < first + count; ++next)
        columns(x + next * from_, place(next), line);
      combine<P>([&](int64_t k) HWY_ATTR { return place(first + k); }, rows_.of(i), count, to_,
                 y + i * to_);
    }
  }

  const AxisWeights &rows_, &columns_;
  const int64_t channels_, from_, to_;
  const T* x_;
  T* y_;
  const Order order_;
  const bool by_vectors_;
  const Columns<P> shuffles_;
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
