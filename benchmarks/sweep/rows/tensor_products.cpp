#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// The elements as a vector, of at most n.
Tensor vector_of(const Tensor& t, int64_t n = 1024) {
  const Tensor flat = t.reshape({-1});
  return flat.narrow(0, 0, std::min(n, flat.size(0)));
}

Rows tensor_products() {
  const Kind e = Kind::elements, m = Kind::products;
  const auto sums = [](const char* equation) {
    return [=](In t) { return einsum(equation, Tensors{t[0], t[1]}); };
  };
  const auto batches = [](const char* equation) {
    return [=](In t) {
      const auto batch = [](const Tensor& x) { return x.reshape({4, -1, x.size(1)}); };
      return einsum(equation, Tensors{batch(t[0]), batch(t[1])});
    };
  };
  return {
      {"dot", e, floating, 1, smooth,
       [](In t) { return dot(t[0].reshape({-1}), t[0].reshape({-1})); }},
      {"vdot", e, floating, 1, smooth,
       [](In t) { return vdot(t[0].reshape({-1}), t[0].reshape({-1})); }},
      {"outer", m, floating, 2, smooth,
       [](In t) { return outer(vector_of(t[0]), vector_of(t[1])); }},
      {"ger", m, floating, 2, smooth, [](In t) { return ger(vector_of(t[0]), vector_of(t[1])); }},
      {"mv", m, floating, 2, smooth, [](In t) { return mv(t[0], t[1].select(0, 0)); }},
      {"inner", m, floating, 2, smooth, [](In t) { return inner(t[0], t[1]); }},
      {"cross", e, numbers, 1, smooth,
       [](In t) {
         const Tensor v = t[0].reshape({-1}).narrow(0, 0, t[0].numel() / 3 * 3).reshape({-1, 3});
         return cross(v, v, 1);
       }},
      {"cross, rows", e, floating, 1, smooth,
       [](In t) {
         const Tensor v = t[0].reshape({-1}).narrow(0, 0, t[0].numel() / 3 * 3).reshape({3, -1});
         return cross(v, v, 0);
       }},
      {"addmm", m, floating, 2, smooth, [](In t) { return addmm(t[0], t[0], t[1], 0.5, 2); }},
      {"addmm, a row", m, floating, 2, smooth,
       [](In t) { return addmm(t[0].select(0, 0), t[0], t[1]); }},
      {"addmv", m, floating, 2, smooth,
       [](In t) { return addmv(t[0].select(0, 0), t[0], t[1].select(0, 0)); }},
      {"addr", m, floating, 2, smooth,
       [](In t) { return addr(t[0], t[0].select(0, 0), t[1].select(0, 0)); }},
      {"addbmm", m, floating, 2, smooth,
       [](In t) { return addbmm(t[0], t[0].unsqueeze(0), t[1].unsqueeze(0)); }},
      {"baddbmm", m, floating, 2, smooth,
       [](In t) { return baddbmm(t[0].unsqueeze(0), t[0].unsqueeze(0), t[1].unsqueeze(0)); }},
      {"einsum, matrices", m, floating, 2, smooth, sums("ij,jk->ik")},
      {"einsum, turned", m, floating, 2, smooth, sums("ij,kj->ki")},
      {"einsum, by elements", m, floating, 2, smooth, sums("ij,ij->ij")},
      {"einsum, rows", m, floating, 2, smooth, sums("ij,ij->i")},
      {"einsum, all", m, floating, 2, smooth, sums("ij,ij->")},
      {"einsum, batches", m, floating, 2, smooth, batches("bij,bkj->bik")},
      {"einsum, turned batches", m, floating, 2, smooth, batches("bij,bkj->kbi")},
      {"einsum, transposed", m, floating, 1, smooth,
       [](In t) { return einsum("ij->ji", Tensors{t[0]}); }},
      {"einsum, three", m, floating, 2, smooth,
       [](In t) {
         return einsum("ij,jk,k->i", Tensors{t[0], t[1], t[1].select(0, 0)});
       }},
      {"tensordot", m, floating, 2, smooth, [](In t) { return tensordot(t[0], t[1], {1}, {0}); }},
      {"kron", m, floating, 2, smooth,
       [](In t) { return kron(t[0].narrow(0, 0, 4).narrow(1, 0, 4), t[1]); }},
      {"bilinear", m, floating, 1, smooth,
       [](In t) {
         const Tensor x = t[0].narrow(1, 0, 4);
         return bilinear(x, x, uniform({8, 4, 4}).to(type_of(x)), uniform({8}).to(type_of(x)));
       }},
      {"chain_matmul", m, floating, 2, smooth,
       [](In t) {
         return chain_matmul(Tensors{t[0], t[1], t[1].narrow(1, 0, 2)});
       }},
  };
}

const Family tensor_product_family(tensor_products);

}  // namespace
}  // namespace bench
