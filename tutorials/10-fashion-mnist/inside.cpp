// What a network is like inside: its shapes, its filters, and its mistakes.

#include "inside.h"

#include <algorithm>

#include <fmt/format.h>
#include <rewind/io/pictures.h>

#include "drawing.h"

using namespace rw;

void draw_network(const Tutorial& tutorial, nn::Sequential& net, const Tensor& image) {
  const no_grad guard;
  Drawing drawing(1010, 250);
  drawing.text({16, 28}, "shapes, and numbers of parameters", Align::left, 15);
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
    drawing.text({middle, 190}, i > 0 ? net[i - 1].name() : "picture", Align::middle, 12);
    drawing.text({middle, 209}, shape, Align::middle, 12);
    if (i == 0) continue;
    drawing.arrow({middle - 47, 100}, {middle - 36, 100});
    if (const int64_t count = net[i - 1].num_parameters())
      drawing.text({middle, 230}, std::to_string(count), Align::middle, 12, series(3));
  }
  drawing.write(tutorial.picture("network.svg"));
}

void draw_inside(const Tutorial& tutorial, nn::Sequential& net, const Tensor& image) {
  const no_grad guard;
  net.eval();
  const Tensor filters = net.at<nn::Conv2d>(0).weight.detach();
  const Tensor first = net[1](net[0](image)), second = net[4](net[3](net[2](first)));
  Drawing drawing(980, 300);
  drawing.image({12, 90}, 90, 90, image[0]);
  const char* names[] = {"filters", "after the first convolution and ReLU", "after the second"};
  const double tops[] = {32, 100, 178};
  for (size_t i = 0; i < 3; ++i) drawing.text({120, tops[i] - 8}, names[i], Align::left, 12);
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
    drawing.text({x + 120, y + 20}, classes[static_cast<size_t>(truth)], Align::left, 14,
                 series(2));
    Tensor left = p[n].clone();
    for (int rank = 0; rank < 3; ++rank) {
      const auto best = left.argmax().item<int64_t>();
      const auto& name = classes[static_cast<size_t>(best)];
      drawing.text({x + 120, y + 48 + 22 * rank},
                   fmt::format("{} {:.0f} %", name, 100 * left[best].item<double>()), Align::left,
                   12);
      left[best] = 0;
    }
  }
  drawing.write(tutorial.picture("mistakes.svg"));
}
