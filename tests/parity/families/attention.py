"""Attention: the function, and what is made of it."""

import torch
from torch import nn
from torch.nn import functional as F

from .common import case, fixed, integers, mask, real, refused, values

torch.backends.cuda.enable_flash_sdp(False)  # on the CPU too: that one has no second derivatives


def small(*shape):
    return real(*shape, low=-1, high=1)


def many(count):
    """As many numbers, some of which are the same."""

    def make(rng):
        return (torch.tensor([rng.randrange(-64, 65) for _ in range(count)]).double() / 64).requires_grad_()

    return make


# --- The function --------------------------------------------------------------------------------


def attend(name, *inputs, **options):
    case(f"attention_{name}", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options), *inputs)


def masked(name, m, *inputs, f=lambda m: m, **options):
    case(f"attention_{name}", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=f(m), **options), *inputs, m)


usual = small(2, 2, 3, 4), small(2, 2, 5, 4), small(2, 2, 5, 3)
attend("plain", *usual)
attend("of_matrices", small(3, 4), small(5, 4), small(5, 2))
attend("of_three_dimensions", small(2, 3, 4), small(2, 5, 4), small(2, 5, 4))
attend("of_five_dimensions", small(2, 1, 2, 2, 3), small(2, 1, 2, 4, 3), small(2, 1, 2, 4, 3))
attend("one_query", small(1, 2, 1, 4), small(1, 2, 5, 4), small(1, 2, 5, 4))
attend("one_key", small(1, 2, 3, 4), small(1, 2, 1, 4), small(1, 2, 1, 4))
attend("one_feature", small(2, 3, 1), small(2, 5, 1), small(2, 5, 1))
attend("broadcast", small(2, 1, 3, 4), small(1, 2, 5, 4), small(2, 5, 2))
attend("broadcast_ranks", small(2, 3, 4), small(5, 4), small(5, 2))
attend("scale", *usual, scale=0.25)
attend("scale_zero", *usual, scale=0.0)
attend("scale_negative", *usual, scale=-1.5)
attend("causal", *usual, is_causal=True)
attend("causal_square", small(2, 4, 3), small(2, 4, 3), small(2, 4, 3), is_causal=True)
attend("causal_more_queries", small(1, 1, 6, 2), small(1, 1, 3, 2), small(1, 1, 3, 2), is_causal=True)
attend("causal_scale", *usual, is_causal=True, scale=2.0)
attend("dropout_of_all", *usual, dropout_p=1.0)
attend("no_keys", small(1, 2, 3, 4), small(1, 2, 0, 4), small(1, 2, 0, 2))
attend("no_queries", small(1, 2, 0, 4), small(1, 2, 3, 4), small(1, 2, 3, 2))
attend("no_batch", small(0, 2, 3, 4), small(0, 2, 3, 4), small(0, 2, 3, 2))
attend("no_values", small(1, 2, 3, 4), small(1, 2, 3, 4), small(1, 2, 3, 0))
attend("groups", small(2, 4, 3, 2), small(2, 2, 4, 2), small(2, 2, 4, 3), enable_gqa=True)
attend("groups_of_one_head", small(1, 3, 2, 2), small(1, 1, 4, 2), small(1, 1, 4, 2), enable_gqa=True)
attend("groups_differ", small(1, 4, 2, 2), small(1, 2, 3, 2), small(1, 1, 3, 2), enable_gqa=True)
attend("groups_of_three_dimensions", small(4, 2, 2), small(2, 3, 2), small(2, 3, 2), enable_gqa=True)
attend("groups_causal", small(1, 4, 3, 2), small(1, 2, 3, 2), small(1, 2, 3, 2), enable_gqa=True, is_causal=True)
case("attention_transposed", lambda q, k, v: F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)),
     small(2, 3, 2, 4), small(2, 5, 2, 4), small(2, 5, 2, 3))
case("attention_of_itself", lambda x: F.scaled_dot_product_attention(x, x, x), small(1, 2, 3, 4))

