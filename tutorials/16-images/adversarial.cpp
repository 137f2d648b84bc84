// A generator that learns to make pictures which a discriminator takes for real ones.

#include <rewind/data/data_loader.h>

#include "drawing.h"
#include "images.h"

using namespace rw;

namespace {

constexpr int64_t noise = 64;  // numbers that a picture is made of

nn::Sequential make_generator() {
  return nn::Sequential(
      nn::Linear(noise, 64 * 7 * 7), nn::Unflatten(1, {64, 7, 7}), nn::BatchNorm2d(64), nn::ReLU(),
      nn::ConvTranspose2d(64, 32, 4, {.stride = 2, .padding = 1}), nn::BatchNorm2d(32), nn::ReLU(),
      nn::ConvTranspose2d(32, 1, 4, {.stride = 2, .padding = 1}), nn::Sigmoid());
}

nn::Sequential make_discriminator() {
  return nn::Sequential(nn::Conv2d(1, 32, 4, {.stride = 2, .padding = 1}), nn::LeakyReLU(0.2),
                        nn::Conv2d(32, 64, 4, {.stride = 2, .padding = 1}), nn::BatchNorm2d(64),
                        nn::LeakyReLU(0.2), nn::Flatten(), nn::Linear(64 * 7 * 7, 1));
}

// How wrong scores are about pictures that are all real, or all made.
Tensor wrong_about(const Tensor& scores, double real) {
  return binary_cross_entropy_with_logits(scores, full_like(scores, real));
}

struct Game {
  nn::Sequential generator = make_generator(), discriminator = make_discriminator();
  optim::Adam makes{generator.parameters(), {.lr = 2e-4, .betas = {0.5, 0.999}}};
  optim::Adam judges{discriminator.parameters(), {.lr = 2e-4, .betas = {0.5, 0.999}}};

  Tensor made(int64_t n) { return generator(randn({n, noise})); }

  void play(const Tensor& real) {
    const Tensor fake = made(real.size(0));
    judges.zero_grad();
    const Tensor of_real = discriminator(real);
    const Tensor of_fake = discriminator(fake.detach());  // not through the generator
    (wrong_about(of_real, 0.9) + wrong_about(of_fake, 0)).backward();
    judges.step();

    makes.zero_grad();
    wrong_about(discriminator(fake), 1).backward();  // it wins where fakes pass for real
    makes.step();
  }
};

// The network of tutorial 10, which tells the ten kinds apart.
nn::Sequential trained_classifier(const data::Batch& train) {
  nn::Sequential net(nn::Conv2d(1, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Conv2d(16, 32, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Flatten(), nn::Linear(32 * 7 * 7, 256), nn::ReLU(), nn::Dropout(0.25),
                     nn::Linear(256, 10));
  data::DataLoader loader(data::TensorDataset(train.data, train.target),
                          {.batch_size = 64, .shuffle = true});
  optim::SGD sgd(net.parameters(), {.lr = 0.1});
  for (int epoch = 0; epoch < 2; ++epoch)
    for (const auto& [pictures, labels] : loader) {
      sgd.zero_grad();
      cross_entropy(net(pictures), labels).backward();
      sgd.step();
    }
  net.eval();
  return net;
}

// The share of each kind among pictures.
Tensor shares(nn::Sequential& classifier, const Tensor& pictures) {
  const no_grad guard;
  const Tensor kinds = classifier(pictures).argmax(1);
  return bincount(kinds, {}, 10).to(float32) / static_cast<double>(pictures.size(0));
}

}  // namespace

void adversarial(const Tutorial& tutorial, const Clothes& clothes) {
  manual_seed(17);
  Game game;
  data::DataLoader loader(data::TensorDataset(clothes.train.data, clothes.train.target),
                          {.batch_size = 64, .shuffle = true});
  const Tensor fixed = randn({10, noise});
  std::vector<Tensor> stages;
  const int64_t epochs = tutorial.full_or_quick(8, 1);
  for (int64_t epoch = 0; epoch <= epochs; ++epoch) {
    if (epoch > 0)
      for (const auto& [pictures, labels] : loader) game.play(pictures);
    const no_grad guard;
    if (epoch < 3 || epoch == epochs) stages.push_back(game.generator(fixed));
  }
  write_pictures(tutorial, "stages.png", cat(stages), 10);

  const no_grad guard;
  nn::Sequential classifier = [&] {
    const enable_grad again;
    return trained_classifier(clothes.train);
  }();
  const Tensor right = classifier(clothes.test.data).argmax(1) == clothes.test.target;
  tutorial.expect("accuracy of the classifier", right.to(float64).mean().item<double>(),
                  tutorial.full_or_quick(0.84, 0.4), 0.95);
  const Tensor found = shares(classifier, game.made(tutorial.full_or_quick(2000, 200)));
  tutorial.expect("the rarest kind among the pictures that are made", found.amin().item<double>(),
                  tutorial.full_or_quick(0.03, 0.0), 0.1);
  tutorial.expect("the most frequent", found.amax().item<double>(), 0.1,
                  tutorial.full_or_quick(0.3, 1.0));
}
