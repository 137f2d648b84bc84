#include <cmath>

#include "op.h"

namespace rw::fuzz {
namespace {

// What the gradient of std by x, (x - mean) / (n std), is a difference of: x / std at the most.
// That of the gradient, 1 / std times such, is held to the square of a slope.
double slope_of_std(const Tensor& x, const Dims& dims) {
  if (x.numel() == 0) return 0;
  try {
    const Tensor std = x.std(dims, 0), first = abs(x).amax(dims) / std;
    const Tensor all = maximum(first, sqrt(first / std));
    return where(isfinite(all), all, 0).max().item<double>();
  } catch (const Error&) {  // dims of a wild case
    return 0;
  }
}

// The gradient of a norm's gradient, (g - x (x g) / y^2) / y, is a difference of numbers of the
// size 1 / y, and is held to the square of a slope.
double slope_of_norm(const Tensor& x, const Dims& dims) {
  if (x.numel() == 0) return 0;
  try {
    const Tensor all = sqrt(1 / linalg::vector_norm(x, 2, dims));
    return where(isfinite(all), all, 0).max().item<double>();
  } catch (const Error&) {  // dims of a wild case
    return 0;
  }
}

template <class F>
Op whole(const char* name, F f) {
  return {name, plain,
          [=](Draw& d) { return Call({d.tensor(d.shape())}, [f](In x) { return f(x); }); }};
}

template <class F>
Op whole_std(F f) {
  return {"Tensor::std", plain, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            Call call({x}, f);
            if (d.floating()) call.slope = slope_of_std(x, {});
            return call;
          }};
}

// f(x, dims, keepdim)
template <class F>
Op over_dims(const char* name, F f, unsigned rule = plain) {
  return {name, rule, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            return Call({x}, [f, dims = d.dims(x.dim()), keep = d.flag()](In a) {
              return f(a, dims, keep);
            });
          }};
}

Op euclidean_norm() {
  return {"vector_norm", saturates, [](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            const Dims dims = d.dims(x.dim());
            Call call({x}, [dims, keep = d.flag()](In a) {
              return linalg::vector_norm(a, 2, dims, keep);
            });
            if (d.floating()) call.slope = slope_of_norm(x, dims);
            return call;
          }};
}

// f(x, dim, keepdim)
template <class F>
Op over_dim(const char* name, F f, unsigned rule = plain) {
  return {name, rule, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            return Call(
                {x}, [f, dim = d.dim(x.dim()), keep = d.flag()](In a) { return f(a, dim, keep); });
          }};
}

// f(x, dims, correction, keepdim)
template <class F>
Op corrected(const char* name, F f) {
  return {name, plain, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            const Dims dims = d.dims(x.dim());
            const int64_t correction = d.number(0, 1);
            Call call({x}, [=, keep = d.flag()](In a) { return f(a, dims, correction, keep); });
            if (d.floating()) call.slope = slope_of_std(x, dims);
            return call;
          }};
}

// In a dtype that quantile takes.
Tensor quantile_at(In x, double q, int64_t dim, bool keepdim, bool numbers) {
  const Tensor in = x.dtype() == float64 ? x : x.to(float32);
  const QuantileOptions options = {.dim = dim, .keepdim = keepdim};
  const Tensor y = numbers ? nanquantile(in, q, options) : quantile(in, q, options);
  return x.is_floating_point() ? y.to(x.dtype()) : y;
}

