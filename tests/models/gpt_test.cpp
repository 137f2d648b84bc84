// GPT against PyTorch in float64 (gpt.txt), and what it draws.

#include <algorithm>
#include <sstream>

#include "fixtures.h"

using namespace rw;
using namespace rw::test;

namespace {

models::GPT small(int64_t block_size = 16) {
  models::GPT model(
      {.vocab_size = 50, .block_size = block_size, .n_layer = 3, .n_head = 2, .n_embd = 24});
  fill(model);
  model.eval();
  return model;
}

Tensor some_tokens() { return (arange(24) * 7 % 50).view({2, 12}); }

double apart(const Tensor& a, const Tensor& b) {
  return (a.to(float64) - b.to(float64)).abs().amax().item<double>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(keys_and_scores_are_nano_gpts) {
  std::ifstream in = open_fixture("gpt.txt");
  std::string line, stored, scores;
  models::GPT model = small();
  std::getline(in, line);
  BOOST_TEST(line == "= gpt " + std::to_string(model.num_parameters()));
  const auto state = model.state_dict();
  size_t i = 0;
  while (std::getline(in, line) && (line.starts_with("transformer") || line.starts_with("lm_"))) {
    std::istringstream words(line);
    std::string layer, name, sizes;
    for (words >> layer; words >> name >> sizes; ++i) {
      BOOST_TEST_REQUIRE(i < state.size());
      BOOST_TEST(state.begin()[static_cast<int64_t>(i)].first == layer + "." + name);
    }
  }
  BOOST_TEST(i == state.size());
  std::istringstream numbers(line);
  std::vector<double> wanted;
  for (double v; numbers >> v;) wanted.push_back(v);
  const no_grad guard;
  const Tensor y = from(wanted, {2, 12, 50});
  BOOST_TEST(apart(model(some_tokens()), y) < 1e-5);
  model.to(float64);
  BOOST_TEST(apart(model(some_tokens()), y) < 1e-7);
}

BOOST_AUTO_TEST_CASE(the_last_layer_shares_its_weight) {
  models::GPT model = small();
  BOOST_TEST(model.parameters().size() == model.state_dict().size() - 1);
  model(some_tokens()).sum().backward();
  const StateDict state = model.state_dict();
  BOOST_TEST(state["lm_head.weight"].raw_data() == state["transformer.wte.weight"].raw_data());
  models::GPT moved = std::move(model);
  BOOST_TEST(moved.parameters().size() == moved.state_dict().size() - 1);
  moved.to(float64);
  BOOST_TEST(moved.parameters().size() == moved.state_dict().size() - 1);
}

BOOST_AUTO_TEST_CASE(one_by_one_as_all_at_once) {
  models::GPT model = small();
  const no_grad guard;
  const Tensor tokens = some_tokens(), scores = model(tokens);
  for (const std::vector<int64_t>& steps :
       {std::vector<int64_t>{12}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {5, 1, 4, 2}}) {
    models::GPTCache cache;
    int64_t seen = 0;
    for (const int64_t step : steps) {
      const Tensor next = model.next(tokens.narrow(1, seen, step), cache);
      seen += step;
      BOOST_TEST(apart(next, scores.select(1, seen - 1)) < 1e-5);
    }
    BOOST_TEST(cache.count == 12);
  }
}

BOOST_AUTO_TEST_CASE(generates_the_likeliest) {
  models::GPT model = small();
  const no_grad guard;
  const Tensor tokens = some_tokens().narrow(1, 0, 3);
  const Tensor all = model.generate(tokens, 13, {.temperature = 0});
  BOOST_TEST_REQUIRE((all.shape() == Shape{2, 16}));
  Tensor expected = tokens;
  for (int i = 0; i < 13; ++i)
    expected = cat({expected, model(expected).select(1, -1).argmax(1, true)}, 1);
  BOOST_TEST(all.equal(expected));
  BOOST_TEST(model.generate(tokens, 13, {.top_k = 1}).equal(expected));
  BOOST_TEST(model.generate(tokens, 13, {.top_p = 1e-6}).equal(expected));
  BOOST_TEST(model.generate(tokens, 0).equal(tokens));
  Generator one(7), other(7);
  BOOST_TEST(model.generate(tokens, 9, {}, one).equal(model.generate(tokens, 9, {}, other)));
}

// The later half of what fits is what it sees when no more fits.
BOOST_AUTO_TEST_CASE(generates_more_than_it_can_see) {
  models::GPT model = small(8);
  const no_grad guard;
  const Tensor tokens = some_tokens();  // 12 of them
  const Tensor all = model.generate(tokens, 20, {.temperature = 0});
  BOOST_TEST_REQUIRE((all.shape() == Shape{2, 32}));
  BOOST_TEST(all.narrow(1, 0, 12).equal(tokens));
  const auto likeliest = [&](int64_t from, int64_t to) {
    return model(all.narrow(1, from, to - from)).select(1, -1).argmax(1);
  };
  BOOST_TEST(all.select(1, 12).equal(likeliest(4, 12)));
  BOOST_TEST(all.select(1, 13).equal(likeliest(9, 13)));
  BOOST_TEST(all.select(1, 16).equal(likeliest(9, 16)));
}

BOOST_AUTO_TEST_CASE(draws_as_often_as_likely) {
  manual_seed(3);
  const int64_t n = 20000;
  const Tensor p = from({0.5, 0.3, 0.15, 0.05});
  const Tensor scores = p.log().expand({n, 4});
  const auto shares = [&](const models::GenerateOptions& options) {
    return bincount(models::sample(scores, options).flatten(), {}, 4).to(float64) /
           static_cast<double>(n);
  };
  const auto expected = [](const std::vector<double>& q) {
    const Tensor t = from(q);
    return t / t.sum();
  };
  BOOST_TEST(apart(shares({}), expected({0.5, 0.3, 0.15, 0.05})) < 0.02);
  BOOST_TEST(apart(shares({.temperature = 0.5}), expected({0.25, 0.09, 0.0225, 0.0025})) < 0.02);
  BOOST_TEST(apart(shares({.top_k = 2}), expected({0.5, 0.3, 0, 0})) < 0.02);
  BOOST_TEST(apart(shares({.top_p = 0.6}), expected({0.5, 0.3, 0, 0})) < 0.02);
  BOOST_TEST(apart(shares({.top_k = 3, .top_p = 0.8}), expected({0.5, 0.3, 0, 0})) < 0.02);
  BOOST_TEST(shares({.top_k = 2})[3].item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  models::GPT model = small();
  models::GPTCache cache;
  BOOST_CHECK_EXCEPTION(model(zeros({1, 17}, int64)), ShapeError,
                        saying("GPT: expected at most block_size = 16 tokens, got 17"));
  BOOST_CHECK_EXCEPTION(model(zeros({17}, int64)), ShapeError, saying("expected tokens [N, L]"));
  BOOST_CHECK_THROW(model(full({1, 2}, 50, int64)), IndexError);
  model.next(zeros({1, 16}, int64), cache);
  BOOST_CHECK_EXCEPTION(model.next(zeros({1, 1}, int64), cache), ShapeError, saying("got 17"));
  BOOST_CHECK_EXCEPTION(models::GPT({.n_head = 5, .n_embd = 24}), Error,
                        saying("expected a multiple of n_head = 5 as n_embd, got 24"));
  BOOST_CHECK_EXCEPTION(models::sample(ones({1, 3}), {.top_p = 0}), Error, saying("top_p"));
}

BOOST_AUTO_TEST_CASE(a_cache_of_something_else_is_refused) {
  models::GPT model = small();
  models::GPT deeper({.vocab_size = 50, .block_size = 16, .n_layer = 4, .n_head = 2, .n_embd = 24});
  models::GPT longer = small(32), wide = small();
  wide.to(float64);
  for (models::GPT* other : {&deeper, &longer, &wide}) {
    models::GPTCache cache;
    other->next(zeros({2, 3}, int64), cache);
    BOOST_CHECK_EXCEPTION(model.next(zeros({2, 1}, int64), cache), ShapeError,
                          saying("GPT: the cache is of another model or other tokens: expected 3 "
                                 "blocks of float32"));
    BOOST_TEST(cache.count == 3);
  }
  models::GPTCache cache;
  model.next(zeros({2, 3}, int64), cache);
  BOOST_CHECK_EXCEPTION(model.next(zeros({1, 1}, int64), cache), ShapeError,
                        saying("= [1, 2, 16, 12], or a new cache, got 3 blocks, the first of "
                               "float32 [2, 2, 16, 12], with 3 tokens seen"));
  cache.blocks.clear();
  BOOST_CHECK_THROW(model.next(zeros({2, 1}, int64), cache), ShapeError);
  cache = {};
  model.next(zeros({1, 1}, int64), cache);
  cache.blocks.pop_back();
  BOOST_CHECK_THROW(model.next(zeros({1, 1}, int64), cache), ShapeError);
}

BOOST_AUTO_TEST_CASE(writes_without_dropout) {
  models::GPT model({.vocab_size = 50,
                     .block_size = 16,
                     .n_layer = 2,
                     .n_head = 2,
                     .n_embd = 24,
                     .dropout = 0.5});
  model.eval();
  const Tensor tokens = some_tokens(), written = model.generate(tokens, 4, {.temperature = 0});
  models::GPTCache cache, other;
  const Tensor scores = model.next(tokens, cache);
  model.train();
  BOOST_TEST(equal(model.next(tokens, other), scores));
  BOOST_TEST(equal(model.generate(tokens, 4, {.temperature = 0}), written));
  model.apply([](nn::Module& m) { BOOST_TEST(m.is_training()); });
}

BOOST_AUTO_TEST_CASE(errors_say_what_came) {
  models::GPT model = small();
  BOOST_CHECK_EXCEPTION(model.generate(zeros({1, 3}), 1), DTypeError,
                        saying("generate: expected tokens of integers, got float32"));
  BOOST_CHECK_EXCEPTION(model.generate(zeros({1, 0}, int64), 1), ShapeError,
                        saying("got shape [1, 0]"));
  BOOST_CHECK_EXCEPTION(model.generate(zeros({3}, int64), 1), ShapeError, saying("got shape [3]"));
  BOOST_CHECK_EXCEPTION(model.generate(full({1, 2}, 50, int64), 1), IndexError,
                        saying("transformer.wte: "));
  BOOST_CHECK_EXCEPTION(models::sample(ones({3})), ShapeError,
                        saying("sample: expected scores [N, tokens] of a token at least, got "
                               "shape [3]"));
}
