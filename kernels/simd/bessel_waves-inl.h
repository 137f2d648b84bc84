// Included once per target by Highway sources: Bessel functions of the first and second kind, and
// Airy's. All of them in float64, by tables of tests/kernels/special_tables.py.
#if defined(REWIND_KERNELS_BESSEL_WAVES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_BESSEL_WAVES_INL_H_
#undef REWIND_KERNELS_BESSEL_WAVES_INL_H_
#else
#define REWIND_KERNELS_BESSEL_WAVES_INL_H_
#endif

#include <hwy/highway.h>

#include <limits>

#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Up to x = 8, with v = x^2 / 32 - 1 and J's zeros z: J(x) = x^order (x^2 - z0^2) (x^2 - z1^2)
// near(v) and Y(x) = x^order rest(v) + 2 / pi (log(x) J(x) - order / x) (DLMF 10.8.1). Beyond, with
// v = 2 (8 / x)^2 - 1: P = even(v) and x Q = odd(v) of DLMF 10.17.3 and 10.17.4.
template <int order>
struct BesselWave;
template <>
struct BesselWave<0> {
  static constexpr double z[] = {2.404825557695773, 5.520078110286311};
  static constexpr double near[] = {
      0.0011434937743762545,   -0.0021197942894796919,  0.0015636431645931661,
      -0.00064153906464061274, 0.00016977200713997844,  -3.1573425402231247e-05,
      4.3669323246406834e-06,  -4.677128021500441e-07,  3.9988393454724771e-08,
      -2.7948629190182998e-09, 1.6276489491806399e-10,  -8.0235365046993257e-12,
      3.3923298937104677e-13,  -1.2440365198698484e-14, 4.0068948013720515e-16,
      -1.1360491745378638e-17};
  static constexpr double rest[] = {
      -0.38225065445942502,    -0.82843589036045873,    1.6470964788745466,
      0.14412632369302442,     -1.0775477338215995,     0.67217707834317231,
      -0.2189574709617165,     0.046367047681347098,    -0.0070257410572698254,
      0.00080615860605506439,  -7.2795418827846533e-05, 5.3213186337351157e-06,
      -3.2185077885022701e-07, 1.6391065268260488e-08,  -7.1305169403024275e-10,
      2.681822137847736e-11,   -8.8105254643196857e-13, 2.558039436392922e-14,
      -6.5748070563145107e-16};
  static constexpr double even[] = {
      0.99945727578825194,     -0.0005363673192129672, 6.1374160801094974e-06,
      -2.0527448261170675e-07, 1.280376144080092e-08,  -1.2121098178951377e-09,
      1.5500565496632596e-10,  -2.491146535471666e-11, 4.7869958213680282e-12,
      -1.0157485021065676e-12, 2.4531772967345006e-13, -1.0251790052831013e-13,
      3.3394522590708093e-14};
  static constexpr double odd[] = {
      -0.12444091103610816,    0.00054665192794752665,  -1.1817110660715592e-05,
      5.6849718817537807e-07,  -4.5349736139769986e-08, 5.1462316027056056e-09,
      -7.5758645307585805e-10, 1.3623497617833053e-10,  -2.8840344824996496e-11,
      6.9517859157522446e-12,  -1.6783779045026498e-12, 4.6050604703967626e-13,
      -2.7338449247237154e-13, 1.0185094098694355e-13};
};
template <>
struct BesselWave<1> {
  static constexpr double z[] = {3.8317059702075125, 7.015586669815619};
  static constexpr double near[] = {
      0.00019498936985895625,  -0.00026975227467163678, 0.00015860016799369874,
      -5.4080032390855071e-05, 1.2242173653015609e-05,  -1.98909351591414e-06,
      2.442522260752042e-07,   -2.3521922546334384e-08, 1.8268547695321333e-09,
      -1.1696932385905797e-10, 6.2847338279296078e-12,  -2.875548656182314e-13,
      1.1343125416873433e-14,  -3.8985644669719049e-16, 1.181146462725329e-17,
      -3.1622441710487245e-19};
  static constexpr double rest[] = {
      0.070759858821180049,    -0.24337743079193114,    0.023367571720993584,
      0.23507209206669755,     -0.19639839859930425,    0.078547869222425445,
      -0.01962875683309943,    0.0034224907399180455,   -0.00044381734351146775,
      4.4674330129144127e-05,  -3.6009998744473813e-06, 2.3804929913660279e-07,
      -1.3153322399136199e-08, 6.169742613332968e-10,   -2.4887660224192962e-11,
      8.7288101348334144e-13,  -2.6871218482061387e-14, 7.339060975161991e-16,
      -1.7815800395320226e-17};
  static constexpr double even[] = {
      1.0009070262780821,      0.00089880494167051826,  -7.9596946984383008e-06,
      2.4536766333666931e-07,  -1.4708512991275258e-08, 1.3602969253877949e-09,
      -1.7131074852941311e-10, 2.72345126828134e-11,    -5.1911580046465481e-12,
      1.0954826479277623e-12,  -2.6335760672461096e-13, 1.0923713653079462e-13,
      -3.5455617466606254e-14};
  static constexpr double odd[] = {
      0.37421499221959181,     -0.0007697167057643706,  1.4569614809339924e-05,
      -6.6335685610508138e-07, 5.1361068154519318e-08,  -5.7208908888408566e-09,
      8.3155863215946187e-10,  -1.4816588916791194e-10, 3.1143942213346517e-11,
      -7.4651044776982954e-12, 1.796964474573459e-12,   -4.9157406296765504e-13,
      2.8960940831153833e-13,  -1.0759215471978615e-13};
};

