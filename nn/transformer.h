#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <rewind/nn/attention_layers.h>
#include <rewind/nn/containers.h>
#include <rewind/nn/dropout_layers.h>
#include <rewind/nn/normalization_layers.h>

// Encoders and decoders made of attention (Vaswani et al., "Attention is all you need", 2017), with
// PyTorch's names, options, defaults, keys and initialisation. Sequences are [L, N, E], or [N, L,
// E] with batch_first, or [L, E] without a batch. Masks are as in MultiheadAttention: [L, S] or [N
// num_heads, L, S], those of padding [N, S], and true of bool hides a key.

#pragma GCC visibility push(default)

namespace rw::nn {

/// What stands between the two products of the layers of a transformer, by its name or as any
/// function of one tensor that gives another of its shape.
class TransformerActivation {
 public:
  ///@{
  /// As PyTorch's "relu" and "gelu".
  enum Name : uint8_t { relu, gelu };
  TransformerActivation(Name name) : name_(name) {}
  ///@}
  /// A function. Throws for an empty std::function.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, TransformerActivation> &&
           std::is_invocable_r_v<Tensor, F&, const Tensor&>) TransformerActivation(F f)
      : f_(std::move(f)) {
    if (!f_) throw Error("TransformerActivation: expected a function, got an empty std::function");
  }
  /// Of x, which may be used up.
  Tensor operator()(Tensor&& x) const;

 private:
  Name name_ = relu;
  std::function<Tensor(const Tensor&)> f_;
};

/// What TransformerEncoderLayer and TransformerDecoderLayer take by name.
struct TransformerLayerOptions {
  int64_t dim_feedforward = 2048;  ///< features between the two products
  double dropout = 0.1;            ///< of attention's weights, and of each part's result
  TransformerActivation activation = TransformerActivation::relu;  ///< between the two products
  double layer_norm_eps = 1e-5;                                    ///< added to variances
  bool batch_first = false;  ///< [N, L, E] in place of [L, N, E]
  bool norm_first = false;   ///< normalize what goes into a part, not what comes out
  bool bias = true;          ///< of all products and normalizations
};

/// Masks of TransformerEncoderLayer.
struct EncoderLayerMasks {
  Tensor src_mask = {};              ///< which keys each query sees
  Tensor src_key_padding_mask = {};  ///< which keys are none
  bool is_causal = false;            ///< says that src_mask is the causal one
};

/// Attention of a sequence to itself and two products, each added to what went in and normalized.
class TransformerEncoderLayer : public ModuleOf<TransformerEncoderLayer> {
 public:
  /// For d_model features, which nhead divides.
  TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                          const TransformerLayerOptions& options = {});
  ///@{
  /// Of the shape of src.
  Tensor operator()(const Tensor& src, const EncoderLayerMasks& masks = {}) {
    return ModuleOf::operator()(src, masks);
  }
  Tensor forward(Tensor src, const EncoderLayerMasks& masks = {});
  ///@}
  /// Another layer of the same parts, as they are now, with values, dtypes, modes and requires_grad
  /// of each.
  TransformerEncoderLayer clone() const;

  ///@{
  /// Its parts.
  MultiheadAttention self_attn;
  Linear linear1;
  Dropout dropout;
  Linear linear2;
  LayerNorm norm1, norm2;
  Dropout dropout1, dropout2;
  ///@}

  ///@{
  /// As given.
  int64_t d_model() const { return self_attn.embed_dim(); }
  const TransformerLayerOptions& options() const { return options_; }
  ///@}

 private:
  TransformerLayerOptions options_;
};

/// Masks of TransformerDecoderLayer and TransformerDecoder.
struct DecoderLayerMasks {
  Tensor tgt_mask = {};                 ///< which keys of tgt each query sees
  Tensor memory_mask = {};              ///< which keys of memory
  Tensor tgt_key_padding_mask = {};     ///< which keys of tgt are none
  Tensor memory_key_padding_mask = {};  ///< which of memory
  bool tgt_is_causal = false;           ///< says that tgt_mask is the causal one
  bool memory_is_causal = false;        ///< the same of memory_mask
};

/// Attention of a sequence to itself and to another, and two products, each added to what went in
/// and normalized.
class TransformerDecoderLayer : public ModuleOf<TransformerDecoderLayer> {
 public:
  /// For d_model features, which nhead divides.
  TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                          const TransformerLayerOptions& options = {});
  ///@{
  /// Of the shape of tgt; memory is the other sequence.
  Tensor operator()(const Tensor& tgt, const Tensor& memory, const DecoderLayerMasks& masks = {}) {
    return ModuleOf::operator()(tgt, memory, masks);
  }
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderLayerMasks& masks = {});
  ///@}
  /// Another layer of the same parts, as they are now, with values, dtypes, modes and requires_grad
  /// of each.
  TransformerDecoderLayer clone() const;

  ///@{
  /// Its parts.
  MultiheadAttention self_attn, multihead_attn;
  Linear linear1;
  Dropout dropout;
  Linear linear2;
  LayerNorm norm1, norm2, norm3;
  Dropout dropout1, dropout2, dropout3;
  ///@}

  ///@{
  /// As given.
  int64_t d_model() const { return self_attn.embed_dim(); }
  const TransformerLayerOptions& options() const { return options_; }
  ///@}

 private:
  TransformerLayerOptions options_;
};

