#include <rewind/ops/embedding.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(embeddings)

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor ids = from<int64_t>({0, 5}), weight = zeros({4, 2});
  BOOST_CHECK_EXCEPTION(embedding(Tensor(), weight), Error,
                        saying("embedding: the input is undefined"));
  BOOST_CHECK_EXCEPTION(embedding(ids, Tensor()), Error,
                        saying("embedding: the weight is undefined"));
  BOOST_CHECK_EXCEPTION(embedding(ids, weight), IndexError, saying("embedding: index 5"));
  BOOST_CHECK_EXCEPTION(embedding(ids.to(float32), weight), DTypeError,
                        saying("embedding: expected int32 or int64 indices, got float32"));
  BOOST_CHECK_EXCEPTION(embedding(ids, zeros(4)), ShapeError,
                        saying("embedding: expected a matrix of weights, got shape [4]"));
  BOOST_CHECK_EXCEPTION(embedding(ids, weight, {.padding_idx = -5}), IndexError,
                        saying("embedding: padding_idx -5 is out of range for 4 rows"));
}

BOOST_AUTO_TEST_CASE(shortens_rows_in_place) {
  const Tensor weight = from<double>({{3, 4}, {0.3, 0.4}, {6, 8}}).requires_grad_();
  const Tensor y = embedding(from<int64_t>({0, 1, 0}), weight, {.max_norm = 1});
  const Tensor expected = from<double>({{0.6, 0.8}, {0.3, 0.4}, {6, 8}});
  BOOST_TEST(allclose(weight.detach(), expected, 1e-6));
  BOOST_TEST(allclose(y.detach(), expected.index_select(0, from<int64_t>({0, 1, 0})), 1e-6));
  y.sum().backward();
  BOOST_TEST(allclose(weight.grad(), from<double>({{2, 2}, {1, 1}, {0, 0}})));
}

BOOST_AUTO_TEST_CASE(padding_takes_no_gradient_even_of_nan) {
  const Tensor weight = ones({3, 2}, float64).requires_grad_();
  const Tensor y = embedding(from<int64_t>({{1, 2}}), weight, {.padding_idx = 1});
  y.backward(from<double>({{NAN, NAN}, {1, 2}}).unsqueeze(0));
  BOOST_TEST(allclose(weight.grad(), from<double>({{0, 0}, {0, 0}, {1, 2}})));
}

BOOST_AUTO_TEST_CASE(empty) {
  BOOST_TEST((embedding(zeros({0, 3}, int64), zeros({4, 2})).shape() == Shape{0, 3, 2}));
  BOOST_TEST((embedding(zeros({}, int64), zeros({4, 2})).shape() == Shape{2}));
  const Tensor weight = zeros({4, 0}).requires_grad_();
  embedding(zeros({2}, int64), weight, {.padding_idx = 0}).sum().backward();
  BOOST_TEST((weight.grad().shape() == Shape{4, 0}));
}

BOOST_AUTO_TEST_SUITE_END()
