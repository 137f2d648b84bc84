#include <rewind/kernels/windows/conv_blocks.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

int64_t channels(const ConvSizes& s) { return s.c / s.groups; }
int64_t filters(const ConvSizes& s) { return s.out / s.groups; }
int64_t taps(const ConvSizes& s) { return s.kh * s.kw; }

using Numbers = detail::CachedVector<double>;

// Where a window begins, in rows and columns of its image.
struct Place {
  int64_t image, top, left;
};

// From where a window begins to the pixel of one of its taps.
struct Offset {
  int64_t down, right;
};

std::vector<Offset> all_taps(const ConvSizes& s) {
  std::vector<Offset> all;
  for (int64_t k = 0; k < taps(s); ++k)
    all.push_back({k / s.kw * s.dilation.h(), k % s.kw * s.dilation.w()});
  return all;
}

// Pixels of images that windows are copied from, `stride` elements each, of which `width` count.
struct Pixels {
  const double* data;
  int64_t height, breadth, stride, width;
};

// Whether a tap meets the pixel right of the one before.
bool follows(const std::vector<Offset>& window, size_t tap) {
  return window[tap].down == window[tap - 1].down && window[tap].right == window[tap - 1].right + 1;
}

// Columns [begin, end) of the row of a window, in which one tap's pixel follows the other; zeros
// beyond the border.
void unroll(const Pixels& pixels, const Place& at, const std::vector<Offset>& window, int64_t begin,
            int64_t end, double* row) {
  const bool adjoin = pixels.stride == pixels.width;
  for (int64_t k = begin; k < end;) {
    auto number = static_cast<size_t>(k / pixels.width);
    const Offset& tap = window[number];
    const int64_t first = k % pixels.width;
    int64_t count = std::min(pixels.width - first, end - k);
    const int64_t y = at.top + tap.down;
    int64_t x = at.left + tap.right;
    if (y >= 0 && y < pixels.height && x >= 0 && x < pixels.breadth) {
      const double* from = pixels.data +
                           ((at.image * pixels.height + y) * pixels.breadth + x) * pixels.stride +
                           first;
      while (adjoin && k + count < end && ++x < pixels.breadth && follows(window, ++number))
        count += std::min(pixels.width, end - k - count);
      std::copy_n(from, count, row);
    } else {
      std::fill_n(row, count, 0.0);
    }
    k += count;
    row += count;
  }
}

// Whether a window is a pixel, all of which lie one after the other as the rows of a matrix.
bool are_pixels(const ConvSizes& s) {
  return taps(s) == 1 && s.stride == Size2(1) && s.padding == Size2(0);
}

// Columns [begin, end) of `count` windows, the i-th at place(i), as a matrix whose rows are `row`
// apart: in the images, where all windows from `first` on lie as its rows, or unrolled.
struct Windows {
  const double* data;
  int64_t row;
};
template <class Where>
Windows windows_of(const Pixels& pixels, const std::vector<Offset>& window, bool lie_as_rows,
                   int64_t first, int64_t count, int64_t begin, int64_t end, const Where& place,
                   Numbers& unrolled) {
  if (lie_as_rows) return {pixels.data + first * pixels.stride + begin, pixels.stride};
  const int64_t width = end - begin;
  unrolled.resize(static_cast<size_t>(count * width));
  for (int64_t i = 0; i < count; ++i)
    unroll(pixels, place(i), window, begin, end, unrolled.data() + i * width);
  return {unrolled.data(), width};
}

// How many windows of so many numbers are worked on at once: they and their products stay in the
// second-level cache, and filters are read often enough to be worth bringing there.
int64_t at_once(int64_t window) {
  constexpr int64_t cache = (1 << 18) / int64_t{sizeof(double)};
  return std::clamp<int64_t>(cache / std::max<int64_t>(window, 1) / 8 * 8, 32, 256);
}
// The same for so many windows in all, of which each thread is to have its share.
int64_t at_once(int64_t window, int64_t all) {
  return std::min(at_once(window), std::max<int64_t>(32, (all + 63) / 64 * 8));
}

// The filters of every group, tap by tap: [groups, taps, rows, columns], the rows being the
// channels and the columns the filters, or the other way round.
class ByTaps {
 public:
  ByTaps(const ConvSizes& s, const double* weight, const Strides& w, bool channels_first)
      : taps_(taps(s)),
        rows_(channels_first ? channels(s) : filters(s)),
        columns_(channels_first ? filters(s) : channels(s)),
        all_(static_cast<size_t>(s.groups * taps_ * rows_ * columns_)) {
    const int64_t group = filters(s) * w[0], row = channels_first ? w[1] : w[0],
                  column = channels_first ? w[0] : w[1];
    const Shape shape = {s.groups, s.kh, s.kw, rows_, columns_};
    copy_bytes(sizeof(double), shape,
               {const_cast<double*>(weight), Strides{group, w[2], w[3], row, column}},
               {all_.data(), contiguous_strides(shape)});
  }
  bool are_finite() const {
    return std::all_of(all_.begin(), all_.end(), [](double w) { return std::isfinite(w); });
  }
  const double* of(int64_t group, int64_t tap) const {
    return all_.data() + (group * taps_ + tap) * rows_ * columns_;
  }

