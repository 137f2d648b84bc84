#include "cases.h"

namespace rw::test {
namespace {

// The result, and the running statistics, which training updates.
Case norm(const std::string& name, const BatchNormOptions& options) {
  return {"batch_norm_" + name, [options](const Tensors& in) -> Tensors {
            const Tensor mean = in[1].clone(), var = in[2].clone();
            const bool affine = in.size() == 5;
            const Tensor y = batch_norm(in[0], affine ? in[3] : Tensor(), affine ? in[4] : Tensor(),
                                        mean, var, options);
            return {y, mean, var};
          }};
}

}  // namespace

static Cases normalization_cases() {
  return {
      norm("training", {.training = true}),
      norm("training_momentum", {.training = true, .momentum = 0.3, .eps = 1e-2}),
      norm("training_of_sequences", {.training = true}),
      norm("training_plain", {.training = true}),
      norm("evaluation", {}),
      norm("evaluation_of_vectors", {.eps = 1e-3}),
      norm("evaluation_plain", {}),
      {"batch_norm_without_running",
       [](In x, In w, In b) { return batch_norm(x, w, b, {}, {}, {.training = true}); }},
  };
}

static const Family normalization_family(normalization_cases);

}  // namespace rw::test
