#include <rewind/nn/activations.h>

#include <rewind/nn/repr.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

std::string ReLU::extra_repr() const { return inplace_ ? "inplace=True" : ""; }

std::string LeakyReLU::extra_repr() const { return fmt::format("negative_slope={}", repr(slope_)); }

std::string ELU::extra_repr() const { return fmt::format("alpha={}", repr(alpha_)); }
std::string CELU::extra_repr() const { return fmt::format("alpha={}", repr(alpha_)); }

std::string GELU::extra_repr() const {
  return fmt::format("approximate='{}'", form_ == Gelu::exact ? "none" : "tanh");
}

Hardtanh::Hardtanh(double min_val, double max_val) : min_(min_val), max_(max_val) {
  check(min_val <= max_val, "Hardtanh: expected min_val <= max_val, got {} and {}", min_val,
        max_val);
}
std::string Hardtanh::extra_repr() const {
  return fmt::format("min_val={}, max_val={}", repr(min_), repr(max_));
}

std::string Softplus::extra_repr() const {
  return fmt::format("beta={}, threshold={}", repr(beta_), repr(threshold_));
}
std::string Hardshrink::extra_repr() const { return repr(lambd_); }
std::string Softshrink::extra_repr() const { return repr(lambd_); }
std::string Threshold::extra_repr() const {
  return fmt::format("threshold={}, value={}", repr(threshold_), repr(value_));
}
std::string GLU::extra_repr() const { return fmt::format("dim={}", dim_); }

PReLU::PReLU(int64_t num_parameters, double init)
    : weight(parameter("weight", full(num_parameters, init, get_default_dtype()))) {}
std::string PReLU::extra_repr() const { return fmt::format("num_parameters={}", weight.numel()); }

std::string RReLU::extra_repr() const {
  return fmt::format("lower={}, upper={}", repr(lower_), repr(upper_));
}

std::string Softmax::extra_repr() const { return fmt::format("dim={}", dim_); }
std::string LogSoftmax::extra_repr() const { return fmt::format("dim={}", dim_); }
std::string Softmin::extra_repr() const { return fmt::format("dim={}", dim_); }

Tensor Softmax2d::forward(const Tensor& x) {
  check(x.defined(), "Softmax2d: the input is undefined");
  check<ShapeError>(x.dim() == 3 || x.dim() == 4,
                    "Softmax2d: expected an input [N, C, H, W] or [C, H, W], got shape {}",
                    x.shape());
  return softmax(x, -3);
}

}  // namespace rw::nn
