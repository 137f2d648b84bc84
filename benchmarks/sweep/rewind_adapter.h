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

// The greatest elements alone, or with their places.
inline Tensor adaptive_maxima1d(const Tensor& x, int64_t size, bool placed) {
  return placed ? adaptive_max_pool1d_with_indices(x, size).first : adaptive_max_pool1d(x, size);
}
inline Tensor adaptive_maxima2d(const Tensor& x, int64_t size, bool placed) {
  return placed ? adaptive_max_pool2d_with_indices(x, size).first : adaptive_max_pool2d(x, size);
}
inline Tensor adaptive_maxima3d(const Tensor& x, int64_t size, bool placed) {
  return placed ? adaptive_max_pool3d_with_indices(x, size).first : adaptive_max_pool3d(x, size);
}
inline Tensor fractional_maxima2d(const Tensor& x, int64_t size, bool placed) {
  const Tensor samples = zeros({x.size(0), x.size(1), 2}, x.dtype());
  const FractionalMaxPool2dOptions o = {.output_size = size, .random_samples = samples};
  return placed ? fractional_max_pool2d_with_indices(x, 2, o).first
                : fractional_max_pool2d(x, 2, o);
}
inline Tensor fractional_maxima3d(const Tensor& x, int64_t size, bool placed) {
  const Tensor samples = zeros({x.size(0), x.size(1), 3}, x.dtype());
  const FractionalMaxPool3dOptions o = {.output_size = {1, size, size}, .random_samples = samples};
  return placed ? fractional_max_pool3d_with_indices(x, {2, 1, 1}, o).first
                : fractional_max_pool3d(x, {2, 1, 1}, o);
}
// All to the first place.
inline Tensor unpooled1d(const Tensor& x) { return max_unpool1d(x, zeros(x.shape(), int64), 2); }
inline Tensor unpooled2d(const Tensor& x) { return max_unpool2d(x, zeros(x.shape(), int64), 2); }
inline Tensor unpooled3d(const Tensor& x) { return max_unpool3d(x, zeros(x.shape(), int64), 2); }
inline Tensor norms1d(const Tensor& x) { return lp_pool1d(x, 2, 2); }
inline Tensor norms2d(const Tensor& x) { return lp_pool2d(x, 2, 2); }
inline Tensor norms3d(const Tensor& x) { return lp_pool3d(x, 2, 2); }

}  // namespace lib
