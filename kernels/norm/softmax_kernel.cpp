#include <rewind/kernels/norm/softmax_kernel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/norm/softmax_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/exp_to_1-inl.h>
#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// --- Along rows: the values of a group are neighbours ------------------------------------------

// NaN may get lost here: it is found again in the sum.
template <class D, class T>
hn::TFromD<D> row_max(D d, const T* x, int64_t n) {
  using C = hn::TFromD<D>;
  constexpr C least = -std::numeric_limits<C>::infinity();
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto m0 = hn::Set(d, least);
  auto m1 = m0, m2 = m0, m3 = m0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    m0 = hn::Max(m0, load(d, x + i));
    m1 = hn::Max(m1, load(d, x + i + lanes));
    m2 = hn::Max(m2, load(d, x + i + 2 * lanes));
    m3 = hn::Max(m3, load(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) m0 = hn::Max(m0, load(d, x + i));
  if (i < n) m1 = hn::Max(m1, load_part(d, x + i, n - i, least));
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(m0, m1), hn::Max(m2, m3))));
}

// The maximum is taken off first: added to the logarithm, large logits would round that away.
template <SoftmaxForm form, class T>
void softmax_row(const T* x, T* y, int64_t n) {
  using C = Compute<T>;
  constexpr C least = -std::numeric_limits<C>::infinity();
  constexpr bool keep_exp = form == SoftmaxForm::plain;
  const hn::ScalableTag<C> d;
  const C most = row_max(d, x, n);
  const auto m = hn::Set(d, most);
  auto total = hn::Zero(d);
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    const auto e = exp_to_1(d, hn::Sub(load_at(x, least), m));
    if constexpr (keep_exp) store_at(e, y);
    total = hn::Add(total, e);
  });
  const C sum = hn::GetLane(hn::SumOfLanes(d, total));
  const auto scale = hn::Set(d, 1 / sum), log_sum = hn::Set(d, std::log(sum));
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    if constexpr (form == SoftmaxForm::log)
      store_at(hn::Sub(hn::Sub(load_at(x, C(0)), m), log_sum), y);
    else
      store_at(hn::Mul(load_at(y, C(0)), scale), y);
  });
}

template <SoftmaxForm form, class T>
void backward_row(const T* g, const T* y, T* dx, int64_t n) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  auto total = hn::Zero(d);
  for_each_vector(d, n, [&](auto load_at, auto) HWY_ATTR {
    if constexpr (form == SoftmaxForm::log)
      total = hn::Add(total, load_at(g, C(0)));
    else
      total = hn::MulAdd(load_at(g, C(0)), load_at(y, C(0)), total);
  });
  const auto sum = hn::SumOfLanes(d, total);
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    const auto vg = load_at(g, C(0)), vy = load_at(y, C(0));
    if constexpr (form == SoftmaxForm::log)
      store_at(hn::NegMulAdd(exp_to_1(d, vy), sum, vg), dx);
    else
      store_at(hn::Mul(vy, hn::Sub(vg, sum)), dx);
  });
}

// At the label, before anything is rounded.
template <class T>
void subtract_one(const T* y, int64_t label, double factor, T* dx, int64_t n, int64_t stride) {
  if (label < 0 || label >= n) return;
  const int64_t at = label * stride;
  dx[at] = static_cast<T>(factor * std::expm1(static_cast<double>(y[at])));
}

template <class T>
void cross_entropy_row(const T* y, int64_t label, double factor, T* dx, int64_t n) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto f = hn::Set(d, static_cast<C>(factor));
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    store_at(hn::Mul(f, exp_to_1(d, load_at(y, C(0)))), dx);
  });
  subtract_one(y, label, factor, dx, n, 1);
}

// --- Across rows: the values of neighbouring groups are neighbours, `stride` apart in a group --

// Groups that go down the rows together, with what they need in small arrays.
constexpr int64_t max_width = 256;

