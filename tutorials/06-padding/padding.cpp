// Padding: what happens at the border of a picture. sizes.cpp has the formula of the size,
// stride.cpp is about what a stride skips.

#include <cstdio>

#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

namespace {

// Filters with a single 1 in the middle copy what they see: the border is all that gets lost.
void show_shrinking(const Tutorial& tutorial, Tensor x) {
  Tensor copy = zeros({1, 1, 7, 7});
  copy.index({0, 0, 3, 3}) = 1;
  tutorial.expect("with padding = 3 the size stays",
                  conv2d(x, copy, {}, {.padding = 3}).shape() == x.shape());
  Drawing drawing(720, 215);
  double left = 20;
  for (int layers = 0; layers <= 24; ++layers) {
    if (layers > 0) x = conv2d(x, copy);
    if (layers % 8 != 0) continue;
    const auto height = static_cast<double>(x.size(2)), width = static_cast<double>(x.size(3));
    drawing.image({left, 95 - height / 2}, width, height, x[0][0]);
    drawing.text({left + width / 2, 195}, std::to_string(layers) + " layers");
    left += width + 22;
    std::printf("after %d layers: %g by %g\n", layers, height, width);
  }
  drawing.write(tutorial.picture("shrinking.svg"));
}

struct Mode {
  const char* name;
  PaddingMode mode;
  double low, high;  // how many times as strong as inside edges are at the border
};
constexpr Mode modes[] = {{"zeros", PaddingMode::zeros, 7, 10},
                          {"reflect", PaddingMode::reflect, 0, 1e-5},
                          {"replicate", PaddingMode::replicate, 0.5, 0.7},
                          {"circular", PaddingMode::circular, 2, 2.6}};

// A part of the photo continued by each mode, and what two filters make of its border.
void show_modes(const Tutorial& tutorial, const Tensor& image) {
  const Tensor part = image.narrow(2, 30, 80).narrow(3, 65, 80);
  const Tensor blur = ones({1, 1, 9, 9}) / 81;
  const Tensor sobel = from<float>({{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}}).view({1, 1, 3, 3});
  Drawing drawing(720, 560);
  double x = 20;
  for (const auto& [name, mode, low, high] : modes) {
    const Tensor soft = conv2d(part, blur, {}, {.padding = 4, .padding_mode = mode});
    const Tensor edges = conv2d(part, sobel, {}, {.padding = 1, .padding_mode = mode});
    drawing.text({x + 80, 28}, name, Align::middle, 15);
    drawing.image({x, 42}, 160, 160, pad(part, {40, 40, 40, 40}, mode)[0][0]);
    drawing.square({x + 40, 82}, 80, series(1), 2);
    drawing.image({x, 212}, 160, 160, soft[0][0]);
    drawing.image({x, 382}, 160, 160,
                  io::heat_map(edges[0][0], {.value_range = {{-2, 2}}, .diverging = true}));
    x += 173;

    std::printf("%s:", name);
    for (const float v : pad(from<float>({1, 2, 3, 4}), {3, 3}, mode).to_vector())
      std::printf(" %g", v);
    const Tensor border = edges.index({Ellipsis, Slice(0, Slice::none, 79)});  // first and last
    const double inside = edges.narrow(3, 1, 78).abs().mean().item<double>();
    tutorial.expect("; edges at the border, times those inside",
                    border.abs().mean().item<double>() / inside, low, high);
  }
  drawing.write(tutorial.picture("modes.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(6);
  const Tensor grey = (io::read_png(TUTORIAL_PHOTO).to(float32) / 255).mean({0});
  const Tensor image = grey.view({1, 1, 150, 225});
  show_shrinking(tutorial, image);
  show_sizes(tutorial);
  show_modes(tutorial, image);
  show_stride(tutorial, image);
}
