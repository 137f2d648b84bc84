// Ops that are members too: each is its function.

#include <rewind/testing/gradcheck.h>

#include "../check.h"

using namespace rw;

BOOST_AUTO_TEST_SUITE(members)

BOOST_AUTO_TEST_CASE(arithmetic) {
  const Tensor x = randn({3, 4}), y = randn({4});
  BOOST_TEST(equal(x.add(y, 3), add(x, y, 3)));
  BOOST_TEST(equal(x.add(2), x + 2));
  BOOST_TEST(equal(x.sub(y, 3), sub(x, y, 3)));
  BOOST_TEST(equal(x.sub(2), x - 2));
  BOOST_TEST(equal(x.mul(y), x * y));
  BOOST_TEST(equal(x.mul(2), x * 2));
  BOOST_TEST(equal(x.div(y), x / y));
  BOOST_TEST(equal(x.div(2), x / 2));
  BOOST_TEST(equal(x.remainder(y), x % y));
  BOOST_TEST(equal(x.remainder(2), x % 2));
  BOOST_TEST(equal(x.maximum(y), maximum(x, y)));
  BOOST_TEST(equal(x.minimum(y), minimum(x, y)));
  BOOST_TEST(equal(x.clamp_min(-0.1), clamp_min(x, -0.1)));
  BOOST_TEST(equal(x.clamp_max(-0.1), clamp_max(x, -0.1)));
}

BOOST_AUTO_TEST_CASE(functions) {
  const Tensor x = randn({3, 4}) * 3;
  BOOST_TEST(equal(x.sign(), sign(x)));
  BOOST_TEST(equal(x.expm1(), expm1(x)));
  BOOST_TEST(equal(x.floor(), floor(x)));
  BOOST_TEST(equal(x.ceil(), ceil(x)));
  BOOST_TEST(equal(x.round(), round(x)));
  BOOST_TEST(equal(x.log().isnan(), isnan(log(x))));
  BOOST_TEST(equal((1 / x.relu()).isfinite(), isfinite(1 / relu(x))));
}

BOOST_AUTO_TEST_CASE(comparisons) {
  const Tensor x = randint(-2, 3, {3, 4}), y = randint(-2, 3, {4});
  BOOST_TEST(equal(x.eq(y), x == y));
  BOOST_TEST(equal(x.eq(1), x == 1));
  BOOST_TEST(equal(x.ne(y), x != y));
  BOOST_TEST(equal(x.ne(1), x != 1));
  BOOST_TEST(equal(x.lt(y), x < y));
  BOOST_TEST(equal(x.lt(1), x < 1));
  BOOST_TEST(equal(x.le(y), x <= y));
  BOOST_TEST(equal(x.le(1), x <= 1));
  BOOST_TEST(equal(x.gt(y), x > y));
  BOOST_TEST(equal(x.gt(1), x > 1));
  BOOST_TEST(equal(x.ge(y), x >= y));
  BOOST_TEST(equal(x.ge(1), x >= 1));
  BOOST_TEST(x.equal(x.clone()));
  BOOST_TEST(!x.equal(x + 1));
  BOOST_TEST(x.to(float32).allclose(x.to(float32) + 0.1, 0, 0.2));
  BOOST_TEST(!x.to(float32).allclose(x.to(float32) + 0.1, 0, 0.05));
}

BOOST_AUTO_TEST_CASE(bits_and_truth) {
  const Tensor x = randint(-9, 9, {3, 4}), y = randint(-9, 9, {4}), a = x > 0, b = y > 0;
  BOOST_TEST(equal(x.bitwise_and(y), x & y));
  BOOST_TEST(equal(x.bitwise_and(6), x & 6));
  BOOST_TEST(equal(x.bitwise_or(y), x | y));
  BOOST_TEST(equal(x.bitwise_or(6), x | 6));
  BOOST_TEST(equal(x.bitwise_xor(y), x ^ y));
  BOOST_TEST(equal(x.bitwise_xor(6), x ^ 6));
  BOOST_TEST(equal(x.bitwise_not(), ~x));
  BOOST_TEST(equal(a.logical_and(b), logical_and(a, b)));
  BOOST_TEST(equal(a.logical_or(b), logical_or(a, b)));
  BOOST_TEST(equal(a.logical_not(), logical_not(a)));
}

