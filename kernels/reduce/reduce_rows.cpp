#include <rewind/kernels/reduce/reduce_rows.h>

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/reduce_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

struct Sum {
  static constexpr double neutral = 0;
  template <class V>
  static V fold(V acc, V x) {
    return hn::Add(acc, x);
  }
  template <class V>
  static V combine(V a, V b) {
    return hn::Add(a, b);
  }
  template <class T>
  static T fold_one(T acc, T x) {
    return acc + x;
  }
  static double combine_one(double a, double b) { return a + b; }
};
struct SumSquares : Sum {
  template <class V>
  static V fold(V acc, V x) {
    return hn::MulAdd(x, x, acc);
  }
  template <class T>
  static T fold_one(T acc, T x) {
    return acc + x * x;
  }
};
struct Max {
  static constexpr double neutral = -std::numeric_limits<double>::infinity();
  template <class V>
  static V fold(V acc, V x) {
    return hn::IfThenElse(hn::Or(hn::Gt(acc, x), hn::IsNaN(acc)), acc, x);
  }
  template <class V>
  static V combine(V a, V b) {
    return fold(a, b);
  }
  template <class T>
  static T fold_one(T acc, T x) {
    return acc > x || acc != acc ? acc : x;
  }
  static double combine_one(double a, double b) { return fold_one(a, b); }
};
struct Min {
  static constexpr double neutral = std::numeric_limits<double>::infinity();
  template <class V>
  static V fold(V acc, V x) {
    return hn::IfThenElse(hn::Or(hn::Lt(acc, x), hn::IsNaN(acc)), acc, x);
  }
  template <class V>
  static V combine(V a, V b) {
    return fold(a, b);
  }
  template <class T>
  static T fold_one(T acc, T x) {
    return acc < x || acc != acc ? acc : x;
  }
  static double combine_one(double a, double b) { return fold_one(a, b); }
};

// Few enough additions per lane for a float to hold, many enough to pay for folding the lanes.
constexpr int64_t block = 2048;

template <class Op, class P, class T>
double row_block(const T* p, int64_t n) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a0 = hn::Set(d, static_cast<P>(Op::neutral));
  auto a1 = a0, a2 = a0, a3 = a0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a0 = Op::fold(a0, load(d, p + i));
    a1 = Op::fold(a1, load(d, p + i + lanes));
    a2 = Op::fold(a2, load(d, p + i + 2 * lanes));
    a3 = Op::fold(a3, load(d, p + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a0 = Op::fold(a0, load(d, p + i));
  HWY_ALIGN P lane[hn::MaxLanes(d)];
  hn::Store(Op::combine(Op::combine(a0, a1), Op::combine(a2, a3)), d, lane);
  double total = Op::neutral;
  for (int64_t k = 0; k < lanes; ++k) total = Op::combine_one(total, static_cast<double>(lane[k]));
  for (; i < n; ++i) {
    const P one = Op::fold_one(static_cast<P>(Op::neutral), static_cast<P>(p[i]));
    total = Op::combine_one(total, static_cast<double>(one));
  }
  return total;
}

template <class Op, class P, class T>
double row(const T* p, int64_t n) {
  double total = Op::neutral;
  for (int64_t i = 0; i < n; i += block)
    total = Op::combine_one(total, row_block<Op, P>(p + i, std::min(block, n - i)));
  return total;
}

// One vector's width of columns after another, each down all rows with its sums in registers.
template <class Op, class P, class T>
void rows(const T* p, int64_t count, int64_t stride, int64_t n, P* acc) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    P* a = acc + i;
    auto a0 = hn::LoadU(d, a), a1 = hn::LoadU(d, a + lanes), a2 = hn::LoadU(d, a + 2 * lanes),
         a3 = hn::LoadU(d, a + 3 * lanes);
    const T* q = p + i;
    for (int64_t r = 0; r < count; ++r, q += stride) {
      a0 = Op::fold(a0, load(d, q));
      a1 = Op::fold(a1, load(d, q + lanes));
      a2 = Op::fold(a2, load(d, q + 2 * lanes));
      a3 = Op::fold(a3, load(d, q + 3 * lanes));
    }
    hn::StoreU(a0, d, a);
    hn::StoreU(a1, d, a + lanes);
    hn::StoreU(a2, d, a + 2 * lanes);
    hn::StoreU(a3, d, a + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) {
    auto a = hn::LoadU(d, acc + i);
    const T* q = p + i;
    for (int64_t r = 0; r < count; ++r, q += stride) a = Op::fold(a, load(d, q));
    hn::StoreU(a, d, acc + i);
  }
  for (; i < n; ++i)
    for (int64_t r = 0; r < count; ++r)
      acc[i] = Op::fold_one(acc[i], static_cast<P>(p[r * stride + i]));
}

