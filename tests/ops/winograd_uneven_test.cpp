#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <iterator>
#include <limits>

#include <rewind/onednn/support.h>
#include <rewind/tensor/parallel.h>
#include "../check.h"
#include "conv_case.h"

using namespace rw;
using namespace rw::test;

// Images whose pixels differ by orders of magnitude: each result answers for its own window only.

namespace {

using Case = ConvCase;

// Those that are computed by Winograd's algorithm, in each of its ways through the tiles.
const Case cases[] = {
    {"whole tiles", {16, 64, 8, 8}, {64, 64, 3, 3}, {.padding = 1}},
    {"odd sizes", {5, 52, 15, 13}, {70, 52, 3, 3}, {.padding = 1}},
    {"no padding", {4, 64, 18, 18}, {64, 64, 3, 3}},
    {"wide padding", {5, 65, 14, 11}, {66, 65, 3, 3}, {.padding = 2}},
    {"two paddings", {6, 64, 10, 16}, {64, 64, 3, 3}, {.padding = {2, 0}}},
    {"few channels", {9, 16, 16, 12}, {160, 16, 3, 3}, {.padding = 1}},
    {"few filters", {9, 160, 16, 12}, {16, 160, 3, 3}, {.padding = 1}},
    {"large filters", {2, 150, 15, 16}, {131, 150, 3, 3}, {.padding = 1}},
    {"gradients in parts", {2, 32, 61, 64}, {64, 32, 3, 3}, {.padding = 1}},
};

constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();

void set_pixel(const Tensor& x, int64_t image, int64_t channel, int64_t i, int64_t j, double to) {
  x.narrow(0, image, 1).narrow(1, channel, 1).narrow(2, i, 1).narrow(3, j, 1).fill_(to);
}

// One pixel in the middle, one in a corner, one at the border.
void set_pixels(const Tensor& x, double to) {
  const int64_t h = x.size(2), w = x.size(3);
  set_pixel(x, 0, 3, h / 2, w / 2, to);
  set_pixel(x, 1, 7, h - 1, w - 1, to);
  set_pixel(x, 1, x.size(1) - 1, h / 2, 0, -to);
}

struct Kind {
  const char* name;
  Tensor (*make)(const Shape&);
};

std::ostream& operator<<(std::ostream& os, const Kind& k) { return os << k.name; }

Tensor normal(const Shape& shape) { return randn(shape); }
Tensor sparse(const Shape& shape) { return randn(shape) * (rand(shape) < 0.01).to(float32); }
template <int exponent>
Tensor spiked(const Shape& shape) {
  const Tensor x = randn(shape);
  set_pixels(x, std::pow(10.0, exponent));
  return x;
}
Tensor with_nan(const Shape& shape) {
  const Tensor x = randn(shape);
  set_pixels(x, nan);
  return x;
}

// Leaves the number of threads as it was.
struct Settings {
  ~Settings() { set_num_threads(threads); }
  int threads = get_num_threads();
};

const Kind kinds[] = {
    {"normal", normal},
    {"half of them zero", [](const Shape& s) { return randn(s).relu(); }},
    {"1 % not zero", sparse},
    {"0.01 % not zero", [](const Shape& s) { return randn(s) * (rand(s) < 1e-4).to(float32); }},
    {"zero", [](const Shape& s) { return zeros(s); }},
    {"ones", [](const Shape& s) { return ones(s); }},
    {"impulses",
     [](const Shape& s) {
       const Tensor x = zeros(s);
       set_pixels(x, 1);
       return x;
     }},
    {"half an image",
     [](const Shape& s) {
       const Tensor x = randn(s);
       x.narrow(2, 0, s[2] / 2 + 1).zero_();
       x.narrow(3, s[3] / 2, s[3] / 2).mul_(1e-6);
       return x;
     }},
    {"the last row",
     [](const Shape& s) {
       const Tensor x = randn(s);
       x.narrow(2, 0, s[2] - 1).zero_();
       return x;
     }},
    {"orders of magnitude", [](const Shape& s) { return randn(s) * (4 * randn(s)).exp(); }},
    {"pixels of all magnitudes",
     [](const Shape& s) {
       return randn(s) * (10 * randn({s[0], 1, s[2], s[3]})).exp();
     }},
    {"1e1", spiked<1>},
    {"1e2", spiked<2>},
    {"1e3", spiked<3>},
    {"1e5", spiked<5>},
    {"1e10", spiked<10>},
    {"1e20", spiked<20>},
    {"1e37", spiked<37>},
    {"all large", [](const Shape& s) { return randn(s) * 1e33; }},
    {"all small", [](const Shape& s) { return randn(s) * 1e-34; }},
    {"subnormal", [](const Shape& s) { return randn(s) * 1e-40; }},
    {"NaN", with_nan},
    {"infinity",
     [](const Shape& s) {
       const Tensor x = randn(s).relu();
       set_pixels(x, infinity);
       return x;
     }},
    {"NaN alone",
     [](const Shape& s) {
       const Tensor x = zeros(s);
       set_pixels(x, nan);
       return x;
     }},
};

using Results = std::vector<std::vector<double>>;

struct Problem {
  Problem(const Case& c, Tensor (*make)(const Shape&), Tensor (*make_gradient)(const Shape&))
      : x(make(c.x)),
        weight(randn(c.weight)),
        bias(randn({c.weight[0]})),
        g(make_gradient(results(c))),
        options(c.options) {}