template <SoftmaxForm form, class T>
void softmax_columns(const T* x, T* y, int64_t n, int64_t stride, int64_t width) {
  using C = Compute<T>;
  constexpr bool keep_exp = form == SoftmaxForm::plain;
  const hn::ScalableTag<C> d;
  C most[max_width], total[max_width];
  std::fill_n(most, width, -std::numeric_limits<C>::infinity());
  std::fill_n(total, width, C(0));
  for (int64_t k = 0; k < n; ++k)
    for_each_vector(d, width, [&](auto load_at, auto store_at) HWY_ATTR {
      store_at(hn::Max(load_at(most, C(0)), load_at(x + k * stride, C(0))), most);
    });
  for (int64_t k = 0; k < n; ++k)
    for_each_vector(d, width, [&](auto load_at, auto store_at) HWY_ATTR {
      const auto e = exp_to_1(d, hn::Sub(load_at(x + k * stride, C(0)), load_at(most, C(0))));
      if constexpr (keep_exp) store_at(e, y + k * stride);
      store_at(hn::Add(load_at(total, C(0)), e), total);
    });
  for (int64_t i = 0; i < width; ++i)
    total[i] = form == SoftmaxForm::log ? std::log(total[i]) : 1 / total[i];
  for (int64_t k = 0; k < n; ++k)
    for_each_vector(d, width, [&](auto load_at, auto store_at) HWY_ATTR {
      const auto at = load_at(total, C(0));
      if constexpr (form == SoftmaxForm::log) {
        const auto below = hn::Sub(load_at(x + k * stride, C(0)), load_at(most, C(0)));
        store_at(hn::Sub(below, at), y + k * stride);
      } else {
        store_at(hn::Mul(load_at(y + k * stride, C(0)), at), y + k * stride);
      }
    });
}

template <SoftmaxForm form, class T>
void backward_columns(const T* g, const T* y, T* dx, int64_t n, int64_t stride, int64_t width) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  C total[max_width];
  std::fill_n(total, width, C(0));
  for (int64_t k = 0; k < n; ++k)
    for_each_vector(d, width, [&](auto load_at, auto store_at) HWY_ATTR {
      auto vg = load_at(g + k * stride, C(0));
      if constexpr (form == SoftmaxForm::plain) vg = hn::Mul(vg, load_at(y + k * stride, C(0)));
      store_at(hn::Add(load_at(total, C(0)), vg), total);
    });
  for (int64_t k = 0; k < n; ++k)
    for_each_vector(d, width, [&](auto load_at, auto store_at) HWY_ATTR {
      const auto vg = load_at(g + k * stride, C(0)), vy = load_at(y + k * stride, C(0));
      const auto sum = load_at(total, C(0));
      if constexpr (form == SoftmaxForm::log)
        store_at(hn::NegMulAdd(exp_to_1(d, vy), sum, vg), dx + k * stride);
      else
        store_at(hn::Mul(vy, hn::Sub(vg, sum)), dx + k * stride);
    });
}

template <class T>
void cross_entropy_columns(const T* y, const int64_t* labels, const double* factors, T* dx,
                           int64_t n, int64_t stride, int64_t width) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  C factor[max_width];
  for (int64_t i = 0; i < width; ++i) factor[i] = static_cast<C>(factors[i]);
  for (int64_t k = 0; k < n; ++k)
    for_each_vector(d, width, [&](auto load_at, auto store_at) HWY_ATTR {
      const auto e = exp_to_1(d, load_at(y + k * stride, C(0)));
      store_at(hn::Mul(load_at(factor, C(0)), e), dx + k * stride);
    });
  for (int64_t i = 0; i < width; ++i) subtract_one(y + i, labels[i], factors[i], dx + i, n, stride);
}

// --- Any groups --------------------------------------------------------------------------------

// Calls row(first value, group) for each group of neighbours, or columns(first value, first group,
// width) for groups side by side, on all threads.
template <class T, class Row, class Columns>
void for_each_group(Groups s, Row&& row, Columns&& columns) {
  constexpr int64_t grain = 1 << 13;
  if (s.inner == 1) {
    parallel_for(0, s.outer, std::max<int64_t>(1, grain / s.n), [&](int64_t b, int64_t e) {
      for (; b < e; ++b) row(b * s.n, b);
    });
    return;
  }
  // What is copied to float32 had better stay in the cache.
  const int64_t widest =
      is_reduced<T> ? std::clamp<int64_t>((1 << 15) / s.n, 32, max_width) : max_width;
  const int64_t width = std::min(s.inner, widest), pieces = (s.inner + width - 1) / width;
  parallel_for(0, s.outer * pieces, std::max<int64_t>(1, grain / (s.n * width)),
               [&](int64_t b, int64_t e) {
                 for (; b < e; ++b) {
                   const int64_t outer = b / pieces, inner = b % pieces * width;
                   columns(outer * s.n * s.inner + inner, outer * s.inner + inner,
                           std::min(width, s.inner - inner));
                 }
               });
}

// `count` rows of numbers as the functions above take them, dense: reduced types in a copy of
// float32, in which results may be put as well.
template <class T>
class Wide {
 public:
  Wide(const T* p, int64_t count, int64_t stride, int64_t width)
      : bytes_(static_cast<size_t>(count * width) * sizeof(float)),
        numbers_(static_cast<float*>(detail::allocate(bytes_))),
        count_(count),
        width_(width) {
    for (int64_t k = 0; k < count; ++k) convert_floats(p + k * stride, data() + k * width, width);
  }
  ~Wide() { detail::deallocate(numbers_, bytes_); }
  Wide(const Wide&) = delete;
  Wide& operator=(const Wide&) = delete;
  float* data() { return numbers_; }
  void write(T* y, int64_t stride) {
    for (int64_t k = 0; k < count_; ++k)
      convert_floats(data() + k * width_, y + k * stride, width_);
  }

