#include <rewind/ops/bessel.h>
#include <rewind/ops/polynomials.h>
#include <rewind/ops/special_functions.h>

#include <cmath>
#include <vector>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(special_functions)

namespace {

struct At {
  double x, y;
};
struct AtPair {
  double a, x, y;
};

void check_close(double got, double expected, double x) {
  BOOST_TEST(std::abs(got - expected) <= 1e-12 * std::abs(expected),
             got << " instead of " << expected << " at " << x);
}

// Values by mpmath, with 40 digits.
template <class F>
void check_values(F f, const std::vector<At>& values) {
  for (const auto& [x, y] : values) {
    check_close(f(scalar_tensor(x, float64)).template item<double>(), y, x);
    const float rough = static_cast<float>(x);
    if (std::abs(y) < 1e-30 || std::abs(y) > 1e30 || rough != x) continue;
    const double single = f(scalar_tensor(rough, float32)).template item<double>();
    const double eps = 3e-6 * std::max(1.0, x * x / 20);
    BOOST_TEST(std::abs(single - y) <= eps * std::abs(y), single << " float32 at " << x);
  }
}
template <class F>
void check_pairs(F f, const std::vector<AtPair>& values) {
  for (const auto& [a, x, y] : values)
    check_close(f(scalar_tensor(a, float64), scalar_tensor(x, float64)).template item<double>(), y,
                x);
}

Tensor zeta_of(const Tensor& s, const Tensor& x) { return special::zeta(s, x); }

}  // namespace

