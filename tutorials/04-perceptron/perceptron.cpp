// A perceptron and a network with a hidden layer that tell clothes apart, and what is wrong with
// taking a picture for one long vector. loss.cpp has the formulas of what they learn from.

#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "loss.h"
#include "tutorial.h"

using namespace rw;

namespace {

void train(nn::Module& net, const data::ImageDataset& clothes, int epochs) {
  data::DataLoader loader(clothes, {.batch_size = 32, .shuffle = true});
  optim::SGD sgd(net.parameters(), {.lr = 0.1});
  for (int epoch = 0; epoch < epochs; ++epoch)
    for (const auto& [images, labels] : loader) {
      sgd.zero_grad();
      const Tensor scores = net(images);  // [32, 10]
      const Tensor loss = cross_entropy(scores, labels);
      loss.backward();
      sgd.step();  // each weight w becomes w - 0.1 dloss/dw
    }
}

double accuracy(nn::Module& net, const Tensor& images, const Tensor& labels) {
  const no_grad guard;
  int64_t right = 0;
  for (int64_t i = 0; i < images.size(0); i += 500) {
    const Tensor answers = net(images.narrow(0, i, 500)).argmax(1);
    right += (answers == labels.narrow(0, i, 500)).sum().item<int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(images.size(0));
}

// All pictures moved to the right, with black coming in from the left.
Tensor shifted(const Tensor& images, int64_t pixels) { return pad(images, {pixels, -pixels}); }

// Of a network with one hidden layer and ten scores: weights and biases.
int64_t mlp_parameters(int64_t inputs, int64_t hidden) {
  return (inputs + 1) * hidden + (hidden + 1) * 10;
}

void draw_weights(const Tutorial& tutorial, const Tensor& weight, const data::ImageDataset& test) {
  Drawing drawing(900, 225);
  for (int64_t k = 0; k < 10; ++k) {
    const double x = 12 + 88 * static_cast<double>(k);
    const Tensor example = test.images()[(test.labels() == k).to(int64).argmax().item<int64_t>()];
    drawing.text({x + 42, 27}, test.classes()[static_cast<size_t>(k)], Align::middle, 12);
    drawing.image({x, 38}, 84, 84, example);
    drawing.image({x, 128}, 84, 84, io::heat_map(weight[k].view({28, 28}), {.diverging = true}));
  }
  drawing.write(tutorial.picture("weights.svg"));
}

void compare(const Tutorial& tutorial, const data::FashionMNIST& clothes,
             const data::FashionMNIST& test) {
  const int64_t n = tutorial.full_or_quick(60000, 5000), m = tutorial.full_or_quick(10000, 1000);
  const data::ImageDataset part(clothes.images().narrow(0, 0, n), clothes.labels().narrow(0, 0, n),
                                clothes.classes());
  const Tensor images = test.images().narrow(0, 0, m).unsqueeze(1).to(float32) / 255;
  const Tensor labels = test.labels().narrow(0, 0, m);

  nn::Sequential perceptron(nn::Flatten(), nn::Linear(28 * 28, 10));
  nn::init::zeros_(perceptron.at<nn::Linear>(1).weight);
  nn::Sequential mlp(nn::Flatten(), nn::Linear(28 * 28, 256), nn::ReLU(), nn::Linear(256, 10));
  nn::Sequential cnn(nn::Conv2d(1, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Conv2d(16, 32, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Flatten(), nn::Linear(32 * 7 * 7, 10));
  nn::Sequential* const nets[] = {&perceptron, &mlp, &cnn};
  const char* names[] = {"perceptron", "MLP", "CNN"};
  std::vector<Series> curves;
  for (size_t i = 0; i < 3; ++i) {
    train(*nets[i], part, tutorial.full_or_quick(4, 3));
    std::printf("%s: %ld parameters\n", names[i], static_cast<long>(nets[i]->num_parameters()));
    curves.push_back({names[i], {}});
    for (int64_t s = 0; s <= 4; ++s)
      curves[i].points.push_back(
          {static_cast<double>(s), accuracy(*nets[i], shifted(images, s), labels)});
    tutorial.expect("  accuracy", curves[i].points[0].y, tutorial.full_or_quick(0.8, 0.7), 0.93);
    tutorial.expect("  shifted by two pixels", curves[i].points[2].y, 0.4, i == 2 ? 0.85 : 0.68);
  }
  const auto lost = [&](size_t i) { return curves[i].points[0].y - curves[i].points[2].y; };
  tutorial.expect("the CNN gains on the MLP by the shift", lost(1) - lost(2), 0.04, 0.4);
  std::printf("MLP for photos: %ld parameters\n",
              static_cast<long>(mlp_parameters(3 * 224 * 224, 256)));
  tutorial.expect("parameters of 16 filters for photos",
                  static_cast<double>(nn::Conv2d(3, 16, 3).num_parameters()), 448, 448);
  tutorial.expect("mlp_parameters is right for the one above",
                  mlp_parameters(784, 256) == mlp.num_parameters());

  Drawing drawing(630, 430);
  drawing.chart(curves, {.title = "accuracy on shifted pictures", .x = "pixels to the right"},
                {0, 0}, 600, 350);
  for (int64_t s = 0; s <= 4; ++s)
    drawing.image({28.0 + 129 * static_cast<double>(s), 350}, 68, 68, shifted(images, s)[0][0]);
  drawing.write(tutorial.picture("shift.svg"));
  draw_weights(tutorial, perceptron.at<nn::Linear>(1).weight.detach(), test);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(4);
  show_gradient(tutorial);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  compare(tutorial, data::FashionMNIST(), data::FashionMNIST(folder, false));
}
