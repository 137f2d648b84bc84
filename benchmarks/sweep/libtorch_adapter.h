#pragma once
// What rows.cpp needs of libtorch beyond the names that both libraries have.

#include <torch/torch.h>

#include <string>
#include <vector>

namespace lib {

using namespace torch;
using Type = c10::ScalarType;

inline const Type bf16 = torch::kBFloat16, f32 = torch::kFloat32, f64 = torch::kFloat64,
                  i64 = torch::kInt64, b8 = torch::kBool;

inline Type type_of(const Tensor& t) { return t.scalar_type(); }
inline std::vector<int64_t> sizes(const Tensor& t) { return t.sizes().vec(); }
inline Tensor uniform(const std::vector<int64_t>& sizes) { return torch::rand(sizes); }
inline Tensor expanded(const Tensor& t, const std::vector<int64_t>& sizes) {
  return t.expand(sizes);
}
inline Tensor channels_last(const Tensor& t) {
  return t.contiguous(torch::MemoryFormat::ChannelsLast);
}
inline Tensor leaf(const Tensor& t) { return t.detach().requires_grad_(); }
inline void clear_grad(Tensor& t) { t.mutable_grad() = Tensor(); }
inline void run_backward(const Tensor& y, const Tensor& g) { y.backward(g); }
using NoGrad = torch::NoGradGuard;

inline Tensor conv(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding,
                   int64_t groups) {
  return torch::conv2d(x, w, {}, stride, padding, 1, groups);
}
inline Tensor padded(const Tensor& x, const std::string& mode) {
  namespace F = torch::nn::functional;
  F::PadFuncOptions options({1, 1, 1, 1});
  if (mode == "reflect") options.mode(torch::kReflect);
  if (mode == "replicate") options.mode(torch::kReplicate);
  if (mode == "circular") options.mode(torch::kCircular);
  return F::pad(x, options);
}
inline Tensor batch_norm_of(const Tensor& x, const Tensor& w) {
  return torch::batch_norm(x, w, w, torch::zeros({w.size(0)}, w.dtype()),
                           torch::ones({w.size(0)}, w.dtype()), true, 0.1, 1e-5, false);
}
inline Tensor layer_norm_of(const Tensor& x) { return torch::layer_norm(x, {x.size(-1)}); }
inline Tensor instance_norm_of(const Tensor& x) {
  return torch::instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false);
}
inline Tensor cross_entropy_of(const Tensor& x, const Tensor& t) {
  return torch::cross_entropy_loss(x, t);
}
inline Tensor bce_with_logits(const Tensor& x, const Tensor& y) {
  return torch::binary_cross_entropy_with_logits(x, y);
}
inline Tensor gelu_by_tanh(const Tensor& x) { return torch::gelu(x, "tanh"); }
inline Tensor sum_of(const Tensor& x, const std::vector<int64_t>& dims) {
  return torch::sum(x, c10::OptionalArrayRef<int64_t>(dims));
}
inline Tensor logical_inverse(const Tensor& x) { return torch::logical_not(x); }

// The greatest elements, which always come with their places.
inline Tensor adaptive_maxima1d(const Tensor& x, int64_t size, bool) {
  return std::get<0>(torch::adaptive_max_pool1d(x, size));
}
inline Tensor adaptive_maxima2d(const Tensor& x, int64_t size, bool) {
  return std::get<0>(torch::adaptive_max_pool2d(x, size));
}
inline Tensor adaptive_maxima3d(const Tensor& x, int64_t size, bool) {
  return std::get<0>(torch::adaptive_max_pool3d(x, size));
}
inline Tensor fractional_maxima2d(const Tensor& x, int64_t size, bool) {
  const Tensor samples = torch::zeros({x.size(0), x.size(1), 2}, x.dtype());
  return std::get<0>(torch::fractional_max_pool2d(x, 2, size, samples));
}
inline Tensor fractional_maxima3d(const Tensor& x, int64_t size, bool) {
  const Tensor samples = torch::zeros({x.size(0), x.size(1), 3}, x.dtype());
  return std::get<0>(torch::fractional_max_pool3d(x, {2, 1, 1}, {1, size, size}, samples));
}
// All to the first place.
inline Tensor unpooled1d(const Tensor& x) {
  namespace F = torch::nn::functional;
  const Tensor places = torch::zeros(x.sizes(), torch::kInt64);
  return F::max_unpool1d(x, places, F::MaxUnpool1dFuncOptions(2));
}
inline Tensor unpooled2d(const Tensor& x) {
  namespace F = torch::nn::functional;
  const Tensor places = torch::zeros(x.sizes(), torch::kInt64);
  return F::max_unpool2d(x, places, F::MaxUnpool2dFuncOptions(2));
}
inline Tensor unpooled3d(const Tensor& x) {
  namespace F = torch::nn::functional;
  const Tensor places = torch::zeros(x.sizes(), torch::kInt64);
  return F::max_unpool3d(x, places, F::MaxUnpool3dFuncOptions(2));
}
inline Tensor norms1d(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::lp_pool1d(x, F::LPPool1dFuncOptions(2, 2));
}
inline Tensor norms2d(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::lp_pool2d(x, F::LPPool2dFuncOptions(2, 2));
}
inline Tensor norms3d(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::lp_pool3d(x, F::LPPool3dFuncOptions(2, 2));
}

}  // namespace lib
