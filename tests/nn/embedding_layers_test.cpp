#include <rewind/nn/embedding_layers.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(embedding_layers)

BOOST_AUTO_TEST_CASE(table_of_vectors) {
  manual_seed(1);
  nn::Embedding layer(1000, 16, {.padding_idx = -1});
  BOOST_TEST((layer.weight.shape() == Shape{1000, 16}));
  BOOST_TEST(std::abs(layer.weight.std().item<double>() - 1) < 0.02);
  BOOST_TEST((layer.weight.select(0, 999) == 0).all().item<bool>());
  BOOST_TEST(layer.extra_repr() == "1000, 16, padding_idx=999");
  BOOST_TEST(layer.state_dict().size() == 1);
  const Tensor ids = from<int64_t>({{3, 999}, {3, 0}});
  const Tensor y = layer(ids);
  BOOST_TEST(equal(y, layer.weight.index({ids})));
  y.sum().backward();
  const Tensor sums = layer.weight.grad().select(1, 0);
  BOOST_TEST(sums.select(0, 3).item<double>() == 2);
  BOOST_TEST(sums.select(0, 0).item<double>() == 1);
  BOOST_TEST(sums.select(0, 999).item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(pretrained) {
  const Tensor table = randn({4, 3});
  nn::Embedding frozen = nn::Embedding::from_pretrained(table);
  BOOST_TEST(!frozen.weight.requires_grad());
  BOOST_TEST(equal(frozen(from<int64_t>({2})).select(0, 0), table.select(0, 2)));
  BOOST_TEST(nn::Embedding::from_pretrained(table, false).weight.requires_grad());
  nn::Embedding all(4, 3, {.max_norm = 1.5, .norm_type = 1, .scale_grad_by_freq = true});
  BOOST_TEST(all.extra_repr() == "4, 3, max_norm=1.5, norm_type=1.0, scale_grad_by_freq=True");
  BOOST_CHECK_EXCEPTION(nn::Embedding(4, 3, {.padding_idx = 4}), IndexError,
                        saying("Embedding: padding_idx 4 is out of range for 4 embeddings"));
}

BOOST_AUTO_TEST_SUITE_END()
