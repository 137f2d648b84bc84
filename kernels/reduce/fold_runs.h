#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/reduce/reduce.h>

// The inner loops of reduce, in the widest vectors that the machine has.
namespace rw::kernels {

constexpr bool is_flag(Fold f) { return f == Fold::any || f == Fold::all; }
constexpr bool is_greatest(Fold f) { return f == Fold::max || f == Fold::max_abs; }
constexpr bool is_extreme(Fold f) { return is_greatest(f) || f == Fold::min || f == Fold::min_abs; }
/// Of |x|.
constexpr bool is_of_size(Fold f) {
  return f == Fold::sum_abs || f == Fold::max_abs || f == Fold::min_abs;
}
constexpr bool has_center(Fold f) { return f == Fold::sum_deviations || f == Fold::sum_exp; }
constexpr bool takes_floating_alone(Fold f) {
  return has_center(f) || is_of_size(f) || f == Fold::sum_numbers;
}

/// The types in which a fold of T goes on: `Part` over a few rows (at most rows_per_part), `Total`
/// over all of them.
template <Fold fold, class T>
struct FoldTypes {
  static constexpr bool is_byte = std::is_integral_v<T> && sizeof(T) == 1;
  // Squares and products are soon out of the range of float32.
  static constexpr bool wide =
      fold == Fold::prod || fold == Fold::sum_deviations || fold == Fold::sum_in_float64;
  using Number = std::conditional_t<std::is_integral_v<T>, int64_t,
                                    std::conditional_t<wide, double, Compute<T>>>;
  using Short = std::conditional_t<std::is_signed_v<T>, int16_t, uint16_t>;
  using Sum = std::conditional_t<is_byte && fold == Fold::sum, Short, Number>;
  using Value = std::conditional_t<std::is_same_v<T, bool>, uint8_t, Compute<T>>;
  using Kept = std::conditional_t<is_extreme(fold), Value, Sum>;
  using Part = std::conditional_t<is_flag(fold), uint8_t, Kept>;
  using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
  using Total = std::conditional_t<is_flag(fold) || is_extreme(fold), Part, Wide>;
};
inline constexpr int64_t rows_per_part = 64;

/// What changes nothing.
template <Fold fold, class A>
constexpr A neutral() {
  using L = std::numeric_limits<A>;
  if constexpr (fold == Fold::prod || fold == Fold::all) return 1;
  if constexpr (fold == Fold::max_abs) return 0;
  if constexpr (fold == Fold::max) return L::has_infinity ? -L::infinity() : L::min();
  if constexpr (fold == Fold::min || fold == Fold::min_abs)
    return L::has_infinity ? L::infinity() : L::max();
  return 0;
}

/// Of two totals, or of a total and a value. Integers wrap around.
template <Fold fold, class A>
constexpr A combine(A a, A b) {
  if constexpr (is_greatest(fold)) return a > b || a != a ? a : b;
  if constexpr (is_extreme(fold)) return a < b || a != a ? a : b;
  if constexpr (fold == Fold::any) return static_cast<A>(a | b);
  if constexpr (fold == Fold::all) return static_cast<A>(a & b);
  using U = std::conditional_t<std::is_same_v<A, int64_t>, uint64_t, A>;
  const auto u = static_cast<U>(a), v = static_cast<U>(b);
  return static_cast<A>(fold == Fold::prod ? u * v : u + v);
}

/// The total of values that count so many times. Integers wrap around.
template <Fold fold, class A>
A repeated(A total, int64_t times) {
  if (times == 1 || is_flag(fold) || is_extreme(fold)) return total;
  if constexpr (fold != Fold::prod) {
    using U = std::conditional_t<std::is_same_v<A, int64_t>, uint64_t, A>;
    return static_cast<A>(static_cast<U>(total) * static_cast<U>(times));
  } else if constexpr (std::is_floating_point_v<A>) {
    return std::pow(total, static_cast<A>(times));
  } else {
    uint64_t power = 1, base = static_cast<uint64_t>(total);
    for (; times > 0; times >>= 1, base *= base)
      if (times & 1) power *= base;
    return static_cast<A>(power);
  }
}

struct FoldRuns {
  /// *total (a Total) = combine(*total, n values `step` apart). `center` (a Part) is what is taken
  /// off the values of a fold that has one.
  void (*row)(const void* p, int64_t n, int64_t step, const void* center, void* total);
  /// acc[i] (Parts) = combine(acc[i], p[r * stride + i * step]) for i in [0, n), r in [0, rows),
  /// with a center for each i.
  void (*rows)(const void* p, int64_t rows, int64_t stride, int64_t n, int64_t step,
               const void* center, void* acc);
};
FoldRuns fold_runs(Fold fold, DType dtype);
/// The same for max, min, any and all alone.
FoldRuns choice_runs(Fold fold, DType dtype);
/// And for those of |x|, and of numbers among NaN.
FoldRuns size_runs(Fold fold, DType dtype);

}  // namespace rw::kernels
