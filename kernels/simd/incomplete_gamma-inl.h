// Included once per target by Highway sources: the regularised incomplete gamma functions, in
// float64.
#if defined(REWIND_KERNELS_INCOMPLETE_GAMMA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_INCOMPLETE_GAMMA_INL_H_
#undef REWIND_KERNELS_INCOMPLETE_GAMMA_INL_H_
#else
#define REWIND_KERNELS_INCOMPLETE_GAMMA_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include <rewind/kernels/simd/gamma-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// From here on Gamma(a) is taken by Stirling's series.
constexpr double large_shape = 12;

// log(q) - m for q = 1 + m, by the series of log((1 + r) / (1 - r)) near 0.
template <class D, class V>
HWY_INLINE V log_less(D d, V q, V m) {
  static constexpr double odd[] = {2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13};
  const V r = hn::Div(m, hn::Add(hn::Set(d, 2.0), m)), square = hn::Mul(r, r);
  const V near = hn::Mul(r, hn::MulSub(square, polynomial(d, square, odd), m));
  const auto is_near = hn::Lt(hn::Abs(m), hn::Set(d, 0.125));
  if (hn::AllTrue(d, is_near)) return near;
  return hn::IfThenElse(is_near, near, hn::Sub(log_of(d, q), m));
}

// x^a exp(-x) / Gamma(a), where `excess` is log(x / a) - (x - a) / a.
template <class D, class V>
HWY_NOINLINE V gamma_density(D d, V a, V x, V excess) {
  const V bound = hn::Set(d, large_shape), one = hn::Set(d, 1.0);
  const auto large = hn::Ge(a, bound);
  V y = hn::Zero(d);
  if (!hn::AllTrue(d, large)) {
    const V s = hn::Min(a, bound), lost = hn::Add(x, lgamma_of_positive(d, s));
    y = exp_of(d, hn::MulSub(s, log_of(d, x), lost));
  }
  if (!hn::AllFalse(d, large)) {
    const V s = hn::Max(a, bound), inverse = hn::Div(one, s);
    const V rest =
        hn::Mul(inverse, polynomial(d, hn::Mul(inverse, inverse), Gamma<double>::stirling));
    const V e = exp_of(d, hn::MulSub(s, excess, rest));
    const V root = hn::Sqrt(hn::Mul(s, hn::Set(d, 0.15915494309189534)));
    y = hn::IfThenElse(large, hn::Mul(e, root), y);
  }
  return y;
}

// Where all terms have become less than eps of their sum.
template <class D, class V, class M>
HWY_INLINE M where_more(D d, M active, V term, V sum, double eps) {
  return hn::And(active, hn::Gt(hn::Abs(term), hn::Mul(hn::Abs(sum), hn::Set(d, eps))));
}

// Lower over density / a, by the series (DLMF 8.11.4).
template <class D, class V, class M>
HWY_NOINLINE V lower_series(D d, M active, V a, V x, double eps) {
  const V one = hn::Set(d, 1.0);
  V sum = one, term = one, n = a;
  while (!hn::AllFalse(d, active)) {
    n = hn::Add(n, one);
    term = hn::Mul(term, hn::Div(x, n));
    sum = hn::Add(sum, hn::IfThenElseZero(active, term));
    active = where_more(d, active, term, sum, eps);
  }
  return sum;
}

// Upper over density, by the continued fraction (DLMF 8.9.2), after Steed.
template <class D, class V, class M>
HWY_NOINLINE V upper_fraction(D d, M active, V a, V x, double eps) {
  const V one = hn::Set(d, 1.0);
  V b = hn::Sub(hn::Add(x, one), a), inverse = hn::Div(one, b), step = inverse, sum = inverse;
  for (double n = 1; !hn::AllFalse(d, active); n += 1) {
    const V share = hn::Mul(hn::Set(d, n), hn::Sub(a, hn::Set(d, n)));
    b = hn::Add(b, hn::Set(d, 2.0));
    inverse = hn::Div(one, hn::MulAdd(share, inverse, b));
    step = hn::Mul(hn::MulSub(b, inverse, one), step);
    sum = hn::Add(sum, hn::IfThenElseZero(active, step));
    active = where_more(d, active, step, sum, eps);
  }
  return sum;
}

// Upper for small a and x, where lower is nearly 1 (DLMF 8.7.3).
template <class D, class V, class M>
HWY_NOINLINE V upper_of_small(D d, M active, V a, V x, double eps) {
  const V log_gamma =  // of 1 + a
      hn::MulSub(a, paired_polynomial(d, a, Gamma<double>::p), log1p_of(d, a));
  const V log = hn::MulSub(a, log_of(d, x), log_gamma);
  V sum = hn::Zero(d), term = hn::Set(d, 1.0);
  for (double n = 1; !hn::AllFalse(d, active); n += 1) {
    term = hn::Mul(term, hn::Mul(x, hn::Set(d, -1 / n)));
    const V share = hn::Div(term, hn::Add(a, hn::Set(d, n)));
    sum = hn::Add(sum, hn::IfThenElseZero(active, share));
    active = where_more(d, active, term, sum, eps);
  }
  return hn::Neg(hn::MulAdd(hn::Mul(a, exp_of(d, log)), sum, expm1_of(d, log)));
}

