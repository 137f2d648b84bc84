// A convolutional network that tells clothes apart, trained by mini-batch SGD. inside.cpp shows
// what it is like inside.

#include <chrono>
#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "inside.h"
#include "tutorial.h"

using namespace rw;

namespace {

nn::Sequential make_net() {
  return nn::Sequential(nn::Conv2d(1, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                        nn::Conv2d(16, 32, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                        nn::Flatten(), nn::Linear(32 * 7 * 7, 256), nn::ReLU(), nn::Dropout(0.25),
                        nn::Linear(256, 10));
}

double accuracy(nn::Module& net, const data::Batch& test) {
  const no_grad guard;
  net.eval();
  const Tensor answers = net(test.data).argmax(1);
  net.train();
  return (answers == test.target).to(float64).mean().item<double>();
}

struct Plan {
  int64_t batch_size;
  double lr;
  int64_t epochs;
  double seconds = 1e9;  // ends the training if it takes longer
};

// The accuracy on `test` over the seconds that were spent on training.
std::vector<Point> train(nn::Module& net, const data::ImageDataset& clothes,
                         const data::Batch& test, const Plan& plan) {
  using Clock = std::chrono::steady_clock;
  data::DataLoader loader(clothes, {.batch_size = plan.batch_size, .shuffle = true});
  optim::SGD sgd(net.parameters(), {.lr = plan.lr});
  std::vector<Point> curve{{0, accuracy(net, test)}};
  double seconds = 0;
  for (int64_t epoch = 0; epoch < plan.epochs; ++epoch)
    for (const auto& [images, labels] : loader) {
      const auto start = Clock::now();
      sgd.zero_grad();                                    // forget the last batch
      const Tensor scores = net(images);                  // forward: [N, 10]
      const Tensor loss = cross_entropy(scores, labels);  // how wrong is that?
      loss.backward();                                    // the gradient of each weight
      sgd.step();                                         // w -= lr * gradient
      seconds += std::chrono::duration<double>(Clock::now() - start).count();
      if (seconds > curve.back().x + plan.seconds / 15)
        curve.push_back({seconds, accuracy(net, test)});
      if (seconds > plan.seconds) return curve;
    }
  curve.push_back({seconds, accuracy(net, test)});
  return curve;
}

// Networks that are equal at first, each trained for the same time.
void compare_batches(const Tutorial& tutorial, const data::ImageDataset& clothes,
                     const data::Batch& test) {
  const double seconds = tutorial.full_or_quick(8.0, 0.5);
  std::vector<Series> curves;
  for (const auto& [size, lr] : {std::pair(1, 0.01), {64, 0.2}, {4096, 0.2}}) {
    manual_seed(10);
    nn::Sequential net = make_net();
    curves.push_back({"batches of " + std::to_string(size),
                      train(net, clothes, test, {size, lr, 1000, seconds})});
    std::printf("%s: accuracy %.2f\n", curves.back().name.c_str(), curves.back().points.back().y);
  }
  const auto last = [&](size_t i) { return curves[i].points.back().y; };
  tutorial.expect("64 is ahead of 4096 by", last(1) - last(2), tutorial.full_or_quick(0.02, -0.1),
                  0.9);
  tutorial.expect("64 is ahead of 1 by", last(1) - last(0), tutorial.full_or_quick(-0.2, -0.5),
                  0.9);
  Drawing(640, 360)
      .chart(curves, {.title = "accuracy, with batches of three sizes", .x = "seconds of training"})
      .write(tutorial.picture("batches.svg"));
}

void run(const Tutorial& tutorial, const data::FashionMNIST& all, const data::FashionMNIST& rest) {
  const int64_t n = tutorial.full_or_quick(60000, 4000), m = tutorial.full_or_quick(2000, 500);
  const data::ImageDataset clothes(all.images().narrow(0, 0, n), all.labels().narrow(0, 0, n),
                                   all.classes());
  const data::Batch test{rest.images().narrow(0, 0, m).unsqueeze(1).to(float32) / 255,
                         rest.labels().narrow(0, 0, m)};
  const Tensor one = test.data.narrow(0, 0, 1);
  manual_seed(10);
  nn::Sequential net = make_net();
  draw_network(tutorial, net, one);
  const auto curve = train(net, clothes, test, {64, 0.2, tutorial.full_or_quick(5, 4)});
  tutorial.expect("accuracy at first", curve.front().y, 0, 0.3);
  tutorial.expect("accuracy after the training", curve.back().y, tutorial.full_or_quick(0.86, 0.5),
                  0.94);
  tutorial.expect("in training two answers differ", !net(one).equal(net(one)));
  net.eval();
  tutorial.expect("in evaluation two answers are the same", net(one).equal(net(one)));
  draw_inside(tutorial, net, one);
  draw_mistakes(tutorial, net, test, all.classes());
  compare_batches(tutorial, clothes, test);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  run(tutorial, data::FashionMNIST(), data::FashionMNIST(folder, false));
}
