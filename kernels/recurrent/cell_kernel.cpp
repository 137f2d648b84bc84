#include <rewind/kernels/recurrent/cell_kernel.h>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/recurrent/cell_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// g y (1 - y) and g (1 - y^2), by which a gradient goes through y = sigmoid(x) and y = tanh(x).
template <class D, class V>
HWY_INLINE V through_sigmoid(D, V g, V y) {
  return hn::Mul(hn::Mul(g, y), hn::Sub(hn::Set(D(), hn::TFromD<D>(1)), y));
}
template <class D, class V>
HWY_INLINE V through_tanh(D, V g, V y) {
  return hn::Mul(g, hn::NegMulAdd(y, y, hn::Set(D(), hn::TFromD<D>(1))));
}

// h = f(gates + recurrent), and what becomes of the gates.
template <bool relu, class T>
void rnn_forward(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for_each_vector(d, s.rows * s.n, [&](auto load, auto store) HWY_ATTR {
    const auto x = hn::Add(load(s.gates, T(0)), load(s.recurrent, T(0)));
    auto h = x;
    if constexpr (relu)  // NaN stays what it is
      h = hn::IfThenElseZero(hn::Not(hn::Le(x, hn::Zero(d))), x);
    else
      h = tanh_of(d, x);
    store(h, s.gates);
    store(h, s.h);
  });
}

template <bool relu, class T>
void rnn_backward(const CellStepBack<T>& s) {
  const hn::ScalableTag<T> d;
  for_each_vector(d, s.rows * s.n, [&](auto load, auto store) HWY_ATTR {
    const auto y = load(s.gates, T(0)), g = load(s.dh, T(0));
    if constexpr (relu)  // g goes through NaN
      store(hn::IfThenElseZero(hn::Not(hn::Le(y, hn::Zero(d))), g), s.dgates);
    else
      store(through_tanh(d, g, y), s.dgates);
  });
}

// c = f c + i g,   h = o tanh(c)
template <class T>
void lstm_forward(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    T* const gates = s.gates + row * 4 * s.n;
    const T* const recurrent = s.recurrent + row * 4 * s.n;
    T* const c = s.c + row * s.n;
    T* const h = s.h + row * s.n;
    for_each_vector(d, s.n, [&](auto load, auto store) HWY_ATTR {
      const auto sum = [&](int64_t k) HWY_ATTR {
        return hn::Add(load(gates + k * s.n, T(0)), load(recurrent + k * s.n, T(0)));
      };
      const auto i = sigmoid_of(d, sum(0)), f = sigmoid_of(d, sum(1));
      const auto g = tanh_of(d, sum(2)), o = sigmoid_of(d, sum(3));
      const auto after = hn::MulAdd(f, load(c, T(0)), hn::Mul(i, g));
      store(i, gates);
      store(f, gates + s.n);
      store(g, gates + 2 * s.n);
      store(o, gates + 3 * s.n);
      store(after, c);
      store(hn::Mul(o, tanh_of(d, after)), h);
    });
  }
}

template <class T>
void lstm_backward(const CellStepBack<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    const T* const gates = s.gates + row * 4 * s.n;
    T* const dgates = s.dgates + row * 4 * s.n;
    const int64_t at = row * s.n;
    for_each_vector(d, s.n, [&](auto load, auto store) HWY_ATTR {
      const auto i = load(gates, T(0)), f = load(gates + s.n, T(0));
      const auto g = load(gates + 2 * s.n, T(0)), o = load(gates + 3 * s.n, T(0));
      const auto before = load(s.before + at, T(0)), dh = load(s.dh + at, T(0));
      const auto t = tanh_of(d, hn::MulAdd(f, before, hn::Mul(i, g)));
      const auto dc = hn::Add(load(s.dc + at, T(0)), through_tanh(d, hn::Mul(dh, o), t));
      store(through_sigmoid(d, hn::Mul(dc, g), i), dgates);
      store(through_sigmoid(d, hn::Mul(dc, before), f), dgates + s.n);
      store(through_tanh(d, hn::Mul(dc, i), g), dgates + 2 * s.n);
      store(through_sigmoid(d, hn::Mul(dh, t), o), dgates + 3 * s.n);
      store(hn::Mul(dc, f), s.dc + at);
      if (s.h) store(hn::Mul(o, t), s.h + at);
    });
  }
}

