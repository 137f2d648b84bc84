#include <rewind/kernels/windows/winograd_tiles.h>

#include <algorithm>
#include <iterator>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/winograd_tiles.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/transpose-inl.h>
#include <rewind/kernels/windows/winograd_even-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

V constant(float v) { return hn::Set(D(), v); }

// --- The transforms along one dimension ---------------------------------------------------------
// The matrices are those of Lavin and Gray; prime stands for transposed.

// B'
struct Window {
  static constexpr size_t in = 6, out = 6;
  static HWY_INLINE void apply(const V (&x)[in], V (&y)[out]) {
    const V two = constant(2), four = constant(4), five = constant(5);
    const V even4 = hn::NegMulAdd(four, x[2], x[4]), odd4 = hn::NegMulAdd(four, x[1], x[3]);
    const V even1 = hn::Sub(x[4], x[2]), odd1 = hn::Sub(x[3], x[1]);
    y[0] = hn::MulAdd(four, x[0], hn::NegMulAdd(five, x[2], x[4]));
    y[1] = hn::Add(even4, odd4);
    y[2] = hn::Sub(even4, odd4);
    y[3] = hn::MulAdd(two, odd1, even1);
    y[4] = hn::NegMulAdd(two, odd1, even1);
    y[5] = hn::MulAdd(four, x[1], hn::NegMulAdd(five, x[3], x[5]));
  }
};

// A'
struct Result {
  static constexpr size_t in = 6, out = 4;
  static HWY_INLINE void apply(const V (&x)[in], V (&y)[out]) {
    const V sum1 = hn::Add(x[1], x[2]), difference1 = hn::Sub(x[1], x[2]);
    const V sum2 = hn::Add(x[3], x[4]), difference2 = hn::Sub(x[3], x[4]);
    y[0] = hn::Add(hn::Add(x[0], sum1), sum2);
    y[1] = hn::MulAdd(constant(2), difference2, difference1);
    y[2] = hn::MulAdd(constant(4), sum2, sum1);
    y[3] = hn::MulAdd(constant(8), difference2, hn::Add(difference1, x[5]));
  }
};

// A
struct ResultGradient {
  static constexpr size_t in = 4, out = 6;
  static HWY_INLINE void apply(const V (&x)[in], V (&y)[out]) {
    const V even1 = hn::Add(x[0], x[2]), odd1 = hn::Add(x[1], x[3]);
    const V even2 = hn::MulAdd(constant(4), x[2], x[0]);
    const V odd2 = hn::Mul(constant(2), hn::MulAdd(constant(4), x[3], x[1]));
    y[0] = x[0];
    y[1] = hn::Add(even1, odd1);
    y[2] = hn::Sub(even1, odd1);
    y[3] = hn::Add(even2, odd2);
    y[4] = hn::Sub(even2, odd2);
    y[5] = x[3];
  }
};

// G
struct Filter {
  static constexpr size_t in = 3, out = 6;
  static HWY_INLINE void apply(const V (&x)[in], V (&y)[out]) {
    const V sixth = constant(-1.0f / 6);
    const V even1 = hn::Mul(sixth, hn::Add(x[0], x[2])), odd1 = hn::Mul(sixth, x[1]);
    const V even2 = hn::MulAdd(constant(1.0f / 24), x[0], hn::Mul(constant(1.0f / 6), x[2]));
    const V odd2 = hn::Mul(constant(1.0f / 12), x[1]);
    y[0] = hn::Mul(constant(0.25f), x[0]);
    y[1] = hn::Add(even1, odd1);
    y[2] = hn::Sub(even1, odd1);
    y[3] = hn::Add(even2, odd2);
    y[4] = hn::Sub(even2, odd2);
    y[5] = x[2];
  }
};

// G'
struct FilterGradient {
  static constexpr size_t in = 6, out = 3;
  static HWY_INLINE void apply(const V (&x)[in], V (&y)[out]) {
    const V sixth = constant(1.0f / 6);
    const V sum1 = hn::Add(x[1], x[2]), sum2 = hn::Add(x[3], x[4]);
    y[0] = hn::MulAdd(constant(0.25f), x[0],
                      hn::MulAdd(constant(1.0f / 24), sum2, hn::Mul(constant(-1.0f / 6), sum1)));
    y[1] =
        hn::MulAdd(constant(1.0f / 12), hn::Sub(x[3], x[4]), hn::Mul(sixth, hn::Sub(x[2], x[1])));
    y[2] = hn::MulAdd(sixth, hn::Sub(sum2, sum1), x[5]);
  }
};