BOOST_AUTO_TEST_CASE(values) {
  check_values(i0, {{-30, 781672297823.97749},
                    {-8.5, 683.16192699011561},
                    {-2.25, 2.7270783071907954},
                    {-1, 1.2660658777520083},
                    {-0.3, 1.022626879351597},
                    {0, 1.0},
                    {1e-10, 1.0},
                    {0.2, 1.0100250277951458},
                    {0.46, 1.0536037282324957},
                    {1, 1.2660658777520083},
                    {3.7, 8.7386175241693969},
                    {7.9, 389.406283282158},
                    {8, 427.56411572180479},
                    {8.1, 469.50060671012147},
                    {20, 43558282.559553533},
                    {100, 1.0737517071310738e+42},
                    {300, 4.4758473679350521e+128},
                    {700, 1.5295933476718737e+302}});
  check_values(special::i0e, {{-30, 0.073145946482237294},
                              {-8.5, 0.1390018430548476},
                              {-2.25, 0.2874319388973915},
                              {-1, 0.46575960759364044},
                              {-0.3, 0.75758062518254786},
                              {0, 1.0},
                              {1e-10, 0.9999999999},
                              {0.2, 0.8269385516343293},
                              {0.46, 0.66512280247829836},
                              {1, 0.46575960759364044},
                              {3.7, 0.21604944167297372},
                              {7.9, 0.14436986414104192},
                              {8, 0.14343178185685031},
                              {8.1, 0.14251180948829528},
                              {20, 0.089780311884826022},
                              {100, 0.039944379299096683},
                              {300, 0.023042558415085462},
                              {700, 0.015081295651531358}});
  check_values(special::i1, {{-30, -768532038938.957},
                             {-8.5, -641.61990254006676},
                             {-2.25, -2.0039674569295931},
                             {-1, -0.56515910399248503},
                             {-0.3, -0.15169384000359277},
                             {0, 0.0},
                             {1e-10, 5.0000000000000002e-11},
                             {0.2, 0.10050083402812512},
                             {0.46, 0.23613737326438268},
                             {1, 0.56515910399248503},
                             {3.7, 7.4357457965353369},
                             {7.9, 363.85394408450839},
                             {8, 399.8731367825601},
                             {8.1, 439.48430891035846},
                             {20, 42454973.38512777},
                             {100, 1.0683693903381625e+42},
                             {300, 4.4683813850369544e+128},
                             {700, 1.5285003902339007e+302}});
  check_values(special::i1e, {{-30, -0.071916330598647555},
                              {-8.5, -0.13054935509459586},
                              {-2.25, -0.21121661600759038},
                              {-1, -0.20791041534970845},
                              {-0.3, -0.1123775606398388},
                              {0, 0.0},
                              {1e-10, 4.9999999995000002e-11},
                              {0.2, 0.082283123528812145},
                              {0.46, 0.14906966183476921},
                              {1, 0.20791041534970845},
                              {3.7, 0.18383785802735623},
                              {7.9, 0.13489649943989377},
                              {8, 0.13414249329269818},
                              {8.1, 0.13340068832583663},
                              {20, 0.087506222183288665},
                              {100, 0.039744153025130253},
                              {300, 0.023004122040268951},
                              {700, 0.015070519444716847}});
  check_values(special::erfcx, {{-26, 7.6577249314905684e+293},
                                {-8.5, 4.7731635244483683e+31},
                                {-2.25, 315.73888373164454},
                                {-0.47, 1.8629968922548011},
                                {-0.3, 1.4537492328427656},
                                {0, 1.0},
                                {1e-10, 0.99999999988716208},
                                {0.2, 0.80901951990158073},
                                {0.46, 0.63678738383271303},
                                {1, 0.427583576155807},
                                {3.7, 0.14743499753718507},
                                {10.3, 0.054521097798767252},
                                {27, 0.020881607990420941},
                                {27.6, 0.020428260528846826},
                                {30, 0.018795888861416751},
                                {1000, 0.00056418930145338765}});
  check_values(special::ndtr, {{-37, 5.7255712225245768e-300},
                               {-20, 2.7536241186062337e-89},
                               {-8.5, 9.4795348222033184e-18},
                               {-2.25, 0.012224472655044703},
                               {-1, 0.15865525393145705},
                               {-0.3, 0.38208857781104737},
                               {0, 0.5},
                               {0.2, 0.57925970943910303},
                               {1, 0.84134474606854295},
                               {3.7, 0.99989220026652261},
                               {8, 0.99999999999999938}});
  check_values(special::log_ndtr, {{-1000, -500007.82669481218},
                                   {-37, -689.03058557689059},
                                   {-20, -203.91715537109726},
                                   {-8.5, -39.197396428217669},
                                   {-2.25, -4.4043153811532716},
                                   {-1, -1.8410216450092635},
                                   {-0.3, -0.96210281816885066},
                                   {0, -0.69314718055994531},
                                   {0.2, -0.54600435372277412},
                                   {1, -0.17275377902344989},
                                   {3.7, -0.00010780554428626334},
                                   {8, -6.2209605742717861e-16},
                                   {20, -2.7536241186062337e-89}});
  check_values(special::ndtri, {{1e-300, -37.047096299361199},
                                {1e-100, -21.273453560965324},
                                {1e-20, -9.2623400897984076},
                                {1e-05, -4.2648907939228246},
                                {0.01, -2.3263478740408411},
                                {0.1, -1.2815515655446004},
                                {0.2, -0.84162123357291417},
                                {0.249, -0.6776399648779957},
                                {0.25, -0.67448975019608174},
                                {0.3, -0.52440051270804082},
                                {0.45, -0.12566134685507401},
                                {0.7, 0.52440051270804066},
                                {0.75, 0.67448975019608174},
                                {0.76, 0.70630256284008748},
                                {0.9, 1.2815515655446006},
                                {0.999, 3.0902323061678133}});
  check_pairs(igamma, {{0.001, 0.9, 0.99973957030017818},
                       {0.3, 0.01, 0.27924099635901486},
                       {0.3, 1.2, 0.9366052804307409},
                       {0.5, 30, 0.99999999999999051},
                       {1, 1, 0.63212055882855768},
                       {2.5, 0.1, 0.00088613878881244261},
                       {2.5, 3, 0.6937810815867216},
                       {9.9, 25, 0.9998001670989052},
                       {10, 3, 0.0011024881301154797},
                       {40, 35.5, 0.24608919368074527},
                       {50, 49, 0.46210439360094026},
                       {50, 80, 0.99986921602340859},
                       {200, 150, 5.7096885742082443e-5},
                       {10000.0, 10000.0, 0.5013298083399552},
                       {10000.0, 10300.0, 0.99852950510361432},
                       {900000.0, 900300.0, 0.62420517976223782},
                       {1e-08, 0.5, 0.99999999440226402}});
  check_pairs(igammac, {{0.001, 0.9, 0.0002604296998218178},
                        {0.3, 0.01, 0.72075900364098514},
                        {0.3, 1.2, 0.063394719569259105},
                        {0.5, 30, 9.4857375710738484e-15},
                        {1, 1, 0.36787944117144232},
                        {2.5, 0.1, 0.99911386121118756},
                        {2.5, 3, 0.3062189184132784},
                        {9.9, 25, 0.00019983290109480123},
                        {10, 3, 0.99889751186988452},
                        {50, 49, 0.53789560639905974},
                        {50, 80, 0.00013078397659141034},
                        {200, 150, 0.99994290311425792},
                        {10000.0, 10000.0, 0.4986701916600448},
                        {10000.0, 10300.0, 0.0014704948963856813},
                        {900000.0, 900300.0, 0.37579482023776218},
                        {1e-08, 0.5, 5.5977359770995871e-9}});
  check_pairs(zeta_of, {{1.5, 0.25, 10.213055360466601},
                        {2, 1, 1.6449340668482264},
                        {3, 7.5, 0.010152626268322332},
                        {2.25, 100, 0.0025456928077768126},
                        {30, 0.5, 1073741824.0000052},
                        {1.001, 2, 999.57728847601163}});
}

