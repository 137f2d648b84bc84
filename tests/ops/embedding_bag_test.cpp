#include <rewind/ops/embedding_bag.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

// One bag after another, by embedding.
Tensor reference(const Tensor& ids, const Tensor& w, std::vector<int64_t> first, BagMode mode) {
  std::vector<Tensor> bags;
  first.push_back(ids.numel());
  for (size_t k = 0; k + 1 < first.size(); ++k) {
    const Tensor rows = embedding(ids.slice(0, first[k], first[k + 1]), w);
    bags.push_back(rows.size(0) == 0      ? zeros({w.size(1)}, w.dtype())
                   : mode == BagMode::sum ? rows.sum({0})
                   : mode == BagMode::max ? amax(rows, {0})
                                          : mean(rows, {0}));
  }
  return stack(bags);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(embedding_bags)

BOOST_AUTO_TEST_CASE(bags_of_all_sizes) {
  manual_seed(3);
  for (const int64_t columns : {1, 7, 64, 1100}) {
    const std::vector<int64_t> first = {0, 0, 1, 5, 5, 30};
    const Tensor ids = randint(0, 20, {40}), offsets = from(first);
    for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
      Tensor w = randn({20, columns}, float64).requires_grad_(), same = w.detach().clone();
      same.requires_grad_();
      const Tensor y = embedding_bag(ids, w, offsets, {.mode = mode});
      const Tensor expected = reference(ids, same, first, mode);
      BOOST_TEST(allclose(y.detach(), expected.detach()));
      const Tensor g = randn(y.shape(), float64);
      y.backward(g);
      expected.backward(g);
      BOOST_TEST(allclose(w.grad(), same.grad()));
    }
  }
}

BOOST_AUTO_TEST_CASE(reduced_types_are_rounded_once) {
  manual_seed(4);
  const Tensor ids = randint(0, 9, {3, 50}), w = randn({9, 5}, float64);
  for (const DType dtype : floating_dtypes)
    for (const BagMode mode : {BagMode::sum, BagMode::mean}) {
      const Tensor given = w.to(dtype);
      const Tensor y = embedding_bag(ids, given, {}, {.mode = mode});
      const Tensor exact = embedding_bag(ids, given.to(float64), {}, {.mode = mode});
      BOOST_TEST((y.dtype() == dtype));
      if (dtype != float64 && dtype != float32)
        BOOST_TEST(equal(y, exact.to(float32).to(dtype)));
      else
        BOOST_TEST(allclose(y.to(float64), exact, 1e-5, 1e-5));
    }
}

BOOST_AUTO_TEST_CASE(sums_of_many_rows_stay_exact) {
  const Tensor ids = zeros({1, 1 << 20}, int64), w = full({1, 3}, 0.1).requires_grad_();
  const Tensor y = embedding_bag(ids, w, {}, {.mode = BagMode::sum});
  BOOST_TEST(std::abs(y.select(1, 0).item<double>() / (0.1f * (1 << 20)) - 1) < 1e-4);
  y.sum().backward();
  BOOST_TEST(w.grad().select(1, 2).item<double>() == 1 << 20);
}

BOOST_AUTO_TEST_CASE(equal_and_undefined_numbers) {
  // As PyTorch: the first of equal rows has the gradient, and NaN wins only as the first.
  const Tensor w = from<double>({{1, NAN}, {1, 2}, {NAN, 3}}).requires_grad_();
  const Tensor y = embedding_bag(from<int64_t>({{0, 1, 2}}), w, {}, {.mode = BagMode::max});
  BOOST_TEST(y.select(1, 0).item<double>() == 1);
  BOOST_TEST(std::isnan(y.select(1, 1).item<double>()));
  y.backward(ones({1, 2}, float64));
  BOOST_TEST(allclose(w.grad(), from<double>({{1, 1}, {0, 0}, {0, 0}})));
}

BOOST_AUTO_TEST_CASE(nothing) {
  const Tensor none = zeros({0}, int64), w = ones({4, 2}).requires_grad_();
  BOOST_TEST((embedding_bag(none, w, none).shape() == Shape{0, 2}));
  for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
    const Tensor y = embedding_bag(zeros({3, 0}, int64), w, {}, {.mode = mode});
    BOOST_TEST(equal(y.detach(), zeros({3, 2})));
    y.sum().backward();
    BOOST_TEST(equal(w.grad(), zeros({4, 2})));
    BOOST_TEST((embedding_bag(zeros({2, 1}, int64), zeros({1, 0}), {}, {.mode = mode}).shape() ==
                Shape{2, 0}));
  }
  BOOST_TEST((embedding_bag(none, zeros({0, 2}), zeros({2}, int64)).shape() == Shape{2, 2}));
  // All rows of a bag are padding.
  const Tensor y = embedding_bag(from<int64_t>({{1, 1}}), w, {}, {.padding_idx = 1});
  BOOST_TEST(equal(y.detach(), zeros({1, 2})));
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor ids = from<int64_t>({0, 3, 1}), w = zeros({4, 2}), first = from<int64_t>({0, 2});
  const auto refused = [&](const std::string& text, const Tensor& in, const Tensor& offsets,
                           const EmbeddingBagFuncOptions& options = {}, const Tensor& each = {}) {
    BOOST_CHECK_EXCEPTION(embedding_bag(in, w, offsets, options, each), Error, saying(text));
  };
  refused("embedding_bag: expected offsets for a vector of indices", ids, {});
  refused("embedding_bag: expected no offsets for an input of two dimensions", ids.view({3, 1}),
          first);
  refused("embedding_bag: expected a vector or a matrix of indices, got shape []", zeros({}, int64),
          first);
  refused("embedding_bag: expected int32 or int64 indices, got float32", ids.to(float32), first);
  refused("embedding_bag: expected offsets of int64, as the input, got int32", ids,
          first.to(int32));
  refused("embedding_bag: expected offsets that begin with 0", ids, from<int64_t>({1, 2}));
  refused("embedding_bag: expected offsets that begin with 0", ids, zeros({0}, int64));
  refused("embedding_bag: expected offsets that do not descend", ids, from<int64_t>({0, 2, 1}));
  refused("embedding_bag: expected offsets of up to the 3 indices, got 4", ids,
          from<int64_t>({0, 4}));
  refused("embedding_bag: expected offsets of up to the 3 indices, which is to be the last, got 2",
          ids, first, {.include_last_offset = true});
  refused("embedding_bag: index 4", from<int64_t>({4}), from<int64_t>({0}));
  refused("embedding_bag: padding_idx 4 is out of range for 4 rows", ids, first,
          {.padding_idx = 4});
  refused("embedding_bag: expected per_sample_weights with BagMode::sum alone", ids, first, {},
          ones({3}));
  refused("embedding_bag: expected per_sample_weights of the input's shape [3], got [2]", ids,
          first, {.mode = BagMode::sum}, ones({2}));
  refused("embedding_bag: expected per_sample_weights of float32, as the weight, got float64", ids,
          first, {.mode = BagMode::sum}, ones({3}, float64));
  refused("embedding_bag: expected neither scale_grad_by_freq nor sparse with BagMode::max", ids,
          first, {.mode = BagMode::max, .sparse = true});
  refused("embedding_bag: expected scale_grad_by_freq = false with sparse = true", ids, first,
          {.scale_grad_by_freq = true, .sparse = true});
}

BOOST_AUTO_TEST_SUITE_END()
