// Included once per target by Highway sources: modified Bessel functions.
#if defined(REWIND_KERNELS_BESSEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_BESSEL_INL_H_
#undef REWIND_KERNELS_BESSEL_INL_H_
#else
#define REWIND_KERNELS_BESSEL_INL_H_
#endif

#include <hwy/highway.h>

#include <array>

#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// 1 / (k! (k + order)!): of the series in (x / 2)^2, whose terms are all positive (DLMF 10.25.2).
template <class T, int order, size_t n>
constexpr std::array<T, n> bessel_series() {
  std::array<T, n> c{};
  long double term = 1;
  for (size_t k = 0; k < n; ++k) {
    if (k > 0) term /= static_cast<long double>(k) * static_cast<long double>(k + order);
    c[k] = static_cast<T>(term);
  }
  return c;
}

// Up to |x| = 8 the series; beyond, sqrt(x) exp(-x) I(x) = p(16 / x - 1), fitted to 1e-17 for
// float64, 1e-9 for float32.
template <class T, int order>
struct Bessel;
template <>
struct Bessel<double, 0> {
  static constexpr auto series = bessel_series<double, 0, 28>();
  static constexpr double p[] = {
      0.40217650944500808,    0.0033605519836678616,   0.00013621607439193051,
      1.1143033790932038e-5,  1.4838475658279248e-6,   2.9735985885673924e-7,
      8.8722197379040538e-8,  3.9325843345529518e-8,   2.1548377974791597e-8,
      7.5546918812488083e-9,  -6.747657956107524e-9,   -1.340891754008974e-8,
      -5.404771567579958e-9,  7.5525830621233848e-9,   7.4304646503254259e-9,
      -3.5059665308793318e-9, -5.9535694382648908e-9,  1.5200816953924231e-9,
      3.6379546359011145e-9,  -5.7158438642027086e-10, -1.6189806836246819e-9,
      1.5279202694981568e-10, 4.5770876316436229e-10,  -2.0260604287413627e-11,
      -6.0676315706030064e-11};
};
template <>
struct Bessel<float, 0> {
  static constexpr auto series = bessel_series<float, 0, 19>();
  static constexpr float p[] = {0.402176509f,   0.00336055224f, 0.000136217164f, 1.11398157e-5f,
                                1.47611573e-6f, 3.07332292e-7f, 1.08679425e-7f,  3.16198553e-8f};
};
template <>
struct Bessel<double, 1> {
  static constexpr auto series = bessel_series<double, 1, 28>();
  static constexpr double p[] = {
      0.38939845902587233,     -0.0097495771932357362,  -0.00021923576383388928,
      -1.5038547200567217e-5,  -1.8349101326980947e-6,  -3.4838557610442947e-7,
      -1.0001288294864884e-7,  -4.3129177291783492e-8,  -2.3373928208142639e-8,
      -8.4277660937351841e-9,  6.734464815301592e-9,    1.4034238782067183e-8,
      5.9744376080402639e-9,   -7.6423941343635612e-9,  -7.8883515078620772e-9,
      3.4262341490077959e-9,   6.2427412197864452e-9,   -1.4387250533041014e-9,
      -3.7946708962083394e-9,  5.2956254411612611e-10,  1.6848984479705146e-9,
      -1.4011625179770627e-10, -4.7588188387038535e-10, 1.8515118828852957e-11,
      6.3059651971500567e-11};
};
template <>
struct Bessel<float, 1> {
  static constexpr auto series = bessel_series<float, 1, 19>();
  static constexpr float p[] = {0.389398459f,    -0.00974957746f, -0.000219237125f,
                                -1.5035268e-5f,  -1.82569073e-6f, -3.58429889e-7f,
                                -1.22732172e-7f, -3.57743582e-8f};
};