masked("flags", mask(3, 5), *usual)
masked("flags_each", mask(2, 2, 3, 5), *usual)
masked("flags_of_heads", mask(2, 1, 5), *usual)
masked("flags_of_keys", mask(2, 1, 1, 5), *usual)
masked("flags_of_queries", mask(3, 1), *usual)
masked("flags_of_one_dimension", mask(5), *usual)
masked("flags_transposed", mask(5, 3), *usual, f=lambda m: m.t())
masked("flags_hide_a_row", values([[True, False], [False, False], [True, True]]), small(2, 3, 4), small(2, 2, 4), small(2, 2, 3))
masked("flags_hide_all", values([[False, False]]), small(2, 3, 4), small(2, 2, 4), small(2, 2, 3))
masked("numbers", fixed(small(3, 5)), *usual)
masked("numbers_each", fixed(small(2, 2, 3, 5)), *usual)
masked("numbers_of_keys", fixed(small(2, 1, 1, 5)), *usual)
masked("numbers_trained", small(3, 5), *usual)
masked("numbers_trained_of_keys", small(5), *usual)
masked("numbers_trained_each", small(2, 2, 3, 5), *usual)
masked("numbers_of_float32", fixed(small(3, 5)), *usual, f=lambda m: m.float())
masked("numbers_infinite", fixed(small(3, 4)), small(2, 3, 4), small(2, 4, 4), small(2, 4, 3), f=lambda m: m.where(m > -0.25, -torch.inf))
masked("scale_and_flags", mask(3, 5), *usual, scale=0.5)
masked("groups_flags", mask(3, 4), small(2, 4, 3, 2), small(2, 2, 4, 2), small(2, 2, 4, 3), enable_gqa=True)
masked("groups_flags_of_heads", mask(4, 3, 4), small(2, 4, 3, 2), small(2, 2, 4, 2), small(2, 2, 4, 3), enable_gqa=True)
masked("groups_numbers_of_keys", fixed(small(2, 1, 1, 4)), small(2, 4, 3, 2), small(2, 2, 4, 2), small(2, 2, 4, 3), enable_gqa=True)


def refuse(name, *inputs, **options):
    refused(f"attention_{name}", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options), *inputs)


def refuse_masked(name, m, *inputs, **options):
    refused(f"attention_{name}", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m, **options), *inputs, m)


refuse("of_a_vector", small(4), small(5, 4), small(5, 4))
refuse("of_other_features", small(3, 4), small(5, 3), small(5, 4))
refuse("of_fewer_values", small(3, 4), small(5, 4), small(4, 4))
refuse("of_other_batches", small(2, 3, 4), small(3, 5, 4), small(3, 5, 4))
refuse("dropout_above_one", *usual, dropout_p=1.5)
refuse("groups_uneven", small(1, 4, 3, 2), small(1, 3, 3, 2), small(1, 3, 3, 2), enable_gqa=True)
refuse("groups_of_matrices", small(3, 2), small(3, 2), small(3, 2), enable_gqa=True)
refuse_masked("mask_and_causal", mask(3, 5), *usual, is_causal=True)
refuse_masked("mask_of_integers", integers(3, 5, below=2), *usual)
refuse_masked("mask_of_other_size", mask(3, 4), *usual)
refuse_masked("mask_of_more_dimensions", fixed(small(2, 3, 5)), small(3, 4), small(5, 4), small(5, 4))
refused("attention_of_two_dtypes", lambda q, k, v: F.scaled_dot_product_attention(q, k.float(), v), *usual)

# --- MultiheadAttention --------------------------------------------------------------------------


def fill(module, weights):
    """Consecutive numbers of a vector as the parameters, in the order of their names."""
    start, parameters = 0, {}
    for name, p in sorted(module.named_parameters()):
        parameters[name] = weights[start : start + p.numel()].reshape(p.shape)
        start += p.numel()
    assert start <= weights.numel(), start
    return parameters


def call(module, weights, *inputs, **options):
    return torch.func.functional_call(module.double(), fill(module, weights), inputs, options)


def multihead(name, options, inputs, run, masks=()):
    """run(call, tensors): `call` is the module, with numbers of the first input as parameters."""

    def f(weights, *tensors):
        module = nn.MultiheadAttention(4, 2, **options)
        y = run(lambda *args, **kw: call(module, weights, *args, **kw), *tensors)
        return [t for t in y if t is not None] if isinstance(y, tuple) else y

    case(f"multihead_{name}", f, many(96), *inputs, *masks)


