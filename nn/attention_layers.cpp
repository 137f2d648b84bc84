#include <rewind/nn/attention_layers.h>

#include <cmath>
#include <limits>

#include <rewind/autograd/autocast.h>
#include <rewind/nn/init.h>
#include <rewind/nn/layer_parts.h>
#include <rewind/ops/attention.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/packed_attention.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

constexpr const char* layer = "MultiheadAttention";

// --- Parameters ---------------------------------------------------------------------------------

Tensor new_projection(bool wanted, int64_t out, int64_t in) {
  return wanted ? init::xavier_uniform_(empty({out, in})) : Tensor();
}
Tensor new_key(bool wanted, int64_t embed_dim) {
  return wanted ? init::xavier_normal_(empty({1, 1, embed_dim})) : Tensor();
}

int64_t checked_dim(int64_t embed_dim, int64_t num_heads,
                    const MultiheadAttentionOptions& options) {
  check(embed_dim > 0 && num_heads > 0,
        "{}: expected embed_dim and num_heads above 0, got {} and {}", layer, embed_dim, num_heads);
  check(embed_dim % num_heads == 0, "{}: expected an embed_dim that {} heads divide, got {}", layer,
        num_heads, embed_dim);
  check(embed_dim <= std::numeric_limits<int64_t>::max() / 3,
        "{}: expected an embed_dim of which three fit int64, got {}", layer, embed_dim);
  check(options.kdim.value_or(1) > 0 && options.vdim.value_or(1) > 0,
        "{}: expected kdim and vdim above 0, got {} and {}", layer,
        options.kdim.value_or(embed_dim), options.vdim.value_or(embed_dim));
  check(options.dropout >= 0 && options.dropout <= 1, "{}: expected a dropout in [0, 1], got {}",
        layer, options.dropout);
  return embed_dim;
}

// --- Masks --------------------------------------------------------------------------------------

// As scaled_dot_product_attention takes it, with weights or without.
void check_mask(const char* name, const Tensor& mask, const Tensor& query) {
  const bool lowered = rw::detail::must_lower(query);
  const DType dtype = lowered ? rw::detail::autocast_dtype : query.dtype();
  check<DTypeError>(mask.dtype() == boolean || mask.dtype() == float32 || mask.dtype() == dtype,
                    "{}: expected {} of bool, float32 or the query's {}, got {}", layer, name,
                    dtype, mask.dtype());
}

// Numbers to add to scores. Those of float32 stay so, as scores of reduced types are added to them.
Tensor as_numbers(const Tensor& mask, DType dtype) {
  if (mask.dtype() != boolean) return mask;
  return zeros(mask.shape(), dtype).masked_fill(mask, -std::numeric_limits<double>::infinity());
}

// Both masks, either of which may be undefined, of one rank.
Tensor both(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() ? a : b;
  if (a.dtype() == boolean && b.dtype() == boolean) return logical_or(a, b);
  return as_numbers(a, b.dtype()) + as_numbers(b, a.dtype());
}

// With a column for each key that the layer adds.
Tensor wider(const Tensor& mask, int64_t columns) {
  if (columns == 0 || !mask.defined()) return mask;
  Shape shape = mask.shape();
  shape[shape.rank() - 1] = columns;
  return cat({mask, zeros(shape, mask.dtype())}, -1);
}

}  // namespace

MultiheadAttention::MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                                       const MultiheadAttentionOptions& options)
    : out_proj(checked_dim(embed_dim, num_heads, options), embed_dim, {.bias = options.bias}),
      embed_dim_(embed_dim),
      num_heads_(num_heads),
      options_(options) {
  const int64_t e = embed_dim;
  const bool packed = is_packed();
  q_proj_weight = parameter("q_proj_weight", new_projection(!packed, e, e));
  k_proj_weight = parameter("k_proj_weight", new_projection(!packed, e, key_dim()));
  v_proj_weight = parameter("v_proj_weight", new_projection(!packed, e, value_dim()));
  in_proj_weight = parameter("in_proj_weight", new_projection(packed, 3 * e, e));
  in_proj_bias = parameter("in_proj_bias", options.bias ? zeros({3 * e}) : Tensor());
  bias_k = parameter("bias_k", new_key(options.add_bias_kv, e));
  bias_v = parameter("bias_v", new_key(options.add_bias_kv, e));
  add("out_proj", out_proj);
  if (options.bias) init::zeros_(out_proj.bias.detach());
}

// The arguments with a batch, and where this and the sequence lie in their dimensions.
struct MultiheadAttention::Input {
  Tensor query, key, value;
  bool has_batch;
  int batch, sequence;

