#include <rewind/models/gpt.h>

#include <algorithm>
#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/models/blocks.h>
#include <rewind/nn/evaluation.h>
#include <rewind/ops/attention.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/sampling.h>
#include <rewind/ops/scan.h>
#include <rewind/ops/softmax.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::models {

using nn::detail::Evaluation;

namespace detail {

CausalSelfAttention::CausalSelfAttention(const GPTOptions& o)
    : heads_(o.n_head),
      dropout_(o.dropout),
      c_attn_(add("c_attn", nn::Linear(o.n_embd, 3 * o.n_embd, {.bias = o.bias}))),
      c_proj_(add("c_proj", nn::Linear(o.n_embd, o.n_embd, {.bias = o.bias}))),
      resid_dropout_(add("resid_dropout", nn::Dropout(o.dropout))) {}

// Queries, keys and values, [N, heads, L, head size] each.
std::vector<Tensor> CausalSelfAttention::project(const Tensor& x) {
  const int64_t n = x.size(0), length = x.size(1), size = x.size(2) / heads_;
  return c_attn_(x).view({n, length, 3, heads_, size}).permute({2, 0, 3, 1, 4}).unbind(0);
}

Tensor CausalSelfAttention::join(const Tensor& heads) {
  return resid_dropout_(c_proj_(heads.transpose(1, 2).flatten(2)));
}

Tensor CausalSelfAttention::forward(const Tensor& x) {
  const auto parts = project(x);
  const double p = is_training() ? dropout_ : 0;
  return join(scaled_dot_product_attention(parts[0], parts[1], parts[2],
                                           {.dropout_p = p, .is_causal = true}));
}

Tensor CausalSelfAttention::forward_after(const Tensor& x, SeenTokens& seen, int64_t count) {
  const auto parts = project(x);
  const int64_t length = x.size(1), all = count + length;
  seen.keys.narrow(2, count, length).copy_(parts[1]);
  seen.values.narrow(2, count, length).copy_(parts[2]);
  AttentionOptions options;
  if (count == 0)
    options.is_causal = true;
  else if (length > 1)
    options.attn_mask = ones({length, all}, boolean).tril(count);
  return join(scaled_dot_product_attention(parts[0], seen.keys.narrow(2, 0, all),
                                           seen.values.narrow(2, 0, all), options));
}

GPTBlock::GPTBlock(const GPTOptions& o)
    : ln_1_(add("ln_1", nn::LayerNorm({o.n_embd}, {.bias = o.bias}))),
      attn_(add("attn", CausalSelfAttention(o))),
      ln_2_(add("ln_2", nn::LayerNorm({o.n_embd}, {.bias = o.bias}))),
      mlp_(add("mlp", nn::Sequential())) {
  mlp_.append("c_fc", nn::Linear(o.n_embd, 4 * o.n_embd, {.bias = o.bias}));
  mlp_.append("gelu", nn::GELU());
  mlp_.append("c_proj", nn::Linear(4 * o.n_embd, o.n_embd, {.bias = o.bias}));
  mlp_.append("dropout", nn::Dropout(o.dropout));
}

Tensor GPTBlock::forward(const Tensor& x) {
  const Tensor y = x + attn_(ln_1_(x));
  return y + mlp_(ln_2_(y));
}

Tensor GPTBlock::forward_after(const Tensor& x, SeenTokens& seen, int64_t count) {
  const Tensor y = x + attn_.forward_after(ln_1_(x), seen, count);
  return y + mlp_(ln_2_(y));
}

}  // namespace detail

