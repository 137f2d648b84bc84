#include "cases.h"

namespace rw::test {

static Cases product_cases() {
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

static const Family product_family(product_cases);

}  // namespace rw::test
