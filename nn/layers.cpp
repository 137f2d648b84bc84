#include <rewind/nn/layers.h>

#include <rewind/nn/call_log.h>
#include <rewind/nn/layer_parts.h>
#include <rewind/nn/repr.h>
#include <rewind/ops/matmul.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options)
    : weight(parameter("weight", detail::new_weight({out_features, in_features}))),
      bias(parameter("bias", detail::new_bias(options.bias, out_features, weight))) {}

Tensor Linear::forward(const Tensor& x) { return detail::logged(*this, linear(x, weight, bias)); }

int64_t Linear::multiply_adds(std::span<const Tensor>, std::span<const Tensor> results) const {
  return results[0].numel() * weight.size(1);
}

std::string Linear::extra_repr() const {
  return fmt::format("in_features={}, out_features={}, bias={}", weight.size(1), weight.size(0),
                     repr(bias.defined()));
}

std::string Flatten::extra_repr() const {
  return fmt::format("start_dim={}, end_dim={}", start_, end_);
}

std::string Unflatten::extra_repr() const {
  return fmt::format("dim={}, unflattened_size={}", dim_, repr(sizes_));
}

}  // namespace rw::nn
