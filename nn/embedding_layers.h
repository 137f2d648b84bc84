#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/embedding.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// What Embedding takes by name, as the function does. The row of padding_idx is zero at first.
using EmbeddingOptions = EmbeddingFuncOptions;
/// rw::embedding of indices; weight [num_embeddings, embedding_dim], standard normal at first.
class Embedding : public Module {
 public:
  /// A table of `num_embeddings` vectors of `embedding_dim` numbers.
  Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options = {});
  /// With these vectors, a matrix, which are not trained where `freeze`.
  static Embedding from_pretrained(const Tensor& embeddings, bool freeze = true,
                                   const EmbeddingOptions& options = {});
  /// Of shape […, embedding_dim], for indices of any shape.
  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

  /// The vectors.
  Parameter weight;

 private:
  Embedding(Tensor table, const EmbeddingOptions& options);

  EmbeddingOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