  int64_t places() const { return query.size(batch); }
  int64_t queries() const { return query.size(sequence); }
  int64_t keys() const { return key.size(sequence); }
};

void MultiheadAttention::check_input(const Tensor& query, const Tensor& key,
                                     const Tensor& value) const {
  check(query.defined() && key.defined() && value.defined(), "{}: the {} is undefined", layer,
        !query.defined() ? "query"
        : !key.defined() ? "key"
                         : "value");
  const int rank = query.dim();
  check<ShapeError>((rank == 2 || rank == 3) && key.dim() == rank && value.dim() == rank,
                    "{}: expected query, key and value of rank 3, or 2 without a batch, got shapes "
                    "{}, {} and {}",
                    layer, query.shape(), key.shape(), value.shape());
  check<ShapeError>(
      query.size(-1) == embed_dim_ && key.size(-1) == key_dim() && value.size(-1) == value_dim(),
      "{}: expected query, key and value of {}, {} and {} features, got shapes {}, "
      "{} and {}",
      layer, embed_dim_, key_dim(), value_dim(), query.shape(), key.shape(), value.shape());
  check<ShapeError>(key.size(0) == value.size(0) && (rank == 2 || key.size(1) == value.size(1)),
                    "{}: expected as many keys as values, got shapes {} and {}", layer, key.shape(),
                    value.shape());
  const int batch = options_.batch_first ? 0 : 1;
  check<ShapeError>(rank == 2 || query.size(batch) == key.size(batch),
                    "{}: expected query and key of one batch size, got shapes {} and {}", layer,
                    query.shape(), key.shape());
}

// What scores are masked by, [N or 1, num_heads or 1, L or 1, S]; true keeps a query from a key.
Tensor MultiheadAttention::mask_of(const Input& in, const MultiheadAttentionCall& call) const {
  const int64_t more = (options_.add_bias_kv ? 1 : 0) + (options_.add_zero_attn ? 1 : 0);
  const int64_t n = in.places();
  Tensor padding = call.key_padding_mask, mask = call.attn_mask;
  if (padding.defined()) {
    check_mask("key_padding_mask", padding, in.query);
    const Shape shape = in.has_batch ? Shape{n, in.keys()} : Shape{in.keys()};
    check<ShapeError>(padding.shape() == shape,
                      "{}: expected a key_padding_mask of shape {}, got {}", layer, shape,
                      padding.shape());
    padding = wider(padding, more).reshape({n, 1, 1, in.keys() + more});
  }
  if (mask.defined()) {
    check_mask("attn_mask", mask, in.query);
    const Shape one = {in.queries(), in.keys()}, each = {n * num_heads_, one[0], one[1]};
    check<ShapeError>(mask.shape() == one || mask.shape() == each,
                      "{}: expected an attn_mask of shape {} or {}, got {}", layer, one, each,
                      mask.shape());
    const bool all = mask.dim() == 2;
    mask = wider(mask, more)
               .reshape({all ? 1 : n, all ? 1 : num_heads_, in.queries(), in.keys() + more});
  }
  return both(mask, padding);
}

// --- Projections --------------------------------------------------------------------------------

// Parts 0, 1 and 2 are query, key and value.
Tensor MultiheadAttention::projected(int64_t part, const Tensor& x) const {
  const int64_t e = embed_dim_;
  const auto own = [&](const Tensor& all) {
    return all.defined() ? all.narrow(0, part * e, e) : Tensor();
  };
  const Tensor weights[] = {q_proj_weight, k_proj_weight, v_proj_weight};
  return linear(x, is_packed() ? own(in_proj_weight) : weights[part], own(in_proj_bias));
}

// Keys or values with those that the layer adds.
Tensor MultiheadAttention::longer(const Tensor& x, const Tensor& bias, const Input& in) const {
  Shape one = x.shape();
  one[in.sequence] = 1;
  std::vector<Tensor> all = {x};
  if (bias.defined()) all.push_back(bias.to(x.dtype()).expand(one));
  if (options_.add_zero_attn) all.push_back(zeros(one, x.dtype()));
  return all.size() > 1 ? cat(all, in.sequence) : x;
}

// [N, num_heads, length, features of a head]
Tensor MultiheadAttention::heads(const Tensor& x, const Input& in) const {
  return x.unflatten(-1, {num_heads_, embed_dim_ / num_heads_})
      .permute({in.batch, 2, in.sequence, 3});
}

