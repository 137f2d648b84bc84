// An MLP that sees shifted pictures in its training.

#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor shifted(const Tensor& images, int64_t pixels) { return pad(images, {pixels, -pixels}); }

// Accuracy on pictures as they are and on those shifted by 2.
std::pair<double, double> train(const data::ImageDataset& clothes, const Tensor& images,
                                const Tensor& labels, int64_t most) {
  nn::Sequential mlp(nn::Flatten(), nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 10));
  optim::SGD sgd(mlp.parameters(), {.lr = 0.1});
  data::DataLoader loader(clothes, {.batch_size = 32, .shuffle = true});
  for (int epoch = 0; epoch < 4; ++epoch)
    for (const auto& [x, y] : loader) {
      const auto pixels = randint(-most, most + 1, {}).item<int64_t>();  // one for the whole batch
      sgd.zero_grad();
      cross_entropy(mlp(shifted(x, pixels)), y).backward();
      sgd.step();
    }
  const no_grad guard;
  const auto accuracy = [&](const Tensor& x) {
    return (mlp(x).argmax(1) == labels).to(float64).mean().item<double>();
  };
  return {accuracy(images), accuracy(shifted(images, 2))};
}

void compare(const Tutorial& tutorial, const data::FashionMNIST& clothes,
             const data::FashionMNIST& test) {
  const int64_t n = tutorial.full_or_quick(60000, 6000), m = 2000;
  const data::ImageDataset part(clothes.images().narrow(0, 0, n), clothes.labels().narrow(0, 0, n),
                                clothes.classes());
  const Tensor images = test.images().narrow(0, 0, m).unsqueeze(1).to(float32) / 255;
  const Tensor labels = test.labels().narrow(0, 0, m);
  const auto [plain, plain_shifted] = train(part, images, labels, 0);
  const auto [augmented, augmented_shifted] = train(part, images, labels, 3);
  std::printf("plain: %.3f, shifted %.3f\n", plain, plain_shifted);
  std::printf("trained on shifted pictures: %.3f, shifted %.3f\n", augmented, augmented_shifted);
  tutorial.expect("gain on shifted pictures", augmented_shifted - plain_shifted, 0.03, 0.4);
  tutorial.expect("loss on others", plain - augmented, -0.05, 0.12);
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
