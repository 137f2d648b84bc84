// The circle, fitted with gradients that are cleared, and with gradients that pile up.

#include <algorithm>

#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

Series losses(const Tensor& points, bool clears) {
  Tensor center = from<float>({1, 1}).requires_grad_(), radius = ones({}).requires_grad_();
  Series curve{clears ? "cleared" : "piled up", {}};
  for (int step = 0; step <= 100; ++step) {
    const Tensor distance = (points - center).square().sum({1}).sqrt();
    const Tensor loss = (distance - radius).square().mean();
    curve.points.push_back({static_cast<double>(step), loss.item<double>()});
    loss.backward();
    no_grad guard;
    for (Tensor* parameter : {&center, &radius}) {
      *parameter -= 0.3 * parameter->grad();
      if (clears) parameter->set_grad({});
    }
  }
  return curve;
}

// The greatest loss of the last 20 steps.
double last(const Series& curve) {
  double greatest = 0;
  for (size_t i = curve.points.size() - 20; i < curve.points.size(); ++i)
    greatest = std::max(greatest, curve.points[i].y);
  return greatest;
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(2);
  const Tensor angle = linspace(-0.6, 3.6, 60);
  const Tensor points =
      stack({4 + 2.5 * angle.cos(), 3 + 2.5 * angle.sin()}, 1) + 0.12 * randn({60, 2});
  const Series cleared = losses(points, true), piled = losses(points, false);
  Drawing(640, 360)
      .chart({cleared, piled}, {.x = "step", .log_y = true})
      .write(tutorial.picture("forgotten.svg"));
  tutorial.expect("loss, cleared", last(cleared), 0.008, 0.02);
  // A sum of all gradients so far is a velocity without friction: the circle swings about its place
  // and never comes to rest.
  tutorial.expect("loss, piled up", last(piled), 0.1, 1e9);
}