// What the heads gave, projected, as the query was.
Tensor MultiheadAttention::joined(const Tensor& y, const Input& in) {
  const Tensor rows = in.batch == 0 ? y.permute({0, 2, 1, 3}) : y.permute({2, 0, 1, 3});
  const Tensor result = out_proj(rows.flatten(2, 3));
  return in.has_batch ? result : result.squeeze(in.batch);
}

// --- Attention ----------------------------------------------------------------------------------

bool MultiheadAttention::takes_one_product(const Input& in) const {
  const bool same = in.query.impl() == in.key.impl() && in.key.impl() == in.value.impl();
  return same && is_packed() && !options_.add_bias_kv && !options_.add_zero_attn;
}

Tensor MultiheadAttention::attend_to_itself(const Input& in, const Tensor& mask, bool causal) {
  const Tensor all = linear(in.query, in_proj_weight, in_proj_bias);
  const Tensor qkv = all.unflatten(-1, {3, num_heads_, embed_dim_ / num_heads_})
                         .permute({2, in.batch, 3, in.sequence, 4});
  return rw::detail::packed_attention(
      qkv, {.attn_mask = mask, .dropout_p = dropout_p(), .is_causal = causal});
}

std::pair<Tensor, Tensor> MultiheadAttention::attend_with_weights(const Input& in,
                                                                  const Tensor& mask,
                                                                  bool average) {
  const Tensor q = heads(projected(0, in.query), in);
  const Tensor k = heads(longer(projected(1, in.key), bias_k, in), in);
  const Tensor v = heads(longer(projected(2, in.value), bias_v, in), in);
  const double scale = 1 / std::sqrt(static_cast<double>(embed_dim_ / num_heads_));
  Tensor scores = matmul(q * scale, k.transpose(-2, -1));
  if (mask.defined()) scores = scores + as_numbers(mask, scores.dtype());
  const Tensor weights = dropout(softmax(scores, -1).to(v.dtype()), dropout_p());
  const Tensor result = joined(matmul(weights, v), in);
  const Tensor shown = average ? mean(weights, 1) : weights;
  return {result, in.has_batch ? shown : shown.squeeze(0)};
}

std::pair<Tensor, Tensor> MultiheadAttention::forward(const Tensor& query, const Tensor& key,
                                                      const Tensor& value,
                                                      const MultiheadAttentionCall& call) {
  check_input(query, key, value);
  check(!call.is_causal || call.attn_mask.defined(),
        "{}: expected an attn_mask with is_causal, such as that of "
        "Transformer::generate_square_subsequent_mask",
        layer);
  const bool has_batch = query.dim() == 3;
  const int batch = has_batch && options_.batch_first ? 0 : 1;
  const auto with_batch = [&](const Tensor& t) { return has_batch ? t : t.unsqueeze(1); };
  Input in = {with_batch(query),
              query.impl() == key.impl() ? Tensor() : with_batch(key),
              {},
              has_batch,
              batch,
              1 - batch};
  if (!in.key.defined()) in.key = in.query;
  in.value = key.impl() == value.impl() ? in.key : with_batch(value);

  const bool causal = call.is_causal && !call.need_weights && !call.key_padding_mask.defined() &&
                      !options_.add_bias_kv && !options_.add_zero_attn;
  const Tensor hidden = mask_of(in, call);
  if (call.need_weights) return attend_with_weights(in, hidden, call.average_attn_weights);
  const Tensor mask = causal || !hidden.defined() ? Tensor()
                      : hidden.dtype() == boolean ? hidden.logical_not()
                                                  : hidden;
  if (takes_one_product(in)) return {joined(attend_to_itself(in, mask, causal), in), Tensor()};
  const Tensor y = scaled_dot_product_attention(
      heads(projected(0, in.query), in), heads(longer(projected(1, in.key), bias_k, in), in),
      heads(longer(projected(2, in.value), bias_v, in), in),
      {.attn_mask = mask, .dropout_p = dropout_p(), .is_causal = causal});
  return {joined(y, in), Tensor()};
}

int64_t MultiheadAttention::multiply_adds(std::span<const Tensor> inputs,
                                          std::span<const Tensor>) const {
  int64_t products = 0;
  for (const Tensor& x : inputs.first(3)) products += x.numel() * embed_dim_;
  const Tensor& key = inputs[1];
  const int64_t keys = key.size(key.dim() == 3 && options_.batch_first ? 1 : 0);
  const int64_t more = (options_.add_bias_kv ? 1 : 0) + (options_.add_zero_attn ? 1 : 0);
  return products + 2 * inputs[0].numel() * (keys + more);
}

}  // namespace rw::nn
