#include <rewind/kernels/reduce/scan_kernel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/scan_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/exp_log-inl.h>
#include <rewind/kernels/simd/scan-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
struct Sum {
  using Total = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;
  static constexpr Total none = 0;
  template <class V>
  static HWY_INLINE V next(V total, V x) {
    if constexpr (std::is_arithmetic_v<V>)
      return total + x;
    else
      return hn::Add(total, x);
  }
};

template <class T>
struct Product {
  using Total = typename Sum<T>::Total;
  static constexpr Total none = 1;
  template <class V>
  static HWY_INLINE V next(V total, V x) {
    if constexpr (std::is_arithmetic_v<V>)
      return total * x;
    else
      return hn::Mul(total, x);
  }
};

// log(exp(a) + exp(b)) = max(a, b) + log(1 + exp(-|a - b|))
struct LogSumExp {
  using Total = double;
  static constexpr double none = -std::numeric_limits<double>::infinity();
  static double next(double total, double x) {
    const hn::CappedTag<double, 1> one;
    return hn::GetLane(next(one, hn::Set(one, total), hn::Set(one, x)));
  }
  template <class V>
  static HWY_INLINE V next(V total, V x) {
    return next(hn::ScalableTag<double>(), total, x);
  }

 private:
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V next(D d, V total, V x) {
    const V apart = hn::Sub(total, x);
    const V greater = hn::IfThenElse(hn::Gt(total, x), total, x);
    const V more = log1p_of(d, exp_of(d, hn::Neg(hn::Abs(apart))));
    // Two infinities are no number apart.
    return hn::IfThenElse(hn::And(hn::IsNaN(apart), hn::Eq(total, x)), x, hn::Add(greater, more));
  }
};

// The same along rows of adjacent values: block by block, exponentials of what lies below the
// greatest value so far, their sums and the logarithms of these, each for several values at once.
template <class T>
class LogSumExpRow {
 public:
  void run(const T* x, T* y, int64_t n) {
    for (; n > 0; x += block, y += block, n -= block) of_block(x, y, std::min(n, block));
  }

 private:
  static constexpr int64_t block = 64;
  // Exponentials of numbers down to this are normal numbers.
  static constexpr double lowest = -600;
  static constexpr hn::CappedTag<double, block> d{};

  void of_block(const T* x, T* y, int64_t n) {
    HWY_ALIGN double v[block];
    double greatest = top_;
    bool numbers = true;
    for (int64_t i = 0; i < n; ++i) {
      v[i] = static_cast<double>(x[i]);
      greatest = std::max(greatest, v[i]);
      numbers &= v[i] == v[i];
    }
    std::fill(v + n, v + block, greatest);
    const bool near = std::max(top_, v[0]) - greatest > lowest;
    if (numbers && near && top_ == top_)
      together(v, greatest);
    else
      one_by_one(v, n);
    for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(v[i]);
  }

  void together(double* v, double greatest) {
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const auto shift = hn::Set(d, greatest);
    for (int64_t i = 0; i < block; i += lanes)
      hn::Store(exp_of(d, hn::Sub(hn::Load(d, v + i), shift)), d, v + i);
    sum_ *= std::exp(top_ - greatest);
    top_ = greatest;
    for (int64_t i = 0; i < block; ++i) v[i] = sum_ += v[i];
    for (int64_t i = 0; i < block; i += lanes)
      hn::Store(hn::Add(shift, log_of(d, hn::Load(d, v + i))), d, v + i);
  }

  void one_by_one(double* v, int64_t n) {
    double total = sum_ > 0 ? top_ + std::log(sum_) : LogSumExp::none;
    for (int64_t i = 0; i < n; ++i) v[i] = total = LogSumExp::next(total, v[i]);
    top_ = total;
    sum_ = total == LogSumExp::none ? 0 : 1;
  }

  // exp(top_) sum_ is the sum of exponentials so far.
  double top_ = LogSumExp::none, sum_ = 0;
};

template <template <class> class Op>
void scan(DType dtype, Groups groups, bool from_end, const void* x, void* y) {
  dispatch_among<int64_t, Float16, BFloat16, float, double>(dtype, [&]<class T>() {
    Scanner<Op<T>, T>::run(groups, from_end, static_cast<const T*>(x), static_cast<T*>(y));
  });
}

void CumulativeSum(DType dtype, Groups groups, bool from_end, const void* x, void* y) {
  scan<Sum>(dtype, groups, from_end, x, y);
}
void CumulativeProduct(DType dtype, Groups groups, const void* x, void* y) {
  scan<Product>(dtype, groups, false, x, y);
}
void CumulativeLogSumExp(DType dtype, Groups groups, const void* x, void* y) {
  dispatch_floating(dtype, [&]<class T>() {
    const auto* in = static_cast<const T*>(x);
    auto* out = static_cast<T*>(y);
    if (groups.inner > 1) return Scanner<LogSumExp, T>::run(groups, false, in, out);
    const int64_t n = groups.n;
    parallel_for(0, groups.outer, (1 << 12) / n + 1, [&](int64_t b, int64_t e) {
      for (; b < e; ++b) LogSumExpRow<T>().run(in + b * n, out + b * n, n);
    });
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(CumulativeSum);
HWY_EXPORT(CumulativeProduct);
HWY_EXPORT(CumulativeLogSumExp);

void cumulative_sum(DType dtype, Groups groups, bool from_end, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(CumulativeSum)(dtype, groups, from_end, x, y);
}
void cumulative_product(DType dtype, Groups groups, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(CumulativeProduct)(dtype, groups, x, y);
}
void cumulative_logsumexp(DType dtype, Groups groups, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(CumulativeLogSumExp)(dtype, groups, x, y);
}

}  // namespace rw::kernels
#endif
