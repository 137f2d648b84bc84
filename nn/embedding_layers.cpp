#include <rewind/nn/embedding_layers.h>

#include <rewind/nn/init.h>
#include <rewind/nn/repr.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

Tensor new_table(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options) {
  check(num_embeddings >= 0 && embedding_dim >= 0,
        "Embedding: expected num_embeddings and embedding_dim >= 0, got {} and {}", num_embeddings,
        embedding_dim);
  const int64_t padding = options.padding_idx.value_or(0);
  check<IndexError>(
      !options.padding_idx || (-num_embeddings <= padding && padding < num_embeddings),
      "Embedding: padding_idx {} is out of range for {} embeddings", padding, num_embeddings);
  const Tensor table = init::normal_(empty({num_embeddings, embedding_dim}));
  if (options.padding_idx) table.select(0, padding).zero_();
  return table;
}

Tensor given_table(const Tensor& embeddings) {
  check(embeddings.defined(), "Embedding: the pretrained vectors are undefined");
  check<ShapeError>(embeddings.dim() == 2,
                    "Embedding: expected a matrix of pretrained vectors, got shape {}",
                    embeddings.shape());
  return embeddings;
}

}  // namespace

Embedding::Embedding(Tensor table, const EmbeddingOptions& options)
    : weight(parameter("weight", std::move(table))), options_(options) {
  if (options_.padding_idx && *options_.padding_idx < 0) *options_.padding_idx += weight.size(0);
}

Embedding::Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options)
    : Embedding(new_table(num_embeddings, embedding_dim, options), options) {}

Embedding Embedding::from_pretrained(const Tensor& embeddings, bool freeze,
                                     const EmbeddingOptions& options) {
  Embedding layer(given_table(embeddings), options);
  if (freeze) layer.weight.requires_grad_(false);
  return layer;
}

Tensor Embedding::forward(const Tensor& input) { return embedding(input, weight, options_); }

std::string Embedding::extra_repr() const {
  std::string text = fmt::format("{}, {}", weight.size(0), weight.size(1));
  if (options_.padding_idx) text += fmt::format(", padding_idx={}", *options_.padding_idx);
  if (options_.max_norm) text += ", max_norm=" + repr(*options_.max_norm);
  if (options_.norm_type != 2) text += ", norm_type=" + repr(options_.norm_type);
  if (options_.scale_grad_by_freq) text += ", scale_grad_by_freq=True";
  return text;
}

}  // namespace rw::nn
