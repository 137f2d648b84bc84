#include <rewind/ops/multi_head_attention.h>

#include <cmath>
#include <limits>
#include <vector>

#include <rewind/autograd/autocast.h>
#include <rewind/ops/attention.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/multi_head_attention_parts.h>
#include <rewind/ops/packed_attention.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw {

using Options = MultiheadAttentionForwardFuncOptions;

namespace {

// --- Masks --------------------------------------------------------------------------------------

// As scaled_dot_product_attention takes it, with weights or without.
void check_mask(const char* name, const char* which, const Tensor& mask, const Tensor& query) {
  const bool lowered = detail::must_lower(query);
  const DType dtype = lowered ? detail::autocast_dtype : query.dtype();
  check<DTypeError>(mask.dtype() == boolean || mask.dtype() == float32 || mask.dtype() == dtype,
                    "{}: expected {} of bool, float32 or the query's {}, got {}", name, which,
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

// x with zeros of a size of `columns` along its dimension `d`.
Tensor wider(const Tensor& x, int d, int64_t columns) {
  if (columns == 0 || !x.defined()) return x;
  Shape shape = x.shape();
  shape[d] = columns;
  return cat({x, zeros(shape, x.dtype())}, d);
}

// --- Heads --------------------------------------------------------------------------------------

class Heads {
 public:
  Heads(const char* name, const Tensor& query, const Tensor& key, const Tensor& value,
        const Options& o, bool batch_first)
      : name_(name),
        o_(o),
        has_batch_(query.dim() == 3),
        batch_(has_batch_ && batch_first ? 0 : 1),
        sequence_(1 - batch_),
        query_(with_batch(query)),
        key_(query.impl() == key.impl() ? query_ : with_batch(key)),
        value_(key.impl() == value.impl() ? key_ : with_batch(value)) {}

  std::pair<Tensor, Tensor> attend() const {
    check(!o_.is_causal || o_.attn_mask.defined(),
          "{}: expected an attn_mask with is_causal, such as that of "
          "Transformer::generate_square_subsequent_mask",
          name_);
    const bool causal = o_.is_causal && !o_.need_weights && !o_.key_padding_mask.defined() &&
                        !o_.bias_k.defined() && !o_.add_zero_attn;
    const Tensor hidden = mask();
    if (o_.need_weights) return attend_with_weights(hidden);
    const Tensor seen = causal || !hidden.defined() ? Tensor()
                        : hidden.dtype() == boolean ? hidden.logical_not()
                                                    : hidden;
    const AttentionOptions options = {
        .attn_mask = seen, .dropout_p = o_.dropout_p, .is_causal = causal};
    if (takes_one_product()) return {joined(attend_to_itself(options)), Tensor()};
    const Tensor y = scaled_dot_product_attention(query(), keys(), values(), options);
    return {joined(y), Tensor()};
  }

 private:
  int64_t embed_dim() const { return o_.embed_dim_to_check; }
  int64_t more_keys() const { return (o_.bias_k.defined() ? 1 : 0) + (o_.add_zero_attn ? 1 : 0); }
  int64_t keys_given() const {
    return o_.static_k.defined() ? o_.static_k.size(1) : key_.size(sequence_);
  }
  Tensor with_batch(const Tensor& t) const { return has_batch_ ? t : t.unsqueeze(1); }

  // What scores are masked by, [N or 1, num_heads or 1, L or 1, S]; true keeps a query from a key.
  Tensor mask() const {
    const int64_t n = query_.size(batch_), l = query_.size(sequence_), s = keys_given();
    const int64_t more = more_keys(), h = o_.num_heads;
    Tensor padding = o_.key_padding_mask, mask = o_.attn_mask;
    if (padding.defined()) {
      check_mask(name_, "key_padding_mask", padding, query_);
      const Shape shape = has_batch_ ? Shape{n, s} : Shape{s};
      check<ShapeError>(padding.shape() == shape,
                        "{}: expected a key_padding_mask of shape {}, got {}", name_, shape,
                        padding.shape());
      padding = wider(padding, padding.dim() - 1, more).reshape({n, 1, 1, s + more});
    }
    if (mask.defined()) {
      check_mask(name_, "attn_mask", mask, query_);
      const Shape one = {l, s}, each = {n * h, l, s};
      check<ShapeError>(mask.shape() == one || mask.shape() == each,
                        "{}: expected an attn_mask of shape {} or {}, got {}", name_, one, each,
                        mask.shape());
      const bool all = mask.dim() == 2;
      mask = wider(mask, mask.dim() - 1, more).reshape({all ? 1 : n, all ? 1 : h, l, s + more});
    }
    return both(mask, padding);
  }

  // Parts 0, 1 and 2 are query, key and value.
  Tensor projected(int64_t part, const Tensor& x) const {
    const auto own = [&](const Tensor& all) {
      return all.defined() ? all.narrow(0, part * embed_dim(), embed_dim()) : Tensor();
    };
    const Tensor* const weights[] = {&o_.q_proj_weight, &o_.k_proj_weight, &o_.v_proj_weight};
    return linear(x, o_.use_separate_proj_weight ? *weights[part] : own(o_.in_proj_weight),
                  own(o_.in_proj_bias));
  }
  // [N, num_heads, length, features of a head]
  Tensor heads(const Tensor& x) const {
    return x.unflatten(-1, {o_.num_heads, embed_dim() / o_.num_heads})
        .permute({batch_, 2, sequence_, 3});
  }
  Tensor query() const { return heads(projected(0, query_)); }
  Tensor keys() const { return keys_or_values(1, key_, o_.bias_k, o_.static_k); }
  Tensor values() const { return keys_or_values(2, value_, o_.bias_v, o_.static_v); }
  // With those that are added.
  Tensor keys_or_values(int64_t part, const Tensor& x, const Tensor& bias,
                        const Tensor& given) const {
    const int64_t zeros = o_.add_zero_attn ? 1 : 0;
    if (given.defined()) return wider(given.unflatten(0, {-1, o_.num_heads}), 2, zeros);
    Tensor all = projected(part, x);
    if (bias.defined()) {
      Shape one = all.shape();
      one[sequence_] = 1;
      all = cat({all, bias.to(all.dtype()).expand(one)}, sequence_);
    }
    return heads(wider(all, sequence_, zeros));
  }
  // What the heads gave, as the query was.
  Tensor joined(const Tensor& y) const {
    const Tensor rows = batch_ == 0 ? y.permute({0, 2, 1, 3}) : y.permute({2, 0, 1, 3});
    const Tensor result = rows.flatten(2, 3);
    return has_batch_ ? result : result.squeeze(batch_);
  }

  bool takes_one_product() const {
    const bool same = query_.impl() == key_.impl() && key_.impl() == value_.impl();
    return same && !o_.use_separate_proj_weight && more_keys() == 0 && !o_.static_k.defined() &&
           !o_.static_v.defined();
  }
  Tensor attend_to_itself(const AttentionOptions& options) const {
    const Tensor all = linear(query_, o_.in_proj_weight, o_.in_proj_bias);
    const Tensor qkv = all.unflatten(-1, {3, o_.num_heads, embed_dim() / o_.num_heads})
                           .permute({2, batch_, 3, sequence_, 4});
    return detail::packed_attention(qkv, options);
  }
  std::pair<Tensor, Tensor> attend_with_weights(const Tensor& mask) const {
    const Tensor q = query(), k = keys(), v = values();
    const double scale = 1 / std::sqrt(static_cast<double>(embed_dim() / o_.num_heads));
    Tensor scores = matmul(q * scale, k.transpose(-2, -1));
    if (mask.defined()) scores = scores + as_numbers(mask, scores.dtype());
    const Tensor weights = dropout(softmax(scores, -1).to(v.dtype()), o_.dropout_p);
    const Tensor shown = o_.average_attn_weights ? mean(weights, 1) : weights;
    return {joined(matmul(weights, v)), has_batch_ ? shown : shown.squeeze(0)};
  }

  const char* name_;
  const Options& o_;
  bool has_batch_;
  int batch_, sequence_;  // where they lie in the dimensions of the inputs
  Tensor query_, key_, value_;
};

// --- The function -------------------------------------------------------------------------------

constexpr const char* function = "multi_head_attention_forward";

void check_shape(const char* which, const Tensor& t, const Shape& shape, bool is_optional = false) {
  if (is_optional && !t.defined()) return;
  check(t.defined(), "{}: {} is undefined", function, which);
  check<ShapeError>(t.shape() == shape, "{}: expected {} of shape {}, got {}", function, which,
                    shape, t.shape());
}

void check_parameters(const Options& o, int64_t batches, int64_t key_dim, int64_t value_dim) {
  const int64_t e = o.embed_dim_to_check;
  if (o.use_separate_proj_weight) {
    check_shape("q_proj_weight", o.q_proj_weight, {e, e});
    check_shape("k_proj_weight", o.k_proj_weight, {e, key_dim});
    check_shape("v_proj_weight", o.v_proj_weight, {e, value_dim});
  } else {
    check_shape("in_proj_weight", o.in_proj_weight, {3 * e, e});
  }
  check_shape("in_proj_bias", o.in_proj_bias, {3 * e}, true);
  check_shape("out_proj_weight", o.out_proj_weight, {e, e});
  check_shape("out_proj_bias", o.out_proj_bias, {e}, true);
  for (const Tensor* t : {&o.bias_k, &o.bias_v})
    check<ShapeError>(!t->defined() || (t->dim() <= 3 && t->numel() == e && t->size(-1) == e),
                      "{}: expected {} of shape [1, 1, {}], got {}", function,
                      t == &o.bias_k ? "bias_k" : "bias_v", e, t->defined() ? t->shape() : Shape());
  check(o.bias_k.defined() == o.bias_v.defined(), "{}: expected both bias_k and bias_v, or none",
        function);
  const bool fixed = o.static_k.defined() || o.static_v.defined();
  check(!fixed || !o.bias_k.defined(),
        "{}: expected no bias_k and bias_v with static_k or static_v", function);
  for (const Tensor* t : {&o.static_k, &o.static_v})
    if (t->defined())
      check<ShapeError>(
          t->dim() == 3 && t->size(0) == batches * o.num_heads && t->size(2) == e / o.num_heads,
          "{}: expected {} of shape [{}, S, {}], got {}", function,
          t == &o.static_k ? "static_k" : "static_v", batches * o.num_heads, e / o.num_heads,
          t->shape());
}

}  // namespace

void detail::check_attended(const char* name, const Tensor& query, const Tensor& key,
                            const Tensor& value, int64_t embed_dim, int64_t key_dim,
                            int64_t value_dim, bool batch_first) {
  check(query.defined() && key.defined() && value.defined(), "{}: the {} is undefined", name,
        !query.defined() ? "query"
        : !key.defined() ? "key"
                         : "value");
  const int rank = query.dim();
  check<ShapeError>((rank == 2 || rank == 3) && key.dim() == rank && value.dim() == rank,
                    "{}: expected query, key and value of rank 3, or 2 without a batch, got shapes "
                    "{}, {} and {}",
                    name, query.shape(), key.shape(), value.shape());
  check<ShapeError>(
      query.size(-1) == embed_dim && key.size(-1) == key_dim && value.size(-1) == value_dim,
      "{}: expected query, key and value of {}, {} and {} features, got shapes {}, "
      "{} and {}",
      name, embed_dim, key_dim, value_dim, query.shape(), key.shape(), value.shape());
  check<ShapeError>(key.size(0) == value.size(0) && (rank == 2 || key.size(1) == value.size(1)),
                    "{}: expected as many keys as values, got shapes {} and {}", name, key.shape(),
                    value.shape());
  const int batch = batch_first ? 0 : 1;
  check<ShapeError>(rank == 2 || query.size(batch) == key.size(batch),
                    "{}: expected query and key of one batch size, got shapes {} and {}", name,
                    query.shape(), key.shape());
}

std::pair<Tensor, Tensor> detail::attend_by_heads(const char* name, const Tensor& query,
                                                  const Tensor& key, const Tensor& value,
                                                  const Options& options, bool batch_first) {
  return Heads(name, query, key, value, options, batch_first).attend();
}

std::pair<Tensor, Tensor> multi_head_attention_forward(const Tensor& query, const Tensor& key,
                                                       const Tensor& value,
                                                       const Options& options) {
  const int64_t e = options.embed_dim_to_check, heads = options.num_heads;
  check(e > 0 && heads > 0 && e % heads == 0,
        "{}: expected an embed_dim_to_check above 0 that num_heads divide, got {} and {}", function,
        e, heads);
  check(options.dropout_p >= 0 && options.dropout_p <= 1,
        "{}: expected a dropout_p in [0, 1], got {}", function, options.dropout_p);
  const bool separate = options.use_separate_proj_weight;
  const auto features = [&](const Tensor& t) {
    return separate && t.defined() && t.dim() > 0 ? t.size(-1) : e;
  };
  const int64_t key_dim = features(key), value_dim = features(value);
  detail::check_attended(function, query, key, value, e, key_dim, value_dim, false);
  check_parameters(options, query.dim() == 3 ? query.size(1) : 1, key_dim, value_dim);
  Options o = options;
  if (!o.training) o.dropout_p = 0;
  auto [rows, weights] = detail::attend_by_heads(function, query, key, value, o, false);
  return {linear(rows, o.out_proj_weight, o.out_proj_bias), weights};
}

}  // namespace rw
