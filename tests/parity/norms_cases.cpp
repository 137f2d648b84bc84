#include <limits>

#include "cases.h"

namespace rw::test {

static const double infinity = std::numeric_limits<double>::infinity();

static Cases norms_cases() {
  return {
      {"vector_norm_2", [](In x) { return linalg::vector_norm(x, 2, 1); }},
      {"norm_with_zeros_2",
       [](In x) {
         return norm(x, 2, {0, 1});
       }},
      {"vector_norm_1", [](In x) { return linalg::vector_norm(x, 1, 1); }},
      {"norm_with_zeros_1",
       [](In x) {
         return norm(x, 1, {0, 1});
       }},
      {"vector_norm_0", [](In x) { return linalg::vector_norm(x, 0, 1); }},
      {"vector_norm_inf", [](In x) { return linalg::vector_norm(x, infinity, 1); }},
      {"norm_with_zeros_inf",
       [](In x) {
         return norm(x, infinity, {0, 1});
       }},
      {"vector_norm_minus_inf", [](In x) { return linalg::vector_norm(x, -infinity, 1); }},
      {"norm_with_zeros_minus_inf",
       [](In x) {
         return norm(x, -infinity, {0, 1});
       }},
      {"vector_norm_3", [](In x) { return linalg::vector_norm(x, 3, 1); }},
      {"norm_with_zeros_3",
       [](In x) {
         return norm(x, 3, {0, 1});
       }},
      {"vector_norm_half", [](In x) { return linalg::vector_norm(x, 0.5, 1); }},
      {"norm_with_zeros_half",
       [](In x) {
         return norm(x, 0.5, {0, 1});
       }},
      {"vector_norm_1_5", [](In x) { return linalg::vector_norm(x, 1.5, 1); }},
      {"norm_with_zeros_1_5",
       [](In x) {
         return norm(x, 1.5, {0, 1});
       }},
      {"vector_norm_minus_1", [](In x) { return linalg::vector_norm(x, -1, 1); }},
      {"norm_with_zeros_minus_1",
       [](In x) {
         return norm(x, -1, {0, 1});
       }},
      {"vector_norm_minus_2_5", [](In x) { return linalg::vector_norm(x, -2.5, 1); }},
      {"norm_with_zeros_minus_2_5",
       [](In x) {
         return norm(x, -2.5, {0, 1});
       }},
      {"vector_norm_keepdim",
       [](In x) {
         return linalg::vector_norm(x, 2, {0, -1}, true) * x;
       }},
      {"vector_norm_to_float64",
       [](In x) { return linalg::vector_norm(x.to(float32), 2, 1, false, float64); }},
      {"vector_norm_of_infinite_ties", [](In x) { return linalg::vector_norm(x, infinity); }},
      {"vector_norm_of_least_ties", [](In x) { return linalg::vector_norm(x, -infinity); }},
      {"vector_norm_of_rank_0", [](In x) { return linalg::vector_norm(x, 3); }},
      {"vector_norm_of_nothing", [](In x) { return linalg::vector_norm(x); }},
      {"vector_norm_of_nan", [](In x) { return linalg::vector_norm(x, infinity, 1); }},
      {"norm_at_zero", [](In x) { return norm(x); }},
      {"norm_fro", [](In x) { return norm(x, "fro", 1); }},
      {"vector_norm_of_ints", [](In x) { return linalg::vector_norm(x); }},
      {"vector_norm_inf_of_nothing", [](In x) { return linalg::vector_norm(x, infinity); }},
      {"vector_norm_negative_of_nothing", [](In x) { return linalg::vector_norm(x, -1.); }},
      {"norm_of_bools", [](In x) { return norm(x); }},
      {"norm_twice",
       [](In x) {
         return norm(x, 2, {0, 0});
       }},
      {"dist", [](In x, In y) { return dist(x, y); }},
      {"dist_1", [](In x, In y) { return dist(x, y, 1); }},
      {"dist_inf", [](In x, In y) { return dist(x, y, infinity); }},
      {"dist_3", [](In x, In y) { return dist(x, y, 3); }},
      {"dist_of_ints", [](In x, In y) { return dist(x, y); }},
      {"renorm", [](In x) { return renorm(x, 2, 0, 2.0); }},
      {"renorm_1", [](In x) { return renorm(x, 1, 1, 3); }},
      {"renorm_of_zeros", [](In x) { return renorm(x, 2, 0, 1.0); }},
      {"renorm_of_vector", [](In x) { return renorm(x, 2, 0, 1); }},
      {"renorm_p_0", [](In x) { return renorm(x, 0, 0, 1); }},
      {"renorm_negative", [](In x) { return renorm(x, 2, 0, -1); }},
  };
}

static const Family norms_family(norms_cases);

}  // namespace rw::test
