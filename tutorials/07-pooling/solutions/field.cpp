// Receptive fields of some stacks of layers, measured and by the formula.

#include <vector>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

struct Layer {
  int64_t kernel, stride = 1, dilation = 1;
};

int64_t by_formula(const std::vector<Layer>& layers) {
  int64_t field = 1, step = 1;
  for (const Layer& layer : layers) {
    field += layer.dilation * (layer.kernel - 1) * step;
    step *= layer.stride;
  }
  return field;
}

// Filters of ones, so that nothing cancels out, and an output far from the border.
int64_t measured(const std::vector<Layer>& layers) {
  const Tensor x = zeros({1, 1, 1, 400}, float64).requires_grad_();
  Tensor y = x;
  for (const Layer& layer : layers)
    y = conv2d(y, ones({1, 1, 1, layer.kernel}, float64), {},
               {.stride = {1, layer.stride}, .dilation = {1, layer.dilation}});
  y.index({0, 0, 0, y.size(3) / 2}).backward();
  return x.grad().ne(0).sum().item<int64_t>();
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const auto expect = [&](const char* name, const std::vector<Layer>& layers, int64_t field) {
    const auto wanted = static_cast<double>(field);
    tutorial.expect(name, static_cast<double>(measured(layers)), wanted, wanted);
    tutorial.expect("and by the formula", static_cast<double>(by_formula(layers)), wanted, wanted);
  };
  expect("two convolutions by 3", {{3}, {3}}, 5);
  expect("the stack of the tutorial", {{3}, {2, 2}, {3}, {2, 2}, {3}, {2, 2}}, 22);
  expect("pairs of convolutions", {{3}, {3}, {2, 2}, {3}, {3}, {2, 2}, {3}, {3}, {2, 2}}, 36);
  expect("dilation 1, 2, 4, 8", {{3}, {3, 1, 2}, {3, 1, 4}, {3, 1, 8}}, 31);
}
