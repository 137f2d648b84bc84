#include <cmath>

#include <rewind/nn/transformer.h>
#include <rewind/ops/multi_head_attention.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(transformers)

namespace {

std::string keys_of(const nn::Module& m) {
  std::string all;
  for (const auto& [name, t] : m.state_dict()) all += (all.empty() ? "" : " ") + name;
  return all;
}

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

// In the order that PyTorch has them.
BOOST_AUTO_TEST_CASE(keys) {
  using nn::MultiheadAttention;
  const std::string out = "out_proj.weight out_proj.bias";
  BOOST_TEST(keys_of(MultiheadAttention(4, 2)) == "in_proj_weight in_proj_bias " + out);
  BOOST_TEST(keys_of(MultiheadAttention(4, 2, {.bias = false})) ==
             "in_proj_weight out_proj.weight");
  BOOST_TEST(keys_of(MultiheadAttention(4, 2, {.add_bias_kv = true, .kdim = 3})) ==
             "q_proj_weight k_proj_weight v_proj_weight in_proj_bias bias_k bias_v " + out);
  const std::string attention = "in_proj_weight in_proj_bias out_proj.weight out_proj.bias ";
  const nn::TransformerEncoder encoder(nn::TransformerEncoderLayer(4, 2), 1, nn::LayerNorm({4}));
  BOOST_TEST(keys_of(encoder) ==
             "layers.0.self_attn.in_proj_weight layers.0.self_attn.in_proj_bias "
             "layers.0.self_attn.out_proj.weight layers.0.self_attn.out_proj.bias "
             "layers.0.linear1.weight layers.0.linear1.bias layers.0.linear2.weight "
             "layers.0.linear2.bias layers.0.norm1.weight layers.0.norm1.bias "
             "layers.0.norm2.weight layers.0.norm2.bias norm.weight norm.bias");
  const StateDict whole = nn::Transformer(4, 2).state_dict();
  BOOST_TEST(whole.size() == 6 * 12 + 6 * 18 + 4);
  BOOST_TEST(whole.contains("decoder.layers.5.multihead_attn.in_proj_weight"));
  BOOST_TEST(whole.contains("encoder.norm.bias"));
}

BOOST_AUTO_TEST_CASE(initial_values) {
  manual_seed(1);
  const nn::MultiheadAttention m(64, 4, {.add_bias_kv = true});
  const double bound = std::sqrt(6.0 / (64 + 192));
  BOOST_TEST(m.in_proj_weight.abs().max().item<double>() <= bound);
  BOOST_TEST(m.in_proj_weight.abs().max().item<double>() > 0.99 * bound);
  BOOST_TEST(m.in_proj_bias.abs().max().item<double>() == 0);
  BOOST_TEST(m.out_proj.bias.abs().max().item<double>() == 0);
  BOOST_TEST(m.out_proj.weight.abs().max().item<double>() <= 0.125);
  BOOST_TEST(m.bias_k.std().item<double>() > 0);
  nn::Transformer t(16, 2, {.num_encoder_layers = 1, .num_decoder_layers = 1});
  const Tensor w = t.encoder.layers[0].linear1.weight;
  BOOST_TEST(w.abs().max().item<double>() > 0.98 * std::sqrt(6.0 / (16 + 2048)));
}

BOOST_AUTO_TEST_CASE(layers_are_copies) {
  manual_seed(2);
  nn::TransformerEncoderLayer layer(8, 2, {.dim_feedforward = 16, .norm_first = true});
  layer.to(float64).eval();
  layer.linear1.weight.requires_grad_(false);
  const uint64_t counter = default_generator().counter();
  nn::TransformerEncoder encoder(layer, 2);
  BOOST_TEST(default_generator().counter() == counter);
  for (size_t i = 0; i < 2; ++i) {
    const nn::TransformerEncoderLayer& copy = encoder.layers[i];
    BOOST_TEST(equal(copy.linear1.weight, layer.linear1.weight));
    BOOST_TEST(copy.linear1.weight.dtype() == float64);
    BOOST_TEST(!copy.linear1.weight.requires_grad());
    BOOST_TEST(copy.linear2.weight.requires_grad());
    BOOST_TEST(!copy.is_training());
    BOOST_TEST(copy.options().norm_first);
  }
  encoder.layers[0].linear2.weight.detach().zero_();
  BOOST_TEST(equal(encoder.layers[1].linear2.weight, layer.linear2.weight));
  BOOST_CHECK_EXCEPTION(nn::TransformerEncoder(layer, -1), Error, saying("num_layers >= 0"));
}

// As PyTorch's deepcopy: modes, dtypes and requires_grad of each part, and parts that were
// replaced.
BOOST_AUTO_TEST_CASE(copies_keep_what_parts_are) {
  manual_seed(12);
  nn::TransformerDecoderLayer layer(4, 2, {.dim_feedforward = 8});
  layer.linear1 = nn::Linear(4, 6, {.bias = false});
  layer.linear2 = nn::Linear(6, 4);
  layer.norm2 = nn::LayerNorm({4}, {.eps = 0.5, .elementwise_affine = false});
  layer.norm3 = nn::LayerNorm({4}, {.bias = false});
  layer.dropout2 = nn::Dropout(0.75);
  layer.multihead_attn = nn::MultiheadAttention(4, 1, {.bias = false, .kdim = 3});
  layer.dropout1.eval();
  layer.self_attn.eval();
  layer.norm1.to(float64);
  layer.self_attn.out_proj.bias.requires_grad_(false);
  const auto copy = layer.clone();
  BOOST_TEST(keys_of(copy) == keys_of(layer));
  const NamedTensors a = layer.named_parameters(), b = copy.named_parameters();
  for (size_t i = 0; i < a.size(); ++i) {
    BOOST_TEST(equal(a[i].second, b[i].second));
    BOOST_TEST(a[i].second.dtype() == b[i].second.dtype());
    BOOST_TEST(a[i].second.requires_grad() == b[i].second.requires_grad());
  }
  BOOST_TEST(copy.is_training());
  BOOST_TEST(copy.dropout.is_training());
  BOOST_TEST(!copy.dropout1.is_training());
  BOOST_TEST(!copy.self_attn.is_training());
  BOOST_TEST(copy.dropout2.p() == 0.75);
  BOOST_TEST(copy.norm2.options().eps == 0.5);
  BOOST_TEST(copy.multihead_attn.num_heads() == 1);
  nn::TransformerEncoderLayer encoder(4, 2, {.dim_feedforward = 8});
  encoder.linear1 = nn::Linear(4, 8, {.bias = false});
  nn::TransformerEncoder stack(encoder, 2);
  BOOST_TEST(!stack.layers[1].linear1.bias.defined());
  BOOST_TEST((stack(randn({3, 2, 4})).shape() == Shape{3, 2, 4}));
}

// With weights or without, and of either dtype.
BOOST_AUTO_TEST_CASE(dtypes_of_masks) {
  manual_seed(13);
  nn::MultiheadAttention m(8, 2);
  m.to(bfloat16).requires_grad_(false);
  const Tensor x = randn({2, 1, 8}, bfloat16);
  const Tensor mask = from<float>({1001, 1003, 1000.5f, 1000}).view({2, 2});
  const auto call = [&](const Tensor& given, bool need_weights) {
    return m(x, x, x, {.need_weights = need_weights, .attn_mask = given});
  };
  const Tensor padding = zeros({1, 2}, boolean);
  const auto both =
      m(x, x, x, {.key_padding_mask = padding, .need_weights = false, .attn_mask = mask}).first;
  BOOST_TEST(call(mask, true).second.dtype() == bfloat16);
  const auto f32 = [](const Tensor& t) { return t.to(float32); };
  const Tensor near = call(mask - 1000, false).first;
  BOOST_TEST(distance(f32(call(mask, true).first), f32(near)) < 0.02);
  BOOST_TEST(distance(f32(call(mask, false).first), f32(near)) < 0.02);
  BOOST_TEST(distance(f32(both), f32(near)) < 0.02);
  for (const bool need_weights : {false, true})
    for (const DType dtype : {float64, float16, int64})
      BOOST_CHECK_EXCEPTION(
          call(zeros({2, 2}, dtype), need_weights), DTypeError,
          saying("expected attn_mask of bool, float32 or the query's bfloat16, got"));
}

// One product for all three, three products, and with weights: the same results and gradients.
BOOST_AUTO_TEST_CASE(ways_agree) {
  manual_seed(3);
  for (const bool batch_first : {false, true}) {
    nn::MultiheadAttention m(12, 3, {.batch_first = batch_first});
    m.to(float64);
    const Tensor x = randn({4, 5, 12}, float64).requires_grad_();
    const int64_t n = batch_first ? 5 : 4, places = batch_first ? 4 : 5;
    const Tensor mask = nn::Transformer::generate_square_subsequent_mask(n, float64);
    const auto call = [&](const Tensor& k, bool weights, bool causal) {
      m.zero_grad();
      x.grad();
      const auto [y, w] =
          m(x, k, k, {.need_weights = weights, .attn_mask = mask, .is_causal = causal});
      BOOST_TEST(w.defined() == weights);
      if (weights) BOOST_TEST((w.shape() == Shape{places, n, n}));
      std::vector<Tensor> all = grad({y.square().sum()}, {x, m.in_proj_weight, m.in_proj_bias});
      all.push_back(y);
      return all;
    };
    const auto packed = call(x, false, true);
    for (const auto& other : {call(x, false, false), call(x * 1, false, true), call(x, true, true)})
      for (size_t i = 0; i < other.size(); ++i) BOOST_TEST(distance(packed[i], other[i]) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(evaluation_drops_nothing) {
  manual_seed(4);
  nn::TransformerEncoderLayer layer(8, 2, {.dim_feedforward = 16, .dropout = 0.5});
  const Tensor x = randn({3, 2, 8});
  BOOST_TEST(!equal(layer(x), layer(x)));
  layer.eval();
  BOOST_TEST(equal(layer(x), layer(x)));
  nn::MultiheadAttention m(8, 2, {.dropout = 0.5});
  const auto weights = m(x, x, x).second;
  BOOST_TEST((weights == 0).any().item<bool>());
  m.eval();
  BOOST_TEST((m(x, x, x).second.sum(-1) - 1).abs().max().item<double>() < 1e-6);
}

BOOST_AUTO_TEST_CASE(causal_masks_are_seen) {
  manual_seed(5);
  nn::TransformerEncoder encoder(
      nn::TransformerEncoderLayer(8, 2, {.dim_feedforward = 8, .dropout = 0}), 2);
  const Tensor x = randn({5, 2, 8}), mask = nn::Transformer::generate_square_subsequent_mask(5);
  const Tensor y = encoder(x, {.mask = mask, .is_causal = false});
  BOOST_TEST(distance(encoder(x, {.mask = mask}), y) < 1e-5);
  BOOST_TEST(distance(encoder(x, {.mask = isneginf(mask)}), y) < 1e-5);
  BOOST_TEST(distance(encoder(x, {.mask = zeros({5, 5})}), y) > 1e-3);
  const Tensor later = cat({x.narrow(0, 0, 4), randn({1, 2, 8})});
  BOOST_TEST(distance(encoder(later, {.mask = mask}).narrow(0, 0, 4), y.narrow(0, 0, 4)) < 1e-5);
}

BOOST_AUTO_TEST_CASE(half_precision) {
  manual_seed(6);
  nn::TransformerEncoderLayer layer(8, 2, {.dim_feedforward = 16, .dropout = 0});
  const Tensor x = randn({3, 2, 8}), y = layer(x);
  {
    const autocast guard;
    const Tensor z = layer(x);
    BOOST_TEST(distance(z.to(float32), y) < 0.1);
  }
  layer.to(bfloat16);
  BOOST_TEST(layer(x.to(bfloat16)).dtype() == bfloat16);
  BOOST_TEST(distance(layer(x.to(bfloat16)).to(float32), y) < 0.1);
}

BOOST_AUTO_TEST_CASE(refusals) {
  const auto refused = [](const auto& f, const char* text) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(text));
  };
  refused([] { nn::MultiheadAttention(5, 2); }, "an embed_dim that 2 heads divide, got 5");
  refused([] { nn::MultiheadAttention(0, 2); }, "above 0, got 0 and 2");
  refused([] { nn::MultiheadAttention(4, 2, {.dropout = 2}); }, "a dropout in [0, 1], got 2");
  refused([] { nn::TransformerEncoderLayer(4, 2, {.dim_feedforward = 0}); },
          "TransformerEncoderLayer: expected a dim_feedforward above 0, got 0");
  nn::MultiheadAttention m(4, 2);
  const Tensor x = randn({3, 2, 4});
  refused([&] { m(x, Tensor(), x); }, "MultiheadAttention: the key is undefined");
  refused(
      [&] {
        m(x, x, x, {.key_padding_mask = ones({2, 4}, boolean)});
      },
      "expected a key_padding_mask of shape [2, 3], got [2, 4]");
  refused(
      [&] {
        m(x, x, x, {.attn_mask = ones({3, 4})});
      },
      "expected an attn_mask of shape [3, 3] or [4, 3, 3], got [3, 4]");
  refused([&] { m(x, x, x, {.is_causal = true}); }, "expected an attn_mask with is_causal");
  nn::Transformer t(4, 2, {.num_encoder_layers = 1, .num_decoder_layers = 1});
  refused([&] { t(x, randn({3, 1, 4})); }, "expected src and tgt of one batch size");
  refused([&] { t(randn({3, 2, 5}), x); }, "expected src of rank 3, or 2 without a batch, and 4");
  refused([&] { t(x, randn({3, 2, 5})); }, "expected tgt of rank 3, or 2 without a batch, and 4");
  refused([] { nn::MultiheadAttention(int64_t(1) << 62, 1); }, "of which three fit int64");
}

BOOST_AUTO_TEST_CASE(activations_are_any_function) {
  const auto layer_of = [](const nn::TransformerActivation& activation) {
    manual_seed(5);
    return nn::TransformerEncoderLayer(
        4, 2, {.dim_feedforward = 6, .dropout = 0, .activation = activation});
  };
  const Tensor x = randn({3, 2, 4});
  auto named = layer_of(nn::TransformerActivation::gelu);
  auto given = layer_of([](const Tensor& t) { return gelu(t); });
  BOOST_TEST(equal(named(x), given(x)));
  auto other = layer_of([](const Tensor& t) { return silu(t); });
  BOOST_TEST(!equal(other(x), given(x)));
  auto copy = other.clone();
  BOOST_TEST(equal(copy(x), other(x)));
  nn::Transformer all(4, 2,
                      {.num_encoder_layers = 1,
                       .num_decoder_layers = 1,
                       .dim_feedforward = 3,
                       .activation = [](const Tensor& t) { return tanh(t); }});
  BOOST_TEST((all(x, x).shape() == x.shape()));
  BOOST_CHECK_EXCEPTION(
      nn::TransformerActivation(std::function<Tensor(const Tensor&)>()), Error,
      saying("TransformerActivation: expected a function, got an empty std::function"));
}

BOOST_AUTO_TEST_CASE(attention_as_a_function) {
  nn::MultiheadAttention m(4, 2, {.add_bias_kv = true});
  m.eval();
  const Tensor x = randn({3, 2, 4});
  MultiheadAttentionForwardFuncOptions o = {.embed_dim_to_check = 4,
                                            .num_heads = 2,
                                            .in_proj_weight = m.in_proj_weight,
                                            .in_proj_bias = m.in_proj_bias,
                                            .bias_k = m.bias_k,
                                            .bias_v = m.bias_v,
                                            .dropout_p = 0.5,
                                            .out_proj_weight = m.out_proj.weight,
                                            .out_proj_bias = m.out_proj.bias,
                                            .training = false};
  const auto [y, weights] = multi_head_attention_forward(x, x, x, o);
  const auto [expected, expected_weights] = m(x, x, x);
  BOOST_TEST(equal(y, expected));
  BOOST_TEST(equal(weights, expected_weights));
  const auto refused = [&](const std::string& text, auto change) {
    auto wrong = o;
    change(wrong);
    BOOST_CHECK_EXCEPTION(multi_head_attention_forward(x, x, x, wrong), Error,
                          saying("multi_head_attention_forward: " + text));
  };
  refused("expected an embed_dim_to_check above 0 that num_heads divide, got 4 and 3",
          [](auto& w) { w.num_heads = 3; });
  refused("expected query, key and value of 8, 8 and 8 features, got shapes [3, 2, 4]",
          [](auto& w) { w.embed_dim_to_check = 8; });
  refused("in_proj_weight is undefined", [](auto& w) { w.in_proj_weight = {}; });
  refused("expected out_proj_bias of shape [4], got [3]",
          [](auto& w) { w.out_proj_bias = zeros({3}); });
  refused("expected both bias_k and bias_v, or none", [](auto& w) { w.bias_v = {}; });
  refused("expected no bias_k and bias_v with static_k or static_v", [](auto& w) {
    w.static_k = zeros({4, 3, 2});
  });
  refused("expected a dropout_p in [0, 1], got 2", [](auto& w) { w.dropout_p = 2; });
  refused("q_proj_weight is undefined", [](auto& w) { w.use_separate_proj_weight = true; });
}

BOOST_AUTO_TEST_SUITE_END()