// Long enough for whole vectors, tails and threads: each element as alone.
BOOST_AUTO_TEST_CASE(of_many) {
  const Tensor x = linspace(-12, 12, 20011, float64);
  const auto same = [](const Tensor& all, const Tensor& few) {
    return equal(all.slice(0, 0, all.numel(), 1000), few);
  };
  const Tensor some = x.slice(0, 0, x.numel(), 1000).clone();
  BOOST_TEST(same(i0(x), i0(some)));
  BOOST_TEST(same(special::i1e(x), special::i1e(some)));
  BOOST_TEST(same(special::erfcx(x), special::erfcx(some)));
  BOOST_TEST(same(special::log_ndtr(x), special::log_ndtr(some)));
  BOOST_TEST(allclose(special::ndtri(special::ndtr(x.narrow(0, 0, 10000))), x.narrow(0, 0, 10000),
                      1e-11, 1e-11));
}

BOOST_AUTO_TEST_CASE(parts_of_numbers) {
  const Tensor x = from<double>({1, -0.75, 0, 5e-324, 1.7e308, HUGE_VAL, 3});
  const auto [mantissa, exponent] = rw::frexp(x);
  BOOST_TEST(exponent.dtype() == int32);
  BOOST_TEST(equal(mantissa.slice(0, 0, 4), from<double>({0.5, -0.75, 0, 0.5})));
  BOOST_TEST(exponent.select(0, 3).item<int>() == -1073);
  BOOST_TEST(exponent.select(0, 5).item<int>() == 0);
  BOOST_TEST(
      equal(rw::ldexp(from<double>({1, 3}), from<int64_t>({3, -1})), from<double>({8, 1.5})));
  BOOST_TEST(rw::ldexp(from<double>({1}), from<int64_t>({200})).item<double>() == 0x1p200);
  BOOST_TEST(rw::ldexp(scalar_tensor(0x1p-20, float16), from<int64_t>({30})).dtype() == float16);
  BOOST_CHECK_EXCEPTION(rw::frexp(from<int64_t>({1})), DTypeError,
                        saying("frexp: expected a floating input, got int64"));
}

