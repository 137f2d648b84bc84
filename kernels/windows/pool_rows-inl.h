// Included once per target by the pooling kernels: planes of a few channels, with vectors along the
// rows.
#if defined(REWIND_KERNELS_POOL_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POOL_ROWS_INL_H_
#undef REWIND_KERNELS_POOL_ROWS_INL_H_
#else
#define REWIND_KERNELS_POOL_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/kernels/windows/pool_ops-inl.h>
#include <rewind/tensor/allocator.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 2, uint16_t,
                                std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

// What copy_pixel may write too much.
constexpr int64_t slack = 8;

// Copies `channels` elements, and up to `slack` more where there is room for as many: whole vectors
// are quicker than few elements.
template <class T>
void copy_pixel(const T* from, T* to, int64_t channels, int64_t room) {
  const hn::CappedTag<Bits<T>, slack> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t c = 0;
  for (; c < channels && c + lanes <= room; c += lanes)
    hn::StoreU(hn::LoadU(d, reinterpret_cast<const Bits<T>*>(from + c)), d,
               reinterpret_cast<Bits<T>*>(to + c));
  for (; c < channels; ++c) to[c] = from[c];
}

// Pixel k of out[p] = pixel k * step + p of x, k < n. The pieces are `apart` from each other, which
// leaves `slack` between them.
template <class T>
void deinterleave(const T* x, int64_t n, int64_t step, int64_t channels, T* out, int64_t apart) {
  int64_t k = 0;
  if (step == 2 && channels == 1) {
    const hn::ScalableTag<Bits<T>> d;
    const auto* from = reinterpret_cast<const Bits<T>*>(x);
    auto* to = reinterpret_cast<Bits<T>*>(out);
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    hn::Vec<decltype(d)> even, odd;
    for (; k + lanes <= n; k += lanes) {
      hn::LoadInterleaved2(d, from + 2 * k, even, odd);
      hn::StoreU(even, d, to + k);
      hn::StoreU(odd, d, to + apart + k);
    }
  }
  for (; k < n; ++k)
    for (int64_t p = 0; p < step; ++p) {
      const int64_t at = (k * step + p) * channels;
      copy_pixel(x + at, out + p * apart + k * channels, channels, n * step * channels - at);
    }
}

// Pixel k * period + p of y = pixel k of x[p], k < n. The pieces are `apart` from each other; there
// is `slack` behind them.
template <class T>
void interleave(const T* x, int64_t apart, int64_t n, int64_t period, int64_t channels, T* y) {
  int64_t k = 0;
  if (period == 2 && channels == 1) {
    const hn::ScalableTag<Bits<T>> d;
    const auto* from = reinterpret_cast<const Bits<T>*>(x);
    auto* to = reinterpret_cast<Bits<T>*>(y);
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    for (; k + lanes <= n; k += lanes)
      hn::StoreInterleaved2(hn::LoadU(d, from + k), hn::LoadU(d, from + apart + k), d, to + 2 * k);
  }
  for (; k < n; ++k)
    for (int64_t p = 0; p < period; ++p) {
      const int64_t at = (k * period + p) * channels;
      copy_pixel(x + p * apart + k * channels, y + at, channels, n * period * channels - at);
    }
}

// Where windows slide, the regular columns are taken in vectors along a row, one column of each
// `period` at a time. Sources that lie `step` apart and targets that lie `period` apart are brought
// together for that: one of both is 1. The other columns are taken one by one.
template <class Op>
class RowWalk {
 public:
  RowWalk(const Pool& pool, const Op& op)
      : pool_(pool), op_(op), channels_(pool.channels), regular_(op.regular(pool.cols)) {
    const int64_t step = regular_.step, period = regular_.period;
    split_row_ = (pool.cols.sources() + step - 1) / step * channels_;
    apart_ = split_row_ * pool.rows.sources() + slack;
    if (step > 1) split_.resize(static_cast<size_t>(step * apart_));
    if (period > 1)
      joined_.resize(static_cast<size_t>((regular_.end - regular_.begin) * channels_ + slack));
    for (int64_t p = 0; p < period && regular_.end > 0; ++p) {
      const auto taps = pool.cols.of(regular_.begin + p);
      cols_.emplace_back(taps.begin(), taps.end());
      if (step > 1)
        for (Tap& tap : cols_.back()) tap.source = split_place(tap.source);
    }
  }