Ops functions() {
  return {
      over_dims("sum", [](In a, const Dims& d, bool k) { return sum(a, d, k); }),
      over_dims("mean", [](In a, const Dims& d, bool k) { return mean(a, d, k); }),
      corrected("var", [](In a, const Dims& d, int64_t c, bool k) { return var(a, d, c, k); }),
      corrected("std", [](In a, const Dims& d, int64_t c, bool k) { return std(a, d, c, k); }),
      over_dims("amax", [](In a, const Dims& d, bool k) { return amax(a, d, k); }),
      over_dims("amin", [](In a, const Dims& d, bool k) { return amin(a, d, k); }),
      over_dim("max", [](In a, int64_t d, bool k) { return max(a, d, k); }),
      over_dim("min", [](In a, int64_t d, bool k) { return min(a, d, k); }),
      over_dim("argmax", [](In a, int64_t d, bool k) { return argmax(a, d, k); }),
      over_dim("argmin", [](In a, int64_t d, bool k) { return argmin(a, d, k); }),
      over_dims("argmax", [](In a, const Dims&, bool k) { return argmax(a, {}, k); }),
      over_dims("argmin", [](In a, const Dims&, bool k) { return argmin(a, {}, k); }),
      over_dims("prod", [](In a, const Dims&, bool k) { return prod(a, {}, k); }),
      over_dim("prod", [](In a, int64_t d, bool k) { return prod(a, d, k); }),
      over_dims(
          "logsumexp", [](In a, const Dims& d, bool k) { return logsumexp(a, d, k); },
          saturates | near_one),
      over_dims("all", [](In a, const Dims& d, bool k) { return all(a, d, k); }),
      over_dims("any", [](In a, const Dims& d, bool k) { return any(a, d, k); }),
      over_dim("argsort", [](In a, int64_t d, bool k) { return argsort(a, d, k); }),
      over_dim("sort", [](In a, int64_t d, bool k) { return rw::sort(a, d, k); }),
      over_dim("median", [](In a, int64_t d, bool k) { return median(a, d, k); }),
      over_dim("cummax", [](In a, int64_t d, bool) { return cummax(a, d); }),
      over_dims("count_nonzero", [](In a, const Dims& d, bool) { return count_nonzero(a, d); }),
      euclidean_norm(),
      over_dim("quantile",
               [](In a, int64_t d, bool k) { return quantile_at(a, 0.5, d, k, false); }),
      over_dim("nanquantile",
               [](In a, int64_t d, bool k) { return quantile_at(a, 0.25, d, k, true); }),
      over_dim("quantile", [](In a, int64_t d, bool k) { return quantile_at(a, 1, d, k, false); }),
      over_dim("nanquantile",
               [](In a, int64_t d, bool k) { return quantile_at(a, 0, d, k, true); }),
      over_dim("cumsum", [](In a, int64_t d, bool) { return cumsum(a, d); }),
      over_dim(
          "softmax", [](In a, int64_t d, bool) { return softmax(a, d); }, saturates),
      over_dim(
          "log_softmax", [](In a, int64_t d, bool) { return log_softmax(a, d); },
          saturates | near_one),
  };
}

Ops members() {
  return {
      whole("Tensor::sum", [](In a) { return a.sum(); }),
      over_dims("Tensor::sum", [](In a, const Dims& d, bool k) { return a.sum(d, k); }),
      whole("Tensor::mean", [](In a) { return a.mean(); }),
      over_dims("Tensor::mean", [](In a, const Dims& d, bool k) { return a.mean(d, k); }),
      whole("Tensor::var", [](In a) { return a.var(); }),
      whole("Tensor::var", [](In a) { return a.var(false); }),
      corrected("Tensor::var",
                [](In a, const Dims& d, int64_t c, bool k) { return a.var(d, c, k); }),
      whole_std([](In a) { return a.std(); }),
      whole_std([](In a) { return a.std(false); }),
      corrected("Tensor::std",
                [](In a, const Dims& d, int64_t c, bool k) { return a.std(d, c, k); }),
      over_dims("Tensor::amax", [](In a, const Dims& d, bool k) { return a.amax(d, k); }),
      over_dims("Tensor::amin", [](In a, const Dims& d, bool k) { return a.amin(d, k); }),
      whole("Tensor::max", [](In a) { return a.max(); }),
      over_dim("Tensor::max", [](In a, int64_t d, bool k) { return a.max(d, k); }),
      whole("Tensor::min", [](In a) { return a.min(); }),
      over_dim("Tensor::min", [](In a, int64_t d, bool k) { return a.min(d, k); }),
      whole("Tensor::argmax", [](In a) { return a.argmax(); }),
      over_dim("Tensor::argmax", [](In a, int64_t d, bool k) { return a.argmax(d, k); }),
      whole("Tensor::argmin", [](In a) { return a.argmin(); }),
      over_dim("Tensor::argmin", [](In a, int64_t d, bool k) { return a.argmin(d, k); }),
      whole("Tensor::prod", [](In a) { return a.prod(); }),
      over_dim("Tensor::prod", [](In a, int64_t d, bool k) { return a.prod(d, k); }),
      over_dims(
          "Tensor::logsumexp", [](In a, const Dims& d, bool k) { return a.logsumexp(d, k); },
          saturates | near_one),
      over_dims("Tensor::all", [](In a, const Dims& d, bool k) { return a.all(d, k); }),
      over_dims("Tensor::any", [](In a, const Dims& d, bool k) { return a.any(d, k); }),
      over_dim("Tensor::cumsum", [](In a, int64_t d, bool) { return a.cumsum(d); }),
      over_dim(
          "Tensor::softmax", [](In a, int64_t d, bool) { return a.softmax(d); }, saturates),
      over_dim(
          "Tensor::log_softmax", [](In a, int64_t d, bool) { return a.log_softmax(d); },
          saturates | near_one),
  };
}

}  // namespace

Ops reduction_ops() {
  Ops all = functions();
  const Ops more = members();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace rw::fuzz