// Applies F down the columns of a square and then along its rows.
template <class F, class Load, class Store>
HWY_INLINE void transform(const Load& load_at, const Store& store_at) {
  V half[F::out][F::in];
  for (size_t j = 0; j < F::in; ++j) {
    V x[F::in], y[F::out];
    for (size_t i = 0; i < F::in; ++i) x[i] = load_at(i, j);
    F::apply(x, y);
    for (size_t i = 0; i < F::out; ++i) half[i][j] = y[i];
  }
  for (size_t i = 0; i < F::out; ++i) {
    V y[F::out];
    F::apply(half[i], y);
    for (size_t j = 0; j < F::out; ++j) store_at(i, j, y[j]);
  }
}

// --- Images -------------------------------------------------------------------------------------

// Where the pixels of a tile lie, `outside` for those beyond the border.
template <size_t side, class T>
struct Pixels {
  T* at[side][side];

  void find(const TiledImages<T>& x, int64_t tile, T* outside) {
    const int64_t image = tile / (x.rows * x.columns);
    const int64_t top = tile / x.columns % x.rows * winograd_tile - x.offset.h();
    const int64_t left = tile % x.columns * winograd_tile - x.offset.w();
    T* const first = x.data + ((image * x.h + top) * x.w + left) * x.pixel;
    const auto whole = static_cast<int64_t>(side);
    const bool inside = top >= 0 && left >= 0 && top + whole <= x.h && left + whole <= x.w;
    for (size_t i = 0; i < side; ++i)
      for (size_t j = 0; j < side; ++j) {
        const auto down = static_cast<int64_t>(i), right = static_cast<int64_t>(j);
        at[i][j] = first + (down * x.w + right) * x.pixel;
        if (inside) continue;
        const int64_t row = top + down, column = left + right;
        if (row < 0 || row >= x.h || column < 0 || column >= x.w) at[i][j] = outside;
      }
  }
};

int64_t index_of(size_t i, size_t j) { return static_cast<int64_t>(i * winograd_window + j); }

// What lies beyond the border, as many channels as are transformed together.
template <class T>
constexpr T beyond[1024] = {};

// Tiles of F::in pixels each way become rows of the spectrum. They were looked at just before, and
// are in the cache; asks for those that are looked at next, `ahead` elements away.
template <class F, class T>
void analyse_channels(const TiledImages<const T>& x, int64_t tile, int64_t ahead,
                      const Spectrum& to) {
  Pixels<F::in, const T> pixels;
  pixels.find(x, tile, beyond<T>);
  constexpr size_t shared = F::in - winograd_tile;  // with the tile above, or to the left
  for_each_lanes(x.channels, [&](int64_t c, auto load, auto store) HWY_ATTR {
    transform<F>(
        [&](size_t i, size_t j) HWY_ATTR {
          const T* const p = pixels.at[i][j];
          if (std::min(i, j) >= shared) hwy::Prefetch(p + c + ahead);
          return load(p);
        },
        [&](size_t i, size_t j, V v) HWY_ATTR { store(v, to.product(index_of(i, j))); });
  });
}

// Makes rows of the spectrum of even tiles, zeros of the others. `look` says whether they are, or
// are to be looked at.
template <class F, class T, class Look>
void analyse(const TiledImages<const T>& x, int64_t first, int64_t count, const Spectrum& to,
             Look&& look) {
  constexpr auto together = static_cast<int64_t>(std::size(beyond<T>));
  for (int64_t t = 0; t < count; ++t) {
    const bool even = look(t);
    const int64_t ahead = x.begin(first + t + 1) - x.begin(first + t);
    for (int64_t c = 0; c < x.channels; c += together) {
      const int64_t channels = std::min(together, x.channels - c);
      const Spectrum out = to.from(t, c);
      if (even)
        analyse_channels<F>(x.narrow(c, channels), first + t, ahead, out);
      else
        for (int64_t p = 0; p < winograd_products; ++p) std::fill_n(out.product(p), channels, 0.0f);
    }
  }
}