three = small(3, 2, 4), small(5, 2, 4), small(5, 2, 4)
own = (small(3, 2, 4),)
no_weights = dict(need_weights=False)
multihead("plain", {}, three, lambda m, q, k, v: m(q, k, v))
multihead("without_weights", {}, three, lambda m, q, k, v: m(q, k, v, **no_weights))
multihead("each_weight", {}, three, lambda m, q, k, v: m(q, k, v, average_attn_weights=False))
multihead("of_itself", {}, own, lambda m, x: m(x, x, x))
multihead("of_itself_without_weights", {}, own, lambda m, x: m(x, x, x, **no_weights))
multihead("of_another", {}, own + (small(5, 2, 4),), lambda m, x, y: m(x, y, y))
multihead("without_batch", {}, (small(3, 4), small(5, 4), small(5, 4)), lambda m, q, k, v: m(q, k, v))
multihead("of_itself_without_batch", {}, (small(3, 4),), lambda m, x: m(x, x, x, **no_weights))
multihead("each_weight_without_batch", {}, (small(3, 4),), lambda m, x: m(x, x, x, average_attn_weights=False))
multihead("batch_first", dict(batch_first=True), (small(2, 3, 4), small(2, 5, 4), small(2, 5, 4)), lambda m, q, k, v: m(q, k, v))
multihead("batch_first_of_itself", dict(batch_first=True), (small(2, 3, 4),), lambda m, x: m(x, x, x, **no_weights))
multihead("without_bias", dict(bias=False), own, lambda m, x: m(x, x, x, **no_weights))
multihead("kdim", dict(kdim=3, vdim=2), (small(3, 2, 4), small(5, 2, 3), small(5, 2, 2)), lambda m, q, k, v: m(q, k, v))
multihead("kdim_without_weights", dict(kdim=3), (small(3, 2, 4), small(5, 2, 3), small(5, 2, 4)), lambda m, q, k, v: m(q, k, v, **no_weights))
multihead("bias_kv", dict(add_bias_kv=True), own, lambda m, x: m(x, x, x))
multihead("bias_kv_without_weights", dict(add_bias_kv=True, batch_first=True), own, lambda m, x: m(x, x, x, **no_weights))
multihead("zero_attn", dict(add_zero_attn=True), own, lambda m, x: m(x, x, x))
multihead("both_added", dict(add_zero_attn=True, add_bias_kv=True), own, lambda m, x, p: m(x, x, x, key_padding_mask=p, **no_weights), (values([[False, False, True], [False, True, True]]),))
multihead("both_added_masked", dict(add_zero_attn=True, add_bias_kv=True), own, lambda m, x, p: m(x, x, x, attn_mask=p), (values([[False, False, True], [False, True, True], [True, True, True]]),))
padding = values([[False, False, True, False, True], [False, True, False, False, False]])
flags = values([[False, False, True, False, False], [True, False, False, False, False], [False, True, False, True, False]])
multihead("padding", {}, three, lambda m, q, k, v, p: m(q, k, v, key_padding_mask=p), (padding,))
multihead("padding_without_weights", {}, three, lambda m, q, k, v, p: m(q, k, v, key_padding_mask=p, **no_weights), (padding,))
multihead("padding_of_numbers", {}, three, lambda m, q, k, v, p: m(q, k, v, key_padding_mask=p, **no_weights), (fixed(small(2, 5)),))
multihead("padding_without_batch", {}, (small(3, 4), small(5, 4), small(5, 4)), lambda m, q, k, v, p: m(q, k, v, key_padding_mask=p, **no_weights), (values([False, True, False, False, True]),))
multihead("mask", {}, three, lambda m, q, k, v, p: m(q, k, v, attn_mask=p), (flags,))
multihead("mask_without_weights", {}, three, lambda m, q, k, v, p: m(q, k, v, attn_mask=p, **no_weights), (flags,))
multihead("mask_of_numbers", {}, three, lambda m, q, k, v, p: m(q, k, v, attn_mask=p, **no_weights), (fixed(small(3, 5)),))
multihead("mask_of_each_head", {}, three, lambda m, q, k, v, p: m(q, k, v, attn_mask=p, **no_weights), (fixed(small(4, 3, 5)),))
multihead("mask_of_each_head_with_weights", {}, three, lambda m, q, k, v, p: m(q, k, v, attn_mask=p), (fixed(small(4, 3, 5)),))
multihead("both_masks", {}, three, lambda m, q, k, v, p, a: m(q, k, v, key_padding_mask=p, attn_mask=a, **no_weights), (padding, flags))
multihead("both_masks_with_weights", {}, three, lambda m, q, k, v, p, a: m(q, k, v, key_padding_mask=p, attn_mask=a), (padding, flags))
multihead("both_masks_of_numbers", {}, three, lambda m, q, k, v, p, a: m(q, k, v, key_padding_mask=p, attn_mask=a, **no_weights), (fixed(small(2, 5)), fixed(small(3, 5))))
subsequent = values([[False, True, True], [False, False, True], [False, False, False]])
multihead("causal", {}, own, lambda m, x, p: m(x, x, x, attn_mask=p, is_causal=True, **no_weights), (subsequent,))
multihead("causal_with_weights", {}, own, lambda m, x, p: m(x, x, x, attn_mask=p, is_causal=True), (subsequent,))
multihead("causal_and_padding", {}, own, lambda m, x, p, a: m(x, x, x, key_padding_mask=a, attn_mask=p, is_causal=True, **no_weights), (subsequent, values([[False, False, True], [False, True, False]])))
multihead("all_padding_without_weights", {}, own, lambda m, x, p: m(x, x, x, key_padding_mask=p, **no_weights), (values([[True, True, True], [False, True, False]]),))