// I(|x|) of order 0, or 1 with the sign of x; times exp(-|x|) where `scaled`.
template <int order, bool scaled, class D, class V>
HWY_INLINE V bessel_of(D d, V x) {
  using T = hn::TFromD<D>;
  using B = Bessel<T, order>;
  const V size = hn::Abs(x), bound = hn::Set(d, T(8)), one = hn::Set(d, T(1));
  const auto large = hn::Gt(size, bound);
  V y = hn::Zero(d);
  if (HWY_LIKELY(!hn::AllTrue(d, large))) {
    const V half = hn::Mul(hn::Set(d, T(0.5)), size), square = hn::Mul(half, half);
    y = hn::Set(d, B::series.back());
    for (size_t k = B::series.size() - 1; k-- > 0;)
      y = hn::MulAdd(y, square, hn::Set(d, B::series[k]));
    if constexpr (order == 1) y = hn::Mul(y, half);
    if constexpr (scaled) y = hn::Mul(y, exp_of(d, hn::Neg(size)));
  }
  if (HWY_UNLIKELY(!hn::AllFalse(d, large))) {
    const V t = hn::Max(size, bound);
    const V v = hn::Sub(hn::Div(hn::Set(d, T(16)), t), one);
    V far = hn::Div(paired_polynomial(d, v, B::p), hn::Sqrt(t));
    if constexpr (!scaled) {  // in two steps: exp(x) may overflow where the product does not
      const V e = exp_of(d, hn::Mul(t, hn::Set(d, T(0.5))));
      far = hn::Mul(hn::Mul(far, e), e);
      far = hn::IfThenElse(hn::IsInf(t), t, far);
    }
    y = hn::IfThenElse(large, far, y);
  }
  if constexpr (order == 1) y = hn::CopySign(y, x);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// (psi(k + 1) + psi(k + order + 1)) / (2 k! (k + order)!): what stands beside log(x / 2) I(x).
template <int order, size_t n>
constexpr std::array<double, n> bessel_k_series() {
  const auto first = bessel_series<long double, order, n>();
  std::array<double, n> c{};
  long double psi = -0.57721566490153286060651209L;  // of k + 1
  for (size_t k = 0; k < n; ++k) {
    const long double step = 1.0L / static_cast<long double>(k + 1);
    c[k] = static_cast<double>(first[k] * (psi + order * step / 2));
    psi += step;
  }
  return c;
}

// Up to x = 2 the series (DLMF 10.31.1); beyond, sqrt(x) exp(x) K(x) = p(4 / x - 1), by
// tests/kernels/special_tables.py.
template <int order>
struct BesselK;
template <>
struct BesselK<0> {
  static constexpr double p[] = {
      1.2185953385133905,      -0.031071461824889519,   0.0030328918102753206,
      -0.00047976905676623143, 9.9560547420294196e-05,  -2.4735204561466906e-05,
      7.0022456457556507e-06,  -2.191177788015528e-06,  7.4278012321900959e-07,
      -2.6890662472901614e-07, 1.02954317593912e-07,    -4.1339230521043851e-08,
      1.7047535884249698e-08,  -7.286380907337665e-09,  3.808399859919043e-09,
      -1.9309444875845705e-09, 4.7575447057763742e-11,  1.7887095838476482e-10,
      8.1339132054641143e-10,  -5.5410514460656834e-10, -3.1199361296821048e-10,
      2.213758097591008e-10,   1.0926983537268735e-10,  -6.9104538756705711e-11};
};
template <>
struct BesselK<1> {
  static constexpr double p[] = {
      1.363151890371342,       0.10334973775386523,     -0.0055667298800745882,
      0.0007357241549081501,   -0.00013959021956272223, 3.284386555825453e-05,
      -8.9612073877500253e-06, 2.7300414335698028e-06,  -9.0670876333713929e-07,
      3.2298119177151824e-07,  -1.2203186351938403e-07, 4.8461952200091865e-08,
      -1.9817577141591116e-08, 8.4093875653617694e-09,  -4.331939985658629e-09,
      2.1757782025837176e-09,  -8.3362271959914559e-11, -1.7982138496175016e-10,
      -8.9085967109239058e-10, 6.0424822937828385e-10,  3.3867804167808003e-10,
      -2.3993765958994638e-10, -1.1931668393112158e-10, 7.5247954863539395e-11};
};

// K(x) of order 0 or 1, times exp(x) where `scaled`.
template <int order, bool scaled, class D, class V>
HWY_NOINLINE V bessel_k_of(D d, V x) {
  constexpr size_t terms = 13;
  static constexpr auto first = bessel_series<double, order, terms>();
  static constexpr auto second = bessel_k_series<order, terms>();
  const V one = hn::Set(d, 1.0), two = hn::Set(d, 2.0);
  const auto large = hn::Gt(x, two);
  V y = hn::Zero(d);
  if (HWY_LIKELY(!hn::AllTrue(d, large))) {
    const V half = hn::Mul(hn::Set(d, 0.5), x), square = hn::Mul(half, half);
    V i = hn::Zero(d), rest = hn::Zero(d);
    for (size_t k = terms; k-- > 0;) {
      i = hn::MulAdd(i, square, hn::Set(d, first[k]));
      rest = hn::MulAdd(rest, square, hn::Set(d, second[k]));
    }
    y = hn::NegMulAdd(log_of(d, half), i, rest);
    if constexpr (order == 1) y = hn::NegMulAdd(half, y, hn::Div(one, x));
    if constexpr (scaled) y = hn::Mul(y, exp_of(d, at_most(d, x, 2)));
    const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
    y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), infinity, y);
  }
  if (!hn::AllFalse(d, large)) {
    const V t = hn::Max(x, two), v = hn::Sub(hn::Div(hn::Set(d, 4.0), t), one);
    V far = hn::Div(paired_polynomial(d, v, BesselK<order>::p), hn::Sqrt(t));
    if constexpr (!scaled) far = hn::Mul(far, exp_of(d, hn::Neg(t)));
    y = hn::IfThenElse(large, far, y);
  }
  return y;
}
template <class D, class V>
HWY_INLINE V bessel_k_of(D d, V x, bool of_order_1, bool is_scaled) {
  if (of_order_1) return is_scaled ? bessel_k_of<1, true>(d, x) : bessel_k_of<1, false>(d, x);
  return is_scaled ? bessel_k_of<0, true>(d, x) : bessel_k_of<0, false>(d, x);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