 private:
  int64_t taps_, rows_, columns_;
  Numbers all_;
};

Place window_of(const ConvSizes& s, int64_t result) {
  return {result / (s.oh * s.ow), result / s.ow % s.oh * s.stride.h() - s.padding.h(),
          result % s.ow * s.stride.w() - s.padding.w()};
}

}  // namespace

void blocks_forward(const ConvSizes& s, const double* x, const double* weight,
                    const Strides& weight_strides, const double* bias, double* y) {
  const ByTaps by_taps(s, weight, weight_strides, true);
  const std::vector<Offset> window = all_taps(s);
  const int64_t size = taps(s) * channels(s), results = s.n * s.oh * s.ow;
  const int64_t block = at_once(size, results), blocks = (results + block - 1) / block;
  parallel_for(0, blocks * s.groups, grain(block * size * filters(s)), [&](int64_t b, int64_t e) {
    Numbers unrolled;
    for (; b < e; ++b) {
      const int64_t group = b % s.groups, first = b / s.groups * block;
      const int64_t count = std::min(block, results - first);
      const Pixels pixels = {x + group * channels(s), s.h, s.w, s.c, channels(s)};
      const auto place = [&](int64_t i) { return window_of(s, first + i); };
      const Windows rows =
          windows_of(pixels, window, are_pixels(s), first, count, 0, size, place, unrolled);
      gemm_block(Gemm<double>{count,
                              filters(s),
                              size,
                              {rows.data, rows.row, 1},
                              {by_taps.of(group, 0), filters(s), 1},
                              bias ? bias + group * filters(s) : nullptr,
                              y + first * s.out + group * filters(s),
                              s.out});
    }
  });
}

namespace {

// Pixels of an image whose gradient takes the same taps: every stride-th, from (top, left) on.
struct Phase {
  int64_t top, left, rows, columns;
  std::vector<Offset> window;  // of the results' gradients, from the pixel's own place on
  std::vector<int64_t> which;  // the same taps' numbers
};

// Pixel i is met by tap k of result (i + padding - k dilation) / stride, where that is whole.
std::vector<Phase> phases_of(const ConvSizes& s) {
  std::vector<Phase> phases;
  for (int64_t top = 0; top < std::min(s.stride.h(), s.h); ++top)
    for (int64_t left = 0; left < std::min(s.stride.w(), s.w); ++left) {
      Phase phase{top,
                  left,
                  (s.h - top + s.stride.h() - 1) / s.stride.h(),
                  (s.w - left + s.stride.w() - 1) / s.stride.w(),
                  {},
                  {}};
      for (int64_t k = 0; k < taps(s); ++k) {
        const int64_t down = top + s.padding.h() - k / s.kw * s.dilation.h();
        const int64_t right = left + s.padding.w() - k % s.kw * s.dilation.w();
        if (down % s.stride.h() != 0 || right % s.stride.w() != 0) continue;
        phase.window.push_back({down / s.stride.h(), right / s.stride.w()});
        phase.which.push_back(k);
      }
      phases.push_back(std::move(phase));
    }
  return phases;
}

// The filters that a phase's windows meet, one below the other.
Numbers filters_of(const ConvSizes& s, const Phase& phase, const ByTaps& by_taps, int64_t group) {
  const int64_t size = filters(s) * channels(s);
  Numbers all(phase.which.size() * static_cast<size_t>(size));
  for (size_t k = 0; k < phase.which.size(); ++k)
    std::copy_n(by_taps.of(group, phase.which[k]), size,
                all.data() + static_cast<int64_t>(k) * size);
  return all;
}

void backward_phase(const ConvSizes& s, const Phase& phase, int64_t group, const double* g,
                    const ByTaps& by_taps, double* dx) {
  const Numbers weights = filters_of(s, phase, by_taps, group);
  const int64_t width = channels(s), per_image = phase.rows * phase.columns;
  const int64_t size = static_cast<int64_t>(phase.window.size()) * filters(s);
  const int64_t all = s.n * per_image, block = at_once(size + width, all);
  const Pixels pixels = {g + group * filters(s), s.oh, s.ow, s.out, filters(s)};
  const bool scatters = s.stride != Size2(1);  // pixels of a phase lie apart
  parallel_for(0, (all + block - 1) / block, grain(block * size * width),
               [&](int64_t b, int64_t e) {
                 Numbers unrolled, sums;
                 for (; b < e; ++b) {
                   const int64_t first = b * block, count = std::min(block, all - first);
                   const auto place = [&](int64_t i) -> Place {
                     const int64_t at = first + i;
                     return {at / per_image, at / phase.columns % phase.rows, at % phase.columns};
                   };
                   const Windows rows = windows_of(pixels, phase.window, are_pixels(s), first,
                                                   count, 0, size, place, unrolled);
                   double* to = dx + first * s.c + group * width;
                   if (scatters) sums.resize(static_cast<size_t>(count * width));
                   gemm_block(Gemm<double>{count,
                                           width,
                                           size,
                                           {rows.data, rows.row, 1},
                                           {weights.data(), width, 1},
                                           nullptr,
                                           scatters ? sums.data() : to,
                                           scatters ? width : s.c});
                   for (int64_t i = 0; scatters && i < count; ++i) {
                     const Place p = place(i);
                     const int64_t row = phase.top + p.top * s.stride.h();
                     const int64_t column = phase.left + p.left * s.stride.w();
                     std::copy_n(sums.data() + i * width, width,
                                 dx + ((p.image * s.h + row) * s.w + column) * s.c + group * width);
                   }
                 }
               });
}

// Result by result: a weight that is not finite must not meet the zeros beyond the border.
void backward_input_plainly(const ConvSizes& s, const double* g, const ByTaps& by_taps,
                            double* dx) {
  const std::vector<Offset> window = all_taps(s);
  const int64_t per_image = s.oh * s.ow, pixels = s.h * s.w * s.c;
  std::fill_n(dx, s.n * pixels, 0.0);
  parallel_for(0, s.n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin * per_image; r < end * per_image; ++r)
      for (size_t k = 0; k < window.size(); ++k) {
        const Place at = window_of(s, r);
        const int64_t y = at.top + window[k].down, x = at.left + window[k].right;
        if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
        double* pixel = dx + at.image * pixels + (y * s.w + x) * s.c;
        for (int64_t o = 0; o < s.out; ++o) {
          const int64_t group = o / filters(s);
          const double* w =
              by_taps.of(group, static_cast<int64_t>(k)) + o % filters(s) * channels(s);
          for (int64_t c = 0; c < channels(s); ++c)
            pixel[group * channels(s) + c] += g[r * s.out + o] * w[c];
        }
      }
  });
}

}  // namespace

