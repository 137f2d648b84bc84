// Included once per target by the kernels of folds: their inner loops.
#if defined(REWIND_KERNELS_FOLD_RUNS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_FOLD_RUNS_INL_H_
#undef REWIND_KERNELS_FOLD_RUNS_INL_H_
#else
#define REWIND_KERNELS_FOLD_RUNS_INL_H_
#endif

#include <algorithm>
#include <cmath>

#include <rewind/kernels/reduce/fold_runs.h>
#include <rewind/kernels/simd/exp_log-inl.h>
#include <rewind/kernels/simd/fold-inl.h>
#include <rewind/tensor/dispatch.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// --- Floating types: vectors ---------------------------------------------------------------------

// acc with x, less its center, folded in.
template <Fold fold, class D, class V>
HWY_INLINE V fold_in(D d, V acc, V x, V center) {
  if constexpr (fold == Fold::sum || fold == Fold::sum_in_float64) return hn::Add(acc, x);
  if constexpr (fold == Fold::sum_squares) return hn::MulAdd(x, x, acc);
  if constexpr (fold == Fold::sum_deviations) {
    const V rest = hn::Sub(x, center);
    return hn::MulAdd(rest, rest, acc);
  }
  if constexpr (fold == Fold::sum_exp) return hn::Add(acc, exp_of(d, hn::Sub(x, center)));
  if constexpr (fold == Fold::sum_numbers) return hn::Add(acc, hn::IfThenElseZero(hn::Eq(x, x), x));
  if constexpr (fold == Fold::sum_abs) return hn::Add(acc, hn::Abs(x));
  if constexpr (fold == Fold::max_abs) return fold_in<Fold::max>(d, acc, hn::Abs(x), center);
  if constexpr (fold == Fold::min_abs) return fold_in<Fold::min>(d, acc, hn::Abs(x), center);
  if constexpr (fold == Fold::prod) return hn::Mul(acc, x);
  if constexpr (fold == Fold::max)
    return hn::IfThenElse(hn::Or(hn::Gt(acc, x), hn::IsNaN(acc)), acc, x);
  if constexpr (fold == Fold::min)
    return hn::IfThenElse(hn::Or(hn::Lt(acc, x), hn::IsNaN(acc)), acc, x);
}
template <Fold fold, class V>
HWY_INLINE V join(V a, V b) {
  if constexpr (is_extreme(fold) || fold == Fold::prod)
    return fold_in<fold>(0, a, b, b);
  else
    return hn::Add(a, b);
}

// Few enough additions per lane for a float to hold, many enough to pay for folding the lanes.
constexpr int64_t block = 2048;

template <Fold fold, class T>
struct FloatingRuns {
  using Part = typename FoldTypes<fold, T>::Part;
  using Total = typename FoldTypes<fold, T>::Total;
  static constexpr Part none = neutral<fold, Part>();

  static void row(const T* p, int64_t n, Part center, Total& total) {
    const hn::ScalableTag<Part> d;
    const auto c = hn::Set(d, center);
    for (int64_t i = 0; i < n; i += block)
      total = combine<fold, Total>(
          total, static_cast<Total>(fold_row(
                     d, p + i, std::min(block, n - i), none,
                     [&](auto acc, auto x) HWY_ATTR { return fold_in<fold>(d, acc, x, c); },
                     [](auto a, auto b) HWY_ATTR { return join<fold>(a, b); })));
  }

  static void rows(const T* p, int64_t count, int64_t stride, int64_t n, const Part* center,
                   Part* acc) {
    const hn::ScalableTag<Part> d;
    fold_rows(d, p, count, stride, n, acc, [&](auto a, auto x, int64_t i) HWY_ATTR {
      auto c = x;
      if constexpr (has_center(fold)) c = load_up_to(d, center + i, n - i);
      return fold_in<fold>(d, a, x, c);
    });
  }
};

// --- Loops that the compiler makes vectors of ----------------------------------------------------

