#include <rewind/nn/layers.h>

#include <rewind/nn/call_log.h>
#include <rewind/nn/layer_parts.h>
#include <rewind/nn/repr.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/matmul.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options)
    : weight(parameter("weight", detail::new_weight({out_features, in_features}))),
      bias(parameter("bias", detail::new_bias(options.bias, out_features, weight))) {}

Tensor Linear::forward(const Tensor& x) { return detail::logged(*this, linear(x, weight, bias)); }

std::string Linear::extra_repr() const {
  return fmt::format("in_features={}, out_features={}, bias={}", weight.size(1), weight.size(0),
                     repr(bias.defined()));
}

std::string LeakyReLU::extra_repr() const { return fmt::format("negative_slope={}", slope_); }

std::string ELU::extra_repr() const { return fmt::format("alpha={}", alpha_); }
std::string CELU::extra_repr() const { return fmt::format("alpha={}", alpha_); }

std::string GELU::extra_repr() const {
  return fmt::format("approximate='{}'", form_ == Gelu::exact ? "none" : "tanh");
}

Dropout::Dropout(double p) : p_(p) {
  check(p >= 0 && p <= 1, "Dropout: expected a probability in [0, 1], got {}", p);
}

Tensor Dropout::forward(const Tensor& x) { return dropout(x, p_, is_training()); }

std::string Dropout::extra_repr() const { return fmt::format("p={}", p_); }

std::string Flatten::extra_repr() const {
  return fmt::format("start_dim={}, end_dim={}", start_, end_);
}

std::string Unflatten::extra_repr() const {
  std::string sizes;
  for (const int64_t n : sizes_) sizes += (sizes.empty() ? "" : ", ") + std::to_string(n);
  return fmt::format("dim={}, unflattened_size=({}{})", dim_, sizes, sizes_.rank() == 1 ? "," : "");
}

}  // namespace rw::nn
