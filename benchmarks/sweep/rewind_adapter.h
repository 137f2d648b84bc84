#pragma once
// What rows.cpp needs of Rewind beyond the names that both libraries have.

#include <rewind/rewind.h>

#include <string>
#include <vector>

namespace lib {

using namespace rw;
using Type = DType;

inline const Type bf16 = bfloat16, f32 = float32, f64 = float64, i64 = int64, b8 = boolean;

inline Type type_of(const Tensor& t) { return t.dtype(); }
inline std::vector<int64_t> sizes(const Tensor& t) { return {t.shape().begin(), t.shape().end()}; }
inline Shape shape_of(const std::vector<int64_t>& sizes) {
  Shape s;
  for (const int64_t n : sizes) s.push_back(n);
  return s;
}
inline Tensor uniform(const std::vector<int64_t>& sizes) { return rand(shape_of(sizes)); }
inline Tensor expanded(const Tensor& t, const std::vector<int64_t>& sizes) {
  return t.expand(shape_of(sizes));
}
inline Tensor channels_last(const Tensor& t) { return t.contiguous(MemoryFormat::channels_last); }
inline Tensor leaf(const Tensor& t) { return t.detach().requires_grad_(); }
inline void clear_grad(Tensor& t) { t.set_grad({}); }
inline void run_backward(const Tensor& y, const Tensor& g) { y.backward(g); }
using NoGrad = no_grad;

inline Tensor conv(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding,
                   int64_t groups) {
  return conv2d(x, w, {}, {.stride = stride, .padding = padding, .groups = groups});
}
inline Tensor padded(const Tensor& x, const std::string& mode) {
  return pad(x, {1, 1, 1, 1},
             mode == "reflect"     ? PaddingMode::reflect
             : mode == "replicate" ? PaddingMode::replicate
             : mode == "circular"  ? PaddingMode::circular
                                   : PaddingMode::zeros);
}
inline Tensor batch_norm_of(const Tensor& x, const Tensor& w) {
  return batch_norm(x, w, w, zeros({w.size(0)}, w.dtype()), ones({w.size(0)}, w.dtype()),
                    {.training = true});
}
inline Tensor layer_norm_of(const Tensor& x) { return layer_norm(x, {x.size(-1)}); }
inline Tensor instance_norm_of(const Tensor& x) { return instance_norm(x); }
inline Tensor cross_entropy_of(const Tensor& x, const Tensor& t) { return cross_entropy(x, t); }
inline Tensor bce_with_logits(const Tensor& x, const Tensor& y) {
  return binary_cross_entropy_with_logits(x, y);
}
inline Tensor gelu_by_tanh(const Tensor& x) { return gelu(x, Gelu::tanh); }
inline Tensor sum_of(const Tensor& x, const std::vector<int64_t>& dims) {
  return sum(x, shape_of(dims));
}
inline Tensor logical_inverse(const Tensor& x) { return logical_not(x); }

inline Tensor rms_norm_of(const Tensor& x) { return rms_norm(x, {x.size(-1)}); }
inline Tensor local_response_norm_of(const Tensor& x) { return local_response_norm(x, 5); }
inline Tensor affine_grid_of(const Tensor& theta, int64_t size) {
  return affine_grid(theta, {2, 1, size, size});
}
inline Tensor resized(const Tensor& x, const std::string& mode, double factor, bool antialias) {
  return interpolate(x, {.scale_factor = {factor},
                         .mode = mode == "bilinear"  ? InterpolateMode::bilinear
                                 : mode == "bicubic" ? InterpolateMode::bicubic
                                 : mode == "area"    ? InterpolateMode::area
                                                     : InterpolateMode::nearest,
                         .antialias = antialias});
}
// At a grid turned by some degrees, for which there is a gradient as well.
inline Tensor sampled(const Tensor& x, const std::string& mode) {
  const Tensor theta = from({{0.9, -0.2, 0.05}, {0.2, 0.9, -0.1}}).to(x.dtype()).unsqueeze(0);
  const Tensor grid = affine_grid(theta, {1, 1, x.size(2), x.size(3)})
                          .expand({x.size(0), x.size(2), x.size(3), 2})
                          .detach()
                          .requires_grad_();
  return grid_sample(x, grid,
                     {mode == "nearest"   ? GridSampleMode::nearest
                      : mode == "bicubic" ? GridSampleMode::bicubic
                                          : GridSampleMode::bilinear});
}

}  // namespace lib
