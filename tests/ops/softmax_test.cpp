// softmax and log_softmax: values in every layout, derivatives, extremes, types.
#include <algorithm>
#include <limits>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// By the definition, in float64.
Tensor plainly(const Tensor& x, int64_t dim, bool log) {
  const Tensor t = x.detach().to(float64);
  const Tensor shifted = t - t.amax(dim, true);
  const Tensor total = shifted.exp().sum(dim, true);
  return log ? shifted - total.log() : shifted.exp() / total;
}

Tensor either(const Tensor& x, int64_t dim, bool log) {
  return log ? log_softmax(x, dim) : softmax(x, dim);
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_along_any_dim_in_any_layout) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{3, 33}, Shape{4, 5, 6},
                             Shape{2, 19, 3, 5}, Shape{300, 2}, Shape{2, 3, 517}}) {
    const Tensor x = randn(shape, float64) * 3;
    for (int dim = 0; dim < std::max(1, x.dim()); ++dim)
      for (const bool log : {false, true}) {
        BOOST_TEST(relative_error(either(x, dim, log), plainly(x, dim, log)) < 1e-14, shape.str());
        if (x.dim() == 4) {
          const Tensor nhwc = x.contiguous(MemoryFormat::channels_last);
          BOOST_TEST(either(nhwc, dim, log).is_contiguous(MemoryFormat::channels_last));
          BOOST_TEST(relative_error(either(nhwc, dim, log), plainly(x, dim, log)) < 1e-14);
        }
        if (x.dim() >= 2) {
          const Tensor turned = x.transpose(0, -1);
          BOOST_TEST(relative_error(either(turned, dim, log), plainly(turned, dim, log)) < 1e-14);
          const Tensor part = x.slice(0, 0, Slice::none, 2);
          BOOST_TEST(relative_error(either(part, dim, log), plainly(part, dim, log)) < 1e-14);
        }
      }
  }
  BOOST_TEST(softmax(randn({4, 5}), -1).sum().item<double>() == 4,
             boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(narrow_types_agree_with_float64) {
  for (const Shape& shape : {Shape{64, 200}, Shape{8, 10}, Shape{5, 33, 20}}) {
    const Tensor x = randn(shape) * 4, g = randn(shape);
    for (const bool log : {false, true})
      for (const int64_t dim : {0, 1}) {
        const auto with_grad = [&](DType dtype) {
          const Tensor t = x.to(bfloat16).to(dtype).detach().requires_grad_();
          const Tensor y = either(t, dim, log);
          y.backward(g.to(bfloat16).to(dtype));
          return std::pair{y, t.grad()};
        };
        const auto [exact, exact_grad] = with_grad(float64);
        const auto [single, single_grad] = with_grad(float32);
        BOOST_TEST(relative_error(single, exact) < 1e-6);
        BOOST_TEST(relative_error(single_grad, exact_grad) < 1e-5);
        const auto [half, half_grad] = with_grad(bfloat16);
        BOOST_TEST((half.dtype() == bfloat16));
        BOOST_TEST(relative_error(half, exact) < 4e-3);
        BOOST_TEST(relative_error(half_grad, exact_grad) < 3e-2);
      }
  }
}

BOOST_AUTO_TEST_CASE(derivatives) {
  for (const Shape& shape : {Shape{}, Shape{4}, Shape{3, 5}, Shape{2, 3, 2, 2}})
    for (int dim = 0; dim < std::max(1, shape.rank()); ++dim)
      for (const bool log : {false, true})
        check_gradients([&](const std::vector<Tensor>& in) { return either(in[0], dim, log); },
                        {random_leaf(shape)}, shape.str());
  const Tensor nhwc = randn({2, 3, 2, 2}, float64).contiguous(MemoryFormat::channels_last);
  for (const bool log : {false, true}) {
    check_gradients([&](const std::vector<Tensor>& in) { return either(in[0], 1, log); },
                    {nhwc.detach().requires_grad_()}, "channels last");
    check_gradients([&](const std::vector<Tensor>& in) { return either(in[0].t(), 1, log); },
                    {random_leaf({3, 4})}, "transposed");
  }
}

BOOST_AUTO_TEST_CASE(the_gradient_may_be_expanded) {
  const Tensor x = random_leaf({3, 4});
  softmax(x, 1).sum().backward();
  BOOST_TEST(x.grad().abs().amax().item<double>() < 1e-15);
}

BOOST_AUTO_TEST_CASE(large_and_infinite_values) {
  for (const DType dtype : test::floating_dtypes) {
    const auto of = [&](std::initializer_list<double> v) { return from<double>(v).to(dtype); };
    BOOST_TEST((softmax(of({1e4, 1e4, -1e4}), 0).to_vector() == std::vector<float>{.5, .5, 0}));
    BOOST_TEST((softmax(of({-infinity, 3}), 0).to_vector() == std::vector<float>{0, 1}));
    BOOST_TEST((log_softmax(of({-infinity, 3}), 0).to_vector() ==
                std::vector<float>{-std::numeric_limits<float>::infinity(), 0}));
    for (const bool log : {false, true}) {
      BOOST_TEST(isnan(either(of({1, NAN, 2}), 0, log)).all().item<bool>());
      BOOST_TEST(isnan(either(of({1, infinity}), 0, log)).all().item<bool>());
      BOOST_TEST(isnan(either(of({-infinity, -infinity}), 0, log)).all().item<bool>());
      // Across rows, one column does not disturb its neighbours.
      const Tensor pair = from<double>({{1, NAN}, {2, 0}}).to(dtype);
      BOOST_TEST((isnan(either(pair, 0, log)).to_vector<int>() == std::vector<int>{0, 1, 0, 1}));
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_to_normalise) {
  for (const Shape& shape : {Shape{0}, Shape{0, 3}, Shape{3, 0}}) {
    const Tensor x = zeros(shape).requires_grad_();
    const Tensor y = softmax(x, 0);
    BOOST_TEST((y.shape() == shape));
    y.sum().backward();
    BOOST_TEST((x.grad().shape() == shape));
  }
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  BOOST_CHECK_EXCEPTION(softmax(zeros(3), 1), IndexError,
                        saying("softmax: dimension 1 is out of range for a tensor of rank 1"));
  BOOST_CHECK_EXCEPTION(log_softmax(zeros(3, int64), 0), DTypeError,
                        saying("log_softmax: expected a floating input, got int64"));
  BOOST_CHECK_EXCEPTION(softmax(Tensor(), 0), Error, saying("softmax"));
}
