// Included once per target by Highway sources: orthogonal polynomials, in float64.
#if defined(REWIND_KERNELS_POLYNOMIALS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POLYNOMIALS_INL_H_
#undef REWIND_KERNELS_POLYNOMIALS_INL_H_
#else
#define REWIND_KERNELS_POLYNOMIALS_INL_H_
#endif

#include <hwy/highway.h>

#include <limits>

#include <rewind/kernels/pointwise/orthogonal_polynomials.h>
#include <rewind/kernels/simd/trig-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A step for each degree: this many take a tenth of a second.
constexpr double most_steps = 1 << 24;

// From 1 and `first` on: next(k, q, p) of degree k + 1 by those of degrees k and k - 1, in all
// lanes up to the greatest of their degrees n.
template <class D, class V, class Next>
HWY_INLINE V recurrence(D d, V n, V first, Next next) {
  const V one = hn::Set(d, 1.0), nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  const auto endless = hn::Gt(n, hn::Set(d, most_steps));
  const V steps = hn::IfThenZeroElse(endless, n);
  V p = one, q = first;
  for (double k = 1;; k += 1) {
    const auto active = hn::And(hn::Gt(steps, hn::Set(d, k)), hn::Eq(q, q));
    if (hn::AllFalse(d, active)) break;
    const V r = next(k, q, p);
    p = hn::IfThenElse(active, q, p);
    q = hn::IfThenElse(active, r, q);
  }
  return hn::IfThenElse(endless, nan, hn::IfThenElse(hn::Lt(n, one), one, q));
}

// 1, or -1 where x is negative and n odd.
template <class D, class V>
HWY_INLINE V parity_of(D d, V x, V n) {
  const V one = hn::Set(d, 1.0), half = hn::Mul(n, hn::Set(d, 0.5));
  const auto is_even = hn::Eq(hn::Sub(half, hn::Trunc(half)), hn::Zero(d));
  return hn::IfThenElse(is_even, one, hn::CopySign(one, x));
}

template <Polynomial family, class D, class V>
HWY_INLINE V chebyshev_by_angle(D d, V x, V n) {
  const V angle = acos_of(d, x), half = hn::Mul(angle, hn::Set(d, 0.5));
  const V next = hn::Add(n, hn::Set(d, 1.0)), middle = hn::Add(n, hn::Set(d, 0.5));
  if constexpr (family == Polynomial::chebyshev_t)
    return cos_of(d, hn::Mul(n, angle));
  else if constexpr (family == Polynomial::chebyshev_u)
    return hn::Div(sin_of(d, hn::Mul(next, angle)), sin_of(d, angle));
  else if constexpr (family == Polynomial::chebyshev_v)
    return hn::Div(cos_of(d, hn::Mul(middle, angle)), cos_of(d, half));
  else
    return hn::Div(sin_of(d, hn::Mul(middle, angle)), sin_of(d, half));
}

// All four have one recurrence, which grows without bound beyond [-1, 1]: to an infinity of known
// sign. Within (-1, 1) they are taken by x = cos(angle) from some degree on (DLMF 18.5.1
// to 18.5.4).
template <Polynomial family, class D, class V>
HWY_NOINLINE V chebyshev(D d, V x, V n) {
  constexpr double small_degree = 8;
  const V one = hn::Set(d, 1.0), size = hn::Abs(x), twice = hn::Add(x, x);
  const auto by_angle = hn::And(hn::Lt(size, one), hn::Gt(n, hn::Set(d, small_degree)));
  V first, at_1 = one, at_minus_1 = one;
  if constexpr (family == Polynomial::chebyshev_t) {
    first = x;
  } else if constexpr (family == Polynomial::chebyshev_u) {
    first = twice;
    at_1 = at_minus_1 = hn::Add(n, one);
  } else if constexpr (family == Polynomial::chebyshev_v) {
    first = hn::Sub(twice, one);
    at_minus_1 = hn::Add(hn::Add(n, n), one);
  } else {
    first = hn::Add(twice, one);
    at_1 = hn::Add(hn::Add(n, n), one);
  }
  V y = recurrence(d, hn::IfThenZeroElse(by_angle, n), first,
                   [twice](double, V q, V p) HWY_ATTR { return hn::MulSub(twice, q, p); });
  if (!hn::AllFalse(d, by_angle))
    y = hn::IfThenElse(by_angle, chebyshev_by_angle<family>(d, x, n), y);
  const V parity = parity_of(d, x, n);
  const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  const auto unbounded = hn::AndNot(hn::Lt(hn::Abs(y), infinity), hn::Gt(size, one));
  y = hn::IfThenElse(unbounded, hn::Mul(infinity, parity), y);
  const V at_end = hn::IfThenElse(hn::Gt(x, hn::Zero(d)), at_1, hn::Mul(at_minus_1, parity));
  return hn::IfThenElse(hn::Eq(size, one), at_end, y);
}

