#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <rewind/tensor/parallel.h>
#include "../check.h"
#include "conv_case.h"

using namespace rw;
using namespace rw::test;

namespace {

using Case = ConvCase;

// Those that are computed by Winograd's algorithm.
const Case cases[] = {
    {"whole tiles", {16, 64, 8, 8}, {64, 64, 3, 3}, {.padding = 1}},
    {"many tiles", {4, 33, 64, 64}, {65, 33, 3, 3}, {.padding = 1}},
    {"one image", {1, 64, 32, 32}, {64, 64, 3, 3}, {.padding = 1}},
    {"odd sizes", {5, 52, 15, 13}, {70, 52, 3, 3}, {.padding = 1}},
    {"no padding", {6, 50, 18, 18}, {60, 50, 3, 3}},
    {"wide padding", {6, 65, 14, 11}, {66, 65, 3, 3}, {.padding = 2}},
    {"two paddings", {6, 64, 10, 16}, {64, 64, 3, 3}, {.padding = {2, 0}}},
    {"many filters", {9, 16, 16, 12}, {160, 16, 3, 3}, {.padding = 1}},
    {"few filters", {9, 160, 16, 12}, {16, 160, 3, 3}, {.padding = 1}},
    {"large filters", {2, 150, 15, 16}, {131, 150, 3, 3}, {.padding = 1}},
    {"large filters, many tiles", {5, 130, 32, 32}, {130, 130, 3, 3}, {.padding = 1}},
};

const Case others[] = {
    {"few channels", {32, 3, 16, 16}, {64, 3, 3, 3}, {.padding = 1}},
    {"few tiles", {1, 64, 8, 8}, {64, 64, 3, 3}, {.padding = 1}},
    {"little of each tile", {32, 64, 5, 5}, {64, 64, 3, 3}, {.padding = 1}},
    {"stride", {4, 32, 32, 32}, {32, 32, 3, 3}, {.stride = 2, .padding = 1}},
    {"dilation", {4, 32, 16, 16}, {32, 32, 3, 3}, {.padding = 2, .dilation = 2}},
    {"groups", {4, 64, 16, 16}, {64, 32, 3, 3}, {.padding = 1, .groups = 2}},
    {"5x5", {4, 32, 16, 16}, {32, 32, 5, 5}, {.padding = 2}},
};

struct Everything {
  Tensor y, dx, dweight;
};

struct Problem {
  explicit Problem(const Case& c)
      : x(randn(c.x)), weight(randn(c.weight)), bias(randn({c.weight[0]})), options(c.options) {
    const no_grad guard;
    g = randn(conv2d(x, weight, {}, options).shape());
  }

  Everything run(DType dtype) const {
    const Tensor a = x.to(dtype).clone().requires_grad_();
    const Tensor b = weight.to(dtype).clone().requires_grad_();
    const Tensor y = conv2d(a, b, bias.to(dtype), options);
    const auto grads = grad({y}, {a, b}, {g.to(dtype)});
    return {y, grads[0], grads[1]};
  }

  Tensor x, weight, bias, g;
  Conv2dOptions options;
};

// Leaves the switch and the number of threads as they were.
struct Settings {
  ~Settings() {
    set_winograd(enabled);
    set_num_threads(threads);
  }
  bool enabled = winograd_enabled();
  int threads = get_num_threads();
};

bool same(const Everything& a, const Everything& b) {
  return relative_error(a.y, b.y) == 0 && relative_error(a.dx, b.dx) == 0 &&
         relative_error(a.dweight, b.dweight) == 0;
}

}  // namespace

BOOST_DATA_TEST_CASE(is_close_to_float64, boost::unit_test::data::make(cases), c) {
  const Problem problem(c);
  const Everything ours = problem.run(float32), exact = problem.run(float64);
  const double y = relative_error(ours.y, exact.y), dx = relative_error(ours.dx, exact.dx),
               dweight = relative_error(ours.dweight, exact.dweight);
  BOOST_TEST_MESSAGE(c.name << ": " << y << ", " << dx << ", " << dweight);
  BOOST_TEST(y < 1e-5);
  BOOST_TEST(dx < 1e-5);
  BOOST_TEST(dweight < 1e-5);
  BOOST_TEST(ours.y.is_contiguous(MemoryFormat::channels_last));
}

