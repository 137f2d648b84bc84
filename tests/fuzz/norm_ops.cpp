#include <algorithm>
#include <cmath>

#include "op.h"

namespace rw::fuzz {
namespace {

// The slope of a normalization of the rows of `x`.
double slope(const Tensor& x, const Tensor& weight, double eps) {
  if (x.numel() == 0 || !x.is_floating_point()) return 0;
  const double w = weight.defined() ? std::max(abs(weight).max().item<double>(), 1.0) : 1;
  const Tensor variance = x.var(Dims{-1}, 0);
  const double least = where(isfinite(variance), variance, INFINITY).min().item<double>();
  return w / std::sqrt(std::max(least + eps, 0.0));
}

// f(x, weight, bias), either of which may be left out. The statistics are those of `width` numbers
// in a row.
template <class F>
Call normalization(Draw& d, const Tensor& x, const Shape& shape, int64_t width, double eps, F f) {
  const bool weighted = d.flag(), biased = d.flag();
  // An infinite weight times the rounding of the mean, which is 0 in float64, is NaN there alone.
  d.leave_special();
  Tensors in = {x};
  if (weighted) in.push_back(d.tensor(shape));
  if (biased) in.push_back(d.tensor(shape));
  Call call(in, [=](const Tensors& t) {
    return Tensors{f(t[0], weighted ? t[1] : Tensor(), biased ? t.back() : Tensor())};
  });
  if (width > 0) call.slope = slope(x.reshape({-1, width}), weighted ? in[1] : Tensor(), eps);
  return call;
}

// [N, C, …]
Shape batch_shape(Draw& d, int64_t channels, int64_t least_more) {
  Shape shape = {d.size(1, 3), channels};
  for (int64_t i = d.between(least_more, 2); i > 0; --i) shape.push_back(d.size());
  return shape;
}

Call layers(Draw& d) {
  const Tensor x = d.tensor(d.shape(1, 4));
  Shape over;
  for (int64_t i = d.between(1, x.dim()); i > 0; --i)
    over.push_back(d.number(x.size(-i), x.size(-i)));
  int64_t width = 1;
  for (int i = 1; i <= over.rank(); ++i) width *= x.size(-i);
  const double eps = d.real(0.125, 1);
  return normalization(d, x, d.wild ? Shape{x.size(-1)} : over, width, eps,
                       [=](In a, In w, In b) { return layer_norm(a, over, w, b, eps); });
}

Call mean_squares(Draw& d) {
  const Tensor x = d.tensor(d.shape(1, 4));
  d.leave_special();
  const Tensor w = d.tensor({x.size(-1)});
  const double eps = d.real(0.125, 1);
  Call call({x, w}, [=, plain = d.flag(), n = d.number(x.size(-1), x.size(-1))](In a, In g) {
    return rms_norm(a, {n}, plain ? Tensor() : g, eps);
  });
  if (x.numel() > 0 && w.is_floating_point()) {
    const Tensor squares = x.square().mean(Dims{-1});
    const double least = where(isfinite(squares), squares, INFINITY).min().item<double>();
    call.slope = std::max(abs(w).max().item<double>(), 1.0) / std::sqrt(least + std::max(eps, 0.0));
  }
  return call;
}

Call responses(Draw& d) {
  const Tensor x = d.tensor(batch_shape(d, d.size(1, 5), 1));
  const int64_t size = d.number(1, 6);
  const double alpha = d.real(0, 1), beta = d.real(0.25, 1), k = d.real(0.5, 2);
  return Call({x}, [=](In a) { return local_response_norm(a, size, alpha, beta, k); });
}

Call groups(Draw& d) {
  const int64_t n = d.between(1, 3), c = n * d.size(1, 3);
  const Tensor x = d.tensor(batch_shape(d, c, 0));
  const int64_t width = x.numel() > 0 ? x.numel() / x.size(0) / n : 0;
  const double eps = d.real(0.125, 1);
  return normalization(d, x, {c}, width, eps, [=, n = d.number(n, n)](In a, In w, In b) {
    return group_norm(a, n, w, b, eps);
  });
}

Call instances(Draw& d) {
  const int64_t c = d.size(1, 3);
  const Tensor x = d.tensor(batch_shape(d, c, 1));
  const int64_t width = x.numel() > 0 ? x.numel() / x.size(0) / c : 0;
  const InstanceNormOptions options = {.momentum = d.real(0, 1), .eps = d.real(0.125, 1)};
  return normalization(d, x, {c}, width, options.eps,
                       [=](In a, In w, In b) { return instance_norm(a, w, b, {}, {}, options); });
}

Call batches(Draw& d, bool training) {
  const int64_t c = d.size(1, 4);
  const Tensor x = d.tensor(batch_shape(d, c, 0));
  // An infinite weight times the rounding of the mean, which is 0 in float64, is NaN there alone.
  d.leave_special();
  const Tensor w = d.tensor({c}), b = d.tensor({c});
  const Tensor mean = d.tensor({c}), var = d.tensor({c}, Domain::positive);
  const BatchNormOptions options = {
      .training = training, .momentum = d.real(0, 1), .eps = d.real(0.125, 1)};
  Call call({x, w, b, mean, var}, [options, plain = d.flag()](In a, In g, In h, In m, In v) {
    return batch_norm(a, plain ? Tensor() : g, plain ? Tensor() : h, m.detach().clone(),
                      v.detach().clone(), options);
  });
  if (training && x.numel() > 0)
    call.slope = slope(x.transpose(0, 1).reshape({c, -1}), w, options.eps);
  return call;
}

}  // namespace

Ops norm_ops() {
  return {
      {"batch_norm, training", onednn, [](Draw& d) { return batches(d, true); }},
      {"batch_norm", onednn, [](Draw& d) { return batches(d, false); }},
      {"layer_norm", onednn, layers},
      {"rms_norm", onednn, mean_squares},
      {"local_response_norm", onednn, responses},
      {"group_norm", onednn, groups},
      {"instance_norm", onednn, instances},
      {"dropout", pointwise | by_memory,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         const double p = d.real(0, 1);
         return Call({x}, [p, training = d.flag(), seed = d.next()](In a) {
           manual_seed(seed);
           return dropout(a, p, training);
         });
       }},
  };
}

}  // namespace rw::fuzz
