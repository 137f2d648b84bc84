// Learning rates that are too small, right and too great.

#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// The average loss over the last quarter of one epoch.
double loss_after_training(const data::ImageDataset& clothes, double lr) {
  manual_seed(10);
  nn::Sequential net(nn::Conv2d(1, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Flatten(), nn::Linear(16 * 14 * 14, 10));
  optim::SGD sgd(net.parameters(), {.lr = lr});
  data::DataLoader loader(clothes, {.batch_size = 64, .shuffle = true});
  double sum = 0;
  int64_t step = 0, counted = 0;
  for (const auto& [images, labels] : loader) {
    sgd.zero_grad();
    const Tensor loss = cross_entropy(net(images), labels);
    loss.backward();
    sgd.step();
    if (4 * ++step <= 3 * loader.size()) continue;
    sum += loss.item<double>();
    ++counted;
  }
  std::printf("learning rate %g: loss %.3g\n", lr, sum / static_cast<double>(counted));
  return sum / static_cast<double>(counted);
}

void compare(const Tutorial& tutorial, const data::FashionMNIST& all) {
  const int64_t n = tutorial.full_or_quick(60000, 5000);
  const data::ImageDataset clothes(all.images().narrow(0, 0, n), all.labels().narrow(0, 0, n),
                                   all.classes());
  const double small = loss_after_training(clothes, 0.0001);
  const double right = loss_after_training(clothes, 0.1);
  const double great = loss_after_training(clothes, 10);
  tutorial.expect("the loss with 0.1", right, 0.2, 1.2);
  tutorial.expect("0.1 beats 0.0001", right < small);
  // Each step crosses the valley and ends higher up on its other side, or
  // beyond all numbers.
  tutorial.expect("0.1 beats 10", !(great <= right));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  compare(tutorial, data::FashionMNIST());
}
