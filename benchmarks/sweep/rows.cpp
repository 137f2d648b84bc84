#include "rows.h"

namespace bench {
namespace {

using namespace lib;

constexpr bool smooth = true, flat = false;

std::vector<Row> pointwise() {
  using enum Types;
  const Kind e = Kind::elements;
  return {
      {"add", e, all, 2, smooth, [](In t) { return t[0] + t[1]; }},
      {"add, number", e, numbers, 1, smooth, [](In t) { return t[0] + 2; }},
      {"sub", e, numbers, 2, smooth, [](In t) { return t[0] - t[1]; }},
      {"mul", e, all, 2, smooth, [](In t) { return t[0] * t[1]; }},
      {"mul, number", e, numbers, 1, smooth, [](In t) { return t[0] * 2; }},
      {"div", e, numbers, 2, smooth, [](In t) { return t[0] / t[1]; }},
      {"pow", e, floating, 2, smooth, [](In t) { return pow(t[0], t[1]); }},
      {"pow, number", e, floating, 1, smooth, [](In t) { return pow(t[0], 1.7); }},
      {"pow, square", e, floating, 1, smooth, [](In t) { return pow(t[0], 2); }},
      {"remainder", e, numbers, 2, smooth, [](In t) { return remainder(t[0], t[1]); }},
      {"maximum", e, all, 2, smooth, [](In t) { return maximum(t[0], t[1]); }},
      {"minimum", e, all, 2, smooth, [](In t) { return minimum(t[0], t[1]); }},
      {"eq", e, all, 2, flat, [](In t) { return eq(t[0], t[1]); }},
      {"ne, number", e, all, 1, flat, [](In t) { return ne(t[0], 1); }},
      {"lt", e, all, 2, flat, [](In t) { return lt(t[0], t[1]); }},
      {"le", e, numbers, 2, flat, [](In t) { return le(t[0], t[1]); }},
      {"gt, number", e, numbers, 1, flat, [](In t) { return gt(t[0], 1); }},
      {"ge", e, numbers, 2, flat, [](In t) { return ge(t[0], t[1]); }},
      {"logical_not", e, all, 1, flat, [](In t) { return logical_inverse(t[0]); }},
      {"logical_and", e, all, 2, flat, [](In t) { return logical_and(t[0], t[1]); }},
      {"logical_or", e, all, 2, flat, [](In t) { return logical_or(t[0], t[1]); }},
      {"bitwise_and", e, integers, 2, flat, [](In t) { return bitwise_and(t[0], t[1]); }},
      {"bitwise_or", e, integers, 2, flat, [](In t) { return bitwise_or(t[0], t[1]); }},
      {"bitwise_xor", e, integers, 2, flat, [](In t) { return bitwise_xor(t[0], t[1]); }},
      {"bitwise_not", e, integers, 1, flat, [](In t) { return bitwise_not(t[0]); }},
      {"isnan", e, numbers, 1, flat, [](In t) { return isnan(t[0]); }},
      {"isfinite", e, numbers, 1, flat, [](In t) { return isfinite(t[0]); }},
      {"where", e, numbers, 3, smooth, [](In t) { return where(t[2] > 1, t[0], t[1]); }},
      {"clamp", e, numbers, 1, smooth, [](In t) { return clamp(t[0], 1, 2); }},
      {"clamp_min", e, numbers, 1, smooth, [](In t) { return clamp_min(t[0], 1); }},
      {"clamp_max", e, numbers, 1, smooth, [](In t) { return clamp_max(t[0], 1); }},
      {"abs", e, numbers, 1, smooth, [](In t) { return abs(t[0]); }},
      {"neg", e, numbers, 1, smooth, [](In t) { return neg(t[0]); }},
      {"sign", e, numbers, 1, smooth, [](In t) { return sign(t[0]); }},
      {"square", e, numbers, 1, smooth, [](In t) { return square(t[0]); }},
      {"sqrt", e, floating, 1, smooth, [](In t) { return sqrt(t[0]); }},
      {"rsqrt", e, floating, 1, smooth, [](In t) { return rsqrt(t[0]); }},
      {"reciprocal", e, floating, 1, smooth, [](In t) { return reciprocal(t[0]); }},
      {"exp", e, floating, 1, smooth, [](In t) { return exp(t[0]); }},
      {"expm1", e, floating, 1, smooth, [](In t) { return expm1(t[0]); }},
      {"log", e, floating, 1, smooth, [](In t) { return log(t[0]); }},
      {"log1p", e, floating, 1, smooth, [](In t) { return log1p(t[0]); }},
      {"sin", e, floating, 1, smooth, [](In t) { return sin(t[0]); }},
      {"cos", e, floating, 1, smooth, [](In t) { return cos(t[0]); }},
      {"erf", e, floating, 1, smooth, [](In t) { return erf(t[0]); }},
      {"floor", e, floating, 1, smooth, [](In t) { return floor(t[0]); }},
      {"ceil", e, floating, 1, smooth, [](In t) { return ceil(t[0]); }},
      {"round", e, floating, 1, smooth, [](In t) { return round(t[0]); }},
      {"tanh", e, floating, 1, smooth, [](In t) { return tanh(t[0]); }},
      {"sigmoid", e, floating, 1, smooth, [](In t) { return sigmoid(t[0]); }},
      {"relu", e, numbers, 1, smooth, [](In t) { return relu(t[0]); }},
      {"leaky_relu", e, floating, 1, smooth, [](In t) { return leaky_relu(t[0], 0.1); }},
      {"gelu", e, floating, 1, smooth, [](In t) { return gelu(t[0]); }},
      {"gelu, tanh", e, floating, 1, smooth, [](In t) { return gelu_by_tanh(t[0]); }},
      {"elu", e, floating, 1, smooth, [](In t) { return elu(t[0], 0.5); }},
      {"celu", e, floating, 1, smooth, [](In t) { return celu(t[0], 0.5); }},
      {"selu", e, floating, 1, smooth, [](In t) { return selu(t[0]); }},
      {"silu", e, floating, 1, smooth, [](In t) { return silu(t[0]); }},
      {"softplus", e, floating, 1, smooth, [](In t) { return softplus(t[0]); }},
      {"to, float32", e, all, 1, flat, [](In t) { return t[0].to(f32); }},
      {"to, float64", e, all, 1, flat, [](In t) { return t[0].to(f64); }},
      {"to, bfloat16", e, all, 1, flat, [](In t) { return t[0].to(bf16); }},
      {"to, int64", e, all, 1, flat, [](In t) { return t[0].to(i64); }},
      {"to, bool", e, all, 1, flat, [](In t) { return t[0].to(b8); }},
      {"clone", e, all, 1, smooth, [](In t) { return t[0].clone(); }},
      {"contiguous", e, all, 1, smooth, [](In t) { return t[0].contiguous(); }},
      {"dropout", e, floating, 1, smooth, [](In t) { return dropout(t[0], 0.3, true); }},
  };
}

std::vector<Row> reductions() {
  using enum Types;
  const Kind e = Kind::elements;
  const auto first = [](auto pair) { return std::get<0>(pair); };
  return {
      {"sum", e, all, 1, smooth, [](In t) { return t[0].sum(); }},
      {"sum, 0", e, all, 1, smooth, [](In t) { return t[0].sum(0); }},
      {"sum, -1", e, all, 1, smooth, [](In t) { return t[0].sum(-1); }},
      {"mean", e, floating, 1, smooth, [](In t) { return t[0].mean(); }},
      {"mean, 0", e, floating, 1, smooth, [](In t) { return t[0].mean(0); }},
      {"mean, -1", e, floating, 1, smooth, [](In t) { return t[0].mean(-1); }},
      {"var, 0", e, floating, 1, smooth, [](In t) { return t[0].var(0); }},
      {"var, -1", e, floating, 1, smooth, [](In t) { return t[0].var(-1); }},
      {"std, -1", e, floating, 1, smooth, [](In t) { return t[0].std(-1); }},
      {"prod", e, numbers, 1, flat, [](In t) { return t[0].prod(); }},
      {"prod, 0", e, numbers, 1, flat, [](In t) { return t[0].prod(0); }},
      {"prod, -1", e, numbers, 1, flat, [](In t) { return t[0].prod(-1); }},
      {"amax, 0", e, all, 1, smooth, [](In t) { return t[0].amax(0); }},
      {"amin, -1", e, all, 1, smooth, [](In t) { return t[0].amin(-1); }},
      {"max, 0", e, all, 1, smooth, [=](In t) { return first(t[0].max(0)); }},
      {"min, -1", e, all, 1, smooth, [=](In t) { return first(t[0].min(-1)); }},
      {"argmax", e, numbers, 1, flat, [](In t) { return argmax(t[0]); }},
      {"argmax, 0", e, numbers, 1, flat, [](In t) { return argmax(t[0], 0); }},
      {"argmin, -1", e, numbers, 1, flat, [](In t) { return argmin(t[0], -1); }},
      {"any", e, all, 1, flat, [](In t) { return any(t[0]); }},
      {"any, 0", e, all, 1, flat, [](In t) { return any(t[0], 0); }},
      {"all, -1", e, all, 1, flat, [](In t) { return lib::all(t[0], -1); }},
      {"logsumexp, 0", e, floating, 1, smooth, [](In t) { return logsumexp(t[0], 0); }},
      {"logsumexp, -1", e, floating, 1, smooth, [](In t) { return logsumexp(t[0], -1); }},
      {"cumsum, -1", e, all, 1, smooth, [](In t) { return t[0].cumsum(-1); }},
      {"cumsum, 0", e, all, 1, smooth, [](In t) { return t[0].cumsum(0); }},
      {"softmax, -1", e, floating, 1, smooth, [](In t) { return softmax(t[0], -1); }},
      {"softmax, 0", e, floating, 1, smooth, [](In t) { return softmax(t[0], 0); }},
      {"log_softmax, -1", e, floating, 1, smooth, [](In t) { return log_softmax(t[0], -1); }},
      {"sum, of images", Kind::images, all, 1, smooth,
       [](In t) {
         return sum_of(t[0], {0, 2, 3});
       }},
      {"sum, of channels", Kind::images, all, 1, smooth, [](In t) { return t[0].sum(1); }},
  };
}

// Indices along a dimension of so many elements.
Tensor some_indices(int64_t count, int64_t size) {
  return (uniform({count}) * static_cast<double>(size)).to(i64);
}

std::vector<Row> selections() {
  using enum Types;
  const Kind e = Kind::elements;
  const auto rows = [](In t) { return some_indices(t[0].size(0), t[0].size(0)); };
  return {
      {"cat, 0", e, all, 2, smooth,
       [](In t) {
         return cat(Tensors{t[0], t[1]}, 0);
       }},
      {"cat, 1", e, all, 2, smooth,
       [](In t) {
         return cat(Tensors{t[0], t[1]}, 1);
       }},
      {"stack", e, all, 2, smooth,
       [](In t) {
         return stack(Tensors{t[0], t[1]}, 0);
       }},
      {"index_select", e, all, 1, smooth, [=](In t) { return index_select(t[0], 0, rows(t)); }},
      {"index_select, 1", e, all, 1, smooth,
       [](In t) { return index_select(t[0], 1, some_indices(t[0].size(1), t[0].size(1))); }},
      {"index_add", e, numbers, 2, smooth, [=](In t) { return index_add(t[0], 0, rows(t), t[1]); }},
      {"gather", e, all, 1, smooth, [](In t) { return gather(t[0], 0, t[0].to(i64) % 2); }},
      {"scatter_add", e, numbers, 2, smooth,
       [](In t) { return scatter_add(t[0], 0, t[0].to(i64) % 2, t[1]); }},
      {"masked_fill", e, numbers, 1, smooth, [](In t) { return masked_fill(t[0], t[0] > 1, 0); }},
      {"masked_select", e, numbers, 1, smooth, [](In t) { return masked_select(t[0], t[0] > 1); }},
      {"one_hot", Kind::products, integers, 1, flat, [](In t) { return one_hot(t[0].to(i64), 4); }},
      {"nonzero", e, all, 1, flat, [](In t) { return nonzero(t[0]); }},
      {"tril", e, all, 1, smooth, [](In t) { return tril(t[0]); }},
      {"triu", e, all, 1, smooth, [](In t) { return triu(t[0]); }},
      {"pad, constant", Kind::images, numbers, 1, smooth,
       [](In t) { return padded(t[0], "constant"); }},
      {"pad, reflect", Kind::images, floating, 1, smooth,
       [](In t) { return padded(t[0], "reflect"); }},
      {"pad, replicate", Kind::images, floating, 1, smooth,
       [](In t) { return padded(t[0], "replicate"); }},
      {"pad, circular", Kind::images, floating, 1, smooth,
       [](In t) { return padded(t[0], "circular"); }},
  };
}

std::vector<Row> layers() {
  using enum Types;
  const Kind m = Kind::products, i = Kind::images, e = Kind::elements;
  const auto filters = [](In t, int64_t out, int64_t in, int64_t size) {
    return (uniform({out, in, size, size}) - 0.5).to(lib::type_of(t[0]));
  };
  return {
      {"matmul", m, floating, 2, smooth, [](In t) { return matmul(t[0], t[1]); }},
      {"mm", m, floating, 2, smooth, [](In t) { return mm(t[0], t[1]); }},
      {"bmm", m, floating, 2, smooth,
       [](In t) { return bmm(t[0].unsqueeze(0), t[1].unsqueeze(0)); }},
      {"matmul, vector", e, floating, 2, smooth,
       [](In t) {
         return matmul(t[0].reshape({-1, t[0].size(-1)}),
                       t[1].reshape({-1}).narrow(0, 0, t[0].size(-1)));
       }},
      {"matmul, dot", e, floating, 2, smooth,
       [](In t) { return matmul(t[0].reshape({-1}), t[1].reshape({-1})); }},
      {"linear", m, floating, 2, smooth, [](In t) { return linear(t[0], t[1]); }},
      {"conv2d, 3x3", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), t[0].size(1), 3), 1, 1, 1); }},
      {"conv2d, 1x1", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), t[0].size(1), 1), 1, 0, 1); }},
      {"conv2d, strided", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), t[0].size(1), 3), 2, 1, 1); }},
      {"conv2d, depthwise", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), 1, 3), 1, 1, t[0].size(1)); }},
      {"max_pool2d", i, floating, 1, smooth, [](In t) { return max_pool2d(t[0], 2); }},
      {"max_pool2d_with_indices", i, floating, 1, smooth,
       [](In t) { return std::get<0>(max_pool2d_with_indices(t[0], 2)); }},
      {"avg_pool2d", i, floating, 1, smooth, [](In t) { return avg_pool2d(t[0], 2); }},
      {"adaptive_avg_pool2d", i, floating, 1, smooth,
       [](In t) { return adaptive_avg_pool2d(t[0], 1); }},
      {"batch_norm", i, floating, 1, smooth,
       [](In t) { return batch_norm_of(t[0], uniform({t[0].size(1)}).to(lib::type_of(t[0]))); }},
      {"layer_norm", e, floating, 1, smooth, [](In t) { return layer_norm_of(t[0]); }},
      {"group_norm", i, floating, 1, smooth, [](In t) { return group_norm(t[0], 2); }},
      {"instance_norm", i, floating, 1, smooth, [](In t) { return instance_norm_of(t[0]); }},
      {"mse_loss", e, floating, 2, smooth, [](In t) { return mse_loss(t[0], t[1]); }},
      {"l1_loss", e, floating, 2, smooth, [](In t) { return l1_loss(t[0], t[1]); }},
      {"binary_cross_entropy_with_logits", e, floating, 2, smooth,
       [](In t) { return bce_with_logits(t[0], t[1]); }},
      {"cross_entropy", m, floating, 1, smooth,
       [](In t) { return cross_entropy_of(t[0], some_indices(t[0].size(0), t[0].size(1))); }},
      {"nll_loss", m, floating, 1, smooth,
       [](In t) { return nll_loss(t[0], some_indices(t[0].size(0), t[0].size(1))); }},
  };
}

std::vector<Row> factories() {
  using enum Types;
  const Kind e = Kind::elements;
  return {
      {"zeros_like", e, all, 1, flat, [](In t) { return lib::zeros_like(t[0]); }},
      {"ones_like", e, all, 1, flat, [](In t) { return lib::ones_like(t[0]); }},
      {"full_like", e, all, 1, flat, [](In t) { return lib::full_like(t[0], 1); }},
      {"rand_like", e, floating, 1, flat, [](In t) { return lib::rand_like(t[0]); }},
      {"randn_like", e, floating, 1, flat, [](In t) { return lib::randn_like(t[0]); }},
      {"arange", Kind::once, integers, 1, flat, [](In t) { return lib::arange(t[0].numel()); }},
      {"randperm", Kind::once, integers, 1, flat, [](In t) { return lib::randperm(t[0].numel()); }},
  };
}

}  // namespace

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto& family : {pointwise(), reductions(), selections(), layers(), factories()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

}  // namespace bench