BOOST_AUTO_TEST_CASE(no_derivative_by_the_first_argument) {
  const Tensor a = ones(2).requires_grad_(), x = ones(2);
  BOOST_CHECK_EXCEPTION(igamma(a, x).sum().backward(), Error,
                        saying("igamma: there is no derivative by the first argument"));
  BOOST_CHECK_EXCEPTION(mvlgamma(x, 0), Error, saying("mvlgamma: expected a dimension p >= 1"));
}

// Large arguments of the incomplete gamma functions: symmetric in the middle.
BOOST_AUTO_TEST_CASE(incomplete_gamma_of_large) {
  const Tensor a = from<double>({1e6, 1.0001e6, 1e9, 1e15});
  const Tensor sum = igamma(a, a * 1.000001) + igammac(a, a * 1.000001);
  BOOST_TEST(allclose(sum, ones(4, float64), 1e-14));
  BOOST_TEST(std::abs(igammac(a, a).select(0, 2).item<double>() - 0.49999579477913) < 1e-13);
  BOOST_TEST(igamma(a, a / 2).sum().item<double>() == 0);
}

// Values by tables of Abramowitz and Stegun, and by the Airy functions of DLMF 9.
BOOST_AUTO_TEST_CASE(without_derivatives) {
  const auto at = [](Tensor (*f)(const Tensor&), double x) {
    return f(scalar_tensor(x, float64)).item<double>();
  };
  check_close(at(special::bessel_j0, 2), 0.22389077914123567, 2);
  check_close(at(special::bessel_j0, 7.5), 0.26633965788037840, 7.5);
  check_close(at(special::bessel_y0, 7.5), 0.11731328614820863, 7.5);
  check_close(at(special::airy_ai, -3), -0.37881429367765807, -3);
  check_close(at(special::bessel_j1, 2), 0.57672480775687339, 2);
  check_close(at(special::bessel_y0, 2), 0.51037567264974512, 2);
  check_close(at(special::bessel_y1, 2), -0.10703243154093755, 2);
  check_close(at(special::modified_bessel_k0, 1), 0.42102443824070834, 1);
  check_close(at(special::modified_bessel_k1, 1), 0.60190723019723457, 1);
  check_close(at(special::airy_ai, 0), 0.35502805388781724, 0);
  check_close(at(special::airy_ai, 2), 0.034924130423274379, 2);
  check_close(at(special::airy_ai, -1), 0.53556088329235212, -1);
  check_close(at(special::airy_ai, -10), 0.040241238486443196, -10);
  BOOST_TEST(at(special::modified_bessel_k0, 0) == HUGE_VAL);
  BOOST_TEST(std::isnan(at(special::bessel_y0, -1)));
  BOOST_TEST(at(special::spherical_bessel_j0, 0) == 1);
  const Tensor x = ones(3).requires_grad_();
  BOOST_TEST(!special::bessel_j0(x).requires_grad());
  BOOST_TEST(!special::legendre_polynomial_p(x, 3).requires_grad());
  BOOST_TEST(special::bessel_j1(from<int64_t>({2})).dtype() == float32);
}

// By the angle from some degree on, by the recurrence before: one identity holds for both.
BOOST_AUTO_TEST_CASE(polynomials_by_two_ways) {
  const Tensor x = linspace(-0.99, 0.99, 41, float64);
  for (const double n : {1., 5., 8., 9., 30.}) {
    const Tensor t = special::chebyshev_polynomial_t(x, n);
    const Tensor u = special::chebyshev_polynomial_u(x, n);
    const Tensor before = special::chebyshev_polynomial_u(x, n - 2 < 0 ? -1 : n - 2);
    BOOST_TEST(allclose(t * 2, u - before, 1e-11, 1e-11), "degree " << n);
    const Tensor shifted = special::shifted_chebyshev_polynomial_t((x + 1) / 2, n);
    BOOST_TEST(allclose(shifted, t, 1e-11, 1e-11), "degree " << n);
  }
  BOOST_TEST(special::chebyshev_polynomial_t(from<double>({-3}), 1001).item<double>() == -HUGE_VAL);
}

