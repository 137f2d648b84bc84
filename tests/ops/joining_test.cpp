#include <rewind/ops/joining.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

Tensor channels_last(const Tensor& x) { return x.contiguous(MemoryFormat::channels_last); }

}  // namespace

BOOST_AUTO_TEST_CASE(cat_puts_tensors_one_after_another) {
  const Tensor a = arange(6).view({2, 3}), b = arange(100, 102).view({2, 1});
  BOOST_TEST(
      cat({a, b}, 1).to_vector<int64_t>() == (std::vector<int64_t>{0, 1, 2, 100, 3, 4, 5, 101}),
      per_element());
  BOOST_TEST(equal(cat({a, b}, -1), cat({a, b}, 1)));
  const Tensor rows = cat({a, zeros({0, 3}, int64), a.slice(0, 1)});
  BOOST_TEST(rows.to_vector<int64_t>() == (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 3, 4, 5}),
             per_element());
  BOOST_TEST(equal(cat({a.t(), b.t()}), cat({a, b}, 1).t()));
  BOOST_TEST(equal(cat({a}), a));
  BOOST_TEST((cat({zeros({2, 0}), zeros({2, 0})}, 1).shape() == Shape{2, 0}));
}

BOOST_AUTO_TEST_CASE(stack_adds_a_dimension) {
  const Tensor a = arange(3), b = arange(10, 13);
  BOOST_TEST(equal(stack({a, b}), cat({a, b}).view({2, 3})));
  BOOST_TEST(stack({a, b}, -1).to_vector<int64_t>() == (std::vector<int64_t>{0, 10, 1, 11, 2, 12}),
             per_element());
  BOOST_TEST(equal(stack({full({}, 1.5), full({}, 2.5)}), from({1.5, 2.5})));
  BOOST_TEST((stack({zeros({0, 2}), zeros({0, 2})}, 1).shape() == Shape{0, 2, 2}));
}

BOOST_AUTO_TEST_CASE(joining_promotes) {
  const Tensor i = arange(2), f = from({0.5, 1.5}), d = from<double>({2.5, 3.5});
  BOOST_TEST(cat({i, f}).dtype() == float32);
  BOOST_TEST(stack({f, i, d}).dtype() == float64);
  BOOST_TEST(cat({i.to(boolean), i}).to_vector() == (std::vector<float>{0, 1, 0, 1}),
             per_element());
  BOOST_TEST(cat({f.to(bfloat16), f.to(bfloat16)}).dtype() == bfloat16);
  BOOST_TEST(stack({i.to(boolean), i.to(boolean)}).dtype() == boolean);
}

BOOST_AUTO_TEST_CASE(cat_keeps_channels_last_memory) {
  const Tensor a = channels_last(randn({2, 3, 4, 5})), b = channels_last(randn({2, 2, 4, 5}));
  for (const Tensor& y : {cat({a, b}, 1), cat({a, a}, 0), cat({a, channels_last(a)}, 3)})
    BOOST_TEST(y.is_contiguous(MemoryFormat::channels_last));
  BOOST_TEST(cat({a, b.contiguous()}, 1).is_contiguous());
  BOOST_TEST(equal(cat({a, b}, 1), cat({a.contiguous(), b.contiguous()}, 1)));
  // Either order fits the first one.
  const Tensor one = randn({2, 1, 4, 5});
  BOOST_TEST(cat({one, a}, 1).is_contiguous(MemoryFormat::channels_last));
}

BOOST_AUTO_TEST_CASE(joining_has_derivatives_of_any_order) {
  using In = const std::vector<Tensor>&;
  const Tensor a = random_leaf({2, 3}), b = random_leaf({2, 2}), c = random_leaf({2, 3});
  for (const int64_t dim : {1, -1})
    check_gradients([dim](In in) { return cat(in, dim).square(); }, {a, b, a}, "cat");
  check_gradients(
      [](In in) {
        return cat({in[0].t(), in[1]}, 0).square();
      },
      {a, random_leaf({1, 2})}, "cat of a transposed matrix");
  for (const int64_t dim : {0, 1, 2, -1})
    check_gradients([dim](In in) { return stack(in, dim).square(); }, {a, c}, "stack");
  check_gradients([](In in) { return stack(in).square(); }, {random_leaf({}), random_leaf({})},
                  "stack of numbers");
  check_gradients(
      [](In in) {
        return cat({channels_last(in[0]), channels_last(in[1])}, 1).square();
      },
      {random_leaf({2, 2, 2, 2}), random_leaf({2, 1, 2, 2})}, "cat of images");
}

BOOST_AUTO_TEST_CASE(gradients_come_in_the_type_of_their_tensor) {
  const Tensor a = randn({2}).requires_grad_(), b = randn({3}, float64).requires_grad_();
  cat({a, b}).sum().backward();
  BOOST_TEST(a.grad().dtype() == float32);
  BOOST_TEST(b.grad().dtype() == float64);
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = zeros({2, 3});
  BOOST_CHECK_EXCEPTION(cat({}), Error, saying("cat: expected at least one tensor"));
  BOOST_CHECK_EXCEPTION(cat({x, Tensor()}), Error, saying("cat: tensor 1 is undefined"));
  BOOST_CHECK_EXCEPTION(cat({zeros({}), zeros({})}), ShapeError,
                        saying("cat: tensors of rank 0 have no dimension; use stack()"));
  BOOST_CHECK_EXCEPTION(cat({x, zeros({2, 4})}), ShapeError,
                        saying("cat: tensor 1 of shape [2, 4] does not fit the first one, of shape "
                               "[2, 3], in all dimensions but 0"));
  BOOST_CHECK_EXCEPTION(cat({x, x[0]}), ShapeError, saying("cat: tensor 1 of shape [3]"));
  BOOST_CHECK_EXCEPTION(cat({x}, 2), IndexError, saying("cat: dimension 2 is out of range"));
  BOOST_CHECK_EXCEPTION(stack({}), Error, saying("stack: expected at least one tensor"));
  BOOST_CHECK_EXCEPTION(stack({x, zeros({3, 2})}), ShapeError,
                        saying("stack: tensor 1 has shape [3, 2], the first one [2, 3]"));
  BOOST_CHECK_EXCEPTION(stack({x}, 4), IndexError, saying("stack: dimension 4 is out of range"));
}
