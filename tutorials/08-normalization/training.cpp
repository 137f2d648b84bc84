// Training with and without normalization, and what a small batch does to batch norm.

#include "training.h"

#include <cstdio>
#include <utility>

#include <rewind/data/data_loader.h>
#include <rewind/data/shapes.h>
#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;

namespace {

enum class Norm { none, batch, group };

nn::Sequential make_net(Norm norm) {
  nn::Sequential net;
  for (int64_t i = 0; i < 8; ++i) {
    net.append(nn::Conv2d(i == 0 ? 1 : 16, 16, 3, {.padding = 1}));
    if (norm == Norm::batch) net.append(nn::BatchNorm2d(16));
    if (norm == Norm::group) net.append(nn::GroupNorm(4, 16));
    net.append(nn::ReLU());
    if (i < 2) net.append(nn::MaxPool2d(2));
  }
  net.append(nn::Flatten());
  net.append(nn::Linear(16 * 7 * 7, 10));
  return net;
}

// The loss over the steps, each the average of twenty.
Series train(const char* name, Norm norm, double lr, int steps) {
  manual_seed(8);
  nn::Sequential net = make_net(norm);
  data::DataLoader loader(data::make_shapes(32 * steps), {.batch_size = 32, .shuffle = true});
  optim::SGD sgd(net.parameters(), {.lr = lr});
  Series curve{name, {}};
  double sum = 0;
  int step = 0;
  for (const auto& [images, labels] : loader) {
    sgd.zero_grad();
    const Tensor loss = cross_entropy(net(images), labels);
    loss.backward();
    sgd.step();
    sum += loss.item<double>() / 20;
    if (++step % 20 == 0)
      curve.points.push_back({static_cast<double>(step), std::exchange(sum, 0)});
  }
  return curve;
}

}  // namespace

void compare_trainings(const Tutorial& tutorial) {
  Drawing drawing(900, 330);
  double left = 0;
  for (const double lr : {0.02, 0.1}) {
    const int steps = tutorial.full_or_quick(400, 140);
    const std::vector<Series> curves = {train("without", Norm::none, lr, steps),
                                        train("batch norm", Norm::batch, lr, steps),
                                        train("group norm", Norm::group, lr, steps)};
    char title[64];
    std::snprintf(title, sizeof title, "loss, learning rate %g", lr);
    std::printf("%s\n", title);
    const auto last = [&](size_t i) { return curves[i].points.back().y; };
    tutorial.expect("  without", last(0), 2.25, 2.4);
    tutorial.expect("  batch norm", last(1), 0, tutorial.full_or_quick(0.6, 2.1));
    tutorial.expect("  group norm", last(2), 0, tutorial.full_or_quick(1.2, 2.28));
    drawing.chart(curves, {.title = title, .x = "step"}, {left, 0}, 450, 330);
    left += 450;
  }
  drawing.write(tutorial.picture("training.svg"));
}

// How much a picture's result varies with its company, over the size of the batch.
void show_small_batches(const Tutorial& tutorial) {
  const Tensor x = randn({1, 16, 7, 7}) + randn({1, 16, 1, 1});
  Series curve{"standard deviation of a result", {}};
  for (const int64_t size : {2, 4, 8, 16, 32}) {
    std::vector<Tensor> results;
    for (int i = 0; i < 50; ++i) {
      const Tensor company = randn({size - 1, 16, 7, 7}) + randn({size - 1, 16, 1, 1});
      const Tensor together = cat({x, company});
      results.push_back(batch_norm(together, {}, {}, {}, {}, {.training = true})[0]);
    }
    curve.points.push_back(
        {static_cast<double>(size), stack(results).std({0}).mean().item<double>()});
  }
  tutorial.expect("noise with 2, over that with 32", curve.points.front().y / curve.points.back().y,
                  1.5, 10);
  Drawing(640, 360)
      .chart({curve},
             {.title = "what the company in a batch does to a picture", .x = "size of the batch"})
      .write(tutorial.picture("noise.svg"));

  const Tensor two =
      batch_norm(randn({2, 1000}, float64), {}, {}, {}, {}, {.training = true, .eps = 0});
  tutorial.expect("two vectors: distance of all results from 1 or -1",
                  (two.abs() - 1).abs().max().item<double>(), 0, 1e-10);
}
