#include <rewind/ops/bessel.h>
#include <rewind/ops/special_functions.h>

#include <cmath>

#include "../check.h"
#include "../kernels/targets.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(special_values)

namespace {

// Where one way to compute a function gives way to another, steps are as small as before and after.
void check_joints() {
  const auto check_smooth = [](const char* name, const auto& f, double joint) {
    const double h = 1e-6 * std::abs(joint);
    const Tensor y = f(from<double>({joint - 2 * h, joint - h, joint, joint + h, joint + 2 * h}));
    const Tensor fourth = y.diff(4);  // of the order of h^4
    const double error = abs(fourth).item<double>() / amax(abs(y)).item<double>();
    BOOST_TEST(error < 2e-13, name << " at " << joint << ": " << error);
  };
  for (const double x : {-4.0, 2.0}) check_smooth("airy_ai", special::airy_ai, x);
  check_smooth("modified_bessel_k0", special::modified_bessel_k0, 2);
  check_smooth("modified_bessel_k1", special::modified_bessel_k1, 2);
  check_smooth("bessel_j0", special::bessel_j0, 8);
  check_smooth("bessel_j1", special::bessel_j1, 8);
  check_smooth("bessel_y0", special::bessel_y0, 8);
  check_smooth("bessel_y1", special::bessel_y1, 8);
  for (const double a : {0.5, 3., 12., 50.}) {
    const auto lower = [a](const Tensor& x) { return igamma(full_like(x, a), x); };
    const auto upper = [a](const Tensor& x) { return igammac(full_like(x, a), x); };
    for (const double x : {0.30153 * a, a + 1, 2.35765 * a}) {
      check_smooth("igamma", lower, x);
      check_smooth("igammac", upper, x);
    }
  }
  check_smooth(
      "igamma by a", [](const Tensor& a) { return igamma(a, full_like(a, 11)); }, 12);
}

// Values of mpmath, far from where others are tested.
void check_values() {
  const auto at = [](double x) { return scalar_tensor(x, float64); };
  const auto check_relative = [](const Tensor& got, double wanted) {
    const double y = got.item<double>();
    BOOST_TEST(std::abs(y - wanted) <= 2e-13 * std::abs(wanted), y << ", expected " << wanted);
  };
  check_relative(special::modified_bessel_k0(at(0.001)), 7.02368880056238132);
  check_relative(special::modified_bessel_k0(at(1.75)), 0.155379812386603586);
  check_relative(special::modified_bessel_k0(at(3.5)), 0.0195988971703684891);
  check_relative(special::modified_bessel_k0(at(40)), 8.39286110009956703e-19);
  check_relative(special::modified_bessel_k1(at(0.001)), 999.996238156085553);
  check_relative(special::modified_bessel_k1(at(1.75)), 0.195477453474393013);
  check_relative(special::modified_bessel_k1(at(3.5)), 0.0222393929259238337);
  check_relative(special::modified_bessel_k1(at(40)), 8.49713195486103865e-19);
  check_relative(special::scaled_modified_bessel_k0(at(0.001)), 7.0307160023782515);
  check_relative(special::scaled_modified_bessel_k0(at(1.75)), 0.894149084157217334);
  check_relative(special::scaled_modified_bessel_k0(at(3.5)), 0.649026337688688428);
  check_relative(special::scaled_modified_bessel_k0(at(40)), 0.197555584957298169);
  check_relative(special::scaled_modified_bessel_k1(at(0.001)), 1000.99673455906843);
  check_relative(special::scaled_modified_bessel_k1(at(1.75)), 1.1248950768625277);
  check_relative(special::scaled_modified_bessel_k1(at(3.5)), 0.736467548028912406);
  check_relative(special::scaled_modified_bessel_k1(at(40)), 0.200009967254433484);
  check_relative(special::bessel_j0(at(0.001)), 0.999999750000015625);
  check_relative(special::bessel_j0(at(5)), -0.177596771314338304);
  check_relative(special::bessel_j0(at(12.5)), 0.146884054700421102);
  check_relative(special::bessel_j0(at(300)), -0.033298554876305668);
  check_relative(special::bessel_j1(at(0.001)), 0.000499999937500002615);
  check_relative(special::bessel_j1(at(5)), -0.327579137591465222);
  check_relative(special::bessel_j1(at(12.5)), -0.165483804614759718);
  check_relative(special::bessel_j1(at(300)), -0.0318874313774999503);
  check_relative(special::bessel_y0(at(0.001)), -4.47141661137592326);
  check_relative(special::bessel_y0(at(5)), -0.30851762524903378);
  check_relative(special::bessel_y0(at(12.5)), -0.171214306844669287);
  check_relative(special::bessel_y0(at(300)), -0.031831889730003398);
  check_relative(special::bessel_y1(at(0.001)), -636.622167231139415);
  check_relative(special::bessel_y1(at(5)), 0.147863143391226845);
  check_relative(special::bessel_y1(at(12.5)), -0.15383825653750118);
  check_relative(special::bessel_y1(at(300)), 0.0332455481213102161);
  check_relative(special::airy_ai(at(-20)), -0.17640612707798469);
  check_relative(special::airy_ai(at(-6)), -0.329145173629823105);
  check_relative(special::airy_ai(at(5)), 0.000108344428136074417);
  check_relative(special::airy_ai(at(30)), 3.20821759155049557e-49);
  check_relative(igamma(at(1e-7), at(0.5)), 0.999999944022637589);
  check_relative(igammac(at(1e-7), at(0.5)), 5.59773624114136793e-8);
  check_relative(igamma(at(0.25), at(0.125)), 0.640157206083084111);
  check_relative(igammac(at(0.25), at(0.125)), 0.359842793916915889);
  check_relative(igamma(at(0.25), at(6)), 0.999839354674145653);
  check_relative(igammac(at(0.25), at(6)), 0.000160645325854347462);
  check_relative(igamma(at(3.5), at(12)), 0.998860648821052534);
  check_relative(igammac(at(3.5), at(12)), 0.00113935117894746561);
  check_relative(igamma(at(12), at(1e-9)), 2.0876756968597262e-117);
  check_relative(igammac(at(12), at(1e-9)), 1.0);
  check_relative(igamma(at(13), at(11)), 0.311303348535931268);
  check_relative(igammac(at(13), at(11)), 0.688696651464068732);
  check_relative(igamma(at(40), at(10)), 7.34163631456047142e-13);
  check_relative(igammac(at(40), at(10)), 0.999999999999265836);
  check_relative(igamma(at(40), at(120)), 0.999999999999999993);
  check_relative(igammac(at(40), at(120)), 6.78197485297598272e-18);
  check_relative(igamma(at(900), at(1000)), 0.999377402215724953);
  check_relative(igammac(at(900), at(1000)), 0.00062259778427504726);
  check_relative(igamma(at(1e5), at(99500)), 0.0567418232127922631);
  check_relative(igammac(at(1e5), at(99500)), 0.943258176787207737);
  check_relative(special::zeta(at(1.25), at(0.5)), 6.33396752920820211);
  check_relative(special::zeta(at(7), at(30)), 2.52373964043864408e-10);
  check_relative(special::zeta(at(3), at(-2.5)), 0.0541020258208637015);
  check_relative(polygamma(2, at(0.5)), -16.82879664423432);
  check_relative(polygamma(3, at(-3.25)), 1558.50880281827913);
  check_relative(polygamma(5, at(40)), 2.49389435099967023e-7);
}

}  // namespace

BOOST_AUTO_TEST_CASE(on_every_target) {
  for (const int64_t target : targets()) {
    BOOST_TEST_CONTEXT(hwy::TargetName(target)) {
      choose(target);
      check_joints();
      check_values();
    }
  }
  choose(targets().back());
}

BOOST_AUTO_TEST_SUITE_END()
