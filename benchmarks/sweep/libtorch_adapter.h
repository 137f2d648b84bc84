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

inline Tensor rms_norm_of(const Tensor& x) { return torch::rms_norm(x, {x.size(-1)}, {}, {}); }
inline Tensor local_response_norm_of(const Tensor& x) {
  return torch::nn::functional::local_response_norm(
      x, torch::nn::functional::LocalResponseNormFuncOptions(5));
}
inline Tensor affine_grid_of(const Tensor& theta, int64_t size) {
  return torch::affine_grid_generator(theta, {2, 1, size, size}, false);
}
inline Tensor resized(const Tensor& x, const std::string& mode, double factor, bool antialias) {
  namespace F = torch::nn::functional;
  F::InterpolateFuncOptions options;
  options.scale_factor(std::vector<double>{factor, factor});
  if (mode == "nearest") options.mode(torch::kNearest);
  if (mode == "bilinear") options.mode(torch::kBilinear).align_corners(false);
  if (mode == "bicubic") options.mode(torch::kBicubic).align_corners(false);
  if (mode == "area") options.mode(torch::kArea);
  return F::interpolate(x, options.antialias(antialias));
}
// At a grid turned by some degrees, for which there is a gradient as well.
inline Tensor sampled(const Tensor& x, const std::string& mode) {
  const Tensor theta = torch::tensor({{0.9, -0.2, 0.05}, {0.2, 0.9, -0.1}}).to(x.scalar_type());
  const Tensor grid =
      torch::affine_grid_generator(theta.unsqueeze(0), {1, 1, x.size(2), x.size(3)}, false)
          .expand({x.size(0), x.size(2), x.size(3), 2})
          .detach()
          .requires_grad_();
  return torch::grid_sampler(x, grid, mode == "nearest" ? 1 : mode == "bicubic" ? 2 : 0, 0, false);
}

}  // namespace lib
