#pragma once
// Private to the library's sources: what batch, group, layer and instance normalization share.

#include <vector>

#include <rewind/autograd/record.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Throws where `t` is defined and not of this shape, or of another dtype than x (but for float32
/// beside a reduced one). `what` is "a weight" or the like.
void check_parameter(const char* op, const char* what, const Tensor& t, const Shape& shape,
                     const Tensor& x);

/// Whether one of n variances, computed in float32, lies so far from 1 that squares overflowed or
/// vanished: the norm is then computed in float64.
bool need_float64(const double* variance, int64_t n, double eps);
/// Undefined stays undefined.
Tensor to_float64(const Tensor& t);

/// running += momentum * (now - running)
void update_running(Tensor& running, const std::vector<double>& now, double momentum);

/// A normalization, whatever it normalises over: with x, g and all gradients in one shape,
///   y = xh w + b,   xh = (x - mean) / sqrt(var + eps),   mean and var over `statistics`;
///   dx = r (h - mean(h) - xh mean(h xh)),   dw = sum(g xh),   db = sum(g)   over `parameters`,
/// where h = g w and r = 1 / sqrt(var + eps).
struct Normalization {
  Dims statistics, parameters;
  double eps;
  bool centered = true;  // otherwise all that is a mean of x, h and the like stays out
};
/// The derivatives by g, x and w of sum(gg dx) + sum(gw dw) + sum(gb db); w, gw and gb have size 1
/// along `parameters`.
Grads second_order(const Normalization& norm, const Tensor& g, const Tensor& x, const Tensor& w,
                   const Tensor& gg, const Tensor& gw, const Tensor& gb);

}  // namespace rw::detail