// For 0 <= x <= 8.
template <int order, class D, class V>
HWY_INLINE V bessel_j_near(D d, V x, V v) {
  using B = BesselWave<order>;
  V y = paired_polynomial(d, v, B::near);
  for (const double zero : B::z) {
    const V z = hn::Set(d, zero);
    y = hn::Mul(y, hn::Mul(hn::Sub(x, z), hn::Add(x, z)));
  }
  return order == 1 ? hn::Mul(y, x) : y;
}
template <int order, class D, class V>
HWY_INLINE V bessel_y_near(D d, V x, V v) {
  V share = hn::Mul(log_of(d, x), bessel_j_near<order>(d, x, v));
  V y = paired_polynomial(d, v, BesselWave<order>::rest);
  if constexpr (order == 1) {
    share = hn::Sub(share, hn::Div(hn::Set(d, 1.0), x));
    y = hn::Mul(y, x);
  }
  return hn::MulAdd(hn::Set(d, 0.63661977236758134), share, y);
}

// For x >= 8: P cos(chi) - Q sin(chi), or P sin(chi) + Q cos(chi) for Y, over sqrt(pi x / 2) with
// chi = x - (2 order + 1) pi / 4.
template <int order, bool second, class D, class V>
HWY_NOINLINE V bessel_far(D d, V x) {
  using B = BesselWave<order>;
  const V inverse = hn::Div(hn::Set(d, 8.0), x);
  const V v = hn::MulSub(hn::Add(inverse, inverse), inverse, hn::Set(d, 1.0));
  const V p = paired_polynomial(d, v, B::even), q = hn::Div(paired_polynomial(d, v, B::odd), x);
  const V s = sin_of(d, x), c = cos_of(d, x), sum = hn::Add(c, s), rest = hn::Sub(s, c);
  const V cosine = order == 0 ? sum : rest, sine = order == 0 ? rest : hn::Neg(sum);
  const V wave =
      second ? hn::MulAdd(p, sine, hn::Mul(q, cosine)) : hn::MulSub(p, cosine, hn::Mul(q, sine));
  const V y = hn::Div(wave, hn::Mul(hn::Sqrt(x), hn::Set(d, 1.7724538509055159)));
  return hn::IfThenZeroElse(hn::IsInf(x), y);
}

// J(x), or Y(x) where `second`, of order 0 or 1.
template <int order, bool second, class D, class V>
HWY_NOINLINE V bessel_wave_of(D d, V x) {
  const V bound = hn::Set(d, 8.0), zero = hn::Zero(d), size = hn::Abs(x);
  const auto large = hn::Gt(size, bound);
  V y = zero;
  if (HWY_LIKELY(!hn::AllTrue(d, large))) {
    const V v = hn::MulSub(hn::Mul(size, size), hn::Set(d, 1.0 / 32), hn::Set(d, 1.0));
    if constexpr (second)
      y = bessel_y_near<order>(d, size, v);
    else
      y = bessel_j_near<order>(d, size, v);
  }
  if (!hn::AllFalse(d, large))
    y = hn::IfThenElse(large, bessel_far<order, second>(d, hn::Max(size, bound)), y);
  if constexpr (second) {
    using limits = std::numeric_limits<double>;
    y = hn::IfThenElse(hn::Eq(x, zero), hn::Set(d, -limits::infinity()), y);
    y = hn::IfThenElse(hn::Lt(x, zero), hn::Set(d, limits::quiet_NaN()), y);
  } else if constexpr (order == 1) {
    y = hn::IfThenElse(hn::Lt(x, zero), hn::Neg(y), y);
  }
  return y;
}

