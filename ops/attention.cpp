#include <rewind/ops/attention.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/attention/attention_kernel.h>
#include <rewind/kernels/random/random_kernel.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/packed_attention.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/predicates.h>
#include <rewind/ops/rearranging.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>

namespace rw {

namespace {

constexpr const char* op = "scaled_dot_product_attention";

// --- Over memory --------------------------------------------------------------------------------

Shape without_last_two(const Shape& shape) {
  return {shape.data(), static_cast<size_t>(shape.rank() - 2)};
}

// The batch's strides of a tensor that broadcasts to it.
Strides batch_strides(const Tensor& t, const Shape& batch) {
  Strides strides = Strides::filled(batch.rank(), 0);
  const int missing = batch.rank() - (t.dim() - 2);
  for (int d = std::max(0, missing); d < batch.rank(); ++d)
    if (t.shape()[d - missing] != 1) strides[d] = t.strides()[d - missing];
  return strides;
}

kernels::AttentionRows rows_of(const Tensor& t, const Shape& batch) {
  if (!t.defined()) return {};
  return {t.raw_data(), batch_strides(t, batch), t.stride(-2)};
}

// With the numbers of each row side by side.
Tensor with_whole_rows(const Tensor& t) {
  return t.size(-1) <= 1 || t.stride(-1) == 1 ? t : t.contiguous();
}

// Uninitialised, with the dimensions before the last in the memory order of `like`, if that has as
// many: heads that were views of wider rows give rows that can be viewed as such again.
Tensor empty_rows(const Shape& shape, const Tensor& like) {
  if (like.dim() != shape.rank()) return detail::make_tensor(shape, like.dtype());
  std::array<int, Shape::max_rank> order{};
  const int outer = shape.rank() - 1;
  for (int d = 0; d < outer; ++d) order[static_cast<size_t>(d)] = d;
  std::stable_sort(order.begin(), order.begin() + outer,
                   [&](int a, int b) { return like.strides()[a] > like.strides()[b]; });
  Strides strides = Strides::filled(shape.rank(), 1);
  int64_t step = std::max<int64_t>(1, shape.back());
  for (int i = outer - 1; i >= 0; --i) {
    const int d = order[static_cast<size_t>(i)];
    strides[d] = step;
    step *= std::max<int64_t>(1, shape[d]);
  }
  return detail::make_tensor(shape, strides, like.dtype());
}

struct Settings {
  double scale;
  bool is_causal;
  double dropout_p;
  kernels::DropoutMask dropout;
};

struct AttentionOperands {
  Tensor q, k, v, mask;
  Shape batch;