// float32 on a grid, against float64 of the same numbers.
BOOST_AUTO_TEST_CASE(float32_is_close_to_float64) {
  struct Function {
    const char* name;
    Tensor (*f)(const Tensor&);
    double low, high, ulps;
  };
  const Function functions[] = {
      {"i0", i0, -20, 20, 16},
      {"i0e", special::i0e, -50, 50, 8},
      {"i1", special::i1, -20, 20, 16},
      {"i1e", special::i1e, -50, 50, 8},
      {"entr", special::entr, 0.01, 0.9, 8},
      {"erfcx", special::erfcx, -2, 50, 16},
      {"ndtr", special::ndtr, -3, 8, 16},
      {"log_ndtr", special::log_ndtr, -50, 3, 16},
      {"ndtri", special::ndtri, 0.001, 0.49, 16},
  };
  for (const Function& f : functions) {
    const Tensor x = linspace(f.low, f.high, 20001, float32);
    const Tensor exact = f.f(x.to(float64));
    const Tensor error = abs(f.f(x).to(float64) - exact) / abs(exact);
    const double ulps = amax(where(eq(exact, 0), 0, error)).item<double>() * 0x1p24;
    BOOST_TEST(ulps <= f.ulps, f.name << ": " << ulps);
  }
}

// bfloat16 and float16 are computed in float32 and rounded once.
BOOST_AUTO_TEST_CASE(reduced_dtypes_round_once) {
  const Tensor x = linspace(0.1, 3, 300);
  for (const DType dtype : {bfloat16, float16}) {
    const Tensor t = x.to(dtype), wide = t.to(float32);
    BOOST_TEST(equal(i0(t), i0(wide).to(dtype)));
    BOOST_TEST(equal(special::log_ndtr(t), special::log_ndtr(wide).to(dtype)));
    BOOST_TEST(equal(igamma(t, t), igamma(wide, wide).to(dtype)));
    BOOST_TEST(equal(mvlgamma(t + 2, 3), mvlgamma((t + 2).to(float32), 3).to(dtype)));
    BOOST_TEST(equal(special::airy_ai(t), special::airy_ai(wide).to(dtype)));
  }
}

BOOST_AUTO_TEST_CASE(members_are_their_functions) {
  const Tensor x = rand({3, 4}) + 1.5, y = rand({3, 4}) + 0.5;
  BOOST_TEST(equal(x.i0(), i0(x)));
  BOOST_TEST(equal(x.igamma(y), igamma(x, y)));
  BOOST_TEST(equal(x.igammac(y), igammac(x, y)));
  BOOST_TEST(equal(x.mvlgamma(2), mvlgamma(x, 2)));
  BOOST_TEST(equal(x.ldexp(y), rw::ldexp(x, y)));
  BOOST_TEST(equal(x.frexp().first, rw::frexp(x).first));
  BOOST_TEST(equal(x.cov(), cov(x)));
  BOOST_TEST(equal(x.cov({.correction = 0}), cov(x, {.correction = 0})));
  const Tensor q = from<float>({0.25, 0.5});
  BOOST_TEST(equal(x.quantile(0.25), quantile(x, 0.25)));
  BOOST_TEST(equal(x.quantile(q, {.dim = 1}), quantile(x, q, {.dim = 1})));
  BOOST_TEST(equal(x.quantile(q), quantile(x, q)));
  BOOST_TEST(equal(x.nanquantile(0.25, {.dim = 0}), nanquantile(x, 0.25, {.dim = 0})));
  BOOST_TEST(equal(x.nanquantile(0.25), nanquantile(x, 0.25)));
  BOOST_TEST(equal(x.nanquantile(q), nanquantile(x, q)));
  BOOST_TEST(equal(x.nanquantile(q, {.dim = 1}), nanquantile(x, q, {.dim = 1})));
  BOOST_TEST(equal(x.histogram(3).hist, histogram(x, 3).hist));
  BOOST_TEST(equal(x.histogram(q).hist, histogram(x, q).hist));
  BOOST_TEST(equal(x.histogram(q, {.density = false}).hist, histogram(x, q).hist));
  BOOST_TEST(
      equal(x.histogram(3, {.range = {{0, 2}}}).hist, histogram(x, 3, {.range = {{0, 2}}}).hist));
  const Tensor n = from<int64_t>({3, 1, 1, 3});
  BOOST_TEST(equal(n.unique().output, unique(n).output));
  BOOST_TEST(equal(n.unique({.return_counts = true}).counts, from<int64_t>({2, 2})));
  BOOST_TEST(n.unique_consecutive().output.numel() == 3);
  BOOST_TEST(equal(n.unique_consecutive({.return_counts = true}).counts, from<int64_t>({1, 2, 1})));
  const Tensor src = zeros({2, 2});
  BOOST_TEST(
      equal(x.as_strided_scatter(src, {2, 2}, {4, 1}), as_strided_scatter(x, src, {2, 2}, {4, 1})));
  BOOST_TEST(equal(x.index_put({0}, zeros(4)), index_put(x, {0}, zeros(4))));
}

