#pragma once

#include <vector>

#include <rewind/nn/containers.h>
#include <rewind/nn/dropout_layers.h>
#include <rewind/nn/embedding_layers.h>
#include <rewind/nn/layers.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/tensor/generator.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What GPT takes by name: GPT-2's of 124 million parameters by default.
struct GPTOptions {
  int64_t vocab_size = 50257;  ///< how many tokens there are
  int64_t block_size = 1024;   ///< tokens that it can see
  int64_t n_layer = 12;        ///< blocks
  int64_t n_head = 12;         ///< of the attention of each; divides n_embd
  int64_t n_embd = 768;        ///< numbers that stand for a token
  double dropout = 0;          ///< in training, of embeddings, weights of attention and branches
  bool bias = true;            ///< of linear layers and layer norms
};

/// What GPT::generate takes by name.
struct GenerateOptions {
  double temperature = 1;  ///< divides scores: below 1 likely tokens get likelier; 0 takes the best
  int64_t top_k = 0;       ///< draws among so many likeliest tokens; 0: among all
  /// Draws among the likeliest tokens that have this probability together (Holtzman et al., "The
  /// curious case of neural text degeneration", 2019).
  double top_p = 1;
};

namespace detail {

/// Keys and values of the tokens that one block has seen, [N, n_head, block_size, head size].
struct SeenTokens {
  Tensor keys;    ///< what they are found by
  Tensor values;  ///< what they have to say
};

/// Attention of each token to itself and those before.
class CausalSelfAttention : public nn::Module {
 public:
  /// With new weights.
  explicit CausalSelfAttention(const GPTOptions& options);
  /// Of all tokens of a sequence, x [N, L, n_embd].
  Tensor forward(const Tensor& x) override;
  /// Of tokens that follow `count` others, which `seen` holds, as it holds these afterwards.
  Tensor forward_after(const Tensor& x, SeenTokens& seen, int64_t count);

 private:
  std::vector<Tensor> project(const Tensor& x);
  Tensor join(const Tensor& heads);

  int64_t heads_;
  double dropout_;
  nn::Linear c_attn_, c_proj_;
  nn::Dropout resid_dropout_;
};

/// Attention and two linear layers, each on normalized inputs and added to them.
class GPTBlock : public nn::Module {
 public:
  /// With new weights.
  explicit GPTBlock(const GPTOptions& options);
  Tensor forward(const Tensor& x) override;
  /// As CausalSelfAttention's.
  Tensor forward_after(const Tensor& x, SeenTokens& seen, int64_t count);

 private:
  nn::LayerNorm ln_1_;
  CausalSelfAttention attn_;
  nn::LayerNorm ln_2_;
  nn::Sequential mlp_;
};

}  // namespace detail

/// What a GPT has seen of sequences, so that a further token costs what one token costs.
struct GPTCache {
  std::vector<detail::SeenTokens> blocks;  ///< of each block; empty at first
  int64_t count = 0;                       ///< tokens seen
};

/// A decoder of text (Radford et al., "Language models are unsupervised multitask learners", 2019):
/// from tokens [N, L] of integers, L at most block_size, to scores of what comes next at each
/// place, [N, L, vocab_size]. Keys and shapes are those of github.com/karpathy/nanoGPT; the last
/// layer shares its weight with the embedding. Initialised as there: normal with deviation 0.02,
/// less where branches are added up.
class GPT : public nn::Module {
 public:
  /// With new weights.
  explicit GPT(const GPTOptions& options = {});
  Tensor forward(const Tensor& tokens) override;

  /// Scores of what comes after `tokens` [N, L], which follow those that the cache has seen:
  /// [N, vocab_size]. Not recorded, and without dropout: the model evaluates, and is left in the
  /// mode in which it was. Throws ShapeError where they are more than block_size together, and for
  /// a cache of another model or of another N.
  Tensor next(const Tensor& tokens, GPTCache& cache);
  /// `tokens` [N, L] with `count` more, each drawn by its scores. Where there are more than
  /// block_size, the later half of those is what the model sees from then on. Evaluates, as `next`
  /// does. Throws ShapeError for other shapes, and DTypeError for tokens that are no integers.
  Tensor generate(const Tensor& tokens, int64_t count, const GenerateOptions& options = {},
                  Generator& gen = default_generator());

  /// As given.
  const GPTOptions& options() const { return options_; }

 private:
  /// The layers below the scores, as nanoGPT groups them.
  struct Transformer : nn::Module {
    explicit Transformer(const GPTOptions& options);
    nn::Embedding wte, wpe;
    nn::Dropout drop;
    nn::ModuleList<detail::GPTBlock> h;
    nn::LayerNorm ln_f;
  };

  Tensor embed(const Tensor& tokens, int64_t first);
  void check_cache(const GPTCache& cache, int64_t n) const;
  Tensor scores_after(const Tensor& tokens, GPTCache& cache);
  Tensor forward_after(const Tensor& tokens, GPTCache& cache);

  GPTOptions options_;
  Transformer transformer_;
  nn::Linear lm_head_;
};

/// Of scores [N, vocab_size], a token for each row, [N, 1] of int64, as GPT::generate draws it.
/// Throws ShapeError for scores of another shape.
Tensor sample(const Tensor& scores, const GenerateOptions& options = {},
              Generator& gen = default_generator());

}  // namespace rw::models

#pragma GCC visibility pop