BOOST_AUTO_TEST_CASE(selection_and_products) {
  const Tensor x = randn({3, 4}), mask = x > 0, index = randint(0, 3, {3, 4});
  BOOST_TEST(equal(x.where(mask, -x), where(mask, x, -x)));
  BOOST_TEST(equal(x.where(mask, 7), where(mask, x, 7)));
  BOOST_TEST(equal(x.masked_select(mask), masked_select(x, mask)));
  BOOST_TEST(equal(mask.nonzero(), nonzero(mask)));
  BOOST_TEST(equal(x.tril(1), tril(x, 1)));
  BOOST_TEST(equal(x.triu(-1), triu(x, -1)));
  BOOST_TEST(equal(x.scatter_add(0, index, x), scatter_add(x, 0, index, x)));
  BOOST_TEST(equal(x.index_add(0, from({2, 0, 2}), x), index_add(x, 0, from({2, 0, 2}), x)));
  BOOST_TEST(equal(x.mm(x.t()), mm(x, x.t())));
  BOOST_TEST(
      equal(x.unsqueeze(0).bmm(x.t().unsqueeze(0)), bmm(x.unsqueeze(0), x.t().unsqueeze(0))));
}

BOOST_AUTO_TEST_CASE(other_names) {
  const Tensor x = rand({3, 4}), y = rand({4});
  BOOST_TEST(equal(x.absolute(), abs(x)));
  BOOST_TEST(equal(arcsin(x), asin(x)));
  BOOST_TEST(equal(x.arctan2(y), atan2(x, y)));
  BOOST_TEST(equal(x.subtract(y, 3), sub(x, y, 3)));
  BOOST_TEST(equal(multiply(x, 2), x * 2));
  BOOST_TEST(equal(x.divide(y, Rounding::floor), div(x, y, Rounding::floor)));
  BOOST_TEST(equal(x.greater_equal(y), x >= y));
  BOOST_TEST(equal(not_equal(x, 0), x != 0));
  Tensor z = x.clone();
  BOOST_TEST(z.multiply_(y).negative_().is_same(z));
  BOOST_TEST(equal(z, -(x * y)));
  z.less_(0);
  BOOST_TEST(equal(z, (-(x * y) < 0).to(float32)));
}

BOOST_AUTO_TEST_CASE(transposed_matrices) {
  const Tensor x = randn({2, 3, 4});
  BOOST_TEST(equal(x.mT(), x.transpose(1, 2)));
  BOOST_TEST(equal(x.mH(), x.mT()));
  BOOST_TEST(equal(x.adjoint(), x.mT()));
  BOOST_CHECK_EXCEPTION(zeros({3}).mT(), ShapeError, [](const Error& e) {
    return std::string(e.what()) == "mT: expected at least 2 dimensions, got shape [3]";
  });
}

BOOST_AUTO_TEST_CASE(sums_to_a_size) {
  const Tensor x = randn({2, 3, 4}, float64).requires_grad_();
  BOOST_TEST(equal(x.sum_to_size({3, 1}), x.sum({0, 2}, true).view({3, 1})));
  BOOST_TEST(equal(x.sum_to_size({}), x.sum()));
  BOOST_TEST(x.sum_to_size({2, 3, 4}).is_same(x));
  BOOST_TEST(rw::testing::gradcheck([](const Tensor& t) { return t.sum_to_size({1, 4}); }, x));
  BOOST_CHECK_THROW(x.sum_to_size({2, 4}), ShapeError);
  BOOST_CHECK_THROW(x.sum_to_size({1, 2, 3, 4}), ShapeError);
}

