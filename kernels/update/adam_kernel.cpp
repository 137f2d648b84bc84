#include <rewind/kernels/update/adam_kernel.h>

#include <algorithm>

#include <rewind/kernels/update/each_update.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/update/adam_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <rewind/kernels/simd/number_parts-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The rule for one vector of elements of the arrays, which begin where it does.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void update_vector(D d, const AdamUpdate& u, T* param, const T* grad, T* mean, T* square,
                              T* max_square) {
  const auto number = [d](double v) { return hn::Set(d, static_cast<T>(v)); };
  auto p = hn::LoadU(d, param), g = hn::LoadU(d, grad);
  if (u.maximize) g = hn::Neg(g);
  g = hn::MulAdd(number(u.weight_decay), p, g);
  p = hn::Mul(number(u.keep), p);
  auto m = hn::LoadU(d, mean), v = hn::LoadU(d, square);
  m = hn::MulAdd(number(1 - u.beta1), hn::Sub(g, m), m);
  v = hn::MulAdd(number(u.beta2), v, hn::Mul(number(1 - u.beta2), hn::Mul(g, g)));
  m = normal_or_zero(d, m);
  v = normal_or_zero(d, v);
  hn::StoreU(m, d, mean);
  hn::StoreU(v, d, square);
  if (max_square) {
    v = hn::Max(hn::LoadU(d, max_square), v);
    hn::StoreU(v, d, max_square);
  }
  const auto scale = hn::MulAdd(hn::Sqrt(v), number(u.correction), number(u.eps));
  hn::StoreU(hn::NegMulAdd(number(u.step_size), hn::Div(m, scale), p), d, param);
}

template <class T>
void update(const AdamUpdate& given, int64_t begin, int64_t end) {
  const AdamUpdate u = given;  // of which the compiler sees that the results don't lie in it
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const auto at = [&](auto tag, int64_t i) {
    T* const max_square = u.max_square ? static_cast<T*>(u.max_square) + i : nullptr;
    update_vector(tag, u, static_cast<T*>(u.param) + i, static_cast<const T*>(u.grad) + i,
                  static_cast<T*>(u.mean) + i, static_cast<T*>(u.square) + i, max_square);
  };
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) at(d, i);
  for (; i < end; ++i) at(one, i);
}

void adam_f32(const AdamUpdate& u, int64_t begin, int64_t end) { update<float>(u, begin, end); }
void adam_f64(const AdamUpdate& u, int64_t begin, int64_t end) { update<double>(u, begin, end); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(adam_f32);
HWY_EXPORT(adam_f64);

namespace {

// Reduced types pass through float32 in small pieces; the moments are float32 already.
template <class T>
void adam_reduced(const AdamUpdate& u, int64_t begin, int64_t end) {
  constexpr int64_t piece = 256;
  float p[piece], g[piece];
  auto* params = static_cast<T*>(u.param);
  const auto* grads = static_cast<const T*>(u.grad);
  for (; begin < end; begin += piece) {
    const int64_t n = std::min(piece, end - begin);
    std::copy_n(params + begin, n, p);
    std::copy_n(grads + begin, n, g);
    AdamUpdate wide = u;
    wide.param = p;
    wide.grad = g;
    wide.mean = static_cast<float*>(u.mean) + begin;
    wide.square = static_cast<float*>(u.square) + begin;
    if (u.max_square) wide.max_square = static_cast<float*>(u.max_square) + begin;
    HWY_DYNAMIC_DISPATCH(adam_f32)(wide, 0, n);
    std::transform(p, p + n, params + begin, [](float v) { return T(v); });
  }
}

void adam_any(const AdamUpdate& u, int64_t begin, int64_t end) {
  if (u.dtype == DType::float32) return HWY_DYNAMIC_DISPATCH(adam_f32)(u, begin, end);
  if (u.dtype == DType::float64) return HWY_DYNAMIC_DISPATCH(adam_f64)(u, begin, end);
  dispatch_among<BFloat16, Float16>(u.dtype, [&]<class T>() { adam_reduced<T>(u, begin, end); });
}

}  // namespace

void adam_step(const std::vector<AdamUpdate>& updates) { for_each_update(updates, adam_any); }

}  // namespace rw::kernels
#endif
