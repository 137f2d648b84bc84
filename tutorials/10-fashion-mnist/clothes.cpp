// A convolutional network that tells clothes apart, trained by mini-batch SGD,
// and what it is like inside.

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
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

// What each layer makes of one picture, drawn by its shape: sheets for
// channels, or a bar.
void draw_network(const Tutorial& tutorial, nn::Sequential& net, const Tensor& image) {
  const no_grad guard;
  Drawing drawing(1010, 250);
  drawing.text({16, 28}, "shapes, and numbers of parameters", Drawing::Align::left, 15);
  Tensor x = image;
  for (size_t i = 0; i <= net.size(); ++i) {
    if (i > 0) x = net[i - 1](x);
    const bool flat = x.dim() == 2;
    const auto last = static_cast<double>(x.size(-1)), middle = 50 + 83 * static_cast<double>(i);
    const double width = flat ? 12 : 6 + 1.7 * last, height = flat ? 20 + 0.08 * last : width;
    const double sheets = std::min(5.0, flat ? 1 : static_cast<double>(x.size(1)));
    for (double s = 2 * sheets - 2; s >= 2 - 2 * sheets; s -= 4)
      drawing.box({middle - width / 2 + s, 100 - height / 2 - s}, width, height, "",
                  series(flat ? 1 : 0));
    std::string shape = std::to_string(x.size(1));
    if (!flat) shape += " x " + std::to_string(x.size(2)) + " x " + std::to_string(x.size(3));
    drawing.text({middle, 190}, i > 0 ? net[i - 1].name() : "picture", Drawing::Align::middle, 12);
    drawing.text({middle, 209}, shape, Drawing::Align::middle, 12);
    if (i == 0) continue;
    drawing.arrow({middle - 47, 100}, {middle - 36, 100});
    if (const int64_t count = net[i - 1].num_parameters())
      drawing.text({middle, 230}, std::to_string(count), Drawing::Align::middle, 12, series(3));
  }
  drawing.write(tutorial.picture("network.svg"));
}

// The filters of the first layer, and what both convolutions make of a picture.
void draw_inside(const Tutorial& tutorial, nn::Sequential& net, const Tensor& image) {
  const no_grad guard;
  net.eval();
  const Tensor filters = net.at<nn::Conv2d>(0).weight.detach();
  const Tensor first = net[1](net[0](image)), second = net[4](net[3](net[2](first)));
  Drawing drawing(980, 300);
  drawing.image({12, 90}, 90, 90, image[0]);
  const char* names[] = {"filters", "after the first convolution and ReLU", "after the second"};
  const double tops[] = {32, 100, 178};
  for (size_t i = 0; i < 3; ++i)
    drawing.text({120, tops[i] - 8}, names[i], Drawing::Align::left, 12);
  for (int64_t c = 0; c < 32; ++c) {
    const double x = 120 + 53 * static_cast<double>(c % 16);
    if (c < 16) {
      drawing.image({x, tops[0]}, 38, 38,
                    io::heat_map(filters[c][0], {.diverging = true, .scale = 12}));
      drawing.image({x, tops[1]}, 50, 50, io::heat_map(first[0][c]));
    }
    drawing.image({x, tops[2] + (c < 16 ? 0 : 53)}, 50, 50, io::heat_map(second[0][c]));
  }
  drawing.write(tutorial.picture("inside.svg"));
}

// The first mistakes, with the three likeliest answers.
void draw_mistakes(const Tutorial& tutorial, nn::Sequential& net, const data::Batch& test,
                   const std::vector<std::string>& classes) {
  const no_grad guard;
  const Tensor p = softmax(net.eval()(test.data), 1);
  const Tensor wrong = (p.argmax(1) != test.target).nonzero();
  Drawing drawing(980, 270);
  for (int64_t i = 0; i < 8; ++i) {
    const auto n = wrong[i].item<int64_t>(), truth = test.target[n].item<int64_t>();
    const double x = 15 + 242 * static_cast<double>(i % 4), y = i < 4 ? 15 : 143;
    drawing.image({x, y}, 112, 112, test.data[n]);
    drawing.text({x + 120, y + 20}, classes[static_cast<size_t>(truth)], Drawing::Align::left, 14,
                 series(2));
    Tensor left = p[n].clone();
    for (int rank = 0; rank < 3; ++rank) {
      const auto best = left.argmax().item<int64_t>();
      char line[80];
      std::snprintf(line, sizeof line, "%s %.0f %%", classes[static_cast<size_t>(best)].c_str(),
                    100 * left[best].item<double>());
      drawing.text({x + 120, y + 48 + 22 * rank}, line, Drawing::Align::left, 12);
      left[best] = 0;
    }
  }
  drawing.write(tutorial.picture("mistakes.svg"));
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
  write_chart(tutorial.picture("batches.svg"), curves,
              {.title = "accuracy, with batches of three sizes", .x = "seconds of training"});
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
  try {
    run(tutorial, data::FashionMNIST(),
        data::FashionMNIST(data::FashionMNIST::default_folder, false));
  } catch (const IOError& e) {
    std::printf("skipped: Fashion-MNIST is missing: %s\n", e.what());
  }
}
