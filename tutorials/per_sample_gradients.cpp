// Finds wrong labels by the gradient that each sample has of its own. A network is trained on
// points of which some have the wrong label; those pull at it the hardest in the end.
//
// The model is a plain function of its parameters here, so that gradients come from grad() and
// value_and_grad() and no tensor has to require any.

#include <cstdio>
#include <vector>

#include <rewind/rewind.h>

using namespace rw;

namespace {

using Parameters = std::vector<Tensor>;

Tensor loss(const Parameters& p, const Tensor& x, const Tensor& labels) {
  const Tensor hidden = tanh(matmul(x, p[0]) + p[1]);
  return cross_entropy(matmul(hidden, p[2]) + p[3], labels);
}

Parameters make_parameters() { return {randn({2, 16}), zeros(16), randn({16, 3}) / 4, zeros(3)}; }

struct Points {
  Tensor x, labels;
};

constexpr int count = 500;
constexpr int wrong = 25;  // labels, the first ones

// Three clouds of points, each of a kind.
Points make_points() {
  const Tensor centres = from<float>({{-2, -1}, {2, -1}, {0, 2}});
  Tensor labels = randint(0, 3, count);
  const Tensor x = centres.index_select(0, labels) + randn({count, 2}) * 0.6;
  const Tensor is_wrong = arange(count) < wrong;
  return {x, where(is_wrong, (labels + 1).masked_fill(labels == 2, 0), labels)};
}

void train(Parameters& parameters, const Points& points, int steps) {
  const auto of_all = [&](const Parameters& p) { return loss(p, points.x, points.labels); };
  for (int step = 0; step < steps; ++step) {
    const auto [value, gradients] = value_and_grad(of_all)(parameters);
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i] -= 0.5 * gradients[i];
    if (step % 50 == 0) std::printf("  step %3d   loss %.3f\n", step, value.item<double>());
  }
}

// The length of each sample's gradient, over all parameters.
Tensor gradient_norms(const Parameters& parameters, const Points& points) {
  Tensor norms = zeros(points.labels.size(0));
  for (int64_t i = 0; i < norms.numel(); ++i) {
    const Tensor x = points.x.narrow(0, i, 1), label = points.labels.narrow(0, i, 1);
    const auto of_one = [&](const Parameters& p) { return loss(p, x, label); };
    Tensor square = zeros({});
    for (const Tensor& g : grad(of_one)(parameters)) square += g.square().sum();
    norms[i].copy_(square.sqrt());
  }
  return norms;
}

// How many of the samples with the greatest gradients have a wrong label indeed.
int count_found(const Tensor& norms) {
  Tensor rest = norms.clone();
  int found = 0;
  for (int i = 0; i < wrong; ++i) {
    const auto greatest = rest.argmax().item<int64_t>();
    found += greatest < wrong;
    rest[greatest].fill_(0);
  }
  return found;
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): an error is to end the program
  manual_seed(1);
  const Points points = make_points();
  Parameters parameters = make_parameters();
  std::printf("%d points of 3 kinds, %d of them with a wrong label\n\n", count, wrong);
  train(parameters, points, 200);

  const Tensor norms = gradient_norms(parameters, points);
  std::printf(
      "\nmean length of a sample's gradient: %.2f where the label is wrong, %.2f elsewhere\n",
      norms.slice(0, 0, wrong).mean().item<double>(), norms.slice(0, wrong).mean().item<double>());
  const int found = count_found(norms);
  std::printf("of the %d greatest gradients, %d belong to a wrong label\n", wrong, found);
  return found >= wrong * 4 / 5 ? 0 : 1;
}
