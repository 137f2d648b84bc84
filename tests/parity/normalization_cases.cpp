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

Case rms(const std::string& name, const Shape& shape, std::optional<double> eps = {}) {
  return {"rms_norm" + name, [=](const Tensors& in) -> Tensors {
            return {rms_norm(in[0], shape, in.size() > 1 ? in[1] : Tensor(), eps)};
          }};
}

Case response(const std::string& name, int64_t size, double alpha = 1e-4, double beta = 0.75,
              double k = 1) {
  return {"local_response_norm" + name,
          [=](In x) { return local_response_norm(x, size, alpha, beta, k); }};
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
      rms("", {4}),
      {"rms_norm_plain", [](In x) { return rms_norm(x, {4}).square(); }},
      rms("_eps", {2, 3}, 0.25),
      rms("_of_zeros", {2}, 1e-5),
      rms("_empty", {4}),
      rms("_other_shape", {3}),
      rms("_other_weight", {4}),
      rms("_no_shape", {}),
      rms("_of_integers", {4}),
      response("", 3, 0.5),
      response("_even", 2, 0.3, 0.5, 2),
      response("_wide", 9, 1),
      response("_volumes", 3, 1),
      response("_of_integers", 2, 1),
      response("_empty", 2),
      response("_of_a_matrix", 2),
      response("_of_0", 0),
      {"batch_norm_without_running",
       [](In x, In w, In b) { return batch_norm(x, w, b, {}, {}, {.training = true}); }},
  };
}

static const Family normalization_family(normalization_cases);

}  // namespace rw::test
