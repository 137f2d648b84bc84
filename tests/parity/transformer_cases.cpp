#include <rewind/nn/transformer.h>
#include <rewind/ops/multi_head_attention.h>

#include <map>

#include "cases.h"

namespace rw::test {

namespace {

// --- Parameters from a vector -------------------------------------------------------------------

// By name, in whose order they take numbers.
using Members = std::map<std::string, nn::Parameter*>;

void enter(Members& all, const std::string& name, nn::Parameter& p) {
  if (p.defined()) all[name] = &p;
}
template <class Layer>
void enter_both(Members& all, const std::string& name, Layer& layer) {
  enter(all, name + ".weight", layer.weight);
  enter(all, name + ".bias", layer.bias);
}
void collect(Members& all, const std::string& prefix, nn::MultiheadAttention& m) {
  const std::pair<const char*, nn::Parameter*> own[] = {{"q_proj_weight", &m.q_proj_weight},
                                                        {"k_proj_weight", &m.k_proj_weight},
                                                        {"v_proj_weight", &m.v_proj_weight},
                                                        {"in_proj_weight", &m.in_proj_weight},
                                                        {"in_proj_bias", &m.in_proj_bias},
                                                        {"bias_k", &m.bias_k},
                                                        {"bias_v", &m.bias_v}};
  for (const auto& [name, p] : own) enter(all, prefix + name, *p);
  enter_both(all, prefix + "out_proj", m.out_proj);
}
template <class Layer>
void collect_layer(Members& all, const std::string& prefix, Layer& layer) {
  collect(all, prefix + "self_attn.", layer.self_attn);
  enter_both(all, prefix + "linear1", layer.linear1);
  enter_both(all, prefix + "linear2", layer.linear2);
  enter_both(all, prefix + "norm1", layer.norm1);
  enter_both(all, prefix + "norm2", layer.norm2);
}
void collect(Members& all, const std::string& prefix, nn::TransformerEncoderLayer& layer) {
  collect_layer(all, prefix, layer);
}
void collect(Members& all, const std::string& prefix, nn::TransformerDecoderLayer& layer) {
  collect_layer(all, prefix, layer);
  collect(all, prefix + "multihead_attn.", layer.multihead_attn);
  enter_both(all, prefix + "norm3", layer.norm3);
}
template <class Stack>
void collect_stack(Members& all, const std::string& prefix, Stack& stack) {
  for (size_t i = 0; i < stack.layers.size(); ++i)
    collect(all, prefix + "layers." + std::to_string(i) + ".", stack.layers[i]);
  if (stack.norm) enter_both(all, prefix + "norm", *stack.norm);
}
void collect(Members& all, const std::string& prefix, nn::TransformerEncoder& m) {
  collect_stack(all, prefix, m);
}
void collect(Members& all, const std::string& prefix, nn::TransformerDecoder& m) {
  collect_stack(all, prefix, m);
}
void collect(Members& all, const std::string& prefix, nn::Transformer& m) {
  collect(all, prefix + "encoder.", m.encoder);
  collect(all, prefix + "decoder.", m.decoder);
}

// The names are those of the state, in full.
template <class M>
void fill(M& module, In numbers) {
  Members members;
  collect(members, "", module);
  const StateDict state = module.state_dict();
  if (state.size() != members.size()) throw Error("another number of parameters");
  int64_t start = 0;
  for (const auto& [name, p] : members) {
    if (!state.contains(name)) throw Error("no parameter " + name);
    const Shape shape = p->shape();
    *p = numbers.narrow(0, start, shape.numel()).reshape(shape);
    start += shape.numel();
  }
}

// --- MultiheadAttention -------------------------------------------------------------------------

using nn::MultiheadAttention;
using Call = nn::MultiheadAttentionCall;
using Options = nn::MultiheadAttentionOptions;

const Call no_weights = {.need_weights = false};

// `masks` says how the call takes the inputs behind those of the module.
using Masks = std::function<Call(const Tensors&)>;

Tensors defined(const std::pair<Tensor, Tensor>& y) {
  return y.second.defined() ? Tensors{y.first, y.second} : Tensors{y.first};
}

Case multihead(const std::string& name, size_t inputs, const Options& options, const Call& call,
               Masks masks = {}) {
  return {"multihead_" + name, [=](const Tensors& in) {
            MultiheadAttention m(4, 2, options);
            fill(m, in[0]);
            const Tensor q = in[1], k = inputs > 1 ? in[2] : q, v = inputs > 2 ? in[3] : k;
            const Tensors rest(in.begin() + 1 + static_cast<ptrdiff_t>(inputs), in.end());
            return defined(m(q, k, v, masks ? masks(rest) : call));
          }};
}
Case multihead(const std::string& name, size_t inputs, const Options& options, Masks masks) {
  return multihead(name, inputs, options, {}, std::move(masks));
}

Masks padding(bool weights) {
  return [=](const Tensors& m) { return Call{.key_padding_mask = m[0], .need_weights = weights}; };
}
Masks mask(bool weights, bool causal = false) {
  return [=](const Tensors& m) {
    return Call{.need_weights = weights, .attn_mask = m[0], .is_causal = causal};
  };
}
Masks both(bool weights) {
  return [=](const Tensors& m) {
    return Call{.key_padding_mask = m[0], .need_weights = weights, .attn_mask = m[1]};
  };
}

// The first inputs of the module, and what is made of the last one.
Case refused(const std::string& name, size_t inputs, const Masks& masks = {}) {
  return {"multihead_" + name, [=](const Tensors& in) {
            MultiheadAttention m(4, 2);
            m.to(float64);
            const Tensor q = in[0], k = inputs == 2 && name != "of_fewer_values" ? in[1] : q;
            const Tensor v = inputs == 2 ? in[1] : q;
            const Tensors rest(in.begin() + static_cast<ptrdiff_t>(inputs), in.end());
            return defined(m(q, k, v, masks ? masks(rest) : Call{}));
          }};
}

Cases multihead_cases() {
  const Options plain = {}, first = {.batch_first = true}, bias_kv = {.add_bias_kv = true};
  const Options added = {.add_bias_kv = true, .add_zero_attn = true};
  const Call each = {.average_attn_weights = false};
  return {
      multihead("plain", 3, plain, Call{}),
      multihead("without_weights", 3, plain, no_weights),
      multihead("each_weight", 3, plain, each),
      multihead("of_itself", 1, plain, Call{}),
      multihead("of_itself_without_weights", 1, plain, no_weights),
      multihead("of_another", 2, plain, Call{}),
      multihead("without_batch", 3, plain, Call{}),
      multihead("of_itself_without_batch", 1, plain, no_weights),
      multihead("each_weight_without_batch", 1, plain, each),
      multihead("batch_first", 3, first, Call{}),
      multihead("batch_first_of_itself", 1, first, no_weights),
      multihead("without_bias", 1, {.bias = false}, no_weights),
      multihead("kdim", 3, {.kdim = 3, .vdim = 2}, Call{}),
      multihead("kdim_without_weights", 3, {.kdim = 3}, no_weights),
      multihead("bias_kv", 1, bias_kv, Call{}),
      multihead("bias_kv_without_weights", 1, {.add_bias_kv = true, .batch_first = true},
                no_weights),
      multihead("zero_attn", 1, {.add_zero_attn = true}, Call{}),
      multihead("both_added", 1, added, padding(false)),
      multihead("both_added_masked", 1, added, mask(true)),
      multihead("padding", 3, plain, padding(true)),
      multihead("padding_without_weights", 3, plain, padding(false)),
      multihead("padding_of_numbers", 3, plain, padding(false)),
      multihead("padding_without_batch", 3, plain, padding(false)),
      multihead("mask", 3, plain, mask(true)),
      multihead("mask_without_weights", 3, plain, mask(false)),
      multihead("mask_of_numbers", 3, plain, mask(false)),
      multihead("mask_of_each_head", 3, plain, mask(false)),
      multihead("mask_of_each_head_with_weights", 3, plain, mask(true)),
      multihead("both_masks", 3, plain, both(false)),
      multihead("both_masks_with_weights", 3, plain, both(true)),
      multihead("both_masks_of_numbers", 3, plain, both(false)),
      multihead("causal", 1, plain, mask(false, true)),
      multihead("causal_with_weights", 1, plain, mask(true, true)),
      multihead("causal_and_padding", 1, plain,
                [](const Tensors& m) {
                  return Call{.key_padding_mask = m[1],
                              .need_weights = false,
                              .attn_mask = m[0],
                              .is_causal = true};
                }),
      multihead("all_padding_without_weights", 1, plain, padding(false)),
      refused("of_vectors", 1),
      refused("of_other_features", 1),
      refused("of_fewer_values", 2),
      refused("of_other_batches", 2),
      refused("mask_of_other_size", 1, mask(true)),
      refused("mask_of_integers", 1, mask(true)),
      refused("padding_of_integers", 1, padding(true)),
      refused("padding_of_other_size", 1, padding(true)),
      refused("causal_without_mask", 1,
              [](const Tensors&) { return Call{.need_weights = false, .is_causal = true}; }),
      {"multihead_heads_uneven",
       [](In x) {
         MultiheadAttention(5, 2);
         return x;
       }},
      {"multihead_without_heads",
       [](In x) {
         MultiheadAttention(4, 0);
         return x;
       }},
  };
}

// --- The function behind it ---------------------------------------------------------------------

using Given = MultiheadAttentionForwardFuncOptions;

// The inputs are those of attention, then the matrices of `given`, then what `more` takes.
Case forwarded(const std::string& name, size_t inputs, const Given& options,
               const std::function<void(Given&, const Tensors&)>& more = {}) {
  return {"multihead_function_" + name, [=](const Tensors& in) {
            const Tensor q = in[0], k = inputs > 1 ? in[1] : q, v = inputs > 1 ? in[2] : k;
            const Tensors rest(in.begin() + static_cast<ptrdiff_t>(inputs), in.end());
            Given o = options;
            o.embed_dim_to_check = 4;
            o.num_heads = 2;
            if (!o.use_separate_proj_weight) {
              o.in_proj_weight = rest[0];
              o.in_proj_bias = rest[1];
              o.out_proj_weight = rest[2];
            }
            if (more) more(o, rest);
            return defined(multi_head_attention_forward(q, k, v, o));
          }};
}

Cases forwarded_cases() {
  return {
      forwarded("plain", 3, {}),
      forwarded("of_itself", 1, {.need_weights = false}),
      forwarded("without_batch", 1, {.average_attn_weights = false}),
      forwarded("added", 1, {.add_zero_attn = true, .need_weights = false},
                [](Given& o, const Tensors& in) { o.bias_k = in[3], o.bias_v = in[4]; }),
      forwarded("separate", 3, {.use_separate_proj_weight = true},
                [](Given& o, const Tensors& in) {
                  o.q_proj_weight = in[0], o.k_proj_weight = in[1], o.v_proj_weight = in[2];
                  o.out_proj_weight = in[3];
                }),
      forwarded("static", 3, {.add_zero_attn = true},
                [](Given& o, const Tensors& in) { o.static_k = in[3], o.static_v = in[4]; }),
      forwarded("masked", 1, {}, [](Given& o, const Tensors& in) { o.key_padding_mask = in[3]; }),
      forwarded("of_other_features", 1, {}),
      forwarded("static_of_other_size", 1, {},
                [](Given& o, const Tensors& in) { o.static_k = in[3]; }),
      forwarded("causal_without_mask", 1, {.is_causal = true}),
  };
}

// --- Transformers -------------------------------------------------------------------------------

using nn::Transformer;
using nn::TransformerActivation;
using nn::TransformerDecoder;
using nn::TransformerDecoderLayer;
using nn::TransformerEncoder;
using nn::TransformerEncoderLayer;
using LayerOptions = nn::TransformerLayerOptions;

LayerOptions without_dropout(LayerOptions options) {
  options.dim_feedforward = 3;
  options.dropout = 0;
  return options;
}
const LayerOptions usual = without_dropout({});

// `make` returns a model, and `run` calls it with the inputs behind the numbers.
template <class Make, class Run>
Case model(const std::string& name, const Make& make, const Run& run) {
  return {"transformer_" + name, [=](const Tensors& in) {
            auto m = make();
            fill(m, in[0]);
            return Tensors{run(m, Tensors(in.begin() + 1, in.end()))};
          }};
}

Case encoder_layer(const std::string& name, const LayerOptions& options = {}) {
  return model(
      "encoder_layer_" + name,
      [=] { return TransformerEncoderLayer(4, 2, without_dropout(options)); },
      [](TransformerEncoderLayer& m, const Tensors& in) {
        nn::EncoderLayerMasks masks;
        if (in.size() > 1) masks.src_mask = in[1], masks.is_causal = in.size() == 2;
        if (in.size() > 2) masks.src_key_padding_mask = in[2];
        return m(in[0], masks);
      });
}
Case decoder_layer(const std::string& name, const LayerOptions& options = {}) {
  return model(
      "decoder_layer_" + name,
      [=] { return TransformerDecoderLayer(4, 2, without_dropout(options)); },
      [](TransformerDecoderLayer& m, const Tensors& in) {
        nn::DecoderLayerMasks masks;
        if (in.size() > 2)
          masks = {.tgt_mask = in[2], .memory_mask = in[3], .memory_key_padding_mask = in[4]};
        return m(in[0], in[1], masks);
      });
}

TransformerEncoder new_encoder(bool norm) {
  const TransformerEncoderLayer layer(4, 2, usual);
  return norm ? TransformerEncoder(layer, 2, nn::LayerNorm({4})) : TransformerEncoder(layer, 2);
}
TransformerDecoder new_decoder() {
  return TransformerDecoder(TransformerDecoderLayer(4, 2, usual), 2, nn::LayerNorm({4}));
}
Transformer new_transformer(bool other) {
  return Transformer(4, 2,
                     {.num_encoder_layers = 1,
                      .num_decoder_layers = 1,
                      .dim_feedforward = 3,
                      .dropout = 0,
                      .batch_first = other,
                      .norm_first = other});
}

Tensor call_refused(In x, In y) {
  Transformer m = new_transformer(false);
  m.to(float64);
  return m(x, y);
}

Cases transformer_cases() {
  return {
      encoder_layer("plain"),
      encoder_layer("gelu", {.activation = TransformerActivation::gelu}),
      encoder_layer("norm_first", {.norm_first = true}),
      encoder_layer("batch_first", {.batch_first = true}),
      encoder_layer("without_bias", {.bias = false}),
      encoder_layer("eps", {.layer_norm_eps = 0.25}),
      encoder_layer("without_batch"),
      encoder_layer("masks"),
      encoder_layer("causal"),
      decoder_layer("plain"),
      decoder_layer("gelu_norm_first",
                    {.activation = TransformerActivation::gelu, .norm_first = true}),
      decoder_layer("batch_first", {.batch_first = true}),
      decoder_layer("without_bias", {.bias = false}),
      decoder_layer("masks"),
      model(
          "encoder", [] { return new_encoder(true); },
          [](TransformerEncoder& m, const Tensors& in) { return m(in[0]); }),
      model(
          "encoder_without_norm", [] { return new_encoder(false); },
          [](TransformerEncoder& m, const Tensors& in) { return m(in[0], {.mask = in[1]}); }),
      model(
          "encoder_padding", [] { return new_encoder(true); },
          [](TransformerEncoder& m, const Tensors& in) {
            return m(in[0], {.src_key_padding_mask = in[1]});
          }),
      model("decoder", new_decoder,
            [](TransformerDecoder& m, const Tensors& in) {
              return m(in[0], in[1], {.tgt_mask = in[2]});
            }),
      model(
          "whole", [] { return new_transformer(false); },
          [](Transformer& m, const Tensors& in) { return m(in[0], in[1]); }),
      model(
          "whole_masked", [] { return new_transformer(true); },
          [](Transformer& m, const Tensors& in) {
            return m(in[0], in[1],
                     {.tgt_mask = in[2],
                      .src_key_padding_mask = in[3],
                      .memory_key_padding_mask = in[3]});
          }),
      {"transformer_subsequent_mask",
       [](In x) { return x * Transformer::generate_square_subsequent_mask(4, float64).exp(); }},
      {"transformer_other_batches", [](In x, In y) { return call_refused(x, y); }},
      {"transformer_other_features", [](In x, In y) { return call_refused(x, y); }},
  };
}

}  // namespace

static const Family multihead_family(multihead_cases);
static const Family forwarded_family(forwarded_cases);
static const Family transformer_family(transformer_cases);

}  // namespace rw::test
