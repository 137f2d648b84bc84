#pragma once
// Private to LBFGS.

#include <functional>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

namespace rw::optim {

/// A point on a line: where, the loss there, its derivative along the line, and its gradient.
struct LinePoint {
  double t = 0, f = 0, slope = 0;
  Tensor g;
};

/// Evaluates loss and slope at t; the gradient goes into the tensor.
using OnLine = std::function<std::pair<double, double>(double t, Tensor& g)>;

/// A point where the strong Wolfe conditions hold (Nocedal and Wright, algorithms 3.5 and 3.6, as
/// Torch's lswolfe.lua has them), or the best of those tried in `most` evaluations after the first.
/// `start` is at 0; `t` is tried first; `longest` is the greatest element of the direction. The
/// gradients lie in `buffers`, of which there are four.
LinePoint strong_wolfe(const OnLine& at, const LinePoint& start, double t, double longest,
                       double tolerance_change, int64_t most, std::vector<Tensor>& buffers);

}  // namespace rw::optim
