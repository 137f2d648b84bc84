#include <algorithm>
#include <limits>

#include <rewind/io/onnx_operators.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/products.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::onnx {

namespace {

// fold(x, axes, whether they stay): over all where none are given, unless that means each element
// by itself.
template <class F>
auto fold_by(int64_t axes_as_input_since, F fold) {
  return [=](Node& n) -> Step {
    const bool keep = n.integer("keepdims", 1) != 0,
               none_is_all = n.integer("noop_with_empty_axes", 0) == 0;
    return [=, axes_of_node = axes_of(n, 1, axes_as_input_since)](Arguments& in) {
      const Tensor& x = in[0];
      Ints axes = axes_of_node(in);
      if (axes.empty() && !none_is_all)
        return fold(x.unsqueeze(-1), Dims{x.dim()}, false).to(x.dtype());
      for (int64_t& d : axes) d = axis_in(d, x.dim());
      const bool all = axes.empty() || x.dim() == 0;
      return fold(x, all ? Dims() : Dims(axes), keep).to(x.dtype());
    };
  };
}
template <class F>
auto fold(F f) {
  return fold_by(18, f);
}

Tensor sum_of(const Tensor& x, const Dims& dims, bool keep) { return sum(x, dims, keep); }
// Whole numbers are cut off.
Tensor mean_of(const Tensor& x, const Dims& dims, bool keep) {
  return is_floating(x.dtype()) ? mean(x, dims, keep) : mean(x.to(float64), dims, keep);
}
Tensor greatest(const Tensor& x, const Dims& dims, bool keep) { return amax(x, dims, keep); }
Tensor least(const Tensor& x, const Dims& dims, bool keep) { return amin(x, dims, keep); }
// Of no elements, what is less (greater) than all.
template <Tensor (*extreme)(const Tensor&, const Dims&, bool)>
Tensor extreme_of(const Tensor& x, const Dims& dims, bool keep) {
  if (x.numel() > 0) return extreme(x, dims, keep);
  check<DTypeError>(is_floating(x.dtype()), "expected elements, got {} of shape {}", x.dtype(),
                    x.shape());
  constexpr double most = std::numeric_limits<double>::infinity();
  return full(sum(x, dims, keep).shape(), extreme == greatest ? -most : most, {.dtype = x.dtype()});
}
Tensor sum_of_squares(const Tensor& x, const Dims& dims, bool keep) {
  return sum(square(x), dims, keep);
}
Tensor sum_of_sizes(const Tensor& x, const Dims& dims, bool keep) {
  return sum(abs(x), dims, keep);
}
Tensor norm_of(const Tensor& x, const Dims& dims, bool keep) {
  if (!is_floating(x.dtype())) return sqrt(sum_of_squares(x.to(float64), dims, keep));
  return linalg::vector_norm(x, 2, dims, keep);
}
Tensor log_of_sum(const Tensor& x, const Dims& dims, bool keep) { return log(sum(x, dims, keep)); }
Tensor log_of_sum_of_exp(const Tensor& x, const Dims& dims, bool keep) {
  return logsumexp(is_floating(x.dtype()) ? x : x.to(float64), dims, keep);
}
Tensor prod_of(const Tensor& x, const Dims& dims, bool keep) {
  Ints axes = dims.vec();
  for (int64_t d = 0; dims.empty() && d < x.dim(); ++d) axes.push_back(d);
  std::sort(axes.rbegin(), axes.rend());
  Tensor y = x;
  for (const int64_t d : axes) y = prod(y, d, keep);
  return y;
}

// a b alpha + c beta, of matrices that may be turned.
Step gemm(Node& n) {
  const double alpha = n.real("alpha", 1), beta = n.real("beta", 1);
  const bool turn_a = n.integer("transA", 0) != 0, turn_b = n.integer("transB", 0) != 0;
  return [=](Arguments& in) {
    const Tensor a = turn_a ? in[0].t() : in[0];
    const bool plain = alpha == 1 && beta == 1 && in.has(2) && in[2].dim() == 1 &&
                       in[1].dim() == 2 && in[2].size(0) == in[1].size(turn_b ? 0 : 1);
    if (plain && is_floating(a.dtype())) return linear(a, turn_b ? in[1] : in[1].t(), in[2]);
    Tensor y = mm(a, turn_b ? in[1].t() : in[1]);
    if (alpha != 1) y = (y * alpha).to(a.dtype());
    if (!in.has(2)) return y;
    return y + (beta == 1 ? in[2] : (in[2] * beta).to(a.dtype()));
  };
}

Step einsum_of(Node& n) {
  const std::string equation = n.text("equation", "");
  return [=](Arguments& in) { return einsum(equation, in.all()); };
}

// Along an axis; before version 13, over all axes from there on at once.
using Normalize = Tensor (*)(const Tensor&, int64_t, std::optional<DType>);
auto along(Normalize normalize) {
  return [normalize](Node& n) -> Step {
    const bool joins = n.opset() < 13;
    return [=, axis = n.integer("axis", joins ? 1 : -1)](Arguments& in) {
      const Tensor& x = in[0];
      if (!joins) return normalize(x, axis, {});
      const int64_t first = axis_in(axis, x.dim());
      return normalize(x.flatten(first), first, {}).reshape(x.shape());
    };
  };
}

// Parts of the norm of order p along an axis.
Step lp_normalization(Node& n) {
  const int64_t axis = n.integer("axis", -1), p = n.integer("p", 2);
  return [=](Arguments& in) {
    const Tensor size = linalg::vector_norm(in[0], p, {axis}, true);
    return where(size == 0, 0.0, in[0] / size);
  };
}

}  // namespace

const Operators& fold_operators() {
  static const Operators operators = {
      {"ReduceSum", {1, {1, 2}, fold_by(13, sum_of)}},
      {"ReduceMean", {1, {1, 2}, fold(mean_of)}},
      {"ReduceMax", {1, {1, 2}, fold(extreme_of<greatest>)}},
      {"ReduceMin", {1, {1, 2}, fold(extreme_of<least>)}},
      {"ReduceProd", {1, {1, 2}, fold(prod_of)}},
      {"ReduceL1", {1, {1, 2}, fold(sum_of_sizes)}},
      {"ReduceL2", {1, {1, 2}, fold(norm_of)}},
      {"ReduceSumSquare", {1, {1, 2}, fold(sum_of_squares)}},
      {"ReduceLogSum", {1, {1, 2}, fold(log_of_sum)}},
      {"ReduceLogSumExp", {1, {1, 2}, fold(log_of_sum_of_exp)}},
      {"MatMul", {1, 2, [](Node&) { return [](Arguments& in) { return matmul(in[0], in[1]); }; }}},
      {"Gemm", {7, {2, 3}, gemm}},
      {"Einsum", {12, {1, Count::any}, einsum_of}},
      {"Softmax", {1, 1, along(softmax)}},
      {"LogSoftmax", {1, 1, along(log_softmax)}},
      {"LpNormalization", {1, 1, lp_normalization}},
  };
  return operators;
}

}  // namespace rw::onnx
