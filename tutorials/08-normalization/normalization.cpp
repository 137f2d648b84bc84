// Batch, layer, instance and group normalization: what each averages over, and what it is good for.

#include <cstdio>
#include <utility>

#include <rewind/data/data_loader.h>
#include <rewind/data/shapes.h>
#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

Tensor normalized(const Tensor& x, const Dims& dims) {
  const Tensor mean = x.mean(dims, true), var = x.var(dims, 0, true);
  return (x - mean) / (var + 1e-5).sqrt();
}

struct Result {
  const char* name;
  Tensor by_hand, by_library;
  double averaged;  // how many numbers share an average
};

std::vector<Result> normalize(const Tensor& x) {  // [4, 6, 5, 5]
  const Tensor groups = x.view({4, 3, 2, 5, 5});  // three groups of two channels
  return {
      {"batch", normalized(x, {0, 2, 3}), batch_norm(x, {}, {}, {}, {}, {.training = true}), 100},
      {"layer", normalized(x, {1, 2, 3}), layer_norm(x, {6, 5, 5}), 150},
      {"instance", normalized(x, {2, 3}), instance_norm(x), 25},
      {"group", normalized(groups, {2, 3, 4}).view(x.shape()), group_norm(x, 3), 50},
  };
}

// A row of channels for each of four samples. One result, marked by a dot, depends on the numbers
// that share its mean, and on no others: its gradient tells which these are.
void show_methods(const Tutorial& tutorial) {
  Drawing drawing(940, 225);
  double left = 45;
  const Tensor x = randn({4, 6, 5, 5}, float64).requires_grad_();
  for (const auto& [kind, by_hand, by_library, averaged] : normalize(x)) {
    const std::string name = std::string(kind) + " norm";
    tutorial.expect(name + " differs from the formula by",
                    (by_library - by_hand).abs().max().item<double>(), 0, 1e-10);
    x.set_grad({});
    by_library[1][2][0][0].backward();
    const Tensor counts = (x.grad() != 0).to(float32);
    tutorial.expect("  numbers averaged", counts.sum().item<double>(), averaged, averaged);
    drawing.text({left + 100, 28}, name, Drawing::Align::middle, 15);
    for (int64_t n = 0; n < 4; ++n)
      for (int64_t c = 0; c < 6; ++c)
        drawing.image({left + 35 * static_cast<double>(c), 45 + 38 * static_cast<double>(n)}, 31,
                      31,
                      io::heat_map(-0.12 - 0.6 * counts[n][c],
                                   {.value_range = {{-1, 1}}, .diverging = true}));
    drawing.dot({left + 73, 86}, 3, "#d6504d");
    drawing.text({left + 100, 212}, "channels", Drawing::Align::middle, 12);
    left += 226;
  }
  for (int n = 0; n < 4; ++n)
    drawing.text({38, 65 + 38.0 * n}, "n=" + std::to_string(n), Drawing::Align::right, 11);
  drawing.write(tutorial.picture("methods.svg"));
}

void show_running_statistics(const Tutorial& tutorial) {
  nn::BatchNorm2d bn(6);
  bn.to(float64);
  Tensor mean = zeros({6}, float64), var = ones({6}, float64);
  for (int step = 0; step < 50; ++step) {
    const Tensor x = 3 + 2 * randn({8, 6, 5, 5}, float64);
    bn(x);
    mean = 0.9 * mean + 0.1 * x.mean({0, 2, 3});
    var = 0.9 * var + 0.1 * x.var({0, 2, 3});  // divided by n - 1
  }
  tutorial.expect("running mean differs from ours by",
                  (bn.running_mean - mean).abs().max().item<double>(), 0, 1e-10);
  tutorial.expect("running variance differs from ours by",
                  (bn.running_var - var).abs().max().item<double>(), 0, 1e-10);

  const Tensor x = 3 + 2 * randn({8, 6, 5, 5}, float64);
  const auto change = [&] {  // of the first sample's result where its company is another
    return (bn(x)[0] - bn(x.narrow(0, 0, 2))[0]).abs().max().item<double>();
  };
  tutorial.expect("in training the company changes a result by", change(), 0.01, 5);
  bn.eval();
  tutorial.expect("in evaluation by", change(), 0, 1e-10);
}

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

void compare(const Tutorial& tutorial) {
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
    draw_chart(drawing, {left, 0}, 450, 330, curves, {.title = title, .x = "step"});
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
  write_chart(tutorial.picture("noise.svg"), {curve},
              {.title = "what the company in a batch does to a picture", .x = "size of the batch"});

  const Tensor two =
      batch_norm(randn({2, 1000}, float64), {}, {}, {}, {}, {.training = true, .eps = 0});
  tutorial.expect("two vectors: distance of all results from 1 or -1",
                  (two.abs() - 1).abs().max().item<double>(), 0, 1e-10);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(8);
  show_methods(tutorial);
  show_running_statistics(tutorial);
  compare(tutorial);
  show_small_batches(tutorial);
}
