#include "table.h"

namespace rw::test {

static Rows reduction_rows() {
  const Tensor x = normal({2, 3, 2}), d = distinct({2, 3, 2});
  Tensor zeros_too = normal({3, 4}).detach();
  zeros_too[0][1].zero_();
  zeros_too[2][0].zero_();
  zeros_too[2][3].zero_();
  zeros_too.requires_grad_();
  const Dims ends = {0, -1};
  return {
      {"sum", [](In a) { return sum(a).square(); }, {x}},
      {"sum, dims", [=](In a) { return sum(a, ends).square(); }, {x}},
      {"mean", [](In a) { return mean(a).square(); }, {x}},
      {"mean, dims", [=](In a) { return mean(a, ends, true).square(); }, {x}},
      {"var", [](In a) { return var(a); }, {x}},
      {"var, dims", [=](In a) { return var(a, ends, 0, true); }, {x}},
      {"std", [](In a) { return std(a); }, {x}},
      {"std, dims", [=](In a) { return std(a, ends, 0, true); }, {x}},
      {"amax", [](In a) { return amax(a).square(); }, {d}, Ties::kink},
      {"amax, dims", [=](In a) { return amax(a, ends, true).square(); }, {d}, Ties::kink},
      {"amin", [](In a) { return amin(a).square(); }, {d}, Ties::kink},
      {"amin, dims", [=](In a) { return amin(a, ends, true).square(); }, {d}, Ties::kink},
      {"max", [](In a) { return max(a, 1).first.square(); }, {d}, Ties::kink},
      {"max, with indices", [](In a) { return max(a, -1, true); }, {d}, Ties::kink},
      {"min", [](In a) { return min(a, 1).first.square(); }, {d}, Ties::kink},
      {"min, with indices", [](In a) { return min(a, -1, true); }, {d}, Ties::kink},
      {"prod", [](In a) { return prod(a); }, {x}},
      {"prod", [](In a) { return prod(a, 1); }, {x}},
      {"prod, with zeros", [](In a) { return prod(a, 1, true); }, {zeros_too}},
      {"logsumexp", [](In a) { return logsumexp(a, 1); }, {x}},
      {"logsumexp, dims", [=](In a) { return logsumexp(a, ends, true); }, {x}},
      {"cumsum", [](In a) { return cumsum(a, 1).square(); }, {x}},
      {"cumsum, along rows", [](In a) { return cumsum(a, -1).square(); }, {x}},
      {"Tensor::cumsum", [](In a) { return a.cumsum(0).square(); }, {x}},

      {"Tensor::sum", [](In a) { return a.sum().square(); }, {x}},
      {"Tensor::sum", [](In a) { return a.sum(1).square(); }, {x}},
      {"Tensor::sum, dims", [=](In a) { return a.sum(ends, true) * a; }, {x}},
      {"Tensor::mean", [](In a) { return a.mean().square(); }, {x}},
      {"Tensor::mean", [](In a) { return a.mean(1, true) * a; }, {x}},
      {"Tensor::var", [](In a) { return a.var(); }, {x}},
      {"Tensor::var", [](In a) { return a.var(Dims{1}, 1, true); }, {x}},
      {"Tensor::var", [](In a) { return a.var(false); }, {x}},
      {"Tensor::std", [](In a) { return a.std(); }, {x}},
      {"Tensor::std", [](In a) { return a.std(false); }, {x}},
      {"Tensor::std", [](In a) { return a.std(Dims{1}, 0, true); }, {x}},
      {"Tensor::amax", [](In a) { return a.amax(1).square(); }, {d}, Ties::kink},
      {"Tensor::amin", [](In a) { return a.amin(0).square(); }, {d}, Ties::kink},
      {"Tensor::max", [](In a) { return a.max().square(); }, {d}, Ties::kink},
      {"Tensor::max", [](In a) { return a.max(1); }, {d}, Ties::kink},
      {"Tensor::min", [](In a) { return a.min().square(); }, {d}, Ties::kink},
      {"Tensor::min", [](In a) { return a.min(1, true); }, {d}, Ties::kink},
      {"Tensor::prod", [](In a) { return a.prod(); }, {x}},
      {"Tensor::prod, with zeros", [](In a) { return a.prod(); }, {zeros_too}},
      {"Tensor::prod", [](In a) { return a.prod(-1, true); }, {x}},
      {"Tensor::logsumexp", [](In a) { return a.logsumexp(0); }, {x}},

      {"softmax", [](In a) { return softmax(a, -1); }, {x}},
      {"softmax, first dim", [](In a) { return softmax(a, 0); }, {x}},
      {"softmax, middle dim", [](In a) { return softmax(a, 1); }, {x}},
      {"log_softmax", [](In a) { return log_softmax(a, -1); }, {x}},
      {"log_softmax, first dim", [](In a) { return log_softmax(a, 0); }, {x}},
      {"log_softmax, middle dim", [](In a) { return log_softmax(a, 1); }, {x}},
      {"Tensor::softmax", [](In a) { return a.softmax(1); }, {x}},
      {"Tensor::log_softmax", [](In a) { return a.log_softmax(1); }, {x}},
  };
}

static Rows product_rows() {
  const Tensor u = normal({3}), v = normal({3}), a23 = normal({2, 3}), b34 = normal({3, 4});
  const Tensor batch = normal({2, 2, 3}), other = normal({2, 3, 2});
  const Tensor one = normal({1, 2, 3}), wide = normal({2, 1, 3, 2});
  const Tensor weight = normal({4, 3}), bias = normal({4});
  const auto multiply = [](In a, In b) { return matmul(a, b); };
  return {
      {"matmul", multiply, {a23, b34}},
      {"matmul, two vectors", multiply, {u, v}},
      {"matmul, matrix and vector", multiply, {a23, v}},
      {"matmul, vector and matrix", multiply, {u, b34}},
      {"matmul, batch and matrix", multiply, {batch, b34}},
      {"matmul, batch and vector", multiply, {batch, v}},
      {"matmul, matrix and batch", multiply, {a23, other}},
      {"matmul, batches", multiply, {batch, other}},
      {"matmul, broadcast batches", multiply, {one, wide}},
      {"matmul, by itself", [](In a) { return matmul(a, a.t()); }, {a23}},
      {"Tensor::matmul", [](In a, In b) { return a.matmul(b); }, {a23, b34}},
      {"mm", [](In a, In b) { return mm(a, b); }, {a23, b34}},
      {"bmm", [](In a, In b) { return bmm(a, b); }, {batch, other}},
      {"linear", [](In x, In w, In b) { return linear(x, w, b); }, {a23, weight, bias}},
      {"linear, without bias", [](In x, In w) { return linear(x, w); }, {a23, weight}},
      {"linear, of batches",
       [](In x, In w, In b) { return linear(x, w, b); },
       {batch, weight, bias}},
      {"linear, of a vector", [](In x, In w, In b) { return linear(x, w, b); }, {u, weight, bias}},
  };
}

static const Family reduction_family(reduction_rows);
static const Family product_family(product_rows);

}  // namespace rw::test
