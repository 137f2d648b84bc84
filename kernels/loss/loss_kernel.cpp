#include <rewind/kernels/loss/loss_kernel.h>

#include <limits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/map.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/loss/loss_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Not Max: NaN has to come through.
template <class V>
HWY_INLINE V bounded_below(V x, V least) {
  return hn::IfThenElse(hn::Lt(x, least), least, x);
}

// log(1 + exp(-x))
template <class D, class V>
HWY_INLINE V softplus_of_negative(D d, V x) {
  const V rest = log1p_of(d, exp_of(d, hn::Neg(hn::Abs(x))));
  return hn::Add(bounded_below(hn::Neg(x), hn::Zero(d)), rest);
}

// s(x) - t as (1 - t) s(x) - t s(-x), where s is the sigmoid: nothing cancels near t = 1.
template <class D, class V>
HWY_INLINE V logistic_slope(D d, V x, V t) {
  const V zero = hn::Zero(d), one = hn::Set(d, hn::TFromD<D>(1));
  const V e = exp_of(d, hn::Neg(hn::Abs(x)));
  const V more = hn::Div(one, hn::Add(one, e)), less = hn::Mul(e, more);
  const auto negative = hn::Lt(x, zero);
  const V s = hn::IfThenElse(negative, less, more), rest = hn::IfThenElse(negative, more, less);
  return hn::NegMulAdd(t, rest, hn::Mul(hn::Sub(one, t), s));
}

template <LossOp op>
struct Loss;

// What the expressions of the list may use.
#define REWIND_LOSS_NAMES                                                     \
  using T = hn::TFromD<D>;                                                    \
  [[maybe_unused]] const V z = hn::Sub(x, t), zero = hn::Zero(d);             \
  [[maybe_unused]] const V one = hn::Set(d, T(1)), half = hn::Set(d, T(0.5)); \
  [[maybe_unused]] const V a = hn::Set(d, static_cast<T>(p.a));               \
  [[maybe_unused]] const V b = hn::Set(d, static_cast<T>(p.b))
#define REWIND_LOSS(name, y, dx)                                              \
  template <>                                                                 \
  struct Loss<LossOp::name> {                                                 \
    template <class D, class V>                                               \
    static HWY_INLINE V of(D d, V x, V t, [[maybe_unused]] Parameters p) {    \
      REWIND_LOSS_NAMES;                                                      \
      return y;                                                               \
    }                                                                         \
    template <class D, class V>                                               \
    static HWY_INLINE V slope(D d, V x, V t, [[maybe_unused]] Parameters p) { \
      REWIND_LOSS_NAMES;                                                      \
      return dx;                                                              \
    }                                                                         \
  };
#include <rewind/kernels/loss/loss_ops.inc>
#undef REWIND_LOSS_NAMES

template <LossOp op, class T>
void run(Parameters p, const Each<char*, 3>& at, int64_t n, const Each<int64_t, 3>& step) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto *xs = reinterpret_cast<const T*>(at[0]), *ts = reinterpret_cast<const T*>(at[1]);
  auto* ys = reinterpret_cast<T*>(at[2]);
  const auto x0 = hn::Set(d, static_cast<C>(*xs)), t0 = hn::Set(d, static_cast<C>(*ts));
  for_each_vector_of<T>(d, n, [&](auto load, auto store) HWY_ATTR {
    const auto x = step[0] ? load(xs, C(1)) : x0, t = step[1] ? load(ts, C(1)) : t0;
    store(Loss<op>::of(d, x, t, p), ys);
  });
}

template <LossOp op, class T>
void run_backward(Parameters p, double factor, const Each<char*, 4>& at, int64_t n,
                  const Each<int64_t, 4>& step) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto* gs = reinterpret_cast<const T*>(at[0]);
  const auto *xs = reinterpret_cast<const T*>(at[1]), *ts = reinterpret_cast<const T*>(at[2]);
  auto* ys = reinterpret_cast<T*>(at[3]);
  const auto f = hn::Set(d, static_cast<C>(factor));
  const auto g0 = hn::Mul(hn::Set(d, static_cast<C>(*gs)), f);
  const auto x0 = hn::Set(d, static_cast<C>(*xs)), t0 = hn::Set(d, static_cast<C>(*ts));
  for_each_vector_of<T>(d, n, [&](auto load, auto store) HWY_ATTR {
    const auto g = step[0] ? hn::Mul(load(gs, C(1)), f) : g0;
    const auto x = step[1] ? load(xs, C(1)) : x0, t = step[2] ? load(ts, C(1)) : t0;
    store(hn::Mul(g, Loss<op>::slope(d, x, t, p)), ys);
  });
}

using Run = void (*)(Parameters p, const Each<char*, 3>& at, int64_t n,
                     const Each<int64_t, 3>& step);
using RunBackward = void (*)(Parameters p, double factor, const Each<char*, 4>& at, int64_t n,
                             const Each<int64_t, 4>& step);

Run FindLoss(LossOp wanted, DType dtype) {
  return dispatch_floating(dtype, [&]<class T>() {
    static constexpr Run table[] = {
#define REWIND_LOSS(name, ...) run<LossOp::name, T>,
#include <rewind/kernels/loss/loss_ops.inc>
    };
    return table[static_cast<int>(wanted)];
  });
}

RunBackward FindLossBackward(LossOp wanted, DType dtype) {
  return dispatch_floating(dtype, [&]<class T>() {
    static constexpr RunBackward table[] = {
#define REWIND_LOSS(name, ...) run_backward<LossOp::name, T>,
#include <rewind/kernels/loss/loss_ops.inc>
    };
    return table[static_cast<int>(wanted)];
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindLoss);
HWY_EXPORT(FindLossBackward);

namespace {

constexpr bool is_long(LossOp op) {
  constexpr bool answers[] = {
#define REWIND_LOSS(name, ...) false,
#define REWIND_LONG_LOSS(name, ...) true,
#include <rewind/kernels/loss/loss_ops.inc>
  };
  return answers[static_cast<int>(op)];
}

}  // namespace

void loss(LossOp op, Parameters p, DType dtype, const Shape& shape, const Operand& x,
          const Operand& t, const Operand& y) {
  const auto run = HWY_DYNAMIC_DISPATCH(FindLoss)(op, dtype);
  const size_t bytes = itemsize(dtype);
  Map<3>(shape, {{&x, &t, &y}}, {{bytes, bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) { run(p, at, n, step); });
}

void loss_backward(LossOp op, Parameters p, double factor, DType dtype, const Shape& shape,
                   const Operand& g, const Operand& x, const Operand& t, const Operand& dx) {
  const auto run = HWY_DYNAMIC_DISPATCH(FindLossBackward)(op, dtype);
  const size_t bytes = itemsize(dtype);
  Map<4>(shape, {{&g, &x, &t, &dx}}, {{bytes, bytes, bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) { run(p, factor, at, n, step); });
}

}  // namespace rw::kernels
#endif