// What fails changes nothing.
BOOST_AUTO_TEST_CASE(refused_changes) {
  Tensor x = ones({2, 3});
  BOOST_CHECK_EXCEPTION(x.float_power_(2), DTypeError,
                        saying("float_power_: a result of dtype float64 can't be stored"));
  BOOST_CHECK_EXCEPTION(x.cumsum_(0, float64), DTypeError,
                        saying("cumsum_: a result of dtype float64 can't be stored"));
  BOOST_CHECK_THROW(x.addmm_(ones({2, 2}), ones({2, 2})), ShapeError);
  Tensor row = ones(3);
  BOOST_CHECK_EXCEPTION(row.addmm_(ones({2, 2}), ones({2, 3})), ShapeError,
                        saying("addmm_: a result of shape [2, 3] can't be stored"));
  BOOST_TEST(equal(x, ones({2, 3})));
  BOOST_TEST(equal(row, ones(3)));
  Tensor n = from<int64_t>({3, 4});
  BOOST_CHECK_THROW(n.mvlgamma_(2), DTypeError);
  BOOST_TEST(equal(n, from<int64_t>({3, 4})));
}

// Where parts of the formulas overflow, underflow or diverge: values of mpmath.
BOOST_AUTO_TEST_CASE(at_the_ends) {
  const auto near = [](const Tensor& got, double wanted, double eps) {
    BOOST_TEST(std::abs(got.item<double>() - wanted) <= eps * std::abs(wanted),
               got << ", expected " << wanted);
  };
  const auto at = [](double v) { return full({}, v, float64); };
  near(special::zeta(at(178.18414747808362), at(14.358758213403728)), 6.60872130492508164e-207,
       1e-12);
  near(special::zeta(at(20), at(12)), 3.29611478010242706e-22, 1e-13);
  near(special::zeta(at(1.5), at(1e300)), 2e-150, 1e-12);
  near(special::modified_bessel_k1(at(2.357e-306)), 1 / 2.357e-306, 1e-14);
  near(special::modified_bessel_k1(at(6.306357235428662e-235)), 1.58570147974185759e234, 1e-14);
  near(special::scaled_modified_bessel_k0(at(1.7e308)), 9.612e-155, 1e-3);
  near(special::log_ndtr(full({}, -1.8e19f)), -1.62e38, 1e-6);
  BOOST_TEST(std::isinf(lgamma(full({}, -1e37f)).item<float>()));
  BOOST_TEST(std::isinf(lgamma(at(-1e306)).item<double>()));
  BOOST_TEST(std::isnan(special::legendre_polynomial_p(at(0.3), at(1e300)).item<double>()));
  BOOST_TEST(std::isnan(
      special::laguerre_polynomial_l(at(0.3), at(std::numeric_limits<double>::infinity()))
          .item<double>()));
}

BOOST_AUTO_TEST_SUITE_END()
