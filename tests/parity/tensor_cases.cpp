#include "cases.h"

namespace rw::test {
namespace {

Tensors squared(const Tensors& all) {
  Tensors squares;
  for (const Tensor& t : all) squares.push_back(t.square());
  return squares;
}

// f changes what an op made of x.
template <class F>
Tensor in_place(const Tensor& x, const F& f) {
  Tensor y = x * x - 1;
  f(y);
  return y;
}

std::vector<Case> elementwise() {
  return {
      {"abs", [](In x) { return abs(x); }},
      {"neg", [](In x) { return -x; }},
      {"sign", [](In x) { return sign(x); }},
      {"square", [](In x) { return square(x); }},
      {"sqrt", [](In x) { return sqrt(x); }},
      {"rsqrt", [](In x) { return rsqrt(x); }},
      {"reciprocal", [](In x) { return reciprocal(x); }},
      {"exp", [](In x) { return exp(x); }},
      {"expm1", [](In x) { return expm1(x); }},
      {"expm1_of_tiny", [](In x) { return expm1(x); }},
      {"log", [](In x) { return log(x); }},
      {"log1p", [](In x) { return log1p(x); }},
      {"log1p_of_tiny", [](In x) { return log1p(x); }},
      {"sin", [](In x) { return sin(x); }},
      {"cos", [](In x) { return cos(x); }},
      {"erf", [](In x) { return erf(x); }},
      {"floor", [](In x) { return floor(x); }},
      {"ceil", [](In x) { return ceil(x); }},
      {"round", [](In x) { return round(x); }},
      {"round_halves", [](In x) { return round(x); }},
      {"tanh", [](In x) { return tanh(x); }},
      {"tanh_of_large", [](In x) { return tanh(x); }},
      {"sigmoid", [](In x) { return sigmoid(x); }},
      {"sigmoid_of_large", [](In x) { return sigmoid(x); }},
      {"relu", [](In x) { return relu(x); }},
      {"leaky_relu", [](In x) { return leaky_relu(x); }},
      {"leaky_relu_slope", [](In x) { return leaky_relu(x, 0.3); }},
      {"gelu", [](In x) { return gelu(x); }},
      {"gelu_tanh", [](In x) { return gelu(x, Gelu::tanh); }},
      {"gelu_of_large", [](In x) { return gelu(x); }},
      {"elu", [](In x) { return elu(x); }},
      {"elu_alpha", [](In x) { return elu(x, 0.3); }},
      {"celu", [](In x) { return celu(x, 0.5); }},
      {"selu", [](In x) { return selu(x); }},
      {"elu_of_large", [](In x) { return elu(x); }},
      {"silu", [](In x) { return silu(x); }},
      {"softplus", [](In x) { return softplus(x); }},
      {"softplus_beta", [](In x) { return softplus(x, 3); }},
      {"softplus_threshold", [](In x) { return softplus(x, 2, 1.5); }},
      {"softplus_of_large", [](In x) { return softplus(x); }},
      {"abs_at_zero", [](In x) { return abs(x); }},
      {"sign_at_zero", [](In x) { return sign(x); }},
      {"relu_at_zero", [](In x) { return relu(x); }},
      {"leaky_relu_at_zero", [](In x) { return leaky_relu(x); }},
      {"square_by_pow_at_zero", [](In x) { return pow(x, 2); }},
      {"pow_0_at_zero", [](In x) { return pow(x, 0); }},
      {"pow_1_at_zero", [](In x) { return pow(x, 1); }},
      {"add", [](In a, In b) { return a + b; }},
      {"add_broadcast", [](In a, In b) { return (a + b).square(); }},
      {"add_alpha", [](In a, In b) { return add(a, b, 2.5); }},
      {"add_scalar", [](In x) { return x + 0.75; }},
      {"sub", [](In a, In b) { return a - b; }},
      {"sub_broadcast", [](In a, In b) { return (a - b).square(); }},
      {"sub_alpha", [](In a, In b) { return sub(a, b, -0.5); }},
      {"sub_from_scalar", [](In x) { return (1.5 - x).square(); }},
      {"mul", [](In a, In b) { return a * b; }},
      {"mul_broadcast", [](In a, In b) { return a * b; }},
      {"mul_by_itself", [](In x) { return x * x * x; }},
      {"mul_scalar", [](In x) { return (x * -1.25).square(); }},
      {"div", [](In a, In b) { return a / b; }},
      {"div_broadcast", [](In a, In b) { return a / b; }},
      {"div_by_scalar", [](In x) { return (x / 3).square(); }},
      {"div_scalar_by", [](In x) { return 2 / x; }},
      {"rank_0", [](In a, In b) { return a * b; }},
      {"pow", [](In a, In b) { return pow(a, b); }},
      {"pow_2", [](In x) { return pow(x, 2); }},
      {"pow_3", [](In x) { return pow(x, 3); }},
      {"pow_-1", [](In x) { return pow(x, -1); }},
      {"pow_-1.5", [](In x) { return pow(x, -1.5); }},
      {"pow_0.5", [](In x) { return pow(x, 0.5); }},
      {"pow_2.5", [](In x) { return pow(x, 2.5); }},
      {"pow_of_scalar", [](In x) { return pow(2.5, x); }},
      {"pow_of_negative", [](In a, In b) { return pow(a, b); }},
      {"pow_of_zero", [](In a, In b) { return pow(a, b); }},
      {"maximum", [](In a, In b) { return maximum(a, b).square(); }},
      {"minimum", [](In a, In b) { return minimum(a, b).square(); }},
      {"maximum_of_equal", [](In a, In b) { return maximum(a, b); }},
      {"minimum_of_equal", [](In a, In b) { return minimum(a, b); }},
      {"maximum_of_nan", [](In a, In b) { return maximum(a, b); }},
      {"clamp", [](In x) { return clamp(x, -0.5, 1.25).square(); }},
      {"clamp_min", [](In x) { return clamp_min(x, 0.25).square(); }},
      {"clamp_max", [](In x) { return clamp_max(x, -0.25).square(); }},
      {"clamp_at_bounds", [](In x) { return clamp(x, -1, 2); }},
      {"where", [](In m, In a, In b) { return where(m, a, b).square(); }},
      {"where_broadcast", [](In m, In a, In b) { return where(m, a, b).square(); }},
      {"where_scalar", [](In m, In a) { return where(m, a, 0.5).square(); }},
      {"where_scalar_first", [](In m, In a) { return where(m, -1.5, a).square(); }},
      {"eq", [](In a, In b) { return a == b; }},
      {"ne", [](In a, In b) { return a != b; }},
      {"lt", [](In a, In b) { return a < b; }},
      {"le", [](In a, In b) { return a <= b; }},
      {"gt", [](In a, In b) { return a > b; }},
      {"ge", [](In a, In b) { return a >= b; }},
      {"le_scalar", [](In a) { return a <= 1; }},
      {"logical",
       [](In a, In b) {
         return logical_or(logical_not(logical_and(a, b)), logical_and(a, logical_not(b)));
       }},
      {"isnan", [](In x) { return isnan(x); }},
      {"isfinite", [](In x) { return isfinite(x); }},
      {"add_of_int_and_double", [](In a, In b) { return a + b; }},
      {"mul_of_bool_and_double", [](In a, In b) { return a * b; }},
      {"mul_of_int_by_double", [](In a) { return a * 2.5; }},
      {"div_of_ints", [](In a, In b) { return a / b; }},
      {"sqrt_of_int", [](In a) { return sqrt(a); }},
      {"add_", [](In x, In y) { return in_place(x, [&](Tensor& t) { t.add_(y, 0.5); }); }},
      {"mul_", [](In x, In y) { return in_place(x, [&](Tensor& t) { t.mul_(y); }); }},
      {"sub_", [](In x, In y) { return in_place(x, [&](Tensor& t) { t.sub_(y).mul_(2); }); }},
      {"div_", [](In x, In y) { return in_place(x, [&](Tensor& t) { t.div_(y); }); }},
      {"copy_", [](In x, In y) { return in_place(x, [&](Tensor& t) { t.copy_(y * y); }); }},
      {"fill_", [](In x) { return in_place(x, [](Tensor& t) { t.fill_(0.5); }); }},
      {"masked_fill_",
       [](In x, In m) { return in_place(x, [&](Tensor& t) { t.masked_fill_(m, 2); }); }},
      {"relu_", [](In x) { return in_place(x, [](Tensor& t) { t.relu_(); }); }},
      {"clamp_", [](In x) { return in_place(x, [](Tensor& t) { t.clamp_(-0.5, 2); }); }},
  };
}

// y = x * x - 1 with values squared put to `at`.
Tensor put(In x, std::initializer_list<Index> at, In values, bool accumulate = false) {
  return in_place(x, [&](Tensor& t) { t.index_put_(at, values * values, accumulate); });
}

std::vector<Case> views_in_place() {
  return {
      {"views_",
       [](In x, In w) {
         return in_place(x, [&](Tensor& t) {
           t.narrow(0, 1, 2).mul_(w);
           t.index({Slice(0, 2), Slice(0, Slice::none, 3)}).copy_(w.slice(0, 0, 2) * w.slice(0, 2));
           t.diagonal().add_(w.slice(0, 1));
           t.t().slice(0, 1).relu_();
         });
       }},
      {"overlapping_views_",
       [](In x, In w) {
         return in_place(x, [&](Tensor& t) {
           Tensor upper = t.narrow(0, 0, 2), lower = t.narrow(0, 1, 2);
           upper.mul_(w);
           lower.add_(upper);
           upper.copy_(lower);
         });
       }},
      {"filled_views_",
       [](In x, In m) {
         return in_place(x, [&](Tensor& t) {
           t[0].fill_(0.5);
           t.select(1, 2).zero_();
           t.slice(0, 1).masked_fill_(m, 2);
         });
       }},
      {"old_views_",
       [](In x, In w) {
         return in_place(x, [&](Tensor& t) {
           Tensor row = t[1], column = t.select(1, 2);
           t.mul_(w);
           row.mul_(column.sum());
           t[2].copy_(row.clone().square());
           column.div_(w[0] * w[0] + 1);
         });
       }},
      {"buffer_of_rows",
       [](In x, In w) {
         const Tensor buffer = zeros({4, 4}, float64);
         buffer[0].copy_(w * w);
         for (int64_t i = 0; i < 3; ++i) buffer[i + 1].copy_(buffer[i].clone() * x[i]);
         return buffer;
       }},
      {"index_put_number", [](In x, In v) { return put(x, {1}, v); }},
      {"index_put_slices",
       [](In x, In v) {
         return put(x, {Slice(1, 3), Slice(0, 4, 2)}, v);
       }},
      {"index_put_rows",
       [](In x, In v) {
         return put(x, {from<int64_t>({2, 0})}, v);
       }},
      {"index_put_pairs",
       [](In x, In v) {
         return put(x, {from<int64_t>({2, 0}), from<int64_t>({1, 3})}, v);
       }},
      {"index_put_grid",
       [](In x, In v) {
         return put(x, {from<int64_t>({2, 0}).unsqueeze(1), from<int64_t>({1, 3})}, v);
       }},
      {"index_put_repeated",
       [](In x, In v) {
         return put(x, {from<int64_t>({2, 0, 2})}, v, true);
       }},
      {"index_put_apart",
       [](In x, In v) {
         return put(x, {from<int64_t>({1, 0, 1}), Slice(), from<int64_t>({2, 1, 0})}, v, true);
       }},
      {"index_put_mask",
       [](In x, In v) {
         const Tensor m = from({{1, 0, 0, 1}, {0, 0, 0, 0}, {1, 1, 1, 1}}).to(boolean);
         return put(x, {m}, v);
       }},
  };
}

std::vector<Case> reductions() {
  return {
      {"sum", [](In x) { return x.sum().square(); }},
      {"sum_dim", [](In x) { return x.sum(1).square(); }},
      {"sum_dims",
       [](In x) {
         return x.sum({0, -1}).square();
       }},
      {"sum_keepdim", [](In x) { return x.sum(-1, true) * x; }},
      {"sum_of_rank_0", [](In x) { return x.sum().square(); }},
      {"sum_of_ints", [](In x) { return x.sum(0); }},
      {"sum_of_bools", [](In x) { return x.sum(); }},
      {"sum_of_nothing",
       [](In x) {
         return x.reshape({0, 3}).sum(0);
       }},
      {"mean", [](In x) { return x.mean().square(); }},
      {"mean_dim", [](In x) { return x.mean(0).square(); }},
      {"mean_dims_keepdim",
       [](In x) {
         return x.mean({1, 2}, true).square();
       }},
      {"var", [](In x) { return x.var(); }},
      {"var_dim", [](In x) { return x.var(Dims{1}); }},
      {"var_dims_keepdim",
       [](In x) {
         return x.var({0, 2}, 1, true);
       }},
      {"var_biased", [](In x) { return x.var(-1, 0); }},
      {"std", [](In x) { return x.std(); }},
      {"std_dim", [](In x) { return x.std(Dims{2}); }},
      {"std_dims_biased",
       [](In x) {
         return x.std({0, 1}, 0, true);
       }},
      {"amax", [](In x) { return x.amax().square(); }},
      {"amax_dims",
       [](In x) {
         return x.amax({0, 2}).square();
       }},
      {"amin_keepdim", [](In x) { return x.amin(1, true).square(); }},
      {"amax_of_ties", [](In x) { return x.amax(1); }},
      {"amin_of_ties",
       [](In x) {
         return x.amin({0, 1});
       }},
      {"max", [](In x) { return x.max().square(); }},
      {"min", [](In x) { return x.min().square(); }},
      {"max_of_ties_anywhere", [](In x) { return x.max(); }},
      {"max_dim", [](In x) { return x.max(1); }},
      {"max_dim_keepdim", [](In x) { return x.max(-1, true); }},
      {"max_dim_of_ties", [](In x) { return x.max(1); }},
      {"min_dim", [](In x) { return x.min(0); }},
      {"min_dim_of_nan", [](In x) { return x.min(0); }},
      {"argmax", [](In x) { return x.argmax(); }},
      {"argmax_dim", [](In x) { return x.argmax(1); }},
      {"argmin_keepdim", [](In x) { return x.argmin(-1, true); }},
      {"argmax_of_ties", [](In x) { return x.argmax(1); }},
      {"prod", [](In x) { return x.prod(); }},
      {"prod_dim", [](In x) { return x.prod(1); }},
      {"prod_keepdim", [](In x) { return x.prod(-1, true); }},
      {"prod_with_a_zero", [](In x) { return x.prod(); }},
      {"prod_with_zeros", [](In x) { return x.prod(1); }},
      {"prod_of_ints", [](In x) { return x.prod(0); }},
      {"logsumexp", [](In x) { return x.logsumexp(1); }},
      {"logsumexp_dims",
       [](In x) {
         return x.logsumexp({0, 2}, true);
       }},
      {"cumsum", [](In x) { return x.cumsum(1).square(); }},
      {"cumsum_of_bool", [](In x) { return x.to(boolean).cumsum(0); }},
      {"logsumexp_of_large", [](In x) { return x.logsumexp(0); }},
      {"logsumexp_of_nothing_left", [](In x) { return x.logsumexp(0); }},
      {"all", [](In x) { return x.all(1); }},
      {"any", [](In x) { return x.any(1, true); }},
      {"all_of_numbers", [](In x) { return x.all(); }},
      {"softmax", [](In x) { return x.softmax(1); }},
      {"softmax_dim_0", [](In x) { return x.softmax(0); }},
      {"softmax_middle", [](In x) { return x.softmax(1); }},
      {"softmax_of_large", [](In x) { return x.softmax(-1); }},
      {"log_softmax", [](In x) { return x.log_softmax(-1); }},
      {"log_softmax_dim_0", [](In x) { return x.log_softmax(0); }},
      {"log_softmax_middle", [](In x) { return x.log_softmax(-2); }},
      {"log_softmax_of_large", [](In x) { return x.log_softmax(1); }},
  };
}

std::vector<Case> products() {
  return {
      {"matmul_1_1", [](In a, In b) { return matmul(a, b); }},
      {"matmul_2_1", [](In a, In b) { return matmul(a, b); }},
      {"matmul_1_2", [](In a, In b) { return matmul(a, b); }},
      {"matmul_2_2", [](In a, In b) { return matmul(a, b); }},
      {"matmul_3_1", [](In a, In b) { return matmul(a, b); }},
      {"matmul_1_3", [](In a, In b) { return matmul(a, b); }},
      {"matmul_3_2", [](In a, In b) { return matmul(a, b); }},
      {"matmul_2_3", [](In a, In b) { return matmul(a, b); }},
      {"matmul_3_3", [](In a, In b) { return matmul(a, b); }},
      {"matmul_broadcast", [](In a, In b) { return matmul(a, b); }},
      {"matmul_transposed", [](In a, In b) { return matmul(a.t(), b.t()); }},
      {"matmul_by_itself", [](In a) { return matmul(a, a); }},
      {"matmul_of_nothing",
       [](In a, In b) {
         return matmul(a.reshape({2, 0}), b.reshape({0, 3}));
       }},
      {"matmul_of_ints", [](In a, In b) { return matmul(a, b); }},
      {"mm", [](In a, In b) { return mm(a, b); }},
      {"bmm", [](In a, In b) { return bmm(a, b); }},
      {"linear", [](In x, In w, In b) { return linear(x, w, b); }},
      {"linear_no_bias", [](In x, In w) { return linear(x, w); }},
      {"linear_of_vector", [](In x, In w, In b) { return linear(x, w, b); }},
      {"linear_of_batches", [](In x, In w, In b) { return linear(x, w, b); }},
  };
}

std::vector<Case> views() {
  return {
      {"reshape",
       [](In x) {
         return x.reshape({4, -1}).square();
       }},
      {"flatten", [](In x) { return x.flatten(1).square(); }},
      {"unflatten",
       [](In x) {
         return x.unflatten(-1, {2, 2}).square();
       }},
      {"transpose", [](In x) { return x.transpose(0, -1).square(); }},
      {"t", [](In x) { return x.t().square(); }},
      {"permute",
       [](In x) {
         return x.permute({2, 0, 1}).square();
       }},
      {"permute_reshape",
       [](In x) {
         return x.permute({2, 0, 1}).reshape({8, 3}).square();
       }},
      {"expand",
       [](In x) {
         return x.expand({2, 3, -1}).square();
       }},
      {"squeeze", [](In x) { return x.squeeze().square(); }},
      {"squeeze_dim", [](In x) { return x.squeeze(2).square(); }},
      {"unsqueeze", [](In x) { return x.unsqueeze(-2).square(); }},
      {"select", [](In x) { return x.select(1, -1).square(); }},
      {"slice", [](In x) { return x.slice(1, 1).slice(2, 0, 4, 2).square(); }},
      {"slice_beyond", [](In x) { return x.slice(1, -2, 100).square(); }},
      {"narrow", [](In x) { return x.narrow(2, 1, 2).square(); }},
      {"split", [](In x) { return squared(x.split(3, 2)); }},
      {"split_sizes",
       [](In x) {
         return squared(x.split({1, 3}, -1));
       }},
      {"chunk", [](In x) { return squared(x.chunk(3, -1)); }},
      {"unbind", [](In x) { return squared(x.unbind(1)); }},
      {"diagonal", [](In x) { return x.diagonal().square(); }},
      {"diagonal_dims", [](In x) { return x.diagonal(1, 1, 2).square(); }},
      {"cat",
       [](In a, In b) {
         return cat({a, b}).square();
       }},
      {"cat_dim",
       [](In a, In b, In c) {
         return cat({a, b, c}, -1).square();
       }},
      {"cat_of_int_and_double",
       [](In a, In b) {
         return cat({a, b});
       }},
      {"stack",
       [](In a, In b) {
         return stack({a, b}).square();
       }},
      {"stack_last",
       [](In a, In b) {
         return stack({a, b}, -1).square();
       }},
      {"to_float32_and_back", [](In x) { return x.square().to(float32).to(float64); }},
      {"double_to_int", [](In x) { return x.to(int64); }},
  };
}

std::vector<Case> indexing() {
  return {
      {"index_number",
       [](In x) {
         return x.index({1, -1}).square();
       }},
      {"index_ellipsis",
       [](In x) {
         return x.index({Ellipsis, 2}).square();
       }},
      {"index_none",
       [](In x) {
         return x.index({Slice(), None, 1}).square();
       }},
      {"index_tensor", [](In x, In i) { return x.index({i}).square(); }},
      {"index_tensor_of_rank_2",
       [](In x, In i) {
         return x.index({Slice(), i}).square();
       }},
      {"index_tensors",
       [](In x, In i, In j) {
         return x.index({i, Slice(), j}).square();
       }},
      {"index_tensors_side_by_side",
       [](In x, In i, In j) {
         return x.index({Slice(), i, j}).square();
       }},
      {"index_mask", [](In x, In m) { return x.index({m}).square(); }},
      {"index_mask_of_rows",
       [](In x, In m) {
         return x.index({m, Slice(1)}).square();
       }},
      {"gather", [](In x, In i) { return gather(x, 1, i).square(); }},
      {"gather_dim_0", [](In x, In i) { return gather(x, 0, i).square(); }},
      {"scatter_add", [](In x, In i, In s) { return scatter_add(x, 1, i, s).square(); }},
      {"scatter_add_dim_0", [](In x, In i, In s) { return scatter_add(x, 0, i, s).square(); }},
      {"index_select", [](In x, In i) { return index_select(x, 1, i).square(); }},
      {"index_add", [](In x, In i, In s) { return index_add(x, 0, i, s).square(); }},
      {"masked_fill", [](In x, In m) { return masked_fill(x, m, 1.5).square(); }},
      {"masked_fill_broadcast", [](In x, In m) { return masked_fill(x, m, -1).square(); }},
      {"masked_select", [](In x, In m) { return masked_select(x, m).square(); }},
      {"nonzero", [](In x) { return nonzero(x); }},
      {"one_hot", [](In i) { return one_hot(i, 4); }},
      {"tril", [](In x) { return tril(x).square(); }},
      {"triu", [](In x) { return triu(x, 1).square(); }},
      {"tril_below", [](In x) { return tril(x, -1).square(); }},
      {"pad",
       [](In x) {
         return pad(x, {1, 2}, PaddingMode::zeros, 1.5).square();
       }},
      {"pad_crop",
       [](In x) {
         return pad(x, {-1, 2, 1, -1}).square();
       }},
      {"pad_three_dims",
       [](In x) {
         return pad(x, {0, 1, 1, 0, 1, 1}).square();
       }},
      {"pad_reflect",
       [](In x) {
         return pad(x, {3, 1, 2, 3}, PaddingMode::reflect).square();
       }},
      {"pad_replicate",
       [](In x) {
         return pad(x, {3, 1, 0, 6}, PaddingMode::replicate).square();
       }},
      {"pad_circular",
       [](In x) {
         return pad(x, {3, 1, 4, 0}, PaddingMode::circular).square();
       }},
  };
}

}  // namespace

std::vector<Case> tensor_cases() {
  std::vector<Case> all;
  for (const auto& family :
       {elementwise(), views_in_place(), reductions(), products(), views(), indexing()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::test
