#include <rewind/nn/transformer.h>

#include <limits>
#include <memory>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/clone.h>
#include <rewind/nn/init.h>
#include <rewind/ops/activation.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/predicates.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>

namespace rw::nn {

namespace {

// --- Parts of layers ----------------------------------------------------------------------------

MultiheadAttention attention_of(int64_t d_model, int64_t nhead,
                                const TransformerLayerOptions& options) {
  return MultiheadAttention(
      d_model, nhead,
      {.dropout = options.dropout, .bias = options.bias, .batch_first = options.batch_first});
}
LayerNorm norm_of(int64_t d_model, double eps, bool bias) {
  return LayerNorm({d_model}, {.eps = eps, .bias = bias});
}
LayerNorm norm_of(int64_t d_model, const TransformerLayerOptions& options) {
  return norm_of(d_model, options.layer_norm_eps, options.bias);
}
int64_t checked_width(const char* layer, const TransformerLayerOptions& options) {
  check(options.dim_feedforward > 0, "{}: expected a dim_feedforward above 0, got {}", layer,
        options.dim_feedforward);
  return options.dim_feedforward;
}

// A layer's product, activation and product.
template <class Layer>
Tensor feed_forward(Layer& layer, const Tensor& x) {
  return layer.linear2(layer.dropout(layer.options().activation(layer.linear1(x))));
}

void check_sequence(const char* layer, const char* name, const Tensor& t, int64_t features) {
  check(t.defined(), "{}: {} is undefined", layer, name);
  check<ShapeError>((t.dim() == 2 || t.dim() == 3) && t.size(-1) == features,
                    "{}: expected {} of rank 3, or 2 without a batch, and {} features, got shape "
                    "{}",
                    layer, name, features, t.shape());
}

// x with what a part of the layer makes of it, normalized before or after.
template <class Part>
Tensor add_part(const Tensor& x, bool norm_first, LayerNorm& norm, Dropout& dropout,
                const Part& part) {
  if (norm_first) return x + dropout(part(norm(x)));
  return norm(x + dropout(part(x)));
}

// --- Copies -------------------------------------------------------------------------------------

// Parts like others, which may have been replaced since their layer was made.
Linear another(const Linear& m) {
  return Linear(m.weight.size(1), m.weight.size(0), {.bias = m.bias.defined()});
}
Dropout another(const Dropout& m) { return Dropout(m.p()); }
LayerNorm another(const LayerNorm& m) {
  return LayerNorm(
      m.normalized_shape(),
      {.eps = m.options().eps, .elementwise_affine = m.weight.defined(), .bias = m.bias.defined()});
}
MultiheadAttention another(const MultiheadAttention& m) {
  MultiheadAttention copy(m.embed_dim(), m.num_heads(), m.options());
  copy.out_proj = another(m.out_proj);
  return copy;
}

// With parts and state of another layer; no random number is used up.
template <class Layer>
Layer copy_of(const Layer& layer) {
  Generator& generator = default_generator();
  const uint64_t counter = generator.counter();
  Layer copy(layer.d_model(), layer.self_attn.num_heads(), layer.options());
  const auto take = [&](auto... parts) { ((copy.*parts = another(layer.*parts)), ...); };
  take(&Layer::self_attn, &Layer::linear1, &Layer::linear2, &Layer::norm1, &Layer::norm2);
  take(&Layer::dropout, &Layer::dropout1, &Layer::dropout2);
  if constexpr (std::is_same_v<Layer, TransformerDecoderLayer>)
    take(&Layer::multihead_attn, &Layer::norm3, &Layer::dropout3);
  generator.set_counter(counter);
  copy_state(layer, copy);
  return copy;
}

template <class Layer>
void append_copies(const char* name, ModuleList<Layer>& list, const Layer& layer, int64_t count) {
  check(count >= 0, "{}: expected num_layers >= 0, got {}", name, count);
  for (int64_t i = 0; i < count; ++i) list.append(layer.clone());
}

// --- Masks --------------------------------------------------------------------------------------

// Whether a mask is that of generate_square_subsequent_mask, of numbers or flags.
bool hides_later_keys(const Tensor& mask) {
  if (!mask.defined() || mask.dim() != 2 || mask.size(0) != mask.size(1)) return false;
  const no_grad guard;
  if (mask.dtype() == boolean) return equal(mask, ones(mask.shape(), boolean).triu(1));
  return mask.is_floating_point() &&
         equal(mask, Transformer::generate_square_subsequent_mask(mask.size(0), mask.dtype()));
}

}  // namespace

Tensor TransformerActivation::operator()(Tensor&& x) const {
  if (f_) return f_(x);
  return name_ == gelu ? rw::gelu(std::move(x)) : rw::relu(std::move(x));
}

// --- TransformerEncoderLayer --------------------------------------------------------------------

TransformerEncoderLayer::TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                                                 const TransformerLayerOptions& options)
    : self_attn(add("self_attn", attention_of(d_model, nhead, options))),
      linear1(add("linear1", Linear(d_model, checked_width("TransformerEncoderLayer", options),
                                    {.bias = options.bias}))),
      dropout(add("dropout", Dropout(options.dropout))),
      linear2(add("linear2", Linear(options.dim_feedforward, d_model, {.bias = options.bias}))),
      norm1(add("norm1", norm_of(d_model, options))),
      norm2(add("norm2", norm_of(d_model, options))),
      dropout1(add("dropout1", Dropout(options.dropout))),
      dropout2(add("dropout2", Dropout(options.dropout))),
      options_(options) {}