void blocks_backward_input(const ConvSizes& s, const double* g, const double* weight,
                           const Strides& weight_strides, double* dx) {
  const ByTaps by_taps(s, weight, weight_strides, false);
  if (!by_taps.are_finite()) return backward_input_plainly(s, g, by_taps, dx);
  for (const Phase& phase : phases_of(s))
    for (int64_t group = 0; group < s.groups; ++group)
      backward_phase(s, phase, group, g, by_taps, dx);
}

// Every piece of work has rows of the filters' gradient to itself, and goes through all results.
void blocks_backward_weight(const ConvSizes& s, const double* x, const double* g, double* dweight) {
  const std::vector<Offset> window = all_taps(s);
  const int64_t size = taps(s) * channels(s), results = s.n * s.oh * s.ow;
  const int64_t part = std::clamp<int64_t>(size / 8 / 8 * 8, 8, 128);
  const int64_t parts = (size + part - 1) / part, block = at_once(part + filters(s));
  Numbers sums(static_cast<size_t>(s.groups * size * filters(s)));
  parallel_for(0, s.groups * parts, grain(results * part * filters(s)), [&](int64_t b, int64_t e) {
    Numbers unrolled;
    for (; b < e; ++b) {
      const int64_t group = b / parts, begin = b % parts * part, end = std::min(size, begin + part);
      const Pixels pixels = {x + group * channels(s), s.h, s.w, s.c, channels(s)};
      for (int64_t first = 0; first < results; first += block) {
        const int64_t count = std::min(block, results - first), width = end - begin;
        const auto place = [&](int64_t i) { return window_of(s, first + i); };
        const Windows rows =
            windows_of(pixels, window, are_pixels(s), first, count, begin, end, place, unrolled);
        gemm_block(Gemm<double>{width,
                                filters(s),
                                count,
                                {rows.data, 1, rows.row},
                                {g + first * s.out + group * filters(s), s.out, 1},
                                nullptr,
                                sums.data() + (group * size + begin) * filters(s),
                                filters(s)},
                   first > 0);
      }
    }
  });
  const Shape shape = {s.groups, filters(s), channels(s), s.kh, s.kw};
  const Strides from = {size * filters(s), 1, filters(s), s.kw * channels(s) * filters(s),
                        channels(s) * filters(s)};
  copy_bytes(sizeof(double), shape, {sums.data(), from}, {dweight, contiguous_strides(shape)});
}

}  // namespace rw::kernels
