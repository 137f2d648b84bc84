// The pixels of all pictures in one and the same random order: what is lost?

#include <cstdio>
#include <filesystem>

#include <rewind/data/mnist.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

double accuracy_after_training(nn::Module& net, const Tensor& images, const Tensor& labels,
                               const Tensor& test_images, const Tensor& test_labels) {
  optim::SGD sgd(net.parameters(), {.lr = 0.1});
  for (int64_t epoch = 0; epoch < 3; ++epoch)
    for (int64_t i = 0; i < images.size(0); i += 32) {
      const int64_t count = std::min<int64_t>(32, images.size(0) - i);
      sgd.zero_grad();
      cross_entropy(net(images.narrow(0, i, count)), labels.narrow(0, i, count)).backward();
      sgd.step();
    }
  const no_grad guard;
  return (net(test_images).argmax(1) == test_labels).to(float64).mean().item<double>();
}

void compare(const Tutorial& tutorial, const data::FashionMNIST& clothes,
             const data::FashionMNIST& test) {
  const int64_t n = tutorial.full_or_quick(20000, 2000), m = 1000;
  const auto part = [](const data::FashionMNIST& set, int64_t count) {
    return set.images().narrow(0, 0, count).unsqueeze(1).to(float32) / 255;
  };
  const Tensor order = randperm(784);
  const auto mixed = [&](const Tensor& images) {
    return images.flatten(1).index_select(1, order).view(images.shape());
  };
  const Tensor images = part(clothes, n), test_images = part(test, m);
  const Tensor labels = clothes.labels().narrow(0, 0, n), answers = test.labels().narrow(0, 0, m);

  double results[2][2];  // MLP and CNN, without and with mixed pixels
  for (int64_t mix = 0; mix < 2; ++mix) {
    const Tensor x = mix ? mixed(images) : images, t = mix ? mixed(test_images) : test_images;
    manual_seed(1);
    nn::Sequential mlp(nn::Flatten(), nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 10));
    nn::Sequential cnn(nn::Conv2d(1, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                       nn::Conv2d(16, 32, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                       nn::Flatten(), nn::Linear(32 * 7 * 7, 10));
    results[0][mix] = accuracy_after_training(mlp, x, labels, t, answers);
    results[1][mix] = accuracy_after_training(cnn, x, labels, t, answers);
    std::printf("%s: MLP %.3f, CNN %.3f\n", mix ? "mixed pixels" : "pictures", results[0][mix],
                results[1][mix]);
  }
  // Mixed pixels are all the same to the MLP, which has a weight of its own for each.
  tutorial.expect("the MLP loses", results[0][0] - results[0][1], -0.06, 0.06);
  // The windows of the CNN hold pixels now that have nothing in common.
  tutorial.expect("the CNN loses", results[1][0] - results[1][1],
                  tutorial.full_or_quick(0.03, -0.03), 0.5);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(4);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  compare(tutorial, data::FashionMNIST(), data::FashionMNIST(folder, false));
}
