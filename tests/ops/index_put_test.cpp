#include <limits>

#include "../autograd/inplace_cases.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_CASE(writes_where_index_reads) {
  const Tensor rows = from<int64_t>({2, 0}), columns = from<int64_t>({1, 3});
  const Tensor mask = mask_of({1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1}, {3, 4});
  const auto check_put = [](std::initializer_list<Index> at, const Tensor& whole) {
    Tensor x = whole.clone();
    const Tensor values = randn(x.index(at).shape());
    BOOST_TEST(x.index_put_(at, values).is_same(x));
    BOOST_TEST(relative_error(x.index(at), values) == 0);
    BOOST_TEST((x.numel() - x.eq(whole).sum().item<int64_t>() == values.numel()));
    x.index_put_(at, values, true);
    BOOST_TEST(relative_error(x.index(at), values * 2) == 0);
  };
  const Tensor strided = zeros({3, 4, 10}).slice(2, 0, 10, 2);
  for (const Tensor& x : {zeros({3, 4, 5}), zeros({5, 4, 3}).permute({2, 1, 0}), strided}) {
    check_put({1}, x);
    check_put({Slice(0, 2), 3}, x);
    check_put({Ellipsis, Slice(0, 5, 2)}, x);
    check_put({None, 1}, x);
    check_put({rows}, x);
    check_put({Slice(), columns}, x);
    check_put({rows, columns}, x);
    check_put({rows.unsqueeze(1), columns}, x);
    check_put({rows, Slice(), columns}, x);
    check_put({mask}, x);
    check_put({mask, 1}, x);
    check_put({mask, from<int64_t>({0})}, x);
    check_put({Slice(1, 3), columns, -1}, x);
  }
}

BOOST_AUTO_TEST_CASE(adds_as_often_as_a_place_is_named) {
  for (const DType dtype : {float64, float32, bfloat16, int64}) {
    Tensor x = zeros({3, 2}, dtype);
    x.index_put_({from<int64_t>({0, 2, 0, 0})}, from({{1, 2}, {3, 4}, {5, 6}, {7, 8}}).to(dtype),
                 true);
    BOOST_TEST(x.to_vector() == (std::vector<float>{13, 16, 0, 0, 3, 4}));
    x.index_put_({from<int64_t>({-1, -1}), 0}, ones({}, dtype), true);
    BOOST_TEST(x.to_vector() == (std::vector<float>{13, 16, 0, 0, 5, 4}));
  }
  Tensor flags = zeros({4}, boolean);
  flags.index_put_({from<int64_t>({1, 3})}, ones({}, boolean));
  BOOST_TEST(flags.to_vector<int>() == (std::vector<int>{0, 1, 0, 1}));
  Tensor reversed = arange(4);
  reversed.index_put_({from<int64_t>({0, 1, 2, 3})}, reversed.index({from<int64_t>({3, 2, 1, 0})}));
  reversed.index_put_({from<int64_t>({0, 1})}, reversed.narrow(0, 2, 2));
  BOOST_TEST(reversed.to_vector<int>() == (std::vector<int>{1, 0, 1, 0}));
}

BOOST_AUTO_TEST_CASE(derivatives) {
  const Tensor rows = from<int64_t>({2, 0}), columns = from<int64_t>({1, 3}),
               often = from<int64_t>({1, 2, 1, 1});
  const Tensor mask = mask_of({1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1}, {3, 4});
  const Tensor x = random_leaf({3, 4});
  const auto check_put = [&](const char* what, std::initializer_list<Index> at, bool accumulate,
                             const Shape& shape) {
    check_change(what,
                 [&](Tensor& y, Inputs in) { y.mul_(2).index_put_(at, in[1] * in[1], accumulate); },
                 {x, random_leaf(shape)});
  };
  for (const bool accumulate : {false, true}) {
    check_put("number", {1}, accumulate, {4});
    check_put("slice", {Slice(1), 2}, accumulate, {2});
    check_put("rows", {rows}, accumulate, {2, 4});
    check_put("pairs", {rows, columns}, accumulate, {2});
    check_put("columns, broadcast", {Slice(), columns}, accumulate, {2});
    check_put("grid", {rows.unsqueeze(1), columns}, accumulate, {2, 2});
    check_put("mask", {mask}, accumulate, {5});
    check_put("mask, one value", {mask}, accumulate, {});
  }
  check_put("repeated", {often}, true, {4, 4});
  check_gradients(
      [&](Inputs in) {
        Tensor y = (in[0] * 2).view({3, 2, 2});
        y.index_put_({rows, Slice(), often.narrow(0, 0, 1) - 1}, in[1]);
        y[1].index_put_({from<int64_t>({1, 1})}, in[1], true);
        return y * y;
      },
      {x, random_leaf({2, 2})}, "apart, and of a view");
  check_gradients(
      [&](Inputs in) {
        Tensor buffer = zeros({3, 4}, float64);
        buffer.index_put_({rows}, in[0]);
        return buffer * buffer;
      },
      {random_leaf({4})}, "of a constant");
}

BOOST_AUTO_TEST_CASE(errors) {
  Tensor x = zeros({3, 4});
  BOOST_CHECK_EXCEPTION(x.index_put_({0}, zeros({4}, float64)), DTypeError,
                        saying("index_put_: expected values of float32, got float64"));
  BOOST_CHECK_EXCEPTION(x.index_put_({from<int64_t>({0, 1})}, zeros({3, 4})), ShapeError,
                        saying("index_put_"));
  BOOST_CHECK_EXCEPTION(x.index_put_({from<int64_t>({0, 1})}, zeros({2, 2, 4})), ShapeError,
                        saying("index_put_: values of shape [2, 2, 4] do not broadcast to the "
                               "shape indexed, [2, 4]"));
  BOOST_CHECK_EXCEPTION(x.index_put_({from<int64_t>({0, 3})}, zeros({4})), IndexError,
                        saying("index_put_: index 3 is out of range for dimension 0"));
  BOOST_CHECK_EXCEPTION(x.index_put_({0, 0, 0}, zeros({})), IndexError,
                        saying("index_put_: 3 indices for shape [3, 4]"));
  BOOST_CHECK_EXCEPTION(x.index_put_({0}, Tensor()), Error,
                        saying("index_put_: the tensor of values is undefined"));
  BOOST_CHECK_EXCEPTION(index_put(x, {from<int64_t>({0, 1})}, zeros({3}), true), ShapeError,
                        saying("index_put: "));
  BOOST_TEST(x.sum().item() == 0);
  BOOST_TEST(x.index_put_({empty({0}, int64)}, zeros({})).sum().item() == 0);
}

// A gradient that overflowed does not come back as NaN where the old value does not count.
BOOST_AUTO_TEST_CASE(what_is_overwritten_has_a_gradient_of_zero) {
  const Tensor x = ones({3}).requires_grad_();
  Tensor y = x * 2;
  y.fill_(5);
  y.backward(full({3}, std::numeric_limits<float>::infinity()));
  BOOST_TEST(equal(x.grad(), zeros({3})));
  x.set_grad({});
  round(x).backward(full({3}, std::numeric_limits<float>::infinity()));
  BOOST_TEST(equal(x.grad(), zeros({3})));
}