def refuse_multihead(name, inputs, run, options={}):
    def f(*tensors):
        return run(nn.MultiheadAttention(4, 2, **options).double(), *tensors)

    refused(f"multihead_{name}", f, *inputs)


refuse_multihead("of_vectors", (small(4),), lambda m, x: m(x, x, x))
refuse_multihead("of_other_features", (small(3, 2, 5),), lambda m, x: m(x, x, x))
refuse_multihead("of_fewer_values", (small(3, 2, 4), small(2, 2, 4)), lambda m, x, v: m(x, x, v))
refuse_multihead("of_other_batches", (small(3, 2, 4), small(3, 3, 4)), lambda m, x, y: m(x, y, y))
refuse_multihead("mask_of_other_size", own + (mask(2, 3),), lambda m, x, p: m(x, x, x, attn_mask=p))
refuse_multihead("mask_of_integers", own + (integers(3, 3, below=2),), lambda m, x, p: m(x, x, x, attn_mask=p))
refuse_multihead("padding_of_integers", own + (integers(2, 3, below=2),), lambda m, x, p: m(x, x, x, key_padding_mask=p))
refuse_multihead("padding_of_other_size", own + (mask(2, 4),), lambda m, x, p: m(x, x, x, key_padding_mask=p))
refuse_multihead("causal_without_mask", own, lambda m, x: m(x, x, x, is_causal=True, need_weights=False))
refused("multihead_heads_uneven", lambda x: nn.MultiheadAttention(5, 2), small(1))
refused("multihead_without_heads", lambda x: nn.MultiheadAttention(4, 0), small(1))

# --- Transformers --------------------------------------------------------------------------------

plain = dict(dim_feedforward=3, dropout=0.0)


def model(name, make, run, *inputs, size=200):
    case(f"transformer_{name}", lambda w, *tensors: run(lambda *a, **kw: call(make(), w, *a, **kw), *tensors), many(size), *inputs)


def encoder_layer(name, run=lambda m, x: m(x), inputs=(small(3, 2, 4),), **options):
    model(f"encoder_layer_{name}", lambda: nn.TransformerEncoderLayer(4, 2, **plain, **options), run, *inputs)


encoder_layer("plain")
encoder_layer("gelu", activation="gelu")
encoder_layer("norm_first", norm_first=True)
encoder_layer("batch_first", batch_first=True)
encoder_layer("without_bias", bias=False)
encoder_layer("eps", layer_norm_eps=0.25)
encoder_layer("without_batch", inputs=(small(3, 4),))
encoder_layer("masks", lambda m, x, a, p: m(x, src_mask=a, src_key_padding_mask=p), (small(3, 2, 4), subsequent, values([[False, False, True], [False, True, False]])))
encoder_layer("causal", lambda m, x, a: m(x, src_mask=a, is_causal=True), (small(3, 2, 4), subsequent))


def decoder_layer(name, run=lambda m, x, y: m(x, y), inputs=(small(3, 2, 4), small(4, 2, 4)), **options):
    model(f"decoder_layer_{name}", lambda: nn.TransformerDecoderLayer(4, 2, **plain, **options), run, *inputs, size=300)


decoder_layer("plain")
decoder_layer("gelu_norm_first", activation="gelu", norm_first=True)
decoder_layer("batch_first", batch_first=True, inputs=(small(2, 3, 4), small(2, 4, 4)))
decoder_layer("without_bias", bias=False)
decoder_layer("masks", lambda m, x, y, a, b, p: m(x, y, tgt_mask=a, memory_mask=b, memory_key_padding_mask=p),
              (small(3, 2, 4), small(4, 2, 4), subsequent, values([[False, False, True, False], [True, False, False, False], [False, False, False, True]]), values([[False, False, True, False], [False, True, False, False]])))


