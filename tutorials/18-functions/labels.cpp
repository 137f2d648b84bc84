// Wrong labels, found by the gradient of each sample.

#include <rewind/rewind.h>

#include "drawing.h"
#include "networks.h"

using namespace rw;

namespace {

using Parameters = std::vector<Tensor>;

Tensor loss(const Parameters& p, const Tensor& x, const Tensor& labels) {
  return cross_entropy(matmul(tanh(matmul(x, p[0]) + p[1]), p[2]) + p[3], labels);
}

// The length of each sample's gradient, and the mean of the gradients by the first parameter.
std::pair<Tensor, Tensor> per_sample(const Parameters& p, const Tensor& x, const Tensor& labels) {
  Tensor lengths = zeros_like(labels, float64), mean = zeros_like(p[0]);
  for (int64_t i = 0; i < labels.numel(); ++i) {
    const Tensor one = x.narrow(0, i, 1), label = labels.narrow(0, i, 1);
    const auto of_one = [&](const Parameters& q) { return loss(q, one, label); };
    const Parameters gradients = grad(of_one)(p);
    for (const Tensor& g : gradients) lengths[i] += g.square().sum();
    mean += gradients[0] / labels.numel();
  }
  return {lengths.sqrt(), mean};
}

}  // namespace

void find_wrong_labels(const Tutorial& tutorial) {
  constexpr int64_t count = 500, wrong = 25;  // the first ones have a wrong label
  const Tensor centers = from({{-2.0, -1.0}, {2.0, -1.0}, {0.0, 2.0}});
  const Tensor kinds = randint(0, 3, count);
  const Tensor x = centers.index_select(0, kinds) + 0.6 * randn({count, 2});
  const Tensor labels = where(arange(count) < wrong, (kinds + 1) % 3, kinds);

  Parameters p = {randn({2, 16}), zeros(16), randn({16, 3}) / 4, zeros(3)};
  const auto gradient = grad([&](const Parameters& q) { return loss(q, x, labels); });
  for (int step = 0; step < 200; ++step) {
    const Parameters gradients = gradient(p);
    for (size_t i = 0; i < p.size(); ++i) p[i] -= 0.5 * gradients[i];
  }

  const auto [lengths, mean] = per_sample(p, x, labels);
  tutorial.expect("the mean of 500 gradients differs from the batch's by",
                  (mean - gradient(p)[0]).abs().max().item<double>(), 0, 1e-10);
  const Tensor of_wrong = lengths.slice(0, 0, wrong), others = lengths.slice(0, wrong);
  tutorial.expect("a wrong label makes a gradient longer, times",
                  (of_wrong.mean() / others.mean()).item<double>(), 10, 100);

  Drawing drawing(640, 440);
  const auto draw = [&](int64_t i, double ring) {
    const Point at{320 + 80 * x[i][0].item<double>(), 250 - 60 * x[i][1].item<double>()};
    drawing.dot(at, ring);
    drawing.dot(at, 5, series(labels[i].item<size_t>()));
  };
  for (int64_t i = 0; i < count; ++i) draw(i, 0);
  Tensor rest = lengths.clone();
  int found = 0;
  for (int i = 0; i < wrong; ++i) {
    const auto longest = rest.argmax().item<int64_t>();
    draw(longest, 8.5);
    found += longest < wrong;
    rest[longest] = 0;
  }
  tutorial.expect("wrong labels among the 25 longest gradients", found, 20, 25);
  drawing.text({320, 30}, "the colors are the labels; the rings show the 25 longest gradients");
  drawing.write(tutorial.picture("labels.svg"));
}
