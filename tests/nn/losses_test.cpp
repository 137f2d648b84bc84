// Losses and distances as modules: each is its function; what is kept of weights; the adaptive
// softmax.
#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(losses)

BOOST_AUTO_TEST_CASE(modules_are_their_functions) {
  namespace F = nn::functional;
  const Tensor x = randn({4, 3}), y = randn({4, 3}), z = randn({4, 3}), p = sigmoid(x);
  const Tensor labels = from<int64_t>({0, 2, 1, 2}), signs = from<int64_t>({1, -1, -1, 1});
  const Tensor several = from<int64_t>({{0, -1, 1}, {2, 1, -1}, {-1, 0, 0}, {1, 2, 0}});
  const Reduction sum = Reduction::sum;
  BOOST_TEST(equal(nn::L1Loss(sum)(x, y), F::l1_loss(x, y, sum)));
  BOOST_TEST(equal(nn::SmoothL1Loss({.beta = 2})(x, y), F::smooth_l1_loss(x, y, {.beta = 2})));
  BOOST_TEST(equal(nn::HuberLoss({.delta = 2})(x, y), F::huber_loss(x, y, {.delta = 2})));
  BOOST_TEST(equal(nn::BCELoss()(p, p), F::binary_cross_entropy(p, p)));
  BOOST_TEST(equal(nn::BCEWithLogitsLoss()(x, p), F::binary_cross_entropy_with_logits(x, p)));
  BOOST_TEST(equal(nn::KLDivLoss({.log_target = true})(x, y), F::kl_div(x, y, {true})));
  BOOST_TEST(equal(nn::PoissonNLLLoss()(x, p), F::poisson_nll_loss(x, p)));
  BOOST_TEST(equal(nn::GaussianNLLLoss()(x, y, p), F::gaussian_nll_loss(x, y, p)));
  BOOST_TEST(equal(nn::SoftMarginLoss()(x, y.sign()), F::soft_margin_loss(x, y.sign())));
  BOOST_TEST(equal(nn::HingeEmbeddingLoss({0.5})(x, y.sign()),
                   F::hinge_embedding_loss(x, y.sign(), {0.5})));
  BOOST_TEST(
      equal(nn::MarginRankingLoss()(x, y, z.sign()), F::margin_ranking_loss(x, y, z.sign())));
  BOOST_TEST(equal(nn::CosineEmbeddingLoss({0.1})(x, y, signs),
                   F::cosine_embedding_loss(x, y, signs, {0.1})));
  BOOST_TEST(equal(nn::MultiMarginLoss({.p = 2})(x, labels), F::multi_margin_loss(x, labels, {2})));
  BOOST_TEST(equal(nn::MultiLabelMarginLoss()(x, several), F::multilabel_margin_loss(x, several)));
  BOOST_TEST(equal(nn::MultiLabelSoftMarginLoss()(x, p), F::multilabel_soft_margin_loss(x, p)));
  BOOST_TEST(equal(nn::TripletMarginLoss()(x, y, z), F::triplet_margin_loss(x, y, z)));
  BOOST_TEST(equal(nn::TripletMarginWithDistanceLoss()(x, y, z),
                   F::triplet_margin_with_distance_loss(x, y, z)));
  const Tensor sequence = log_softmax(randn({5, 3}), 1), steps = from<int64_t>({5});
  BOOST_TEST(equal(nn::CTCLoss()(sequence, from<int64_t>({1, 2}), steps, from<int64_t>({2})),
                   F::ctc_loss(sequence, from<int64_t>({1, 2}), steps, from<int64_t>({2}))));
  BOOST_TEST(equal(nn::CosineSimilarity()(x, y), F::cosine_similarity(x, y)));
  BOOST_TEST(equal(nn::PairwiseDistance({.p = 1})(x, y), F::pairwise_distance(x, y, {.p = 1})));
}

BOOST_AUTO_TEST_CASE(weights_are_buffers) {
  const Tensor w = rand({3});
  nn::CrossEntropyLoss loss({.weight = w, .reduction = Reduction::sum});
  const nn::StateDict state = loss.state_dict();
  BOOST_TEST((state.size() == 1 && equal(state.at("weight"), w)));
  const Tensor x = randn({2, 3}), t = from<int64_t>({2, 0});
  BOOST_TEST(equal(loss(x, t), cross_entropy(x, t, {.weight = w, .reduction = Reduction::sum})));
  BOOST_TEST(nn::CrossEntropyLoss().state_dict().size() == 0U);
  const nn::BCEWithLogitsLoss both({.weight = w, .pos_weight = w});
  BOOST_TEST(both.state_dict().size() == 2U);
  BOOST_TEST(to_string(loss) == "CrossEntropyLoss()");
}

BOOST_AUTO_TEST_CASE(adaptive_log_softmax) {
  nn::AdaptiveLogSoftmaxWithLoss softmax(16, 20, {4, 10}, {.div_value = 2});
  std::vector<std::string> names;
  for (const auto& [name, tensor] : softmax.state_dict()) names.push_back(name);
  const std::vector<std::string> expected = {"head.weight", "tail.0.0.weight", "tail.0.1.weight",
                                             "tail.1.0.weight", "tail.1.1.weight"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST((softmax.head.weight.shape() == Shape{6, 16}));
  BOOST_TEST((softmax.tail[1].at<nn::Linear>(1).weight.shape() == Shape{10, 4}));

  const Tensor x = randn({7, 16}), t = from<int64_t>({0, 3, 4, 9, 10, 19, 2});
  const Tensor all = softmax.log_prob(x);
  BOOST_TEST(relative_error(all.exp().sum({1}), ones(7)) < 1e-6);
  const nn::AdaptiveLogSoftmaxResult result = softmax(x, t);
  const Tensor picked = gather(all, 1, t.unsqueeze(1)).squeeze(1);
  BOOST_TEST(relative_error(result.output, picked) < 1e-6);
  BOOST_TEST(relative_error(result.loss, -picked.mean()) < 1e-6);
  BOOST_TEST(equal(softmax.predict(x), all.argmax(1)));
  const nn::AdaptiveLogSoftmaxResult one = softmax(x[5], t[5]);
  BOOST_TEST((one.output.shape() == Shape{}));
  BOOST_TEST(relative_error(one.output, picked[5]) < 1e-6);
  result.loss.backward();
  for (const Tensor& p : softmax.parameters()) BOOST_TEST(p.grad().abs().sum().item<double>() > 0);
}

BOOST_AUTO_TEST_CASE(adaptive_log_softmax_names_wrong_arguments) {
  const auto make = [](std::vector<int64_t> cutoffs) {
    nn::AdaptiveLogSoftmaxWithLoss softmax(8, 20, std::move(cutoffs));
  };
  BOOST_CHECK_EXCEPTION(make({}), Error, saying("expected at least one cutoff, got none"));
  BOOST_CHECK_EXCEPTION(make({4, 4}), Error, saying("from 1 to 19 at most, got 4 after 4"));
  BOOST_CHECK_EXCEPTION(make({20}), Error, saying("from 1 to 19 at most, got 20 after 0"));
  nn::AdaptiveLogSoftmaxWithLoss softmax(8, 20, {5});
  BOOST_CHECK_EXCEPTION(softmax(zeros({2, 8}), from<int64_t>({1, 20})), IndexError,
                        saying("expected targets in [0, 20)"));
  BOOST_CHECK_EXCEPTION(softmax(zeros({2, 8}), zeros(3, int64)), ShapeError,
                        saying("expected inputs [N, 8] and targets [N]"));
}

BOOST_AUTO_TEST_SUITE_END()