def stacked(kind, layer, norm):
    def make():
        last = nn.LayerNorm(4) if norm else None
        m = kind(layer(4, 2, **plain), 2, norm=last)
        m.train()
        return m

    return make


model("encoder", stacked(nn.TransformerEncoder, nn.TransformerEncoderLayer, True), lambda m, x: m(x), small(3, 2, 4), size=400)
model("encoder_without_norm", stacked(nn.TransformerEncoder, nn.TransformerEncoderLayer, False), lambda m, x, a: m(x, mask=a), small(3, 2, 4), subsequent, size=400)
model("encoder_padding", stacked(nn.TransformerEncoder, nn.TransformerEncoderLayer, True), lambda m, x, p: m(x, src_key_padding_mask=p), small(3, 2, 4), values([[False, False, True], [False, True, False]]), size=400)
model("decoder", stacked(nn.TransformerDecoder, nn.TransformerDecoderLayer, True), lambda m, x, y, a: m(x, y, tgt_mask=a), small(3, 2, 4), small(4, 2, 4), subsequent, size=600)
model("whole", lambda: nn.Transformer(4, 2, 1, 1, **plain), lambda m, x, y: m(x, y), small(4, 2, 4), small(3, 2, 4), size=500)
model("whole_masked", lambda: nn.Transformer(4, 2, 1, 1, batch_first=True, norm_first=True, **plain),
      lambda m, x, y, a, p: m(x, y, tgt_mask=a, src_key_padding_mask=p, memory_key_padding_mask=p),
      small(2, 4, 4), small(2, 3, 4), subsequent, values([[False, False, True, False], [False, True, False, False]]), size=500)
case("transformer_subsequent_mask", lambda x: x * nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64).exp(), real(4, 4))
refused("transformer_other_batches", lambda x, y: nn.Transformer(4, 2, 1, 1, **plain).double()(x, y), small(4, 2, 4), small(3, 3, 4))
refused("transformer_other_features", lambda x, y: nn.Transformer(4, 2, 1, 1, **plain).double()(x, y), small(4, 2, 4), small(3, 2, 5))

# --- The function behind it ----------------------------------------------------------------------


def forwarded(name, inputs, run, is_refused=False):
    """run(f, tensors): f(q, k, v, in_proj_weight, in_proj_bias, out_proj_weight, …) of two heads."""

    def f(*tensors):
        def call(q, k, v, w, b, ow, bias_k=None, bias_v=None, add_zero_attn=False, **options):
            y = F.multi_head_attention_forward(q, k, v, 4, 2, w, b, bias_k, bias_v, add_zero_attn, 0.0, ow, None, **options)
            return [t for t in y if t is not None]

        return run(call, *tensors)

    (refused if is_refused else case)(f"multihead_function_{name}", f, *inputs)


given = small(12, 4), small(12), small(4, 4)
separate = small(4, 4), small(4, 3), small(4, 2), small(4, 4)
forwarded("plain", three + given, lambda f, q, k, v, *p: f(q, k, v, *p))
forwarded("of_itself", own + given, lambda f, x, *p: f(x, x, x, *p, **no_weights))
forwarded("without_batch", (small(3, 4),) + given, lambda f, x, *p: f(x, x, x, *p, average_attn_weights=False))
forwarded("added", own + given + (small(1, 1, 4), small(1, 1, 4)), lambda f, x, *p: f(x, x, x, *p, add_zero_attn=True, **no_weights))
forwarded("separate", (small(3, 2, 4), small(5, 2, 3), small(5, 2, 2)) + separate,
          lambda f, q, k, v, a, b, c, o: f(q, k, v, None, None, o, use_separate_proj_weight=True, q_proj_weight=a, k_proj_weight=b, v_proj_weight=c))
forwarded("static", three + given + (small(4, 2, 2), small(4, 2, 2)), lambda f, q, k, v, w, b, o, s, t: f(q, k, v, w, b, o, static_k=s, static_v=t, add_zero_attn=True))
forwarded("masked", own + given + (values([[False, False, True], [False, True, False]]),), lambda f, x, w, b, o, m: f(x, x, x, w, b, o, key_padding_mask=m))
forwarded("of_other_features", (small(3, 2, 5),) + given, lambda f, x, *p: f(x, x, x, *p), is_refused=True)
forwarded("static_of_other_size", own + given + (small(4, 3, 3),), lambda f, x, w, b, o, s: f(x, x, x, w, b, o, static_k=s), is_refused=True)
forwarded("causal_without_mask", own + given, lambda f, x, *p: f(x, x, x, *p, is_causal=True), is_refused=True)