// From -4 to 2 Ai(x) = near((x + 1) / 3). With zeta = 2/3 |x|^(3/2), beyond 2 it is exp(-zeta)
// decay(v) / x^(1/4) where v = 2 (2 / x)^(3/2) - 1, and below -4, where v = 2 (4 / |x|)^3 - 1, it
// is (P cos(chi) + Q sin(chi)) / (sqrt(pi) |x|^(1/4)) with chi = zeta - pi / 4, P = even(v) and
// |x|^(3/2) Q = odd(v) (DLMF 9.7.5 and 9.7.9).
struct Airy {
  static constexpr double near[] = {
      0.53556088329235207,     -0.030481701349935629,  -2.4100239748155845,
      2.4557465268404881,      1.7389341530743339,     -4.3586183030792585,
      1.6884916282341162,      2.0518758776361903,     -2.3728414078075257,
      0.37669987588340559,     0.85284690406603558,    -0.6132456081264579,
      0.01890359483469627,     0.18298767233655361,    -0.091910790212394719,
      -0.0054118666726465786,  0.024032768784406456,   -0.0089444282506659766,
      -0.0011843668000346193,  0.0021327030218910503,  -0.00060746769485455377,
      -0.00012183757057834779, 0.00013646117189522174, -3.02488822004424e-05,
      -8.1705560209717978e-06, 6.5964278379754789e-06, -1.1560307902650784e-06,
      -4.0048540567288537e-07, 2.5773093311860506e-07, -3.2982215542050492e-08,
      -1.8919632124492984e-08, 7.3804351455737651e-09, 3.8506094213441659e-10,
      -4.4115514749462405e-10};
  static constexpr double decay[] = {
      0.27749080246165458,     -0.0041223805958494923,  0.00039865677489423775,
      -6.4275922776394024e-05, 1.3671255973059719e-05,  -3.4851092683270801e-06,
      1.0121086862374646e-06,  -3.2469847170697346e-07, 1.1275874115922823e-07,
      -4.1784065501727926e-08, 1.6350337565860852e-08,  -6.7197260032462053e-09,
      2.877569202563138e-09,   -1.2227775701965589e-09, 5.3721279898200848e-10,
      -3.6072835750548884e-10, 2.075826075045579e-10,   5.675664435142866e-11,
      -6.4574940649521085e-11, -1.2269533339116626e-10, 8.8323839504280241e-11,
      5.0803583637065998e-11,  -3.6750593326256838e-11, -1.5345958367818006e-11,
      1.0083984388608057e-11};
  static constexpr double even[] = {
      0.999363720981151,       -0.00062099414180194165, 1.4258707704202032e-05,
      -9.054529720196242e-07,  1.0042141850557856e-07,  -1.5925134157474398e-08,
      3.2415457394751385e-09,  -7.9381350010561489e-10, 2.2418198239897425e-10,
      -6.9643640308797495e-11, 2.3609157642375446e-11,  -1.1002442862433134e-11,
      5.0070505381947506e-12,  2.2103630245487498e-13,  -4.9071915448293054e-13,
      -1.0992152516140823e-12, 6.2715975556094591e-13};
  static constexpr double odd[] = {
      0.10321286126498161,     -0.00091069752733051175, 3.9016690617063354e-05,
      -3.4870510865075047e-06, 4.8446094337288483e-07,  -9.0452676174636434e-08,
      2.0876313840008491e-08,  -5.6518124700173172e-09, 1.7381054362637404e-09,
      -5.9201926808054563e-10, 2.048844701961162e-10,   -7.5479599172604071e-11,
      5.3618063345333506e-11,  -2.9525477096684289e-11, -8.1034730807346677e-12,
      7.3500822090312837e-12,  7.8725338037871737e-12,  -4.8537869749644231e-12};
};
template <class D, class V>
HWY_NOINLINE V airy_decay(D d, V x) {
  const V root = hn::Sqrt(x), power = hn::Mul(x, root);
  const V v = hn::Sub(hn::Div(hn::Set(d, 5.6568542494923802), power), hn::Set(d, 1.0));
  const V e = exp_of(d, hn::Mul(power, hn::Set(d, -2.0 / 3)));
  return hn::Div(hn::Mul(e, paired_polynomial(d, v, Airy::decay)), hn::Sqrt(root));
}
template <class D, class V>
HWY_NOINLINE V airy_wave(D d, V x) {
  const V root = hn::Sqrt(x), power = hn::Mul(x, root), angle = hn::Mul(power, hn::Set(d, 2.0 / 3));
  const V inverse = hn::Div(hn::Set(d, 8.0), power);
  const V v = hn::MulSub(hn::Add(inverse, inverse), inverse, hn::Set(d, 1.0));
  const V p = paired_polynomial(d, v, Airy::even);
  const V q = hn::Div(paired_polynomial(d, v, Airy::odd), power);
  const V s = sin_of(d, angle), c = cos_of(d, angle);
  const V wave = hn::MulAdd(p, hn::Add(c, s), hn::Mul(q, hn::Sub(s, c)));
  return hn::Div(hn::Mul(wave, hn::Set(d, 0.39894228040143268)), hn::Sqrt(root));
}
template <class D, class V>
HWY_NOINLINE V airy_of(D d, V x) {
  const V low = hn::Set(d, -4.0), high = hn::Set(d, 2.0);
  const auto above = hn::Gt(x, high), below = hn::Lt(x, low);
  const V v = hn::Mul(hn::Add(x, hn::Set(d, 1.0)), hn::Set(d, 1.0 / 3));
  V y = paired_polynomial(d, v, Airy::near);
  if (!hn::AllFalse(d, above)) y = hn::IfThenElse(above, airy_decay(d, hn::Max(x, high)), y);
  if (!hn::AllFalse(d, below)) y = hn::IfThenElse(below, airy_wave(d, hn::Neg(hn::Min(x, low))), y);
  return hn::IfThenElse(hn::IsInf(x), hn::Set(d, std::numeric_limits<double>::quiet_NaN()), y);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