 private:
  size_t bytes_;
  float* numbers_;
  int64_t count_, width_;
};

template <SoftmaxForm form, class T>
void softmax_groups(Groups s, const T* x, T* y) {
  for_each_group<T>(
      s,
      [&](int64_t at, int64_t) {
        if constexpr (is_reduced<T>) {
          Wide<T> in(x + at, 1, s.n, s.n);
          softmax_row<form>(in.data(), in.data(), s.n);
          in.write(y + at, s.n);
        } else {
          softmax_row<form>(x + at, y + at, s.n);
        }
      },
      [&](int64_t at, int64_t, int64_t width) {
        if constexpr (is_reduced<T>) {
          Wide<T> in(x + at, s.n, s.inner, width);
          softmax_columns<form>(in.data(), in.data(), s.n, width, width);
          in.write(y + at, s.inner);
        } else {
          softmax_columns<form>(x + at, y + at, s.n, s.inner, width);
        }
      });
}

template <SoftmaxForm form, class T>
void backward_groups(Groups s, const T* g, const T* y, T* dx) {
  for_each_group<T>(
      s,
      [&](int64_t at, int64_t) {
        if constexpr (is_reduced<T>) {
          Wide<T> in(g + at, 1, s.n, s.n), result(y + at, 1, s.n, s.n);
          backward_row<form>(in.data(), result.data(), in.data(), s.n);
          in.write(dx + at, s.n);
        } else {
          backward_row<form>(g + at, y + at, dx + at, s.n);
        }
      },
      [&](int64_t at, int64_t, int64_t width) {
        if constexpr (is_reduced<T>) {
          Wide<T> in(g + at, s.n, s.inner, width), result(y + at, s.n, s.inner, width);
          backward_columns<form>(in.data(), result.data(), in.data(), s.n, width, width);
          in.write(dx + at, s.inner);
        } else {
          backward_columns<form>(g + at, y + at, dx + at, s.n, s.inner, width);
        }
      });
}

template <class T>
void cross_entropy_groups(Groups s, const T* y, const int64_t* labels, const double* factors,
                          T* dx) {
  for_each_group<T>(
      s,
      [&](int64_t at, int64_t group) {
        cross_entropy_row(y + at, labels[group], factors[group], dx + at, s.n);
      },
      [&](int64_t at, int64_t group, int64_t width) {
        cross_entropy_columns(y + at, labels + group, factors + group, dx + at, s.n, s.inner,
                              width);
      });
}

void Softmax(SoftmaxForm form, DType dtype, Groups s, const void* x, void* y) {
  dispatch_floating(dtype, [&]<class T>() {
    const auto run = form == SoftmaxForm::log ? softmax_groups<SoftmaxForm::log, T>
                                              : softmax_groups<SoftmaxForm::plain, T>;
    run(s, static_cast<const T*>(x), static_cast<T*>(y));
  });
}

void Backward(SoftmaxForm form, DType dtype, Groups s, const void* g, const void* y, void* dx) {
  dispatch_floating(dtype, [&]<class T>() {
    const auto run = form == SoftmaxForm::log ? backward_groups<SoftmaxForm::log, T>
                                              : backward_groups<SoftmaxForm::plain, T>;
    run(s, static_cast<const T*>(g), static_cast<const T*>(y), static_cast<T*>(dx));
  });
}

void CrossEntropyBackward(DType dtype, Groups s, const void* y, const int64_t* labels,
                          const double* factors, void* dx) {
  dispatch_floating(dtype, [&]<class T>() {
    cross_entropy_groups(s, static_cast<const T*>(y), labels, factors, static_cast<T*>(dx));
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Softmax);
HWY_EXPORT(Backward);
HWY_EXPORT(CrossEntropyBackward);

void softmax(SoftmaxForm form, DType dtype, Groups groups, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(Softmax)(form, dtype, groups, x, y);
}
void softmax_backward(SoftmaxForm form, DType dtype, Groups groups, const void* g, const void* y,
                      void* dx) {
  HWY_DYNAMIC_DISPATCH(Backward)(form, dtype, groups, g, y, dx);
}
void cross_entropy_backward(DType dtype, Groups groups, const void* y, const int64_t* labels,
                            const double* factors, void* dx) {
  HWY_DYNAMIC_DISPATCH(CrossEntropyBackward)(dtype, groups, y, labels, factors, dx);
}

}  // namespace rw::kernels
#endif