  Shape scores_shape() const {
    Shape shape = batch;
    shape.push_back(q.size(-2));
    shape.push_back(k.size(-2));
    return shape;
  }
};

kernels::Attention over_memory(const AttentionOperands& x, const Settings& s) {
  kernels::Attention a{x.q.dtype(),  x.batch, x.q.size(-2), x.k.size(-2), x.q.size(-1),
                       x.v.size(-1), s.scale, s.is_causal,  {},           {},
                       {},           {},      s.dropout_p,  s.dropout};
  a.q = rows_of(x.q, x.batch);
  a.k = rows_of(x.k, x.batch);
  a.v = rows_of(x.v, x.batch);
  if (!x.mask.defined()) return a;
  const Tensor whole = x.mask.expand(x.scores_shape());
  a.mask = {x.mask.raw_data(), x.mask.dtype(), batch_strides(whole, x.batch), whole.stride(-2),
            whole.stride(-1)};
  return a;
}

// Without what is repeated by expansion alone.
Tensor each_once(Tensor t) {
  for (int d = 0; d < t.dim(); ++d)
    if (t.size(d) > 1 && t.stride(d) == 0) t = t.narrow(d, 0, 1);
  return t;
}

// As the kernels read them: rows of numbers side by side, and a mask turned over.
AttentionOperands laid_out(const AttentionOperands& x) {
  const no_grad guard;
  AttentionOperands y = {with_whole_rows(x.q), with_whole_rows(x.k), with_whole_rows(x.v), x.mask,
                         x.batch};
  if (!x.mask.defined()) return y;
  y.mask = each_once(x.mask.dim() < 2 ? x.mask.expand({1, x.k.size(-2)}) : x.mask);
  if (y.mask.size(-2) > 1 && y.mask.stride(-2) != 1)
    y.mask = y.mask.transpose(-2, -1).contiguous().transpose(-2, -1);
  return y;
}

// --- By ordinary ops ----------------------------------------------------------------------------

// What each weight is multiplied by: the kernels' random numbers, of which those of a key lie side
// by side.
Tensor dropout_factors(const AttentionOperands& x, const Settings& s) {
  const int64_t queries = x.q.size(-2), keys = x.k.size(-2);
  const int64_t numbers = kernels::attention_numbers(queries), places = x.batch.numel();
  const int64_t blocks = (places * keys * numbers / 4 + 7) / 8 * 8;
  std::vector<uint32_t> words(static_cast<size_t>(4 * blocks));
  kernels::random_words({s.dropout.seed, s.dropout.first}, blocks, words.data());
  Tensor factors = empty(x.scores_shape(), x.q.dtype());
  const double kept = s.dropout_p < 1 ? 1 / (1 - s.dropout_p) : 0;
  dispatch_floating(x.q.dtype(), [&]<class T>() {
    T* out = factors.data<T>();
    for (int64_t place = 0; place < places; ++place)
      for (int64_t i = 0; i < queries; ++i)
        for (int64_t j = 0; j < keys; ++j) {
          const uint32_t word = words[static_cast<size_t>((place * keys + j) * numbers + i)];
          *out++ = static_cast<T>(word >= s.dropout.threshold ? kept : 0);
        }
  });
  return factors;
}

// softmax of the masked scores, where a query without keys has weights of 0.
Tensor weights_of(const AttentionOperands& x, const Settings& s) {
  constexpr double least = -std::numeric_limits<double>::infinity();
  Tensor scores = matmul(x.q * s.scale, x.k.transpose(-2, -1)).expand(x.scores_shape());
  if (s.is_causal) {
    const Tensor seen = ones({x.q.size(-2), x.k.size(-2)}, boolean).tril();
    scores = scores.masked_fill(seen.logical_not(), least);
  }
  if (!x.mask.defined()) return softmax(scores, -1);
  scores =
      x.mask.dtype() == boolean ? scores.masked_fill(x.mask.logical_not(), least) : scores + x.mask;
  const Tensor unseeing = isneginf(scores.detach()).all(-1, true);
  return softmax(scores.masked_fill(unseeing, 0), -1).masked_fill(unseeing, 0);
}

//   p = softmax(s), w = p drop:   dv = w^T g, dw = g v^T, ds = p (dw drop - sum(p dw drop)),
//   dq = ds k scale, dk = ds^T q scale, dmask = ds
// Scores of reduced types overflow, and rounded ones make gradients that are off by far more.
Grads backward_by_ops(const AttentionOperands& given, const Settings& s, const Tensor& dy,
                      Needs needs) {
  const autocast as_given(false);
  const DType dtype = compute_dtype(given.q.dtype());
  AttentionOperands x = {given.q.to(dtype), given.k.to(dtype), given.v.to(dtype), given.mask,
                         given.batch};
  if (x.mask.defined() && x.mask.dtype() != boolean) x.mask = x.mask.to(dtype);
  const Tensor g = dy.to(dtype), p = weights_of(x, s);
  const Tensor factors = s.dropout_p > 0 ? dropout_factors(x, s) : Tensor();
  const auto dropped = [&](const Tensor& t) { return factors.defined() ? t * factors : t; };
  const Tensor dw = dropped(matmul(g, x.v.transpose(-2, -1)));
  const Tensor ds = p * (dw - sum(p * dw, -1, true));
  return {needs[0] ? matmul(ds, x.k) * s.scale : Tensor(),
          needs[1] ? matmul(ds.transpose(-2, -1), x.q) * s.scale : Tensor(),
          needs[2] ? matmul(dropped(p).transpose(-2, -1), g) : Tensor(), needs[3] ? ds : Tensor()};
}

// --- On the tape --------------------------------------------------------------------------------

struct Result {
  Tensor y, log_sums;
};

Result forward(const AttentionOperands& operands, const Settings& s) {
  const no_grad guard;
  const AttentionOperands x = laid_out(operands);
  Shape shape = x.batch;
  shape.push_back(x.q.size(-2));
  const Tensor log_sums = empty(shape, compute_dtype(x.q.dtype()));
  shape.push_back(x.v.size(-1));
  const Tensor y = empty_rows(shape, x.q);
  kernels::attention(over_memory(x, s), rows_of(y, x.batch), log_sums.raw_data());
  return {y, log_sums};
}

// The gradients of q, k and v go to `to`, as far as these are defined.
void backward_into(const AttentionOperands& operands, const Settings& s, const Result& result,
                   const Tensor& g, const std::array<Tensor, 3>& to) {
  const AttentionOperands x = laid_out(operands);
  const Tensor dy = with_whole_rows(g);
  kernels::attention_backward(
      over_memory(x, s),
      {rows_of(result.y, x.batch), rows_of(dy, x.batch), result.log_sums.raw_data()},
      rows_of(to[0], x.batch), rows_of(to[1], x.batch), rows_of(to[2], x.batch));
}

Grads backward(const AttentionOperands& x, const Settings& s, const Result& result, const Tensor& g,
               Needs needs) {
  const auto wanted = [&](size_t i, const Tensor& t) {
    if (!needs[i]) return Tensor();
    Shape shape = x.batch;
    shape.push_back(t.size(-2));
    shape.push_back(t.size(-1));
    return empty_rows(shape, t);
  };
  const std::array<Tensor, 3> grads = {wanted(0, x.q), wanted(1, x.k), wanted(2, x.v)};
  backward_into(x, s, result, g, grads);
  return {grads[0], grads[1], grads[2], Tensor()};
}

// Backward goes through blocks again where that is all there is to do: a gradient of the mask is as
// large as the scores, and what is recorded consists of ops.
Tensor attend(const AttentionOperands& x, const Settings& s) {
  const profile_scope scope(op);
  const Result result = forward(x, s);
  const Tensor y = result.y;
  return record(op, y, {x.q, x.k, x.v, x.mask},
                [q = save(x.q), k = save(x.k), v = save(x.v), mask = save(x.mask),
                 y = save_result(y), log_sums = save(result.log_sums), batch = x.batch,
                 s](const Tensor& g, Needs needs) -> Grads {
                  const AttentionOperands saved = {q.get(), k.get(), v.get(), mask.get(), batch};
                  if (is_grad_enabled() || needs[3]) return backward_by_ops(saved, s, g, needs);
                  return backward(saved, s, {y.get(), log_sums.get()}, g, needs);
                });
}

// q, k and v of one tensor.
AttentionOperands parts_of(const Tensor& qkv, const Tensor& mask) {
  const Shape& shape = qkv.shape();
  return {qkv.select(0, 0),
          qkv.select(0, 1),
          qkv.select(0, 2),
          mask,
          {shape.data() + 1, static_cast<size_t>(shape.rank() - 3)}};
}

AttentionOperands detached_parts_of(const Tensor& qkv, const Tensor& mask) {
  const no_grad guard;
  return parts_of(qkv, mask);
}

// The same of one tensor that holds all three, whose gradient is written in one piece.
Tensor attend_packed(const Tensor& qkv, const Tensor& mask, const Settings& s) {
  const profile_scope scope(op);
  const Result result = forward(detached_parts_of(qkv, mask), s);
  const Tensor y = result.y;
  return record(op, y, {qkv, mask},
                [qkv = save(qkv), mask = save(mask), y = save_result(y),
                 log_sums = save(result.log_sums), s](const Tensor& g, Needs needs) -> Grads {
                  const AttentionOperands x = parts_of(qkv.get(), mask.get());
                  if (is_grad_enabled() || needs[1]) {
                    Grads each = backward_by_ops(x, s, g, Needs(needs[1] ? 15 : 7));
                    return {stack({each[0], each[1], each[2]}), each[3]};
                  }
                  const Tensor whole = qkv.get(), dx = empty_rows(whole.shape(), whole);
                  backward_into(x, s, {y.get(), log_sums.get()}, g,
                                {dx.select(0, 0), dx.select(0, 1), dx.select(0, 2)});
                  return {dx, Tensor()};
                });
}

detail::Attributes attributes_of(const Settings& s) {
  return {{"scale", s.scale}, {"causal", s.is_causal}, {"dropout", s.dropout_p}};
}

// --- Arguments ----------------------------------------------------------------------------------

void check_operands(const Tensor& q, const Tensor& k, const Tensor& v) {
  const std::pair<const char*, const Tensor&> all[] = {{"query", q}, {"key", k}, {"value", v}};
  for (const auto& [name, t] : all) check(t.defined(), "{}: the {} is undefined", op, name);
  for (const auto& [name, t] : all) {
    check<DTypeError>(t.is_floating_point() && t.dtype() == q.dtype(),
                      "{}: expected query, key and value of one floating dtype, got {}, {} and {}",
                      op, q.dtype(), k.dtype(), v.dtype());
    check<ShapeError>(t.dim() >= 2, "{}: expected a {} of at least 2 dimensions, got shape {}", op,
                      name, t.shape());
  }
  check<ShapeError>(q.size(-1) == k.size(-1),
                    "{}: expected query and key of one size in the last dimension, got shapes {} "
                    "and {}",
                    op, q.shape(), k.shape());
  check<ShapeError>(k.size(-2) == v.size(-2),
                    "{}: expected as many keys as values, got shapes {} and {}", op, k.shape(),
                    v.shape());
}

void check_mask(const Tensor& mask, const AttentionOperands& x) {
  const DType dtype = mask.dtype();
  check<DTypeError>(dtype == boolean || dtype == float32 || dtype == x.q.dtype(),
                    "{}: expected an attn_mask of bool, float32 or the query's {}, got {}", op,
                    x.q.dtype(), dtype);
  const Shape scores = x.scores_shape();
  bool fits = mask.dim() <= scores.rank();
  for (int d = 1; fits && d <= mask.dim(); ++d)
    fits = mask.size(-d) == 1 || mask.size(-d) == scores[scores.rank() - d];
  check<ShapeError>(fits,
                    "{}: expected an attn_mask that broadcasts to the scores' {}, got shape {}", op,
                    scores, mask.shape());
}

AttentionOperands with_mask(AttentionOperands x, const Tensor& mask) {
  if (!mask.defined()) return x;
  check_mask(mask, x);
  // Numbers of float32 are added as such to scores of reduced types, which they may not fit.
  x.mask = mask.dtype() == float32 ? mask.to(compute_dtype(x.q.dtype())) : mask;
  return x;
}

Settings settings_of(const AttentionOperands& x, const AttentionOptions& options) {
  const double p = options.dropout_p;
  check(0 <= p && p <= 1, "{}: expected a dropout_p in [0, 1], got {}", op, p);
  check(!options.is_causal || !options.attn_mask.defined(),
        "{}: expected no attn_mask with is_causal", op);
  Settings s{options.scale.value_or(1 / std::sqrt(static_cast<double>(x.q.size(-1)))),
             options.is_causal,
             p,
             {}};
  if (p == 0) return s;
  const auto numbers = static_cast<uint64_t>(kernels::attention_numbers(x.q.size(-2)));
  const auto rows = static_cast<uint64_t>(x.batch.numel() * x.k.size(-2));
  Generator& generator = default_generator();
  s.dropout = {generator.seed(), generator.reserve(rows * numbers / 4),
               static_cast<uint32_t>(std::min(std::ldexp(p, 32), 0xffffffffp0))};
  return s;
}

Shape batch_of(const Tensor& q, const Tensor& k, const Tensor& v) {
  const char* where = "scaled_dot_product_attention: before the last two dimensions";
  return broadcast_shapes(
      broadcast_shapes(without_last_two(q.shape()), without_last_two(k.shape()), where),
      without_last_two(v.shape()), where);
}

int64_t heads_each(const Tensor& q, const Tensor& t) {
  check<ShapeError>(q.dim() >= 3 && t.dim() >= 3,
                    "{}: enable_gqa: expected [..., heads, length, features], got shapes {} and {}",
                    op, q.shape(), t.shape());
  const int64_t heads = q.size(-3), fewer = t.size(-3);
  check<ShapeError>(heads == 0 || (fewer > 0 && heads % fewer == 0),
                    "{}: enable_gqa: expected the {} heads of the query to be a multiple of those "
                    "of key and value, got {}",
                    op, heads, fewer);
  return heads == 0 ? 0 : heads / fewer;
}

// A mask that does not fit, in the shapes that were given.
void check_mask_of_groups(const Tensor& mask, const Tensor& q, const Tensor& k, const Tensor& v) {
  const no_grad guard;
  const auto one_head = [](const Tensor& t) { return t.narrow(-3, 0, 1); };
  check_mask(mask, {q, k, v, {}, batch_of(q, one_head(k), one_head(v))});
}

// The heads of the query in groups, along which key and value broadcast.
Tensor attend_in_groups(const Tensor& q, const Tensor& k, const Tensor& v,
                        AttentionOptions options) {
  options.enable_gqa = false;
  const int64_t group = heads_each(q, k), heads = q.size(-3);
  if (heads == 0) {
    heads_each(q, v);
    return scaled_dot_product_attention(q, k.narrow(-3, 0, 0), v.narrow(-3, 0, 0), options);
  }
  if (const int64_t other = heads_each(q, v); other != group)
    return scaled_dot_product_attention(q, repeat_interleave(k, group, -3),
                                        repeat_interleave(v, other, -3), options);
  const auto in_groups = [&](const Tensor& t) { return t.unflatten(-3, {heads / group, group}); };
  Tensor& mask = options.attn_mask;
  if (mask.defined()) check_mask_of_groups(mask, q, k, v);
  if (mask.defined() && mask.dim() >= 3)
    mask = mask.size(-3) == heads ? in_groups(mask) : mask.unsqueeze(-3);
  return scaled_dot_product_attention(in_groups(q), k.unsqueeze(-3), v.unsqueeze(-3), options)
      .flatten(-4, -3);
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options) {
  if (detail::must_lower(query, key, value))
    return scaled_dot_product_attention(detail::lowered(query), detail::lowered(key),
                                        detail::lowered(value), options);
  check_operands(query, key, value);
  if (options.enable_gqa) return attend_in_groups(query, key, value, options);
  const AttentionOperands x =
      with_mask({query, key, value, {}, batch_of(query, key, value)}, options.attn_mask);
  const Settings s = settings_of(x, options);
  return detail::traced(op, attend(x, s), {query, key, value, x.mask},
                        [&] { return attributes_of(s); });
}

Tensor detail::packed_attention(const Tensor& qkv, const AttentionOptions& options) {
  const AttentionOperands x = detached_parts_of(qkv, {});
  const Tensor mask = with_mask(x, options.attn_mask).mask;
  const Settings s = settings_of(x, options);
  return detail::traced("packed_attention", attend_packed(qkv, mask, s), {qkv, mask},
                        [&] { return attributes_of(s); });
}

}  // namespace rw
