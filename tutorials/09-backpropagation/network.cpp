// A network of all these layers: its gradients, and its training by the loops alone.

#include <algorithm>

#include <rewind/rewind.h>

#include "drawing.h"
#include "gradients.h"

using namespace rw;

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

namespace {

// Filters and their bias; weight and bias of the norm.
using Parameters = std::vector<Tensor>;

// x, and what each layer makes of what the one before has made.
std::vector<Tensor> forward(const Parameters& p, const Tensor& x) {
  const Tensor conv = conv2d(x, p[0], p[1], {.stride = 2, .padding = 1});
  const Tensor norm = batch_norm(conv, p[2], p[3], {}, {}, {.training = true});
  const Tensor positive = relu(norm), pooled = max_pool2d(positive, 2);
  return {x, conv, norm, positive, pooled, avg_pool2d(pooled, 3).flatten(1)};
}

// The gradients of all these `values`, and then those of the parameters.
std::vector<Tensor> backward(const Parameters& p, const std::vector<Tensor>& values,
                             const Tensor& labels) {
  const no_grad guard;
  const int64_t samples = labels.size(0);
  Tensor scores = values[5].softmax(1);
  for (int64_t n = 0; n < samples; ++n) scores[n][labels[n].item<int64_t>()] -= 1;
  scores /= samples;
  const Tensor pooled =
      avg_pool_backward(values[4], scores.view({samples, scores.size(1), 1, 1}), 3, 3);
  const Tensor positive = max_pool_backward(values[3], pooled, 2, 2);
  const Tensor norm = positive.where(values[2] > 0, 0);
  const Gradients conv = norm_backward(values[1], p[2], norm, batch_sets(values[1]));
  const Gradients x = conv_backward(values[0], p[0], conv.x, 2, 1);
  return {x.x, conv.x, norm, positive, pooled, scores, x.weight, x.bias, conv.weight, conv.bias};
}

// Forward on the left, gradients on the right.
void draw_network(const Tutorial& tutorial, const std::vector<Tensor>& values) {
  const char* layers[] = {
      "", "batch norm", "ReLU", "max pooling by 2", "average of 3 by 3", "cross entropy"};
  const char* names[] = {"x", "conv", "norm", "positive", "pooled", "scores", "loss"};
  Drawing drawing(690, 580);
  for (size_t i = 0; i <= 6; ++i) {
    const double y = 40 + 84 * static_cast<double>(i);
    const std::string shape = i < 6 ? values[i].shape().str() : "[]";
    drawing.text({235, y - 1}, names[i] + ("  " + shape), Align::right);
    drawing.text({395, y - 1}, i < 6 ? std::string("d ") + names[i] : "1", Align::left, 13,
                 series(3));
    if (i == 6) break;
    drawing.box({220, y + 20}, 190, 44, layers[i], series(0));
    drawing.arrow({250, y - 18}, {250, y + 16});
    drawing.arrow({380, y + 16}, {380, y - 18}, series(3));
    if (i > 1) continue;
    drawing.arrow({412, y + 42}, {450, y + 42}, series(3));
    drawing.text({460, y + 47},
                 i == 0 ? "d filters  [5, 3, 3, 3],  d bias  [5]" : "d weight  [5],  d bias  [5]",
                 Align::left, 13, series(3));
  }
  drawing.text({315, 78.5}, "convolution, 3 by 3,");
  drawing.text({315, 94.5}, "stride 2, padding 1");
  drawing.arrow({250, 526}, {250, 560});
  drawing.arrow({380, 560}, {380, 526}, series(3));
  drawing.write(tutorial.picture("network.svg"));
}

void check_network(const Tutorial& tutorial) {
  const Tensor labels = arange(32).remainder(5), noise = randn({32, 3, 11, 11}, float64);
  const Tensor images = randn({5, 3, 11, 11}, float64).index_select(0, labels) + 0.5 * noise;
  Parameters p = {0.3 * randn({5, 3, 3, 3}, float64), zeros({5}, float64), ones({5}, float64),
                  zeros({5}, float64)},
             by_loops;
  for (Tensor& t : p) by_loops.push_back(t.clone()), t.requires_grad_();

  const auto values = forward(p, images.clone().requires_grad_());
  for (const Tensor& t : values) t.retain_grad();
  cross_entropy(values.back(), labels).backward();
  const auto by_hand = backward(p, values, labels);
  double worst = 0;
  for (size_t i = 0; i < 10; ++i)
    worst = std::max(worst, difference(by_hand[i], i < 6 ? values[i].grad() : p[i - 6].grad()));
  tutorial.expect("network: all ten gradients differ by", worst, 0, 1e-10);
  tutorial.expect("gradient of the bias before the norm, at most",
                  difference(by_hand[7], zeros({5}, float64)), 0, 1e-10);
  draw_network(tutorial, values);

  optim::SGD sgd(p, {.lr = 0.5});
  std::vector<double> losses;
  for (int64_t step = 0; step < 60; ++step) {
    const Tensor x = images.narrow(0, step % 4 * 8, 8), y = labels.narrow(0, step % 4 * 8, 8);
    sgd.zero_grad();
    const Tensor loss = cross_entropy(forward(p, x).back(), y);
    loss.backward();
    sgd.step();
    const auto gradients = backward(by_loops, forward(by_loops, x), y);
    for (size_t i = 0; i < 4; ++i) by_loops[i] -= 0.5 * gradients[i + 6];
    losses.push_back(loss.item<double>());
  }
  for (size_t i = 0; i < 4; ++i) worst = std::max(worst, difference(by_loops[i], p[i].detach()));
  tutorial.expect("after 60 steps the parameters differ by", worst, 0, 1e-10);
  tutorial.expect("loss of the first batch", losses[0], 1.4, 2);
  tutorial.expect("loss of the same batch at last", losses[56], 0.1, 0.25);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(9);
  check_conv(tutorial);
  check_pooling(tutorial);
  check_norm(tutorial);
  check_network(tutorial);
}
