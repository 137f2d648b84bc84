#include <rewind/nn/bilinear.h>

#include <cmath>

#include <rewind/nn/call_log.h>
#include <rewind/nn/init.h>
#include <rewind/nn/repr.h>
#include <rewind/ops/products.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

Tensor uniform_within(double bound, const Shape& shape) {
  return init::uniform_(empty(shape), -bound, bound);
}

double bound_for(int64_t in1_features) {
  check(in1_features > 0, "Bilinear: expected in1_features > 0, got {}", in1_features);
  return 1 / std::sqrt(static_cast<double>(in1_features));
}

}  // namespace

Bilinear::Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features,
                   const BilinearOptions& options)
    : weight(parameter("weight", uniform_within(bound_for(in1_features),
                                                {out_features, in1_features, in2_features}))),
      bias(parameter("bias", options.bias ? uniform_within(bound_for(in1_features), out_features)
                                          : Tensor())) {}

Tensor Bilinear::forward(const Tensor& x1, const Tensor& x2) {
  return detail::logged(*this, bilinear(x1, x2, weight, bias));
}

int64_t Bilinear::multiply_adds(std::span<const Tensor>, std::span<const Tensor> results) const {
  return results[0].numel() * weight.size(1) * (weight.size(2) + 1);
}

std::string Bilinear::extra_repr() const {
  return fmt::format("in1_features={}, in2_features={}, out_features={}, bias={}", weight.size(1),
                     weight.size(2), weight.size(0), repr(bias.defined()));
}

}  // namespace rw::nn