namespace {

const GPTOptions& checked(const GPTOptions& o) {
  check(o.vocab_size > 0 && o.block_size > 0 && o.n_layer >= 0 && o.n_head > 0,
        "GPT: expected positive sizes, got vocab_size {}, block_size {}, n_layer {}, n_head {}",
        o.vocab_size, o.block_size, o.n_layer, o.n_head);
  check(o.n_embd > 0 && o.n_embd % o.n_head == 0,
        "GPT: expected a multiple of n_head = {} as n_embd, got {}", o.n_head, o.n_embd);
  return o;
}

void check_options(const char* function, const GenerateOptions& o) {
  check(o.temperature >= 0 && o.top_k >= 0 && o.top_p > 0 && o.top_p <= 1,
        "{}: expected temperature >= 0, top_k >= 0 and top_p in (0, 1], got {}, {} and {}",
        function, o.temperature, o.top_k, o.top_p);
}

void check_tokens(const Tensor& tokens) {
  check(tokens.defined(), "GPT: tokens are undefined");
  check<ShapeError>(tokens.dim() == 2, "GPT: expected tokens [N, L], got shape {}", tokens.shape());
}

}  // namespace

GPT::Transformer::Transformer(const GPTOptions& o)
    : wte(add("wte", nn::Embedding(o.vocab_size, o.n_embd))),
      wpe(add("wpe", nn::Embedding(o.block_size, o.n_embd))),
      drop(add("drop", nn::Dropout(o.dropout))),
      h(add("h", nn::ModuleList<detail::GPTBlock>())),
      ln_f(add("ln_f", nn::LayerNorm({o.n_embd}, {.bias = o.bias}))) {
  for (int64_t i = 0; i < o.n_layer; ++i) h.append(detail::GPTBlock(o));
}

GPT::GPT(const GPTOptions& o)
    : options_(checked(o)),
      transformer_(add("transformer", Transformer(o))),
      lm_head_(add("lm_head", nn::Linear(o.n_embd, o.vocab_size, {.bias = false}))) {
  lm_head_.weight = transformer_.wte.weight;
  for (auto& [name, t] : named_parameters()) {
    if (name.ends_with("bias"))
      nn::init::zeros_(t);
    else if (name.ends_with("c_proj.weight"))
      nn::init::normal_(t, 0, 0.02 / std::sqrt(2.0 * static_cast<double>(o.n_layer)));
    else if (t.dim() == 2)
      nn::init::normal_(t, 0, 0.02);
  }
}

// Tokens, the first of which is this one of its sequence.
Tensor GPT::embed(const Tensor& tokens, int64_t first) {
  check_tokens(tokens);
  check<ShapeError>(first + tokens.size(1) <= options_.block_size,
                    "GPT: expected at most block_size = {} tokens, got {}", options_.block_size,
                    first + tokens.size(1));
  const Tensor meanings = transformer_.wte(tokens);
  const Tensor places = transformer_.wpe(arange(first, first + tokens.size(1)));
  return transformer_.drop(meanings + places);
}

Tensor GPT::forward(const Tensor& tokens) {
  Tensor x = embed(tokens, 0);
  for (size_t i = 0; i < transformer_.h.size(); ++i) x = transformer_.h[i](x);
  return lm_head_(transformer_.ln_f(x));
}

// Of `n` sequences.
void GPT::check_cache(const GPTCache& cache, int64_t n) const {
  const Shape shape{n, options_.n_head, options_.block_size, options_.n_embd / options_.n_head};
  const DType dtype = transformer_.wte.weight.dtype();
  const bool is_new = cache.blocks.empty() && cache.count == 0;
  const auto fits = [&](const Tensor& t) {
    return t.defined() && t.shape() == shape && t.dtype() == dtype;
  };
  bool all_fit = is_new || (cache.count >= 0 && cache.blocks.size() == transformer_.h.size());
  for (const detail::SeenTokens& seen : cache.blocks)
    all_fit = all_fit && fits(seen.keys) && fits(seen.values);
  if (all_fit) return;
  const Tensor keys = cache.blocks.empty() ? Tensor() : cache.blocks[0].keys;
  const std::string first =
      keys.defined() ? fmt::format(", the first of {} {}", keys.dtype(), keys.shape()) : "";
  fail<ShapeError>(
      "GPT: the cache is of another model or other tokens: expected {} blocks of {} [N, n_head, "
      "block_size, head size] = {}, or a new cache, got {} blocks{}, with {} tokens seen",
      transformer_.h.size(), dtype, shape, cache.blocks.size(), first, cache.count);
}