Tensor TransformerEncoderLayer::forward(Tensor src, const EncoderLayerMasks& masks) {
  check_sequence("TransformerEncoderLayer", "src", src, d_model());
  const bool first = options_.norm_first;
  const MultiheadAttentionCall call = {.key_padding_mask = masks.src_key_padding_mask,
                                       .need_weights = false,
                                       .attn_mask = masks.src_mask,
                                       .is_causal = masks.is_causal};
  const Tensor x = add_part(src, first, norm1, dropout1,
                            [&](const Tensor& t) { return self_attn(t, t, t, call).first; });
  return add_part(x, first, norm2, dropout2,
                  [&](const Tensor& t) { return feed_forward(*this, t); });
}

TransformerEncoderLayer TransformerEncoderLayer::clone() const { return copy_of(*this); }

// --- TransformerDecoderLayer --------------------------------------------------------------------

TransformerDecoderLayer::TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                                                 const TransformerLayerOptions& options)
    : self_attn(add("self_attn", attention_of(d_model, nhead, options))),
      multihead_attn(add("multihead_attn", attention_of(d_model, nhead, options))),
      linear1(add("linear1", Linear(d_model, checked_width("TransformerDecoderLayer", options),
                                    {.bias = options.bias}))),
      dropout(add("dropout", Dropout(options.dropout))),
      linear2(add("linear2", Linear(options.dim_feedforward, d_model, {.bias = options.bias}))),
      norm1(add("norm1", norm_of(d_model, options))),
      norm2(add("norm2", norm_of(d_model, options))),
      norm3(add("norm3", norm_of(d_model, options))),
      dropout1(add("dropout1", Dropout(options.dropout))),
      dropout2(add("dropout2", Dropout(options.dropout))),
      dropout3(add("dropout3", Dropout(options.dropout))),
      options_(options) {}

Tensor TransformerDecoderLayer::forward(const Tensor& tgt, const Tensor& memory,
                                        const DecoderLayerMasks& masks) {
  check_sequence("TransformerDecoderLayer", "tgt", tgt, d_model());
  check_sequence("TransformerDecoderLayer", "memory", memory,
                 multihead_attn.options().kdim.value_or(multihead_attn.embed_dim()));
  const bool first = options_.norm_first;
  const MultiheadAttentionCall own = {.key_padding_mask = masks.tgt_key_padding_mask,
                                      .need_weights = false,
                                      .attn_mask = masks.tgt_mask,
                                      .is_causal = masks.tgt_is_causal};
  const MultiheadAttentionCall other = {.key_padding_mask = masks.memory_key_padding_mask,
                                        .need_weights = false,
                                        .attn_mask = masks.memory_mask,
                                        .is_causal = masks.memory_is_causal};
  Tensor x = add_part(tgt, first, norm1, dropout1,
                      [&](const Tensor& t) { return self_attn(t, t, t, own).first; });
  x = add_part(x, first, norm2, dropout2,
               [&](const Tensor& t) { return multihead_attn(t, memory, memory, other).first; });
  return add_part(x, first, norm3, dropout3,
                  [&](const Tensor& t) { return feed_forward(*this, t); });
}

TransformerDecoderLayer TransformerDecoderLayer::clone() const { return copy_of(*this); }

// --- TransformerEncoder and TransformerDecoder --------------------------------------------------

TransformerEncoder::TransformerEncoder(const TransformerEncoderLayer& encoder_layer,
                                       int64_t num_layers) {
  append_copies("TransformerEncoder", layers, encoder_layer, num_layers);
}
TransformerEncoder::TransformerEncoder(const TransformerEncoderLayer& encoder_layer,
                                       int64_t num_layers, LayerNorm last)
    : TransformerEncoder(encoder_layer, num_layers) {
  norm = add("norm", std::make_shared<LayerNorm>(std::move(last)));
}