// Rounded once, at the end: that alone makes an error of up to 2^-9.
BOOST_DATA_TEST_CASE(takes_bfloat16_images, boost::unit_test::data::make(cases), c) {
  Problem problem(c);
  for (Tensor* t : {&problem.x, &problem.weight, &problem.bias, &problem.g})
    *t = t->to(bfloat16).to(float32);
  const Everything ours = problem.run(bfloat16), exact = problem.run(float64);
  BOOST_TEST(relative_error(ours.y, exact.y) < 1.0 / 512);
  BOOST_TEST(relative_error(ours.dx, exact.dx) < 1.0 / 512);
  BOOST_TEST(relative_error(ours.dweight, exact.dweight) < 1.0 / 512);
}

BOOST_DATA_TEST_CASE(can_be_switched_off, boost::unit_test::data::make(cases), c) {
  const Settings before;
  BOOST_TEST(winograd_enabled());
  const Problem problem(c);
  const Everything fast = problem.run(float32);
  set_winograd(false);
  BOOST_TEST(!winograd_enabled());
  const Everything direct = problem.run(float32);
  // Other digits: it was used, in all directions.
  for (const auto& [a, b] : {std::pair{fast.y, direct.y}, std::pair{fast.dx, direct.dx},
                             std::pair{fast.dweight, direct.dweight}}) {
    BOOST_TEST(relative_error(a, b) > 0);
    BOOST_TEST(relative_error(a, b) < 1e-5);
  }
}

BOOST_DATA_TEST_CASE(leaves_others_alone, boost::unit_test::data::make(others), c) {
  const Settings before;
  const Problem problem(c);
  const Everything with = problem.run(float32);
  set_winograd(false);
  BOOST_TEST(same(with, problem.run(float32)));
}

BOOST_DATA_TEST_CASE(does_not_depend_on_the_number_of_threads, boost::unit_test::data::make(cases),
                     c) {
  const Settings before;
  const Problem problem(c);
  set_num_threads(1);
  const Everything one = problem.run(float32);
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    BOOST_TEST(same(problem.run(float32), one));
  }
}

BOOST_AUTO_TEST_CASE(takes_filters_by_their_strides) {
  const no_grad guard;
  const Tensor x = randn({4, 64, 16, 16}), weight = randn({64, 64, 3, 3});
  const Tensor y = conv2d(x, weight, {}, {.padding = 1});
  const Tensor turned = weight.transpose(2, 3).contiguous().transpose(2, 3);
  for (const Tensor& w : {weight.contiguous(MemoryFormat::channels_last), turned,
                          Tensor(cat({weight, weight}, 1).narrow(1, 64, 64))})
    BOOST_TEST(relative_error(conv2d(x, w, {}, {.padding = 1}), y) == 0);
  BOOST_TEST(relative_error(conv2d(x, weight.transpose(0, 1), {}, {.padding = 1}),
                            conv2d(x, weight.transpose(0, 1).contiguous(), {}, {.padding = 1})) ==
             0);
}

BOOST_AUTO_TEST_CASE(sees_filters_change) {
  const no_grad guard;
  const Tensor x = randn({4, 64, 16, 16});
  Tensor weight = randn({64, 64, 3, 3});
  const Tensor y = conv2d(x, weight);
  weight.mul_(2);
  BOOST_TEST(relative_error(conv2d(x, weight), 2 * y) == 0);
}

// Gradients of gradients go through the same three computations.
BOOST_AUTO_TEST_CASE(has_second_derivatives) {
  const Tensor x = randn({8, 48, 15, 16}), weight = randn({48, 48, 3, 3}),
               v = randn({8, 48, 15, 16}), u = randn({48, 48, 3, 3});
  const auto second = [&](DType dtype) {
    const std::vector<Tensor> in = {x.to(dtype).clone().requires_grad_(),
                                    weight.to(dtype).clone().requires_grad_()};
    const Tensor y = conv2d(in[0], in[1], {}, {.padding = 1});
    const auto first = grad({(y * y).sum()}, in, {}, true, true);
    return grad({(first[0] * v.to(dtype)).sum() + (first[1] * u.to(dtype)).sum()}, in);
  };
  const auto ours = second(float32), exact = second(float64);
  BOOST_TEST(relative_error(ours[0], exact[0]) < 1e-5);
  BOOST_TEST(relative_error(ours[1], exact[1]) < 1e-5);
}
