// What is taken for what: how often each kind of clothes was given each answer.

#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

void confuse(const Tutorial& tutorial, const data::FashionMNIST& all,
             const data::FashionMNIST& rest) {
  const int64_t n = tutorial.full_or_quick(60000, 5000), m = tutorial.full_or_quick(10000, 1000);
  const data::ImageDataset clothes(all.images().narrow(0, 0, n), all.labels().narrow(0, 0, n),
                                   all.classes());
  nn::Sequential net(nn::Conv2d(1, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Flatten(), nn::Linear(16 * 14 * 14, 10));
  optim::SGD sgd(net.parameters(), {.lr = 0.03});
  data::DataLoader loader(clothes, {.batch_size = 32, .shuffle = true});
  for (int epoch = 0; epoch < 3; ++epoch)
    for (const auto& [images, labels] : loader) {
      sgd.zero_grad();
      cross_entropy(net(images), labels).backward();
      sgd.step();
    }

  const no_grad guard;
  const Tensor kinds = one_hot(rest.labels(), 10).to(float32);
  Tensor counts = zeros({10, 10});  // [what it is, what the network says]
  for (int64_t i = 0; i < m; i += 500) {
    const Tensor images = rest.images().narrow(0, i, 500).unsqueeze(1).to(float32) / 255;
    const Tensor truth = kinds.narrow(0, i, 500);
    counts += truth.t().matmul(one_hot(net(images).argmax(1), 10).to(float32));
  }
  const Tensor wrong = counts * (1 - eye(10));
  const auto worst = static_cast<size_t>(wrong.sum({1}).argmax().item<int64_t>());
  std::printf("most mistakes: %s\n", all.classes()[worst].c_str());
  tutorial.expect("accuracy", (counts * eye(10)).sum().item<double>() / static_cast<double>(m),
                  tutorial.full_or_quick(0.8, 0.5), 0.95);

  Drawing drawing(430, 400);
  drawing.text({20, 26}, "mistakes: rows are the truth, columns the answers", Align::left);
  drawing.image({110, 40}, 300, 300, io::heat_map(wrong, {.scale = 10}));
  for (int64_t k = 0; k < 10; ++k) {
    const double at = 30 * static_cast<double>(k);
    const std::string& name = all.classes()[static_cast<size_t>(k)];
    drawing.text({104, 60 + at}, name, Align::right, 12);
    drawing.text({125 + at, k % 2 ? 374.0 : 358.0}, name, Align::middle, 10);
  }
  drawing.write(tutorial.picture("confusion.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(10);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  confuse(tutorial, data::FashionMNIST(), data::FashionMNIST(folder, false));
}
