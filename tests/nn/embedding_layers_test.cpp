#include <rewind/nn/embedding_layers.h>

#include <rewind/tensor/sparse_rows.h>

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

BOOST_AUTO_TEST_CASE(bags) {
  manual_seed(2);
  nn::EmbeddingBag layer(20, 4, {.mode = BagMode::sum, .padding_idx = -1});
  BOOST_TEST((layer.weight.shape() == Shape{20, 4}));
  BOOST_TEST((layer.weight.select(0, 19) == 0).all().item<bool>());
  BOOST_TEST(layer.extra_repr() == "20, 4, mode='sum', padding_idx=19");
  const Tensor ids = from<int64_t>({{1, 2}, {3, 19}}), flat = ids.view({-1});
  const Tensor y = layer(ids), starts = from<int64_t>({0, 2});
  BOOST_TEST(equal(y, layer(flat, starts)));
  BOOST_TEST(allclose(y.select(0, 1), layer.weight.select(0, 3)));
  BOOST_TEST(allclose(layer(flat, starts, full({4}, 2.)), y * 2));
  nn::EmbeddingBag plain(3, 2, {.max_norm = 2, .norm_type = 1, .scale_grad_by_freq = true});
  BOOST_TEST(plain.extra_repr() ==
             "3, 2, max_norm=2.0, norm_type=1.0, scale_grad_by_freq=True, mode='mean'");
  const nn::EmbeddingBag frozen = nn::EmbeddingBag::from_pretrained(randn({4, 3}));
  BOOST_TEST(!frozen.weight.requires_grad());
  BOOST_CHECK_EXCEPTION(nn::EmbeddingBag(4, 3, {.padding_idx = 4}), IndexError,
                        saying("EmbeddingBag: padding_idx 4 is out of range for 4 embeddings"));
  BOOST_CHECK_EXCEPTION(nn::EmbeddingBag::from_pretrained(randn({4})), ShapeError,
                        saying("EmbeddingBag: expected a matrix of pretrained vectors"));
}

BOOST_AUTO_TEST_CASE(gradients_of_rows) {
  nn::Embedding layer(1000, 4, {.sparse = true});
  BOOST_TEST(layer.extra_repr() == "1000, 4, sparse=True");
  layer(from<int64_t>({3, 3, 5})).sum().backward();
  BOOST_TEST(layer.weight.sparse_grad().coalesce().indices.numel() == 2);
  layer.zero_grad();
  BOOST_TEST(!layer.weight.sparse_grad().defined());
}

BOOST_AUTO_TEST_SUITE_END()