// eta / m in powers of eta, where eta^2 / 2 = m - log(1 + m) and both have one sign; by
// tests/kernels/special_tables.py.
constexpr double temme[] = {1,
                            -0.33333333333333331,
                            0.083333333333333329,
                            -0.014814814814814815,
                            0.0011574074074074073,
                            0.00035273368606701942,
                            -0.0001787551440329218,
                            3.9192631785224377e-05,
                            -2.185448510679992e-06,
                            -1.85406221071516e-06,
                            8.2967113409530865e-07,
                            -1.7665952736826078e-07,
                            6.7078535434014984e-09,
                            1.0261809784240309e-08,
                            -4.3820360184533529e-09,
                            9.1476995822367902e-10,
                            -2.5514193994946248e-11,
                            -5.8307721325504256e-11,
                            2.4361948020667415e-11,
                            -5.0276692801141755e-12,
                            1.1004392031956135e-13,
                            3.3717632624009851e-13,
                            -1.3923887224181621e-13,
                            2.8534893807047445e-14,
                            -5.1391118342425723e-16,
                            -1.9752288294349442e-15,
                            8.0995211567045613e-16,
                            -1.6522531216398162e-16};

// Upper or lower for large a and |eta| < 1, x = a (1 + m): the share of a normal distribution and a
// series that corrects it (Temme, "The asymptotic expansion of the incomplete gamma functions",
// 1979, as computed by Gil, Segura and Temme, SIAM J. Sci. Comput. 34, 2012).
template <bool upper, class D, class V>
HWY_NOINLINE V incomplete_gamma_by_normal(D d, V a, V m, V excess) {
  constexpr int n = sizeof(temme) / sizeof(temme[0]);
  const V one = hn::Set(d, 1.0), half = hn::Set(d, 0.5), inverse = hn::Div(one, a);
  const V eta = hn::CopySign(hn::Sqrt(hn::Mul(excess, hn::Set(d, -2.0))), m);
  V above = hn::Set(d, temme[n - 1]), b = hn::Set(d, temme[n - 2]), sum = hn::MulAdd(above, eta, b);
  for (int k = n - 3; k >= 1; --k) {
    const V next = hn::MulAdd(hn::Mul(above, inverse), hn::Set(d, k + 1.0), hn::Set(d, temme[k]));
    above = b;
    b = next;
    sum = hn::MulAdd(sum, eta, b);
  }
  const V e = exp_of(d, hn::Mul(a, excess));
  const V scale = hn::Sqrt(hn::Mul(a, hn::Set(d, 6.2831853071795865)));
  const V rest = hn::Div(hn::Mul(e, sum), hn::Mul(scale, hn::MulAdd(above, inverse, one)));
  const V z = hn::Mul(eta, hn::Sqrt(hn::Mul(a, half)));
  if constexpr (upper) return hn::MulAdd(half, erfc_of(d, z), rest);
  return hn::MulSub(half, erfc_of(d, hn::Neg(z)), rest);
}

// Lower where a or x is at the end of its range; NaN means an argument out of it.
inline double lower_at_end(double a, double x) {
  if (!(a >= 0) || !(x >= 0) || (a == 0 && x == 0) || (std::isinf(a) && std::isinf(x)))
    return std::numeric_limits<double>::quiet_NaN();
  return x == 0 || std::isinf(a) ? 0 : 1;
}

// To eps or about 1e-13.
template <bool upper, class D, class V>
HWY_NOINLINE V incomplete_gamma_of(D d, V a, V x, double eps) {
  const V one = hn::Set(d, 1.0), zero = hn::Zero(d);
  const V most = hn::Set(d, std::numeric_limits<double>::max());
  const auto inside =
      hn::And(hn::And(hn::Gt(a, zero), hn::Gt(x, zero)), hn::And(hn::Le(a, most), hn::Le(x, most)));
  const V shape = hn::IfThenElse(inside, a, one), place = hn::IfThenElse(inside, x, one);
  const auto large = hn::Ge(shape, hn::Set(d, large_shape));
  V y = zero, excess = zero;
  auto normal = hn::Lt(one, zero);
  if (!hn::AllFalse(d, large)) {
    const V m = hn::Div(hn::Sub(place, shape), shape);
    excess = log_less(d, hn::Div(place, shape), m);
    normal = hn::And(large, hn::Gt(excess, hn::Set(d, -0.5)));
    if (!hn::AllFalse(d, normal)) y = incomplete_gamma_by_normal<upper>(d, shape, m, excess);
  }
  if (!hn::AllTrue(d, normal)) {
    const V density = gamma_density(d, shape, place, excess);
    const auto active = hn::AndNot(normal, hn::Gt(density, zero));
    const auto below = hn::Lt(place, hn::Add(shape, one));
    const V low = hn::Div(
        hn::Mul(lower_series(d, hn::And(active, below), shape, place, eps), density), shape);
    const V high =
        hn::Mul(upper_fraction(d, hn::AndNot(below, active), shape, place, eps), density);
    V other = upper ? hn::IfThenElse(below, hn::Sub(one, low), high)
                    : hn::IfThenElse(below, low, hn::Sub(one, high));
    if constexpr (upper) {
      const auto small = hn::And(below, hn::Le(shape, hn::Set(d, 0.5)));
      if (!hn::AllFalse(d, small))
        other = hn::IfThenElse(small, upper_of_small(d, small, shape, place, eps), other);
    }
    y = hn::IfThenElse(normal, y, other);
  }
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return y;
  return hn::IfThenElse(inside, y, by_element(d, a, x, [](double v, double w) {
                          return upper ? 1 - lower_at_end(v, w) : lower_at_end(v, w);
                        }));
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