template <Fold fold, class A, class T>
HWY_INLINE A prepared(T x, [[maybe_unused]] A center) {
  if constexpr (is_flag(fold))
    return static_cast<A>(static_cast<Compute<T>>(x) != Compute<T>{});
  else if constexpr (fold == Fold::sum_squares)
    return static_cast<A>(static_cast<A>(x) * static_cast<A>(x));
  else if constexpr (fold == Fold::sum_deviations)
    return (static_cast<A>(x) - center) * (static_cast<A>(x) - center);
  else if constexpr (fold == Fold::sum_exp)
    return std::exp(static_cast<A>(x) - center);
  else if constexpr (is_of_size(fold))
    return std::abs(static_cast<A>(x));
  else if constexpr (fold == Fold::sum_numbers)
    return std::isnan(static_cast<A>(x)) ? A{} : static_cast<A>(x);
  else
    return static_cast<A>(x);
}

template <Fold fold, class T>
struct Runs {
  using Part = typename FoldTypes<fold, T>::Part;
  using Total = typename FoldTypes<fold, T>::Total;
  static constexpr bool in_vectors = !std::is_integral_v<T> && !is_flag(fold);
  static constexpr Part none = neutral<fold, Part>();
  // Two bytes hold so many single ones.
  static constexpr int64_t most = sizeof(Part) == 2 ? 256 : block;

  static void row(const void* data, int64_t n, int64_t step, const void* center, void* total) {
    const auto* p = static_cast<const T*>(data);
    auto& sum = *static_cast<Total*>(total);
    const Part c = has_center(fold) ? *static_cast<const Part*>(center) : Part{};
    if constexpr (in_vectors)
      if (step == 1) return FloatingRuns<fold, T>::row(p, n, c, sum);
    for (int64_t i = 0; i < n; i += most) {
      const int64_t m = std::min(most, n - i);
      const T* q = p + i * step;
      Part part = none;
      if (step == 1)
        for (int64_t k = 0; k < m; ++k)
          part = combine<fold, Part>(part, prepared<fold, Part>(q[k], c));
      else
        for (int64_t k = 0; k < m; ++k)
          part = combine<fold, Part>(part, prepared<fold, Part>(q[k * step], c));
      sum = combine<fold, Total>(sum, static_cast<Total>(part));
    }
  }

  static void rows(const void* data, int64_t count, int64_t stride, int64_t n, int64_t step,
                   const void* centers, void* parts) {
    const auto* p = static_cast<const T*>(data);
    auto* acc = static_cast<Part*>(parts);
    const auto* center = static_cast<const Part*>(centers);
    if constexpr (in_vectors)
      if (step == 1) return FloatingRuns<fold, T>::rows(p, count, stride, n, center, acc);
    const auto c = [&](int64_t i) { return has_center(fold) ? center[i] : Part{}; };
    for (int64_t r = 0; r < count; ++r, p += stride)
      if (step == 1)
        for (int64_t i = 0; i < n; ++i)
          acc[i] = combine<fold, Part>(acc[i], prepared<fold, Part>(p[i], c(i)));
      else
        for (int64_t i = 0; i < n; ++i)
          acc[i] = combine<fold, Part>(acc[i], prepared<fold, Part>(p[i * step], c(i)));
  }
};

template <Fold fold>
FoldRuns runs_of(DType dtype) {
  return dispatch(dtype, []<class T>() -> FoldRuns {
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    if constexpr (takes_floating_alone(fold) && std::is_integral_v<T>)
      return {};
    else
      return {Runs<fold, Stored>::row, Runs<fold, Stored>::rows};
  });
}

// The runs of the one of these folds that is wanted.
template <Fold fold, Fold... others>
FoldRuns find_among(Fold wanted, DType dtype) {
  if (wanted == fold) return runs_of<fold>(dtype);
  if constexpr (sizeof...(others) > 0)
    return find_among<others...>(wanted, dtype);
  else
    return {};
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