BOOST_AUTO_TEST_CASE(properties) {
  const Tensor x = zeros({2, 3}, float64);
  BOOST_TEST(x.element_size() == 8u);
  BOOST_TEST(x.is_signed());
  BOOST_TEST(!zeros({1}, uint8).is_signed());
  BOOST_TEST(!zeros({1}, boolean).is_signed());
  BOOST_TEST(x.is_same_size(ones({2, 3})));
  BOOST_TEST((zeros({2}, x.options()).dtype() == float64));
  BOOST_TEST((ones({2}).type_as(x).dtype() == float64));
  BOOST_TEST(x.data_ptr<double>() == x.data<double>());
  BOOST_TEST(full({1, 1}, -0.5).is_nonzero());
  BOOST_TEST(!zeros({}).is_nonzero());
  BOOST_CHECK_THROW(x.is_nonzero(), ShapeError);
}

BOOST_AUTO_TEST_CASE(as_functions) {
  const Tensor x = randn({4, 6});
  BOOST_TEST(equal(split(x, {1, 3})[1], x.narrow(0, 1, 3)));
  BOOST_TEST(equal(split(x, 2, 1)[2], x.narrow(1, 4, 2)));
  BOOST_TEST(unbind(x).size() == 4u);
  BOOST_TEST(equal(flatten(x), x.view({-1})));
  BOOST_TEST(equal(permute(x, {1, 0}), t(x)));
  BOOST_TEST(equal(unsqueeze(x, 0), x.view({1, 4, 6})));
  BOOST_TEST(equal(squeeze(unsqueeze(x, 0), 0), x));
  BOOST_TEST(equal(slice(x, 0, 1, 3), x.narrow(0, 1, 2)));
  BOOST_TEST(chunk(x, 2).size() == 2u);
  BOOST_TEST(!detach(x.clone().requires_grad_()).requires_grad());
}

BOOST_AUTO_TEST_CASE(options_by_place) {
  const Tensor x = randn({2, 3, 8, 8}), w = randn({4, 3, 3, 3}), b = randn({4});
  BOOST_TEST(equal(conv2d(x, w, b, 2, 1), conv2d(x, w, b, {.stride = 2, .padding = 1})));
  BOOST_TEST(
      equal(conv2d(x, w, {}, 1, {1, 0}, 2), conv2d(x, w, {}, {.padding = {1, 0}, .dilation = 2})));
  BOOST_TEST(equal(max_pool2d(x, 3, 2, 1), max_pool2d(x, 3, {.stride = 2, .padding = 1})));
  BOOST_TEST(equal(max_pool2d(x, 2, {}), max_pool2d(x, 2)));
  BOOST_TEST(equal(avg_pool2d(x, 3, 2, 1, false, false),
                   avg_pool2d(x, 3, {.stride = 2, .padding = 1, .count_include_pad = false})));
  BOOST_TEST((randint(3, {5}, int32).dtype() == int32));
  Generator one(7), other(7);
  BOOST_TEST(equal(rand({3}, one), rand({3}, {}, other)));
}

BOOST_AUTO_TEST_CASE(values_in_place) {
  Tensor x = zeros({2, 3}), v = scalar_tensor(2.5).requires_grad_();
  x.fill_(v);
  BOOST_TEST(equal(x, full({2, 3}, 2.5)));
  x.sum().backward();
  BOOST_TEST(v.grad().item() == 6);
  BOOST_CHECK_THROW(zeros({2}).fill_(ones({1})), ShapeError);
  Tensor y = zeros({2, 3}, int64);
  y.index_put_({0, Slice(None, 2)}, 5);
  BOOST_TEST(equal(y, from({{5, 5, 0}, {0, 0, 0}})));
}

BOOST_AUTO_TEST_SUITE_END()
