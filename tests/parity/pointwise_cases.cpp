#include "cases.h"

namespace rw::test {
namespace {

// f changes what an op made of x.
template <class F>
Tensor in_place(const Tensor& x, const F& f) {
  Tensor y = x * x - 1;
  f(y);
  return y;
}

Cases elementwise() {
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

Cases views_in_place() {
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

}  // namespace

static Cases pointwise_cases() { return joined({elementwise(), views_in_place()}); }

static const Family pointwise_family(pointwise_cases);

}  // namespace rw::test