template <class Kind, class F, class T>
void find_and_analyse(const TiledImages<const T>& x, int64_t first, int64_t count, uint8_t* uneven,
                      const Spectrum& to) {
  Finder<Kind, T> finder(x);
  analyse<F>(x, first, count, to, [&](int64_t t) {
    const bool even = finder.is_even_tile(first + t);
    uneven[t] = !even;
    return even;
  });
}

template <class T>
void synthesize(const Spectrum& from, const float* bias, int64_t first, int64_t count,
                const TiledImages<T>& y) {
  Pixels<Result::out, T> pixels;
  for (int64_t t = 0; t < count; ++t) {
    pixels.find(y, first + t, nullptr);
    const int64_t ahead = y.begin(first + t + 1) - y.begin(first + t);
    const Spectrum in = from.from(t, 0);
    for_each_lanes(y.channels, [&](int64_t c, auto load, auto store) HWY_ATTR {
      const V offset = bias ? load(bias) : hn::Zero(D());
      transform<Result>([&](size_t i, size_t j)
                            HWY_ATTR { return load(in.product(index_of(i, j))); },
                        [&](size_t i, size_t j, V v) HWY_ATTR {
                          T* const p = pixels.at[i][j];
                          if (!p) return;
                          V result = hn::Add(v, offset);
                          if (y.add) result = hn::Add(result, load(y.add + (p - y.data)));
                          store(y.relu ? positive_part(result) : result, p);
                          // To wait for a pixel when it is needed would take longer than the
                          // transform.
                          hwy::Prefetch(p + c + ahead);
                        });
    });
  }
}

#define REWIND_TRANSFORMS(T)                                                                     \
  void Windows_##T(const TiledImages<const T>& x, int64_t first, int64_t count, uint8_t* uneven, \
                   const Spectrum& to) {                                                         \
    find_and_analyse<Windows, Window>(x, first, count, uneven, to);                              \
  }                                                                                              \
  void FindUneven_##T(const TiledImages<const T>& x, int64_t first, int64_t count,               \
                      uint8_t* uneven) {                                                         \
    Finder<Windows, T> finder(x);                                                                \
    for (int64_t t = 0; t < count; ++t) uneven[t] = !finder.is_even_tile(first + t);             \
  }                                                                                              \
  void EvenWindows_##T(const TiledImages<const T>& x, int64_t first, int64_t count,              \
                       const uint8_t* uneven, const Spectrum& to) {                              \
    analyse<Window>(x, first, count, to, [&](int64_t t) { return !uneven[t]; });                 \
  }                                                                                              \
  void ResultGradients_##T(const TiledImages<const T>& g, int64_t first, int64_t count,          \
                           uint8_t* uneven, const Spectrum& to) {                                \
    find_and_analyse<Gradients, ResultGradient>(g, first, count, uneven, to);                    \
  }                                                                                              \
  void Results_##T(const Spectrum& from, const float* bias, int64_t first, int64_t count,        \
                   const TiledImages<T>& y) {                                                    \
    synthesize(from, bias, first, count, y);                                                     \
  }
REWIND_TRANSFORMS(float)
REWIND_TRANSFORMS(BFloat16)
#undef REWIND_TRANSFORMS

// --- Filters ------------------------------------------------------------------------------------

// Reads one vector of filters, `rest` of them, side by side: tap (i, j) from `from + i * stride.h()
// + j * stride.w()`.
void load_taps(const Filters& w, const float* from, int64_t rest, V (&taps)[9]) {
  const D d;
#if HWY_TARGET != HWY_SCALAR
  // In one piece, forward or, where filters are turned around, backward.
  const bool forward = w.stride.w() == 1;
  if (rest == lanes && (forward || w.stride.w() == -1) && w.stride.h() == 3 * w.stride.w()) {
    if (!forward) from -= 8;
    for (const size_t at : {size_t{0}, size_t{4}, size_t{5}}) {
      V columns[block_columns<float>];
      transpose_columns(d, from + at, w.out_stride, columns);
      for (size_t i = 0; i < 4; ++i) taps[forward ? at + i : 8 - at - i] = columns[i];
    }
    return;
  }
#endif
  HWY_ALIGN float side_by_side[9][lanes] = {};
  for (int64_t k = 0; k < rest; ++k)
    for (int64_t i = 0; i < 3; ++i)
      for (int64_t j = 0; j < 3; ++j)
        side_by_side[3 * i + j][k] = from[k * w.out_stride + i * w.stride.h() + j * w.stride.w()];
  for (size_t i = 0; i < 9; ++i) taps[i] = hn::Load(d, side_by_side[i]);
}

