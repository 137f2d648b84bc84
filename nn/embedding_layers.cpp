#include <rewind/nn/embedding_layers.h>

#include <rewind/nn/init.h>
#include <rewind/nn/repr.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

Tensor new_table(const char* layer, int64_t num_embeddings, int64_t embedding_dim,
                 const std::optional<int64_t>& padding_idx) {
  check(num_embeddings >= 0 && embedding_dim >= 0,
        "{}: expected num_embeddings and embedding_dim >= 0, got {} and {}", layer, num_embeddings,
        embedding_dim);
  const int64_t padding = padding_idx.value_or(0);
  check<IndexError>(!padding_idx || (-num_embeddings <= padding && padding < num_embeddings),
                    "{}: padding_idx {} is out of range for {} embeddings", layer, padding,
                    num_embeddings);
  const Tensor table = init::normal_(empty({num_embeddings, embedding_dim}));
  if (padding_idx) table.select(0, padding).zero_();
  return table;
}

Tensor given_table(const char* layer, const Tensor& embeddings) {
  check(embeddings.defined(), "{}: the pretrained vectors are undefined", layer);
  check<ShapeError>(embeddings.dim() == 2,
                    "{}: expected a matrix of pretrained vectors, got shape {}", layer,
                    embeddings.shape());
  return embeddings;
}

template <class Options>
std::string lengths_text(const Options& options) {
  std::string text;
  if (options.max_norm) text += ", max_norm=" + repr(*options.max_norm);
  if (options.norm_type != 2) text += ", norm_type=" + repr(options.norm_type);
  if (options.scale_grad_by_freq) text += ", scale_grad_by_freq=True";
  return text;
}

}  // namespace

Embedding::Embedding(Tensor table, const EmbeddingOptions& options)
    : weight(parameter("weight", std::move(table))), options_(options) {
  if (options_.padding_idx && *options_.padding_idx < 0) *options_.padding_idx += weight.size(0);
}

Embedding::Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options)
    : Embedding(new_table("Embedding", num_embeddings, embedding_dim, options.padding_idx),
                options) {}

Embedding Embedding::from_pretrained(const Tensor& embeddings, bool freeze,
                                     const EmbeddingOptions& options) {
  Embedding layer(given_table("Embedding", embeddings), options);
  if (freeze) layer.weight.requires_grad_(false);
  return layer;
}

Tensor Embedding::forward(const Tensor& input) { return embedding(input, weight, options_); }

std::string Embedding::extra_repr() const {
  std::string text = fmt::format("{}, {}", weight.size(0), weight.size(1));
  if (options_.padding_idx) text += fmt::format(", padding_idx={}", *options_.padding_idx);
  text += lengths_text(options_);
  if (options_.sparse) text += ", sparse=True";
  return text;
}

EmbeddingBag::EmbeddingBag(Tensor table, const EmbeddingBagOptions& options)
    : weight(parameter("weight", std::move(table))), options_(options) {
  if (options_.padding_idx && *options_.padding_idx < 0) *options_.padding_idx += weight.size(0);
}

EmbeddingBag::EmbeddingBag(int64_t num_embeddings, int64_t embedding_dim,
                           const EmbeddingBagOptions& options)
    : EmbeddingBag(new_table("EmbeddingBag", num_embeddings, embedding_dim, options.padding_idx),
                   options) {}

EmbeddingBag EmbeddingBag::from_pretrained(const Tensor& embeddings, bool freeze,
                                           const EmbeddingBagOptions& options) {
  EmbeddingBag layer(given_table("EmbeddingBag", embeddings), options);
  if (freeze) layer.weight.requires_grad_(false);
  return layer;
}

Tensor EmbeddingBag::forward(const Tensor& input, const Tensor& offsets,
                             const Tensor& per_sample_weights) {
  return embedding_bag(input, weight, offsets, options_, per_sample_weights);
}

std::string EmbeddingBag::extra_repr() const {
  std::string text = fmt::format("{}, {}", weight.size(0), weight.size(1)) + lengths_text(options_);
  const char* const modes[] = {"sum", "mean", "max"};
  text += fmt::format(", mode='{}'", modes[static_cast<int>(options_.mode)]);
  if (options_.padding_idx) text += fmt::format(", padding_idx={}", *options_.padding_idx);
  return text;
}

}  // namespace rw::nn