  static Shape results(const Case& c) {
    return conv2d(zeros(c.x), zeros(c.weight), {}, c.options).shape();
  }

  void round_to(DType dtype) {
    for (Tensor* t : {&x, &weight, &bias, &g}) *t = t->to(dtype).to(float32);
  }

  // The result and the gradients by the image and the filters.
  Results run(DType dtype) const {
    return run(x.to(dtype), weight.to(dtype), bias.to(dtype), g.to(dtype));
  }
  // What they may be held to: the same of absolute values.
  Results scales() const {
    return run(x.to(float64).abs(), weight.to(float64).abs(), bias.to(float64).abs(),
               g.to(float64).abs());
  }
  Results run(const Tensor& image, const Tensor& filters, const Tensor& b,
              const Tensor& gradient) const {
    const Tensor in = image.clone().requires_grad_(), w = filters.clone().requires_grad_();
    const Tensor y = conv2d(in, w, b, options);
    const auto grads = grad({y}, {in, w}, {gradient});
    return {y.to_vector<double>(), grads[0].to_vector<double>(), grads[1].to_vector<double>()};
  }

  Tensor x, weight, bias, g;
  Conv2dOptions options;
};

// `rounding` is the share of a result that its dtype may lose.
void check_results(const Problem& p, DType dtype, double rounding) {
  const char* const names[] = {"y", "dx", "dweight"};
  // Numbers below the normal ones have fewer digits; a processor's instructions for products of
  // bfloat16 take them for zero, each of some hundred terms of a sum.
  const double smallest = dtype == bfloat16 && onednn::supports(bfloat16) ? 1e-35 : 1e-40;
  const Results ours = p.run(dtype), exact = p.run(float64), scales = p.scales();
  for (size_t k = 0; k < ours.size(); ++k) {
    size_t far = 0, not_finite = 0;
    double worst = 0;
    for (size_t i = 0; i < ours[k].size(); ++i) {
      const auto y = static_cast<double>(static_cast<float>(exact[k][i]));
      if (std::isfinite(y) != std::isfinite(ours[k][i])) ++not_finite;
      if (!std::isfinite(y)) continue;
      const double allowed = 1e-4 * scales[k][i] + rounding * std::abs(y) + smallest;
      const double error = std::abs(ours[k][i] - y);
      worst = std::max(worst, error / allowed);
      if (!(error <= allowed)) ++far;
    }
    BOOST_TEST(far == 0u, names[k] << ": " << far << " of " << ours[k].size()
                                   << " results are off by up to " << worst << " of the bound");
    BOOST_TEST(not_finite == 0u, names[k] << ": " << not_finite << " of " << ours[k].size()
                                          << " are finite in one, not in the other");
    BOOST_TEST_MESSAGE(names[k] << ": " << worst);
  }
}

}  // namespace

// Each kind with every third case, a case with every third kind.
BOOST_DATA_TEST_CASE(each_result_answers_for_its_window,
                     boost::unit_test::data::xrange(std::size(kinds)), k) {
  manual_seed(1);
  for (size_t i = k % 3; i < std::size(cases); i += 3) {
    BOOST_TEST_CONTEXT(cases[i] << ", " << kinds[k])
    check_results(Problem(cases[i], kinds[k].make, kinds[k].make), float32, 0);
  }
}

// Where only one of both is uneven, gradients of filters leave out the tile of the other.
BOOST_AUTO_TEST_CASE(one_uneven_factor_is_enough) {
  manual_seed(2);
  for (const Case& c : {cases[0], cases[8]})
    for (const auto make : {spiked<20>, with_nan}) BOOST_TEST_CONTEXT(c) {
        check_results(Problem(c, make, normal), float32, 0);
        check_results(Problem(c, normal, make), float32, 0);
      }
}

BOOST_DATA_TEST_CASE(so_it_is_in_bfloat16, boost::unit_test::data::make(kinds), kind) {
  manual_seed(3);
  Problem problem(cases[4], kind.make, kind.make);
  problem.round_to(bfloat16);
  check_results(problem, bfloat16, 1.0 / 256);
}

BOOST_DATA_TEST_CASE(uneven_tiles_do_not_depend_on_the_number_of_threads,
                     boost::unit_test::data::make(cases), c) {
  const Settings before;
  manual_seed(4);
  for (const auto make : {spiked<5>, sparse}) {
    const Problem problem(c, make, make);
    set_num_threads(1);
    const Results one = problem.run(float32);
    for (const int threads : {2, 3}) {
      set_num_threads(threads);
      BOOST_TEST((problem.run(float32) == one), threads << " threads");
    }
  }
}