void FiltersOf(const Filters& w, const Spectrum& to) {
  for (int64_t c = 0; c < w.in; ++c)
    for (int64_t f = 0; f < w.out; f += lanes) {
      const int64_t rest = std::min(lanes, w.out - f);
      V taps[9];
      load_taps(w, w.data + f * w.out_stride + c * w.in_stride, rest, taps);
      const Spectrum out = to.from(c, f);
      transform<Filter>(
          [&](size_t i, size_t j) { return taps[3 * i + j]; },
          [&](size_t i, size_t j, V v) { store_up_to(D(), v, out.product(index_of(i, j)), rest); });
    }
}

void FilterGradientOf(const Spectrum& from, int64_t parts, int64_t part, int64_t in, bool add,
                      float* dw) {
  const D d;
  constexpr int64_t side = FilterGradient::out, size = side * side;
  HWY_ALIGN float taps[side][side][lanes];
  for (int64_t c = 0; c < in; c += lanes) {
    const int64_t rest = std::min(lanes, in - c);
    const Spectrum u = from.from(0, c);
    transform<FilterGradient>(
        [&](size_t i, size_t j) {
          const float* p = u.product(index_of(i, j));
          V sum = load_up_to(D(), p, rest);
          for (int64_t k = 1; k < parts; ++k)
            sum = hn::Add(sum, load_up_to(D(), p + k * part, rest));
          return sum;
        },
        [&](size_t i, size_t j, V v) { hn::Store(v, d, taps[i][j]); });
    float* const out = dw + c * size;
    for (int64_t k = 0; k < rest; ++k)
      for (int64_t i = 0; i < size; ++i) {
        const float tap = taps[i / side][i % side][k];
        out[k * size + i] = add ? out[k * size + i] + tap : tap;
      }
  }
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FiltersOf);
HWY_EXPORT(FilterGradientOf);

#define REWIND_TRANSFORMS(T)                                                                    \
  HWY_EXPORT(FindUneven_##T);                                                                   \
  HWY_EXPORT(EvenWindows_##T);                                                                  \
  HWY_EXPORT(Windows_##T);                                                                      \
  HWY_EXPORT(ResultGradients_##T);                                                              \
  HWY_EXPORT(Results_##T);                                                                      \
  void transform_windows(const TiledImages<const T>& x, int64_t first, int64_t count,           \
                         uint8_t* uneven, const Spectrum& to) {                                 \
    HWY_DYNAMIC_DISPATCH(Windows_##T)(x, first, count, uneven, to);                             \
  }                                                                                             \
  void find_uneven_windows(const TiledImages<const T>& x, int64_t first, int64_t count,         \
                           uint8_t* uneven) {                                                   \
    HWY_DYNAMIC_DISPATCH(FindUneven_##T)(x, first, count, uneven);                              \
  }                                                                                             \
  void transform_even_windows(const TiledImages<const T>& x, int64_t first, int64_t count,      \
                              const uint8_t* uneven, const Spectrum& to) {                      \
    HWY_DYNAMIC_DISPATCH(EvenWindows_##T)(x, first, count, uneven, to);                         \
  }                                                                                             \
  void transform_results(const Spectrum& from, const float* bias, int64_t first, int64_t count, \
                         const TiledImages<T>& y) {                                             \
    HWY_DYNAMIC_DISPATCH(Results_##T)(from, bias, first, count, y);                             \
  }                                                                                             \
  void transform_result_gradients(const TiledImages<const T>& g, int64_t first, int64_t count,  \
                                  uint8_t* uneven, const Spectrum& to) {                        \
    HWY_DYNAMIC_DISPATCH(ResultGradients_##T)(g, first, count, uneven, to);                     \
  }
REWIND_TRANSFORMS(float)
REWIND_TRANSFORMS(BFloat16)
#undef REWIND_TRANSFORMS

void transform_filters(const Filters& w, const Spectrum& to) {
  HWY_DYNAMIC_DISPATCH(FiltersOf)(w, to);
}
void transform_filter_gradient(const Spectrum& from, int64_t parts, int64_t part, int64_t in,
                               bool add, float* dw) {
  HWY_DYNAMIC_DISPATCH(FilterGradientOf)(from, parts, part, in, add, dw);
}

}  // namespace rw::kernels
#endif
