// Included once per target by Highway sources: scans, the running totals of rows of values.
#if defined(REWIND_KERNELS_SCAN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_SCAN_INL_H_
#undef REWIND_KERNELS_SCAN_INL_H_
#else
#define REWIND_KERNELS_SCAN_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <vector>

#include <rewind/kernels/groups.h>
#include <rewind/tensor/parallel.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Op::Total is the type of a running total, Op::none what changes nothing, Op::next(total, value)
// the next one.
template <class Op, class T>
class Scanner {
 public:
  using Total = typename Op::Total;

  // y[k] = the total of x[0] to x[k], or of x[k] to x[n - 1], in each of outer x inner rows of n.
  static void run(Groups s, bool from_end, const T* x, T* y) {
    const int64_t first = from_end ? (s.n - 1) * s.inner : 0, step = from_end ? -s.inner : s.inner;
    const auto cost = std::max<int64_t>(s.n, 1);
    if (s.n == 0) return;
    if (s.inner > 1) {
      const int64_t width = std::min(s.inner, wide), pieces = (s.inner + width - 1) / width;
      parallel_for(0, s.outer * pieces, grain / (cost * width) + 1, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) {
          const int64_t at = b / pieces * s.n * s.inner + b % pieces * width + first;
          const int64_t count = std::min(width, s.inner - b % pieces * width);
          Total totals[wide];
          std::fill_n(totals, count, Op::none);
          columns(x + at, y + at, s.n, step, count, totals);
        }
      });
    } else if (s.outer < together && s.n >= long_row) {
      for (int64_t row = 0; row < s.outer; ++row)
        split(x + row * s.n + first, y + row * s.n + first, s.n, step);
    } else {
      parallel_for(0, s.outer, grain / cost + together, [&](int64_t b, int64_t e) {
        Total totals[together];
        for (; b < e; b += together) {
          const int64_t at = b * s.n + first, count = std::min(together, e - b);
          std::fill_n(totals, together, Op::none);
          rows<true>(x + at, y + at, s.n, step, s.n, count, totals);
        }
      });
    }
  }

 private:
  static constexpr int64_t together = 8;  // rows: the steps of one wait for each other
  static constexpr int64_t wide = 512, long_row = 1 << 12, grain = 1 << 15;

  // Adjacent rows: vectors of them.
  static void columns(const T* x, T* y, int64_t n, int64_t step, int64_t count, Total* totals) {
    for (int64_t k = 0; k < n; ++k, x += step, y += step)
      for (int64_t i = 0; i < count; ++i) {
        totals[i] = Op::next(totals[i], static_cast<Total>(x[i]));
        y[i] = static_cast<T>(totals[i]);
      }
  }

  // Rows that begin `across` after each other. The totals alone where these are not written.
  template <bool written>
  static void rows(const T* x, T* y, int64_t n, int64_t step, int64_t across, int64_t count,
                   Total* totals) {
    const auto advance = [&](int64_t k, int64_t r) {
      const int64_t at = k * step + r * across;
      totals[r] = Op::next(totals[r], static_cast<Total>(x[at]));
      if constexpr (written) y[at] = static_cast<T>(totals[r]);
    };
    if (count == together)
      for (int64_t k = 0; k < n; ++k)
        for (int64_t r = 0; r < together; ++r) advance(k, r);
    else
      for (int64_t r = 0; r < count; ++r)
        for (int64_t k = 0; k < n; ++k) advance(k, r);
  }

  // One long row as pieces, each of which is as many rows as go together: their totals first. The
  // cut depends on the length alone, so that results do not on the number of threads.
  static void split(const T* x, T* y, int64_t n, int64_t step) {
    constexpr int64_t piece = 1 << 15;
    const int64_t pieces = (n + piece - 1) / piece;
    const auto length = [=](int64_t p) { return std::min(piece, n - p * piece) / together; };
    std::vector<Total> starts(static_cast<size_t>(pieces * together + 1), Op::none);
    const auto all = [&]<bool written>(Total* totals) {
      parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) {
          const int64_t at = b * piece * step;
          rows<written>(x + at, y + at, length(b), step, length(b) * step, together,
                        totals + b * together);
        }
      });
    };
    all.template operator()<false>(starts.data() + 1);
    for (size_t i = 1; i < starts.size(); ++i) starts[i] = Op::join(starts[i - 1], starts[i]);
    all.template operator()<true>(starts.data());
    // What does not fill rows comes after the last.
    const int64_t done = (pieces - 1) * piece + length(pieces - 1) * together;
    rows<true>(x + done * step, y + done * step, n - done, step, 0, 1, &starts.back());
  }
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