  void operator()(int64_t begin, int64_t end) {
    const int64_t height = pool_.rows.targets();
    for (int64_t line = begin; line < end; ++line) {
      const int64_t plane = line / height, i = line % height;
      if (regular_.step > 1 && (line == begin || i == 0))
        split(plane, i, std::min(height, i + end - line));
      row(plane, i);
    }
  }

 private:
  using T = typename Op::Value;

  int64_t source_row() const { return pool_.cols.sources() * channels_; }
  int64_t plane_size() const { return pool_.rows.sources() * source_row(); }

  // Where the pixel at a place of a row lies in split_, but for the row.
  int32_t split_place(int32_t source) const {
    const auto step = regular_.step;
    return static_cast<int32_t>(source % step * apart_ + source / step * channels_);
  }

  // Of a plane, what the targets of rows [begin, end) take.
  void split(int64_t plane, int64_t begin, int64_t end) {
    int64_t first = pool_.rows.sources(), last = 0;
    for (int64_t i = begin; i < end; ++i)
      if (const auto rows = pool_.rows.of(i); !rows.empty()) {
        first = std::min<int64_t>(first, rows.front().source);
        last = std::max<int64_t>(last, rows.back().source + 1);
      }
    if (first >= last) return;
    const int64_t width = pool_.cols.sources(), step = regular_.step;
    const T* x = op_.x + plane * plane_size() + first * source_row();
    T* out = split_.data() + first * split_row_;
    if (width % step == 0)
      return deinterleave(x, (last - first) * width / step, step, channels_, out, apart_);
    for (; first < last; ++first, x += source_row(), out += split_row_) {
      deinterleave(x, width / step, step, channels_, out, apart_);
      for (int64_t k = width / step * step; k < width; ++k)
        std::copy_n(x + k * channels_, channels_, out + k % step * apart_ + k / step * channels_);
    }
  }

  void row(int64_t plane, int64_t i) {
    const int64_t width = pool_.cols.targets();
    const std::span<const Tap> rows = pool_.rows.of(i);
    const int64_t line = (plane * pool_.rows.targets() + i) * width * channels_;
    if (regular_.end > regular_.begin) regular_columns(plane, i, rows, line);
    Site site = {0, i, 0, plane * plane_size(), source_row(), channels_};
    with_vectors_for<Compute<T>>(channels_, [&](auto d) {
      const auto alone = [&](int64_t from, int64_t to) {
        for (site.j = from; site.j < to; ++site.j) {
          site.target = line + site.j * channels_;
          across(d, op_, rows, pool_.cols.of(site.j), site, channels_);
        }
      };
      alone(0, regular_.begin);
      alone(regular_.end, width);
    });
  }

  void regular_columns(int64_t plane, int64_t i, std::span<const Tap> rows, int64_t line) {
    const int64_t period = regular_.period;
    const int64_t n = (regular_.end - regular_.begin) / period * channels_;
    Op op = op_;
    Site site = {line + regular_.begin * channels_,
                 i,
                 regular_.begin,
                 plane * plane_size(),
                 source_row(),
                 channels_};
    if (regular_.step > 1) {
      op.x = split_.data();
      site.plane = 0;
      site.source_row = split_row_;
      site.channels = 1;  // taps know the place itself
    }
    if (period > 1) {
      op.y = joined_.data();
      site.target = 0;
    }
    with_vectors_for<Compute<T>>(n, [&](auto d) {
      for (const auto& cols : cols_) {
        across(d, op, rows, cols, site, n);
        site.target += n;
      }
    });
    if (period > 1)
      interleave(joined_.data(), n, n / channels_, period, channels_,
                 op_.y + line + regular_.begin * channels_);
  }

  const Pool& pool_;
  const Op& op_;
  int64_t channels_;
  Taps::Regular regular_;
  int64_t split_row_, apart_;  // from one row of split_ to the next; from one piece to the next
  detail::CachedVector<T> split_, joined_;
  std::vector<std::vector<Tap>> cols_;  // by place in the period
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
