#include "table.h"

namespace rw::test {

static Rows product_rows() {
  const Tensor v = normal({4}), w = normal({3}), m = normal({3, 4}), n = normal({4, 2});
  const Tensor a3 = normal({2, 3, 4}), b3 = normal({2, 4, 2}), result = normal({3, 2});
  const auto sums = [](const char* equation) {
    return [=](In a, In b) { return einsum(equation, {a, b}); };
  };
  const Dims middle = {1, 2}, first = {1, 0};
  return {
      {"dot", [](In a, In b) { return dot(a, b); }, {v, normal({4})}},
      {"vdot", [](In a, In b) { return vdot(a, b); }, {v, normal({4})}},
      {"outer", [](In a, In b) { return outer(a, b); }, {v, w}},
      {"ger", [](In a, In b) { return ger(a, b); }, {w, v}},
      {"mv", [](In a, In b) { return mv(a, b); }, {m, v}},
      {"inner", [](In a, In b) { return inner(a, b); }, {m, a3}},
      {"inner, a number", [](In a, In b) { return inner(a, b); }, {m, normal({})}},
      {"cross", [](In a, In b) { return cross(a, b); }, {m, normal({3, 4})}},
      {"cross, broadcast",
       [](In a, In b) { return cross(a, b, -1); },
       {normal({2, 3}), normal({1, 3})}},
      {"cross", [](In a, In b) { return linalg::cross(a, b); }, {normal({2, 3}), normal({2, 3})}},
      {"addmm", [](In c, In a, In b) { return addmm(c, a, b, 0.5, 2); }, {result, m, n}},
      {"addmm, a bias", [](In c, In a, In b) { return addmm(c, a, b); }, {normal({2}), m, n}},
      {"addmv", [](In c, In a, In b) { return addmv(c, a, b, 0.5, 2); }, {w, m, v}},
      {"addr", [](In c, In a, In b) { return addr(c, a, b, 0.5, 2); }, {m, w, v}},
      {"addbmm", [](In c, In a, In b) { return addbmm(c, a, b, 0.5, 2); }, {result, a3, b3}},
      {"baddbmm", [](In c, In a, In b) { return baddbmm(c, a, b, 0.5, 2); }, {result, a3, b3}},
      {"einsum, batches", sums("bij,bjk->bik"), {a3, b3}},
      {"einsum, no result named", sums("ij,jk"), {m, n}},
      {"einsum, an ellipsis", sums("...j,jk->k..."), {a3, n}},
      {"einsum, nothing summed", sums("bij,ij->jbi"), {a3, m}},
      {"einsum, a diagonal", sums("iik,k->ki"), {normal({3, 3, 4}), v}},
      {"einsum, three operands",
       [](In a, In b, In c) {
         return einsum("ij,jk,k->i", {a, b, c});
       },
       {m, n, normal({2})}},
      {"einsum, one operand", [](In a) { return einsum("bij->jb", {a.square()}); }, {a3}},
      {"tensordot", [](In a, In b) { return tensordot(a, b); }, {a3, normal({3, 4, 2})}},
      {"tensordot, dims",
       [=](In a, In b) { return tensordot(a, b, middle, first); },
       {a3, normal({4, 3, 2})}},
      {"kron", [](In a, In b) { return kron(a, b); }, {m, normal({2, 1, 3})}},
      {"bilinear",
       [](const Tensors& t) { return Tensors{bilinear(t[0], t[1], t[2], t[3])}; },
       {normal({3, 2}), normal({3, 4}), normal({5, 2, 4}), normal({5})}},
      {"chain_matmul",
       [](In a, In b, In c) {
         return chain_matmul({a, b, c});
       },
       {m, n, normal({2, 3})}},
  };
}

static const Family product_family(product_rows);

static Rows sampling_rows() { return {}; }

static const Family sampling_family(sampling_rows, {{"gives random numbers",
                                                     {"bernoulli", "binomial", "multinomial",
                                                      "normal", "poisson", "randint_like"}}});

}  // namespace rw::test