/// Masks of TransformerEncoder.
struct EncoderMasks {
  Tensor mask = {};                  ///< which keys each query sees
  Tensor src_key_padding_mask = {};  ///< which keys are none
  /// Whether `mask` is the causal one; it is looked at where this is not given.
  std::optional<bool> is_causal = {};
};

/// Encoder layers, one after another.
class TransformerEncoder : public ModuleOf<TransformerEncoder> {
 public:
  ///@{
  /// `num_layers` independent copies of a layer, with its values, and a norm of what comes out.
  TransformerEncoder(const TransformerEncoderLayer& encoder_layer, int64_t num_layers);
  TransformerEncoder(const TransformerEncoderLayer& encoder_layer, int64_t num_layers,
                     LayerNorm norm);
  ///@}
  ///@{
  /// Of the shape of src.
  Tensor operator()(const Tensor& src, const EncoderMasks& masks = {}) {
    return ModuleOf::operator()(src, masks);
  }
  Tensor forward(Tensor src, const EncoderMasks& masks = {});
  ///@}

  /// Named "0", "1", …
  ModuleList<TransformerEncoderLayer> layers = add("layers", ModuleList<TransformerEncoderLayer>());
  /// Where one was given.
  std::shared_ptr<LayerNorm> norm;
};

/// Masks of TransformerDecoder.
struct DecoderMasks {
  Tensor tgt_mask = {};                    ///< which keys of tgt each query sees
  Tensor memory_mask = {};                 ///< which keys of memory
  Tensor tgt_key_padding_mask = {};        ///< which keys of tgt are none
  Tensor memory_key_padding_mask = {};     ///< which of memory
  std::optional<bool> tgt_is_causal = {};  ///< as that of EncoderMasks, of tgt_mask
  bool memory_is_causal = false;           ///< says that memory_mask is the causal one
};

/// Decoder layers, one after another.
class TransformerDecoder : public ModuleOf<TransformerDecoder> {
 public:
  ///@{
  /// `num_layers` independent copies of a layer, with its values, and a norm of what comes out.
  TransformerDecoder(const TransformerDecoderLayer& decoder_layer, int64_t num_layers);
  TransformerDecoder(const TransformerDecoderLayer& decoder_layer, int64_t num_layers,
                     LayerNorm norm);
  ///@}
  ///@{
  /// Of the shape of tgt; memory is the other sequence.
  Tensor operator()(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks = {}) {
    return ModuleOf::operator()(tgt, memory, masks);
  }
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks = {});
  ///@}

  /// Named "0", "1", …
  ModuleList<TransformerDecoderLayer> layers = add("layers", ModuleList<TransformerDecoderLayer>());
  /// Where one was given.
  std::shared_ptr<LayerNorm> norm;
};

/// What Transformer takes by name: TransformerLayerOptions, and how many layers of each kind.
struct TransformerOptions {
  int64_t num_encoder_layers = 6;  ///< of the encoder
  int64_t num_decoder_layers = 6;  ///< of the decoder
  int64_t dim_feedforward = 2048;  ///< features between the two products of a layer
  double dropout = 0.1;            ///< of attention's weights, and of each part's result
  TransformerActivation activation = TransformerActivation::relu;  ///< between the two products
  double layer_norm_eps = 1e-5;                                    ///< added to variances
  bool batch_first = false;  ///< [N, L, E] in place of [L, N, E]
  bool norm_first = false;   ///< normalize what goes into a part, not what comes out
  bool bias = true;          ///< of all products and normalizations
};

/// Masks of Transformer.
struct TransformerMasks {
  Tensor src_mask = {};                    ///< which keys of src each query of src sees
  Tensor tgt_mask = {};                    ///< which keys of tgt each query of tgt sees
  Tensor memory_mask = {};                 ///< which keys of src each query of tgt sees
  Tensor src_key_padding_mask = {};        ///< which keys of src are none
  Tensor tgt_key_padding_mask = {};        ///< which of tgt
  Tensor memory_key_padding_mask = {};     ///< which of src, to the decoder
  std::optional<bool> src_is_causal = {};  ///< as that of EncoderMasks, of src_mask
  std::optional<bool> tgt_is_causal = {};  ///< the same of tgt_mask
  bool memory_is_causal = false;           ///< says that memory_mask is the causal one
};

/// An encoder and a decoder, each with a norm at its end. All matrices are uniform as by
/// init::xavier_uniform_ at first.
class Transformer : public ModuleOf<Transformer> {
 public:
  /// For d_model features, which nhead divides.
  explicit Transformer(int64_t d_model = 512, int64_t nhead = 8,
                       const TransformerOptions& options = {});
  ///@{
  /// What the decoder makes of tgt and what the encoder makes of src; of the shape of tgt.
  Tensor operator()(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks = {}) {
    return ModuleOf::operator()(src, tgt, masks);
  }
  Tensor forward(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks = {});
  ///@}
  /// [sz, sz] with 0 where key <= query, and -infinity elsewhere.
  static Tensor generate_square_subsequent_mask(int64_t sz, DType dtype = float32);

  ///@{
  /// Its parts.
  TransformerEncoder encoder;
  TransformerDecoder decoder;
  ///@}

 private:
  bool batch_first_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