// n = tanh(x_n + r h_n),   h = n + z (h - n)
template <class T>
void gru_forward(const CellStep<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    T* const gates = s.gates + row * 3 * s.n;
    const T* const recurrent = s.recurrent + row * 3 * s.n;
    T* const h = s.h + row * s.n;
    for_each_vector(d, s.n, [&](auto load, auto store) HWY_ATTR {
      const auto sum = [&](int64_t k) HWY_ATTR {
        return hn::Add(load(gates + k * s.n, T(0)), load(recurrent + k * s.n, T(0)));
      };
      const auto r = sigmoid_of(d, sum(0)), z = sigmoid_of(d, sum(1));
      const auto share = load(recurrent + 2 * s.n, T(0));
      const auto n = tanh_of(d, hn::MulAdd(r, share, load(gates + 2 * s.n, T(0))));
      store(r, gates);
      store(z, gates + s.n);
      store(n, gates + 2 * s.n);
      if (s.kept) store(share, s.kept + row * s.n);
      store(hn::MulAdd(z, hn::Sub(load(h, T(0)), n), n), h);
    });
  }
}

template <class T>
void gru_backward(const CellStepBack<T>& s) {
  const hn::ScalableTag<T> d;
  for (int64_t row = 0; row < s.rows; ++row) {
    const T* const gates = s.gates + row * 3 * s.n;
    T* const dgates = s.dgates + row * 3 * s.n;
    T* const drecurrent = s.drecurrent + row * 3 * s.n;
    const int64_t at = row * s.n;
    for_each_vector(d, s.n, [&](auto load, auto store) HWY_ATTR {
      const auto r = load(gates, T(0)), z = load(gates + s.n, T(0));
      const auto n = load(gates + 2 * s.n, T(0)), dh = load(s.dh + at, T(0));
      const auto past = hn::Mul(dh, z);
      const auto dn = through_tanh(d, hn::Sub(dh, past), n);
      const auto dr = through_sigmoid(d, hn::Mul(dn, load(s.kept + at, T(0))), r);
      const auto dz = through_sigmoid(d, hn::Mul(dh, hn::Sub(load(s.before + at, T(0)), n)), z);
      store(dr, dgates);
      store(dz, dgates + s.n);
      store(dn, dgates + 2 * s.n);
      store(dr, drecurrent);
      store(dz, drecurrent + s.n);
      store(hn::Mul(dn, r), drecurrent + 2 * s.n);
      store(past, s.dh + at);
    });
  }
}

template <class T>
void forward(Cell cell, const CellStep<T>& s) {
  switch (cell) {
    case Cell::rnn_tanh:
      return rnn_forward<false>(s);
    case Cell::rnn_relu:
      return rnn_forward<true>(s);
    case Cell::lstm:
      return lstm_forward(s);
    case Cell::gru:
      return gru_forward(s);
  }
}
template <class T>
void backward(Cell cell, const CellStepBack<T>& s) {
  switch (cell) {
    case Cell::rnn_tanh:
      return rnn_backward<false>(s);
    case Cell::rnn_relu:
      return rnn_backward<true>(s);
    case Cell::lstm:
      return lstm_backward(s);
    case Cell::gru:
      return gru_backward(s);
  }
}

void ForwardF32(Cell cell, const CellStep<float>& s) { forward(cell, s); }
void ForwardF64(Cell cell, const CellStep<double>& s) { forward(cell, s); }
void BackwardF32(Cell cell, const CellStepBack<float>& s) { backward(cell, s); }
void BackwardF64(Cell cell, const CellStepBack<double>& s) { backward(cell, s); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(ForwardF32);
HWY_EXPORT(ForwardF64);
HWY_EXPORT(BackwardF32);
HWY_EXPORT(BackwardF64);

template <>
void cell_forward(Cell cell, const CellStep<float>& s) {
  HWY_DYNAMIC_DISPATCH(ForwardF32)(cell, s);
}
template <>
void cell_forward(Cell cell, const CellStep<double>& s) {
  HWY_DYNAMIC_DISPATCH(ForwardF64)(cell, s);
}
template <>
void cell_backward(Cell cell, const CellStepBack<float>& s) {
  HWY_DYNAMIC_DISPATCH(BackwardF32)(cell, s);
}
template <>
void cell_backward(Cell cell, const CellStepBack<double>& s) {
  HWY_DYNAMIC_DISPATCH(BackwardF64)(cell, s);
}

}  // namespace rw::kernels
#endif
