#include "table.h"

namespace rw::test {

static Rows pointwise_rows() {
  const Tensor x = normal({2, 3}), y = normal({2, 3}), v = normal({3});
  const Tensor p = positive({2, 3}), q = positive({2, 3}), s = normal({});
  const Tensor d = distinct({2, 3}), e = distinct({2, 3}, 0.15);
  const Tensor mask = from<double>({{1, 0, 1}, {0, 0, 1}}) > 0;
  return {
      {"add", [](In a, In b) { return add(a, b); }, {x, y}},
      {"add, broadcast and scaled", [](In a, In b) { return add(a, b, 2.5).square(); }, {x, v}},
      {"add", [](In a) { return add(a, 1.5); }, {x}},
      {"sub", [](In a, In b) { return sub(a, b); }, {x, y}},
      {"sub, broadcast and scaled", [](In a, In b) { return sub(a, b, 2.5).square(); }, {v, x}},
      {"sub", [](In a) { return sub(a, 1.5); }, {x}},
      {"mul", [](In a, In b) { return mul(a, b); }, {x, y}},
      {"mul, broadcast", [](In a, In b) { return mul(a, b); }, {x, v}},
      {"mul, by rank 0", [](In a, In b) { return mul(a, b); }, {x, s}},
      {"mul, by itself", [](In a) { return mul(a, a); }, {x}},
      {"mul", [](In a) { return mul(a, -1.5); }, {x}},
      {"div", [](In a, In b) { return div(a, b); }, {x, p}},
      {"div, broadcast", [](In a, In b) { return div(a, b); }, {v, p}},
      {"div", [](In a) { return div(a, 1.5); }, {x}},
      {"pow", [](In a, In b) { return pow(a, b); }, {p, x}},
      {"pow, broadcast", [](In a, In b) { return pow(a, b); }, {p, v}},
      {"pow", [](In a) { return pow(a, 1.5); }, {p}},
      {"pow, to a whole number", [](In a) { return pow(a, 3); }, {x}},
      {"pow", [](In a) { return pow(1.5, a); }, {x}},
      {"maximum", [](In a, In b) { return maximum(a, b).square(); }, {d, e}},
      {"minimum", [](In a, In b) { return minimum(a, b).square(); }, {d, e}},

      {"operator+", [](In a, In b) { return a + b; }, {x, v}},
      {"operator+", [](In a) { return a + 1.5; }, {x}},
      {"operator+", [](In a) { return 1.5 + a; }, {x}},
      {"operator-", [](In a, In b) { return a - b; }, {x, v}},
      {"operator-", [](In a) { return a - 1.5; }, {x}},
      {"operator-", [](In a) { return 1.5 - a; }, {x}},
      {"operator-", [](In a) { return -a; }, {x}},
      {"operator*", [](In a, In b) { return a * b; }, {x, v}},
      {"operator*", [](In a) { return a * 1.5; }, {x}},
      {"operator*", [](In a) { return 1.5 * a; }, {x}},
      {"operator/", [](In a, In b) { return a / b; }, {x, p}},
      {"operator/", [](In a) { return a / 1.5; }, {x}},
      {"operator/", [](In a) { return 1.5 / a; }, {p}},
      {"operator+, of temporaries",
       [](In a, In b) { return (2 - a * b) + tanh(a + b) / 3; },
       {x, y}},

      {"where, of two numbers", [mask](In a) { return a * where(mask, 2, 1.5).to(float64); }, {x}},
      {"remainder", [](In a, In b) { return remainder(a * 4, b).square(); }, {x, p}},
      {"remainder", [](In a) { return remainder(a * 4, -1.3).square(); }, {x}},
      {"remainder", [](In a) { return remainder(5.5, a).square(); }, {p}},
      {"operator%", [](In a, In b) { return ((a * 4) % b).square(); }, {x, p}},
      {"operator%", [](In a) { return ((a * 4) % -1.3).square(); }, {x}},
      {"operator%", [](In a) { return (5.5 % a).square(); }, {p}},
      {"where", [mask](In a, In b) { return where(mask, a, b).square(); }, {x, v}},
      {"where", [mask](In a) { return where(mask, a, 1.5).square(); }, {x}},
      {"where", [mask](In a) { return where(mask, 1.5, a).square(); }, {v}},
      {"clamp", [](In a) { return clamp(a, -0.4, 0.5).square(); }, {d}},
      {"clip", [](In a) { return clip(a, -0.4, 0.5).square(); }, {d}},
      {"clamp_min", [](In a) { return clamp_min(a, -0.4).square(); }, {d}},
      {"clamp_max", [](In a) { return clamp_max(a, 0.5).square(); }, {d}},
      {"Tensor::clamp", [](In a) { return a.clamp(-0.4, 0.5).square(); }, {d}},

      {"abs", [](In a) { return abs(a).square(); }, {d}},
      {"neg", [](In a) { return neg(a); }, {x}},
      {"sign", [](In a) { return sign(a); }, {d}},
      {"square", [](In a) { return square(a); }, {x}},
      {"sqrt", [](In a) { return sqrt(a); }, {p}},
      {"rsqrt", [](In a) { return rsqrt(a); }, {p}},
      {"reciprocal", [](In a) { return reciprocal(a); }, {p}},
      {"exp", [](In a) { return exp(a); }, {x}},
      {"expm1", [](In a) { return expm1(a); }, {x}},
      {"log", [](In a) { return log(a); }, {p}},
      {"log1p", [](In a) { return log1p(a); }, {p}},
      {"sin", [](In a) { return sin(a); }, {x}},
      {"cos", [](In a) { return cos(a); }, {x}},
      {"erf", [](In a) { return erf(a); }, {x}},
      {"floor", [](In a) { return floor(a); }, {d}},
      {"ceil", [](In a) { return ceil(a); }, {d}},
      {"round", [](In a) { return round(a); }, {d}},
      {"tanh", [](In a) { return tanh(a); }, {x}},
      {"sigmoid", [](In a) { return sigmoid(a); }, {x}},
      {"relu", [](In a) { return relu(a).square(); }, {d}},
      {"leaky_relu", [](In a) { return leaky_relu(a, 0.2).square(); }, {d}},
      {"elu", [](In a) { return elu(a, 0.7); }, {d}},
      {"celu", [](In a) { return celu(a, 1.7).square(); }, {d}},
      {"selu", [](In a) { return selu(a).square(); }, {d}},
      {"gelu", [](In a) { return gelu(a); }, {x}},
      {"gelu, by tanh", [](In a) { return gelu(a, Gelu::tanh); }, {x}},
      {"silu", [](In a) { return silu(a); }, {x}},
      {"softplus", [](In a) { return softplus(a); }, {x}},
      {"softplus, with a threshold", [](In a) { return softplus(a, 2, 1); }, {d}},

      {"Tensor::abs", [](In a) { return a.abs().square(); }, {d}},
      {"Tensor::neg", [](In a) { return a.neg(); }, {x}},
      {"Tensor::exp", [](In a) { return a.exp(); }, {x}},
      {"Tensor::log", [](In a) { return a.log(); }, {p}},
      {"Tensor::log1p", [](In a) { return a.log1p(); }, {p}},
      {"Tensor::sqrt", [](In a) { return a.sqrt(); }, {p}},
      {"Tensor::rsqrt", [](In a) { return a.rsqrt(); }, {p}},
      {"Tensor::reciprocal", [](In a) { return a.reciprocal(); }, {p}},
      {"Tensor::square", [](In a) { return a.square(); }, {x}},
      {"Tensor::sin", [](In a) { return a.sin(); }, {x}},
      {"Tensor::cos", [](In a) { return a.cos(); }, {x}},
      {"Tensor::tanh", [](In a) { return a.tanh(); }, {x}},
      {"Tensor::sigmoid", [](In a) { return a.sigmoid(); }, {x}},
      {"Tensor::erf", [](In a) { return a.erf(); }, {x}},
      {"Tensor::relu", [](In a) { return a.relu().square(); }, {d}},
      {"Tensor::pow", [](In a, In b) { return a.pow(b); }, {p, q}},
      {"Tensor::pow", [](In a) { return a.pow(-0.5); }, {p}},
  };
}

static Rows in_place_rows() {
  const Tensor x = normal({2, 3}), v = normal({3}), p = positive({2, 3}), d = distinct({2, 3});
  const Tensor rows = from<int64_t>({1, 0}), twice = from<int64_t>({2, 0, 2});
  const Tensor mask = from<double>({{1, 0, 1}, {0, 0, 1}}) > 0;
  return {
      {"Tensor::add_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.add_(b, 2); }); },
       {x, v}},
      {"Tensor::add_", [](In a) { return changed(a, [](Tensor& t) { t.add_(1.5); }); }, {x}},
      {"Tensor::sub_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.sub_(b, 2); }); },
       {x, v}},
      {"Tensor::sub_", [](In a) { return changed(a, [](Tensor& t) { t.sub_(1.5); }); }, {x}},
      {"Tensor::mul_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.mul_(b); }); },
       {x, v}},
      {"Tensor::mul_, by itself",
       [](In a) { return changed(a, [](Tensor& t) { t.mul_(t); }); },
       {x}},
      {"Tensor::mul_", [](In a) { return changed(a, [](Tensor& t) { t.mul_(1.5); }); }, {x}},
      {"Tensor::div_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.div_(b); }); },
       {x, p}},
      {"Tensor::mul_, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.t().mul_(b); }); },
       {x, normal({2})}},
      {"Tensor::div_", [](In a) { return changed(a, [](Tensor& t) { t.div_(1.5); }); }, {x}},
      {"Tensor::copy_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.copy_(b); }); },
       {x, v}},
      {"Tensor::copy_, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.slice(1, 0, 3, 2).copy_(b); }); },
       {x, normal({2})}},
      {"Tensor::fill_", [](In a) { return changed(a, [](Tensor& t) { t.fill_(1.5); }); }, {x}},
      {"Tensor::zero_", [](In a) { return changed(a, [](Tensor& t) { t.zero_(); }); }, {x}},
      {"Tensor::relu_", [](In a) { return changed(a, [](Tensor& t) { t.relu_(); }); }, {d}},
      {"Tensor::clamp_",
       [](In a) { return changed(a, [](Tensor& t) { t.clamp_(-0.4, 0.5); }); },
       {d}},
      {"Tensor::masked_fill_",
       [mask](In a) { return changed(a, [&](Tensor& t) { t.masked_fill_(mask, 1.5); }); },
       {x}},
      {"Tensor::index_put_",
       [rows](In a, In b) { return changed(a, [&](Tensor& t) {
                              t.index_put_({rows, 1}, b);
                            }); },
       {x, normal({2})}},
      {"Tensor::index_put_, a mask",
       [mask](In a, In b) { return changed(a, [&](Tensor& t) { t.index_put_({mask}, b); }); },
       {x, v}},
      {"Tensor::index_put_, adding",
       [twice](In a, In b) {
         return changed(a, [&](Tensor& t) { t.index_put_({Slice(), twice}, b, true); });
       },
       {x, normal({2, 3})}},
      {"Tensor::uniform_",
       [](In a) {
         manual_seed(1);
         return changed(a, [](Tensor& t) { t.uniform_(); });
       },
       {x}},
      {"Tensor::normal_",
       [](In a) {
         manual_seed(1);
         return changed(a, [](Tensor& t) { t.normal_(); });
       },
       {x}},
      {"Tensor::bernoulli_",
       [](In a) {
         manual_seed(1);
         return changed(a, [](Tensor& t) { t.bernoulli_(); });
       },
       {x}},

      {"operator+=", [](In a, In b) { return changed(a, [&](Tensor& t) { t += b; }); }, {x, v}},
      {"operator+=", [](In a) { return changed(a, [](Tensor& t) { t += 1.5; }); }, {x}},
      {"operator+=, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t[1] += b; }); },
       {x, v}},
      {"operator-=", [](In a, In b) { return changed(a, [&](Tensor& t) { t -= b; }); }, {x, v}},
      {"operator-=", [](In a) { return changed(a, [](Tensor& t) { t -= 1.5; }); }, {x}},
      {"operator-=, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t[1] -= b; }); },
       {x, v}},
      {"operator*=", [](In a, In b) { return changed(a, [&](Tensor& t) { t *= b; }); }, {x, v}},
      {"operator*=", [](In a) { return changed(a, [](Tensor& t) { t *= 1.5; }); }, {x}},
      {"operator*=, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t[1] *= b; }); },
       {x, v}},
      {"operator/=", [](In a, In b) { return changed(a, [&](Tensor& t) { t /= b; }); }, {x, p}},
      {"operator/=", [](In a) { return changed(a, [](Tensor& t) { t /= 1.5; }); }, {x}},
      {"operator/=, of a view",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t[1] /= b[0]; }); },
       {x, p}},
  };
}

static const Family pointwise_family(pointwise_rows);
static const Family in_place_family(in_place_rows);

}  // namespace rw::test
