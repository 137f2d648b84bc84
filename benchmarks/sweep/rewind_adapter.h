#pragma once
// What rows.cpp needs of Rewind beyond the names that both libraries have.

#include <rewind/rewind.h>

#include <algorithm>
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

using Sizes = std::vector<int64_t>;
inline Tensor repeated(const Tensor& x, const Sizes& repeats) {
  const auto all = static_cast<size_t>(x.dim());
  return repeat(x, Shape(repeats.data(), std::min(all, repeats.size())));
}
inline Tensor windows(const Tensor& x, int64_t dim, int64_t size, int64_t step) {
  return unfold(x, dim, size, step);
}
inline std::vector<Tensor> grids(const std::vector<Tensor>& tensors) { return meshgrid(tensors); }
inline Reduce reduce_of(const std::string& how) {
  return how == "sum"    ? Reduce::sum
         : how == "prod" ? Reduce::prod
         : how == "mean" ? Reduce::mean
                         : Reduce::amax;
}
inline Tensor reduced_by(const Tensor& x, const Tensor& index, const Tensor& src,
                         const std::string& how) {
  return scatter_reduce(x, 1, index, src, reduce_of(how));
}
inline Tensor rows_reduced_by(const Tensor& x, const Tensor& index, const Tensor& src,
                              const std::string& how) {
  return index_reduce(x, 0, index, src, reduce_of(how));
}
inline Tensor linalg_multi_dot(const std::vector<Tensor>& matrices) {
  return linalg::multi_dot(matrices);
}

inline Tensor integers_like(const Tensor& t, int64_t high) { return randint_like(t, high); }

}  // namespace lib