template <class P, class T>
double any_row(Fold fold, const T* p, int64_t n) {
  switch (fold) {
    case Fold::max:
      return row<Max, P>(p, n);
    case Fold::min:
      return row<Min, P>(p, n);
    case Fold::sum_squares:
      return row<SumSquares, P>(p, n);
    default:
      return row<Sum, P>(p, n);
  }
}

template <class P, class T>
void any_rows(Fold fold, const T* p, int64_t count, int64_t stride, int64_t n, P* acc) {
  switch (fold) {
    case Fold::max:
      return rows<Max>(p, count, stride, n, acc);
    case Fold::min:
      return rows<Min>(p, count, stride, n, acc);
    case Fold::sum_squares:
      return rows<SumSquares>(p, count, stride, n, acc);
    default:
      return rows<Sum>(p, count, stride, n, acc);
  }
}

double row_f32(Fold fold, const float* p, int64_t n) { return any_row<float>(fold, p, n); }
double row_f64(Fold fold, const double* p, int64_t n) { return any_row<double>(fold, p, n); }
double row_bf16(Fold fold, const BFloat16* p, int64_t n) { return any_row<float>(fold, p, n); }
void rows_f32(Fold fold, const float* p, int64_t count, int64_t stride, int64_t n, float* acc) {
  any_rows(fold, p, count, stride, n, acc);
}
void rows_f64(Fold fold, const double* p, int64_t count, int64_t stride, int64_t n, double* acc) {
  any_rows(fold, p, count, stride, n, acc);
}
void rows_bf16(Fold fold, const BFloat16* p, int64_t count, int64_t stride, int64_t n, float* acc) {
  any_rows(fold, p, count, stride, n, acc);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(row_f32);
HWY_EXPORT(row_f64);
HWY_EXPORT(row_bf16);
HWY_EXPORT(rows_f32);
HWY_EXPORT(rows_f64);
HWY_EXPORT(rows_bf16);

double fold_row(Fold fold, const float* p, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(row_f32)(fold, p, n);
}
double fold_row(Fold fold, const double* p, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(row_f64)(fold, p, n);
}
double fold_row(Fold fold, const BFloat16* p, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(row_bf16)(fold, p, n);
}
void fold_rows(Fold fold, const float* p, int64_t rows, int64_t stride, int64_t n, float* acc) {
  HWY_DYNAMIC_DISPATCH(rows_f32)(fold, p, rows, stride, n, acc);
}
void fold_rows(Fold fold, const double* p, int64_t rows, int64_t stride, int64_t n, double* acc) {
  HWY_DYNAMIC_DISPATCH(rows_f64)(fold, p, rows, stride, n, acc);
}
void fold_rows(Fold fold, const BFloat16* p, int64_t rows, int64_t stride, int64_t n, float* acc) {
  HWY_DYNAMIC_DISPATCH(rows_bf16)(fold, p, rows, stride, n, acc);
}

}  // namespace rw::kernels
#endif
