#include <rewind/kernels/update/sgd_kernel.h>

#include <algorithm>

#include <rewind/kernels/update/each_update.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/update/sgd_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <rewind/kernels/simd/number_parts-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The rule for one vector of elements; `buffer` is the momentum's, updated.
template <class D, class V>
HWY_INLINE V updated(D d, const SgdUpdate& u, V p, V g, V& buffer) {
  using T = hn::TFromD<D>;
  const auto number = [d](double v) { return hn::Set(d, static_cast<T>(v)); };
  const V grad = hn::MulAdd(number(u.weight_decay), p, u.maximize ? hn::Neg(g) : g);
  V direction = grad;
  if (u.momentum_buffer) {
    buffer = u.first
                 ? grad
                 : hn::MulAdd(number(u.momentum), buffer, hn::Mul(number(1 - u.dampening), grad));
    buffer = normal_or_zero(d, buffer);
    direction = u.nesterov ? hn::MulAdd(number(u.momentum), buffer, grad) : buffer;
  }
  return hn::NegMulAdd(number(u.lr), direction, p);
}

template <class T>
void update(const SgdUpdate& given, int64_t begin, int64_t end) {
  const SgdUpdate u = given;  // of which the compiler sees that the results don't lie in it
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  auto* p = static_cast<T*>(u.param);
  const auto* g = static_cast<const T*>(u.grad);
  auto* b = static_cast<T*>(u.momentum_buffer);
  const auto at = [&](auto tag, int64_t i) {
    auto buffer = b && !u.first ? hn::LoadU(tag, b + i) : hn::Zero(tag);
    hn::StoreU(updated(tag, u, hn::LoadU(tag, p + i), hn::LoadU(tag, g + i), buffer), tag, p + i);
    if (b) hn::StoreU(buffer, tag, b + i);
  };
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) at(d, i);
  for (; i < end; ++i) at(one, i);
}

void update_f32(const SgdUpdate& u, int64_t begin, int64_t end) { update<float>(u, begin, end); }
void update_f64(const SgdUpdate& u, int64_t begin, int64_t end) { update<double>(u, begin, end); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(update_f32);
HWY_EXPORT(update_f64);

namespace {

// Reduced types pass through float32 in small pieces.
template <class T>
void update_reduced(const SgdUpdate& u, int64_t begin, int64_t end) {
  constexpr int64_t piece = 256;
  float p[piece], g[piece], b[piece];
  auto* params = static_cast<T*>(u.param);
  const auto* grads = static_cast<const T*>(u.grad);
  auto* buffer = static_cast<T*>(u.momentum_buffer);
  for (; begin < end; begin += piece) {
    const int64_t n = std::min(piece, end - begin);
    std::copy_n(params + begin, n, p);
    std::copy_n(grads + begin, n, g);
    if (buffer) std::copy_n(buffer + begin, n, b);
    SgdUpdate wide = u;
    wide.param = p;
    wide.grad = g;
    wide.momentum_buffer = buffer ? b : nullptr;
    HWY_DYNAMIC_DISPATCH(update_f32)(wide, 0, n);
    const auto narrow = [](float v) { return T(v); };
    std::transform(p, p + n, params + begin, narrow);
    if (buffer) std::transform(b, b + n, buffer + begin, narrow);
  }
}

void update_any(const SgdUpdate& u, int64_t begin, int64_t end) {
  if (u.dtype == DType::float32) return HWY_DYNAMIC_DISPATCH(update_f32)(u, begin, end);
  if (u.dtype == DType::float64) return HWY_DYNAMIC_DISPATCH(update_f64)(u, begin, end);
  dispatch_among<BFloat16, Float16>(u.dtype, [&]<class T>() { update_reduced<T>(u, begin, end); });
}

}  // namespace

void sgd_step(const std::vector<SgdUpdate>& updates) { for_each_update(updates, update_any); }

}  // namespace rw::kernels
#endif
