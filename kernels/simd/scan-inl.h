// Included once per target by Highway sources: scans, the running totals of rows of values.
#if defined(REWIND_KERNELS_SCAN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_SCAN_INL_H_
#undef REWIND_KERNELS_SCAN_INL_H_
#else
#define REWIND_KERNELS_SCAN_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/kernels/groups.h>
#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/tensor/parallel.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// The running totals of the lanes of a vector: next(a, b) of those at a distance of 1, of 2, of 4 …
template <class Op, class D>
class Prefix {
 public:
  using V = hn::Vec<D>;
  using Total = hn::TFromD<D>;

  explicit Prefix(D d) : none_(hn::Set(d, Op::none)) {
    const auto lanes = hn::Lanes(d);
    HWY_ALIGN Index from[hn::MaxLanes(d)];
    for (size_t k = 0; k < steps; ++k) {
      for (size_t i = 0; i < lanes; ++i) from[i] = static_cast<Index>(i >> k ? i - (1u << k) : i);
      from_[k] = hn::SetTableIndices(d, from);
      outside_[k] = hn::FirstN(d, std::min(lanes, size_t{1} << k));
    }
    std::fill_n(from, lanes, static_cast<Index>(lanes - 1));
    last_ = hn::SetTableIndices(d, from);
  }

  // `before` is the total before v in every lane, and then that after it.
  HWY_INLINE V of(V v, V& before) const {
    for (size_t k = 0; k < steps; ++k) {
      const V left = hn::IfThenElse(outside_[k], none_, hn::TableLookupLanes(v, from_[k]));
      v = Op::next(left, v);
    }
    v = Op::next(before, v);
    before = hn::TableLookupLanes(v, last_);
    return v;
  }

 private:
  using Index = hn::TFromD<hn::RebindToSigned<D>>;
  static constexpr size_t log2(size_t n) { return n <= 1 ? 0 : 1 + log2(n / 2); }
  static constexpr size_t steps = log2(hn::MaxLanes(D()));

  V none_;
  decltype(hn::SetTableIndices(D(), static_cast<const Index*>(nullptr))) from_[steps + 1], last_;
  decltype(hn::FirstN(D(), size_t{})) outside_[steps + 1];
};

// Op::Total is the type of a running total, Op::none what changes nothing, Op::next(total, x) the
// next one: of numbers and of vectors.
template <class Op, class T>
class Scanner {
 public:
  using Total = typename Op::Total;

  // y[k] = the total of x[0] to x[k], or of x[k] to x[n - 1], in each of outer x inner rows of n.
  static void run(Groups s, bool from_end, const T* x, T* y) {
    const int64_t first = from_end ? (s.n - 1) * s.inner : 0;
    const auto cost = std::max<int64_t>(s.n, 1);
    if (s.n == 0) return;
    if (s.inner > 1) {
      const int64_t width = std::min(s.inner, wide), pieces = (s.inner + width - 1) / width;
      parallel_for(0, s.outer * pieces, grain / (cost * width) + 1, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) {
          const int64_t at = b / pieces * s.n * s.inner + b % pieces * width + first;
          columns(x + at, y + at, s.n, from_end ? -s.inner : s.inner,
                  std::min(width, s.inner - b % pieces * width));
        }
      });
    } else if (s.outer < few_rows && s.n > 2 * piece) {
      for (int64_t row = 0; row < s.outer; ++row)
        split(x + row * s.n, y + row * s.n, s.n, from_end);
    } else {
      parallel_for(0, s.outer, grain / cost + 1, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) scan_row<true>(x + b * s.n, y + b * s.n, s.n, from_end, Op::none);
      });
    }
  }

 private:
  static constexpr int64_t wide = 512, few_rows = 8, piece = 1 << 15, grain = 1 << 15;
  static constexpr hn::ScalableTag<Total> d{};

  // Adjacent rows: vectors of them.
  static void columns(const T* x, T* y, int64_t n, int64_t step, int64_t count) {
    Total totals[wide];
    std::fill_n(totals, count, Op::none);
    for (int64_t k = 0; k < n; ++k, x += step, y += step) next_of_columns(totals, x, y, count);
  }

  static void next_of_columns(Total* totals, const T* x, T* y, int64_t count) {
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t i = 0;
    if constexpr (std::is_floating_point_v<Total>)
      for (; i + lanes <= count; i += lanes) {
        const auto next = Op::next(hn::LoadU(d, totals + i), load_totals(x + i));
        hn::StoreU(next, d, totals + i);
        store_totals(next, y + i);
      }
    for (; i < count; ++i) {
      totals[i] = Op::next(totals[i], static_cast<Total>(x[i]));
      y[i] = static_cast<T>(totals[i]);
    }
  }

  static HWY_INLINE hn::Vec<decltype(d)> load_totals(const T* p) {
    if constexpr (std::is_integral_v<T>)
      return hn::LoadU(d, reinterpret_cast<const Total*>(p));
    else
      return load(d, p);
  }
  static HWY_INLINE void store_totals(hn::Vec<decltype(d)> v, T* p) {
    if constexpr (sizeof(T) == sizeof(Total))
      hn::StoreU(v, d, reinterpret_cast<Total*>(p));
    else
      store(hn::Rebind<float, decltype(d)>(), hn::DemoteTo(hn::Rebind<float, decltype(d)>(), v), p);
  }

  // One row after `total`, which comes back with the row added. Only that where nothing is written.
  template <bool written>
  static Total scan_row(const T* x, T* y, int64_t n, bool from_end, Total total) {
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const Prefix<Op, decltype(d)> prefix(d);
    auto before = hn::Set(d, total);
    int64_t k = 0;
    for (; k + lanes <= n; k += lanes) {
      const int64_t at = from_end ? n - k - lanes : k;
      auto v = load_totals(x + at);
      v = prefix.of(from_end ? hn::Reverse(d, v) : v, before);
      if (written) store_totals(from_end ? hn::Reverse(d, v) : v, y + at);
    }
    total = hn::GetLane(before);
    for (; k < n; ++k) {
      const int64_t at = from_end ? n - k - 1 : k;
      total = Op::next(total, static_cast<Total>(x[at]));
      if (written) y[at] = static_cast<T>(total);
    }
    return total;
  }

  // A long row as pieces: their totals first. The cut depends on the length alone, so that results
  // do not on the number of threads.
  static void split(const T* x, T* y, int64_t n, bool from_end) {
    const int64_t pieces = (n + piece - 1) / piece;
    std::vector<Total> before(static_cast<size_t>(pieces));
    const auto in_pieces = [&](auto&& f) {
      parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) {
          const int64_t begin = b * piece, end = std::min(n, begin + piece);
          f(before[static_cast<size_t>(b)], from_end ? n - end : begin, end - begin);
        }
      });
    };
    in_pieces([&](Total& total, int64_t at, int64_t size) {
      total = scan_row<false>(x + at, y, size, from_end, Op::none);
    });
    Total sum = Op::none;
    for (Total& total : before) {
      const Total own = std::exchange(total, sum);
      sum = Op::next(sum, own);
    }
    in_pieces([&](Total& total, int64_t at, int64_t size) {
      scan_row<true>(x + at, y + at, size, from_end, total);
    });
  }
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