Tensor TransformerEncoder::forward(Tensor src, const EncoderMasks& masks) {
  const EncoderLayerMasks each = {
      .src_mask = masks.mask,
      .src_key_padding_mask = masks.src_key_padding_mask,
      .is_causal = masks.is_causal ? *masks.is_causal : hides_later_keys(masks.mask)};
  for (size_t i = 0; i < layers.size(); ++i) src = layers[i](src, each);
  return norm ? (*norm)(src) : src;
}

TransformerDecoder::TransformerDecoder(const TransformerDecoderLayer& decoder_layer,
                                       int64_t num_layers) {
  append_copies("TransformerDecoder", layers, decoder_layer, num_layers);
}
TransformerDecoder::TransformerDecoder(const TransformerDecoderLayer& decoder_layer,
                                       int64_t num_layers, LayerNorm last)
    : TransformerDecoder(decoder_layer, num_layers) {
  norm = add("norm", std::make_shared<LayerNorm>(std::move(last)));
}

Tensor TransformerDecoder::forward(const Tensor& tgt, const Tensor& memory,
                                   const DecoderMasks& masks) {
  const DecoderLayerMasks each = {.tgt_mask = masks.tgt_mask,
                                  .memory_mask = masks.memory_mask,
                                  .tgt_key_padding_mask = masks.tgt_key_padding_mask,
                                  .memory_key_padding_mask = masks.memory_key_padding_mask,
                                  .tgt_is_causal = masks.tgt_is_causal
                                                       ? *masks.tgt_is_causal
                                                       : hides_later_keys(masks.tgt_mask),
                                  .memory_is_causal = masks.memory_is_causal};
  Tensor x = tgt;
  for (size_t i = 0; i < layers.size(); ++i) x = layers[i](x, memory, each);
  return norm ? (*norm)(x) : x;
}

// --- Transformer --------------------------------------------------------------------------------

namespace {

TransformerLayerOptions layer_options(const TransformerOptions& o) {
  return {o.dim_feedforward, o.dropout,    o.activation, o.layer_norm_eps,
          o.batch_first,     o.norm_first, o.bias};
}

}  // namespace

Transformer::Transformer(int64_t d_model, int64_t nhead, const TransformerOptions& options)
    : encoder(add("encoder",
                  TransformerEncoder(
                      TransformerEncoderLayer(d_model, nhead, layer_options(options)),
                      options.num_encoder_layers, norm_of(d_model, layer_options(options))))),
      decoder(add("decoder",
                  TransformerDecoder(
                      TransformerDecoderLayer(d_model, nhead, layer_options(options)),
                      options.num_decoder_layers, norm_of(d_model, layer_options(options))))),
      batch_first_(options.batch_first) {
  for (const Tensor& p : parameters())
    if (p.dim() > 1) init::xavier_uniform_(p.detach());
}

Tensor Transformer::forward(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks) {
  check(src.defined() && tgt.defined(), "Transformer: {} is undefined",
        src.defined() ? "tgt" : "src");
  check<ShapeError>(src.dim() == tgt.dim(),
                    "Transformer: expected src and tgt of one rank, got shapes {} and {}",
                    src.shape(), tgt.shape());
  const int batch = batch_first_ ? 0 : 1;
  check<ShapeError>(src.dim() != 3 || src.size(batch) == tgt.size(batch),
                    "Transformer: expected src and tgt of one batch size, got shapes {} and {}",
                    src.shape(), tgt.shape());
  const Tensor memory = encoder(src, {.mask = masks.src_mask,
                                      .src_key_padding_mask = masks.src_key_padding_mask,
                                      .is_causal = masks.src_is_causal});
  return decoder(tgt, memory,
                 {.tgt_mask = masks.tgt_mask,
                  .memory_mask = masks.memory_mask,
                  .tgt_key_padding_mask = masks.tgt_key_padding_mask,
                  .memory_key_padding_mask = masks.memory_key_padding_mask,
                  .tgt_is_causal = masks.tgt_is_causal,
                  .memory_is_causal = masks.memory_is_causal});
}

Tensor Transformer::generate_square_subsequent_mask(int64_t sz, DType dtype) {
  check(sz >= 0, "generate_square_subsequent_mask: expected a size >= 0, got {}", sz);
  return full({sz, sz}, -std::numeric_limits<double>::infinity(), dtype).triu(1);
}

}  // namespace rw::nn
