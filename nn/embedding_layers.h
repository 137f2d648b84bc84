#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/embedding.h>
#include <rewind/ops/embedding_bag.h>
#include <rewind/tensor/by_place.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// What Embedding takes by name, as the function does. The row of padding_idx is zero at first.
using EmbeddingOptions = EmbeddingFuncOptions;
/// rw::embedding of indices; weight [num_embeddings, embedding_dim], standard normal at first.
class Embedding : public Module {
 public:
  /// A table of `num_embeddings` vectors of `embedding_dim` numbers.
  Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options = {});
  /// With options by their places, as PyTorch has them: `Embedding(10, 3, 0)`.
  template <class... V>
  requires rw::detail::ByPlace<EmbeddingOptions, V...> Embedding(int64_t num_embeddings,
                                                                 int64_t embedding_dim,
                                                                 V... options)
      : Embedding(num_embeddings, embedding_dim,
                  rw::detail::by_place<EmbeddingOptions>(options...)) {}
  /// With these vectors, a matrix, which are not trained where `freeze`.
  static Embedding from_pretrained(const Tensor& embeddings, bool freeze = true,
                                   const EmbeddingOptions& options = {});
  /// Of shape […, embedding_dim], for indices of any shape.
  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  ///@{
  /// Sizes of the table.
  int64_t num_embeddings() const { return weight.size(0); }
  int64_t embedding_dim() const { return weight.size(1); }
  ///@}

  /// The vectors.
  Parameter weight;

 private:
  Embedding(Tensor table, const EmbeddingOptions& options);

  EmbeddingOptions options_;
};

/// What EmbeddingBag takes by name, as the function does. The row of padding_idx is zero at first.
using EmbeddingBagOptions = EmbeddingBagFuncOptions;
/// rw::embedding_bag of indices; weight [num_embeddings, embedding_dim], standard normal at first.
class EmbeddingBag : public ModuleOf<EmbeddingBag> {
 public:
  /// A table of `num_embeddings` vectors of `embedding_dim` numbers.
  EmbeddingBag(int64_t num_embeddings, int64_t embedding_dim,
               const EmbeddingBagOptions& options = {});
  /// With these vectors, a matrix, which are not trained where `freeze`.
  static EmbeddingBag from_pretrained(const Tensor& embeddings, bool freeze = true,
                                      const EmbeddingBagOptions& options = {});
  ///@{
  /// Of shape [bags, embedding_dim], for bags that are the rows of the indices, or begin in these
  /// at the offsets.
  Tensor operator()(const Tensor& input, const Tensor& offsets = {},
                    const Tensor& per_sample_weights = {}) {
    return ModuleOf::operator()(input, offsets, per_sample_weights);
  }
  Tensor forward(const Tensor& input, const Tensor& offsets = {},
                 const Tensor& per_sample_weights = {});
  ///@}
  std::string extra_repr() const override;
  ///@{
  /// Sizes of the table.
  int64_t num_embeddings() const { return weight.size(0); }
  int64_t embedding_dim() const { return weight.size(1); }
  ///@}

  /// The vectors.
  Parameter weight;

 private:
  EmbeddingBag(Tensor table, const EmbeddingBagOptions& options);

  EmbeddingBagOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
