#include "cases.h"

namespace rw::test {
namespace {

Cases graphs() {
  return {
      {"attention",
       [](In x, In q, In k, In v) {
         const Tensor scores = matmul(matmul(x, q), matmul(x, k).transpose(-1, -2)) / 2;
         return matmul(scores.softmax(-1), matmul(x, v));
       }},
      {"layer_norm_by_hand",
       [](In x) { return (x - x.mean(-1, true)) / (x.var(-1, 0, true) + 1e-5).sqrt(); }},
      {"conv_norm_relu_pool",
       [](In x, In w, In g, In b) {
         const Tensor y = conv2d(x, w, {}, {.padding = 1});
         return max_pool2d(relu(batch_norm(y, g, b, {}, {}, {.training = true})), 2);
       }},
  };
}

Tensor mixed(In x, In y) { return matmul(tanh(x), y * y).sin(); }
Tensor scalar(In x, In y) { return mixed(x, y).square().sum(); }

Cases functions() {
  return {
      {"jacobian",
       [](In x, In y) {
         return jacobian(mixed, {x, y});
       }},
      {"hessian",
       [](In x, In y) {
         const auto blocks = hessian(scalar, {x, y});
         return Tensors{blocks[0][0], blocks[0][1], blocks[1][0], blocks[1][1]};
       }},
      {"vjp",
       [](In x, In y, In v) {
         return vjp(mixed, {x, y}, v).second;
       }},
      {"jvp",
       [](In x, In y, In tx, In ty) {
         return jvp(mixed, {x, y}, {tx, ty}).second;
       }},
      {"hvp",
       [](In x, In y, In vx, In vy) {
         return hvp(scalar, {x, y}, {vx, vy}).second;
       }},
  };
}

}  // namespace

static Cases graph_cases() { return joined({graphs(), functions()}); }

static const Family graph_family(graph_cases);

}  // namespace rw::test
