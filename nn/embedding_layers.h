#pragma once

#include <optional>

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// What Embedding takes by name.
struct EmbeddingOptions {
  /// A row that is zero at first and is not trained; from the end, where negative.
  std::optional<int64_t> padding_idx = {};
  /// Rows that are looked up and longer are shortened to this length.
  std::optional<double> max_norm = {};
  double norm_type = 2;             ///< which norm that is
  bool scale_grad_by_freq = false;  ///< divide a row's gradient by how often it is looked up
};
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
