// A variational autoencoder: pictures as points of a space that new ones can be drawn from.

#include <rewind/data/data_loader.h>

#include "drawing.h"
#include "images.h"

using namespace rw;

namespace {

constexpr int64_t numbers = 16;  // that a picture becomes

struct Autoencoder : nn::Module {
  nn::Sequential encoder =
      add("encoder", nn::Sequential(nn::Conv2d(1, 32, 4, {.stride = 2, .padding = 1}), nn::ReLU(),
                                    nn::Conv2d(32, 64, 4, {.stride = 2, .padding = 1}), nn::ReLU(),
                                    nn::Flatten(), nn::Linear(64 * 7 * 7, 2 * numbers)));
  nn::Sequential decoder =
      add("decoder",
          nn::Sequential(nn::Linear(numbers, 64 * 7 * 7), nn::ReLU(), nn::Unflatten(1, {64, 7, 7}),
                         nn::ConvTranspose2d(64, 32, 4, {.stride = 2, .padding = 1}), nn::ReLU(),
                         nn::ConvTranspose2d(32, 1, 4, {.stride = 2, .padding = 1})));

  // Where a picture lies: the mean, and the logarithm of the variance.
  std::pair<Tensor, Tensor> encode(const Tensor& pictures) {
    const auto parts = encoder(pictures).chunk(2, 1);
    return {parts[0], parts[1]};
  }
  Tensor decode(const Tensor& z) { return sigmoid(decoder(z)); }
  Tensor forward(const Tensor& pictures) override { return decode(encode(pictures).first); }

  // What the bound lacks to 0, in nats a picture: the error of the copy, and what the point tells.
  Tensor loss(const Tensor& pictures) {
    const auto [mean, log_variance] = encode(pictures);
    const Tensor z = mean + exp(log_variance / 2) * randn_like(mean);
    const Tensor error =
        binary_cross_entropy_with_logits(decoder(z), pictures, {.reduction = Reduction::sum});
    const Tensor told = (square(mean) + exp(log_variance) - 1 - log_variance).sum() / 2;
    return (error + told) / static_cast<double>(pictures.size(0));
  }
};

double mean_loss(Autoencoder& model, const Tensor& pictures) {
  const no_grad guard;
  return model.loss(pictures).item<double>();
}

Series train(const Tutorial& tutorial, Autoencoder& model, const Clothes& clothes) {
  data::DataLoader loader(data::TensorDataset(clothes.train.data, clothes.train.target),
                          {.batch_size = 128, .shuffle = true});
  optim::Adam adam(model.parameters(), {.lr = 2e-3});
  Series curve{"pictures that it has not seen", {{0, mean_loss(model, clothes.test.data)}}};
  for (int64_t epoch = 1; epoch <= tutorial.full_or_quick(10, 3); ++epoch) {
    for (const auto& [pictures, labels] : loader) {
      adam.zero_grad();
      model.loss(pictures).backward();
      adam.step();
    }
    curve.points.push_back({static_cast<double>(epoch), mean_loss(model, clothes.test.data)});
  }
  return curve;
}

// On the way from one picture to another, all are pictures of clothes.
Tensor way(Autoencoder& model, const Tensor& from, const Tensor& to) {
  const Tensor a = model.encode(from.unsqueeze(0)).first, b = model.encode(to.unsqueeze(0)).first;
  return model.decode(lerp(a, b, linspace(0, 1, 10).view({10, 1})));
}

}  // namespace

void variational(const Tutorial& tutorial, const Clothes& clothes) {
  manual_seed(16);
  Autoencoder model;
  const Series curve = train(tutorial, model, clothes);
  tutorial.expect("nats that the bound lacks at first", curve.points.front().y, 500, 600);
  tutorial.expect("after the training", curve.points.back().y, 200,
                  tutorial.full_or_quick(250, 400));
  Drawing(640, 300)
      .chart({curve}, {.title = "nats that the bound lacks", .x = "epoch"}, {0, 0}, 640, 300)
      .write(tutorial.picture("bound.svg"));

  const no_grad guard;
  model.eval();
  const Tensor seen = clothes.test.data.narrow(0, 0, 10);
  write_pictures(tutorial, "copies.png", cat({seen, model(seen)}), 10);
  write_pictures(tutorial, "way.png",
                 cat({way(model, seen[0], seen[1]), way(model, seen[1], seen[8])}), 10);
  write_pictures(tutorial, "drawn.png", model.decode(randn({20, numbers})), 10);
}