template <Polynomial family, class D, class V>
HWY_NOINLINE V hermite(D d, V x, V n) {
  constexpr double scale = family == Polynomial::hermite_h ? 2 : 1;
  const V factor = hn::Mul(x, hn::Set(d, scale));
  return recurrence(d, n, factor, [d, factor](double k, V q, V p) HWY_ATTR {
    return hn::NegMulAdd(hn::Set(d, scale * k), p, hn::Mul(factor, q));
  });
}

template <class D, class V>
HWY_NOINLINE V laguerre(D d, V x, V n) {
  const V one = hn::Set(d, 1.0);
  const V y = recurrence(d, n, hn::Sub(one, x), [d, x](double k, V q, V p) HWY_ATTR {
    const V share = hn::Mul(hn::Sub(hn::Set(d, 2 * k + 1), x), q);
    return hn::Mul(hn::NegMulAdd(hn::Set(d, k), p, share), hn::Set(d, 1 / (k + 1)));
  });
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), one, y);
}

template <class D, class V>
HWY_NOINLINE V legendre(D d, V x, V n) {
  const V y = recurrence(d, n, x, [d, x](double k, V q, V p) HWY_ATTR {
    const V share = hn::Mul(hn::Mul(hn::Set(d, 2 * k + 1), x), q);
    return hn::Mul(hn::NegMulAdd(hn::Set(d, k), p, share), hn::Set(d, 1 / (k + 1)));
  });
  return hn::IfThenElse(hn::Eq(hn::Abs(x), hn::Set(d, 1.0)), parity_of(d, x, n), y);
}

template <class D, class V>
HWY_INLINE V polynomial_of_degree(D d, Polynomial family, V x, V n) {
  switch (family) {
    case Polynomial::chebyshev_t:
      return chebyshev<Polynomial::chebyshev_t>(d, x, n);
    case Polynomial::chebyshev_u:
      return chebyshev<Polynomial::chebyshev_u>(d, x, n);
    case Polynomial::chebyshev_v:
      return chebyshev<Polynomial::chebyshev_v>(d, x, n);
    case Polynomial::chebyshev_w:
      return chebyshev<Polynomial::chebyshev_w>(d, x, n);
    case Polynomial::hermite_h:
      return hermite<Polynomial::hermite_h>(d, x, n);
    case Polynomial::hermite_he:
      return hermite<Polynomial::hermite_he>(d, x, n);
    case Polynomial::laguerre_l:
      return laguerre(d, x, n);
    default:
      return legendre(d, x, n);
  }
}

// That of the degree that is left of `degree` without its fraction; 0 for negative ones.
template <class D, class V>
HWY_NOINLINE V polynomial_at(D d, Polynomial family, V x, V degree) {
  const V n = hn::Trunc(degree), y = polynomial_of_degree(d, family, x, n);
  const V result = hn::IfThenZeroElse(hn::Lt(n, hn::Zero(d)), y);
  const auto unknown = hn::Or(hn::IsNaN(x), hn::IsNaN(degree));
  return hn::IfThenElse(unknown, hn::Add(x, degree), result);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