Tensor GPT::next(const Tensor& tokens, GPTCache& cache) {
  const Evaluation evaluation(*this);
  return scores_after(tokens, cache);
}

Tensor GPT::scores_after(const Tensor& tokens, GPTCache& cache) {
  const no_grad guard;
  return nn::detail::call(
      *this, [&](const Tensor& t) { return forward_after(t, cache); }, tokens);
}

// Where something throws, `count` is what it was, and what has been written lies behind it.
Tensor GPT::forward_after(const Tensor& tokens, GPTCache& cache) {
  check_tokens(tokens);
  check<ShapeError>(tokens.size(1) > 0, "GPT: expected a token at least, got shape {}",
                    tokens.shape());
  check_cache(cache, tokens.size(0));
  Tensor x = embed(tokens, cache.count);
  if (cache.blocks.empty()) {
    const int64_t heads = options_.n_head;
    const Shape shape{x.size(0), heads, options_.block_size, options_.n_embd / heads};
    for (size_t i = 0; i < transformer_.h.size(); ++i)
      cache.blocks.push_back({empty(shape, x.dtype()), empty(shape, x.dtype())});
  }
  for (size_t i = 0; i < transformer_.h.size(); ++i)
    x = transformer_.h[i].forward_after(x, cache.blocks[i], cache.count);
  cache.count += tokens.size(1);
  return lm_head_(transformer_.ln_f(x.select(1, -1)));
}

Tensor GPT::generate(const Tensor& tokens, int64_t count, const GenerateOptions& options,
                     Generator& gen) {
  const no_grad guard;
  check(count >= 0, "generate: expected a count of at least 0, got {}", count);
  check(tokens.defined(), "generate: tokens are undefined");
  check<ShapeError>(tokens.dim() == 2 && tokens.size(1) > 0,
                    "generate: expected tokens [N, L] with L > 0, got shape {}", tokens.shape());
  check<DTypeError>(is_integer(tokens.dtype()), "generate: expected tokens of integers, got {}",
                    tokens.dtype());
  check_options("generate", options);
  const Evaluation evaluation(*this);
  const int64_t most = options_.block_size, given = tokens.size(1);
  Tensor all = empty({tokens.size(0), given + count}, int64);
  all.narrow(1, 0, given).copy_(tokens);
  GPTCache cache;
  int64_t first = std::max<int64_t>(0, given - most), seen = first;
  for (int64_t length = given; length < given + count; ++length) {
    if (length - first > most) {
      first = seen = length - (most + 1) / 2;
      cache = {};
    }
    const Tensor scores = scores_after(all.narrow(1, seen, length - seen), cache);
    all.narrow(1, length, 1).copy_(sample(scores, options, gen));
    seen = length;
  }
  return all;
}

Tensor sample(const Tensor& scores, const GenerateOptions& o, Generator& gen) {
  const no_grad guard;
  check(scores.defined(), "sample: scores are undefined");
  check<ShapeError>(scores.dim() == 2 && scores.size(1) > 0,
                    "sample: expected scores [N, tokens] of a token at least, got shape {}",
                    scores.shape());
  check_options("sample", o);
  if (o.temperature == 0) return argmax(scores, 1, true);
  if (o.top_k == 0 && o.top_p == 1)
    return multinomial(softmax(scores.to(float32) / o.temperature, 1), 1, false, gen);
  const int64_t count = o.top_k > 0 ? std::min(o.top_k, scores.size(1)) : scores.size(1);
  const auto [best, tokens] = topk(scores.to(float32) / o.temperature, count, 1);
  Tensor p = softmax(best, 1);
  // What is likelier than a token has less than top_p together: the first one always stays.
  if (o.top_p < 1) p = p.masked_fill(cumsum(p, 1) - p >= o.top_p, 0);
  return tokens.gather(1, multinomial(p, 1, false, gen));
}

}  // namespace rw::models
