// Trains a small convolutional network on Fashion-MNIST: 60,000 grey pictures of clothing,
// 28 x 28, of ten kinds. Run it by ./dev demo; ./dev demo --help explains its options.

#include <cstdio>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/rewind.h>
#include <rewind/train/progress.h>

#include "options.h"

using namespace rw;

// Two convolutions, each followed by batch normalization, ReLU and max pooling, find features; two
// linear layers tell the kinds apart by them.
struct Net : nn::Module {
  explicit Net(int64_t channels)
      : conv1(add("conv1", nn::Conv2d(1, channels, 3, {.padding = 1, .bias = false}))),
        bn1(add("bn1", nn::BatchNorm2d(channels))),
        conv2(add("conv2", nn::Conv2d(channels, 2 * channels, 3, {.padding = 1, .bias = false}))),
        bn2(add("bn2", nn::BatchNorm2d(2 * channels))),
        fc1(add("fc1", nn::Linear(2 * channels * 7 * 7, 128))) {}

  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  nn::Linear fc1;
  nn::Dropout dropout = add("dropout", nn::Dropout(0.25));
  nn::Linear fc2 = add("fc2", nn::Linear(128, 10));

  Tensor forward(const Tensor& images) override {
    Tensor x = max_pool2d(relu(bn1(conv1(images))), 2);  // [N, channels, 14, 14]
    x = max_pool2d(relu(bn2(conv2(x))), 2);              // [N, 2 channels, 7, 7]
    x = relu(fc1(x.flatten(1)));
    return fc2(dropout(x));  // a score per kind
  }
};

void train(Net& net, data::DataLoader<data::ImageDataset>& loader, const Options& options) {
  optim::SGD sgd(net.parameters(),
                 {.lr = 0.05, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
  const auto steps = static_cast<double>(options.epochs * loader.size());
  double step = 0;
  net.train();
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    training::Progress progress("epoch " + std::to_string(epoch), loader.dataset().size());
    for (const auto& [images, labels] : loader) {
      sgd.groups()[0].options.lr = 0.05 * (1 - step++ / steps);  // ever shorter steps settle
      sgd.zero_grad();
      Tensor scores, loss;
      {
        const autocast lower(options.autocast);  // convolutions and products in bfloat16
        scores = net(images);
        loss = cross_entropy(scores, labels);
      }
      loss.backward();
      sgd.step();

      const Tensor accuracy = (scores.argmax(1) == labels).to(float32).mean();
      progress.update(images.size(0), {{"loss", loss.item()}, {"accuracy", accuracy.item()}});
    }
    progress.finish();
  }
}

// The share of right answers; prints it per kind.
double evaluate(Net& net, const data::ImageDataset& test) {
  const no_grad guard;
  net.eval();
  Tensor right = zeros(10, int64), seen = zeros(10, int64);
  data::DataLoader loader(test, {.batch_size = 500, .workers = 1});
  for (const auto& [images, labels] : loader) {
    const Tensor kind = one_hot(labels, 10);
    seen += kind.sum(0);
    right += (kind * (net(images).argmax(1) == labels).unsqueeze(1)).sum(0);
  }
  std::printf("\naccuracy on %ld test images\n", static_cast<long>(test.size()));
  for (int64_t k = 0; k < 10; ++k)
    std::printf("  %-12s %6.2f %%\n", test.classes()[static_cast<size_t>(k)].c_str(),
                100 * (right[k] / seen[k]).item<double>());
  const double accuracy = (right.sum() / seen.sum()).item<double>();
  std::printf("  %-12s %6.2f %%\n", "all", 100 * accuracy);
  return accuracy;
}

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const auto [train_set, test_set, goal] = load_images(options);
  manual_seed(options.seed);
  set_winograd(options.winograd);

  Net net(16 * options.width);
  std::printf("%s\n%ld parameters\n\n", to_string(net).c_str(),
              static_cast<long>(net.num_parameters()));
  data::DataLoader loader(train_set,
                          {.batch_size = 128, .shuffle = true, .seed = options.seed, .workers = 1});
  train(net, loader, options);

  if (options.fuse) nn::fuse(net.eval(), zeros({1, 1, 28, 28}));
  const double accuracy = evaluate(net, test_set);
  if (accuracy >= goal) return 0;
  std::printf("\nThat is less than the %.0f %% expected.\n", 100 * goal);
  return 1;
}
