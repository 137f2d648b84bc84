// An autoencoder of two numbers: all that it can draw, on one map.

#include <cmath>
#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

nn::Sequential make_encoder() {
  return nn::Sequential(nn::Flatten(), nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 4));
}
nn::Sequential make_decoder() {
  return nn::Sequential(nn::Linear(2, 256), nn::ReLU(), nn::Linear(256, 784),
                        nn::Unflatten(1, {1, 28, 28}));
}

Tensor loss(nn::Sequential& encoder, nn::Sequential& decoder, const Tensor& pictures) {
  const auto parts = encoder(pictures).chunk(2, 1);
  const Tensor &mean = parts[0], &log_variance = parts[1];
  const Tensor z = mean + exp(log_variance / 2) * randn_like(mean);
  const Tensor error =
      binary_cross_entropy_with_logits(decoder(z), pictures, {.reduction = Reduction::sum});
  const Tensor told = (square(mean) + exp(log_variance) - 1 - log_variance).sum() / 2;
  return (error + told) / static_cast<double>(pictures.size(0));
}

void run(const Tutorial& tutorial, const Tensor& pictures) {
  manual_seed(16);
  nn::Sequential encoder = make_encoder(), decoder = make_decoder();
  std::vector<Tensor> all = encoder.parameters();
  for (const Tensor& p : decoder.parameters()) all.push_back(p);
  optim::Adam adam(all, {.lr = 2e-3});
  data::DataLoader loader(data::TensorDataset(pictures, zeros({pictures.size(0)})),
                          {.batch_size = 128, .shuffle = true});
  for (int64_t epoch = 0; epoch < tutorial.full_or_quick(10, 2); ++epoch)
    for (const auto& [batch, nothing] : loader) {
      adam.zero_grad();
      loss(encoder, decoder, batch).backward();
      adam.step();
    }
  const no_grad guard;
  const double lacks = loss(encoder, decoder, pictures.narrow(0, 0, 1000)).item<double>();
  tutorial.expect("nats that the bound lacks", lacks, 200, tutorial.full_or_quick(290, 450));

  // Places as frequent as each other: the numbers are normal.
  const Tensor steps = erfinv(linspace(-0.95, 0.95, 15)) * std::sqrt(2.0);
  const Tensor places = stack({steps.view({1, 15}).expand({15, 15}).reshape(-1),
                               steps.view({15, 1}).expand({15, 15}).reshape(-1)},
                              1);
  io::write_png(tutorial.picture("plane.png"),
                io::make_grid(sigmoid(decoder(places)), {.nrow = 15, .padding = 0}));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  const data::FashionMNIST all;
  const Tensor some = all.images().narrow(0, 0, tutorial.full_or_quick(60000, 2000));
  run(tutorial, some.unsqueeze(1).to(float32) / 255);
}
