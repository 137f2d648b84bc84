// Filters: blurring, sharpening and finding edges by convolution. learning.cpp has filters that are
// learned.

#include <cstdio>

#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "filters.h"

using namespace rw;

std::vector<Filter> classic_filters() {
  const Tensor sobel = from<float>({{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}});
  return {
      {"blur", ones({3, 3}) / 9},
      {"sharpen", from<float>({{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}})},
      {"Sobel, along x", sobel},
      {"Sobel, along y", sobel.t()},
  };
}

namespace {

// One filter of one channel, slid over a grey picture [H, W]; the border is mirrored.
Tensor apply(const Tensor& grey, const Tensor& filter) {
  const Tensor image = grey.view({1, 1, grey.size(0), grey.size(1)});
  const Tensor weight = filter.view({1, 1, 3, 3});
  return conv2d(image, weight, {}, {.padding = 1, .padding_mode = PaddingMode::reflect})[0][0];
}

void show_classic(const Tutorial& tutorial, const Tensor& grey) {
  Drawing drawing(880, 320);
  double x = 20;
  for (const auto& [name, weight] : classic_filters()) {
    const Tensor result = apply(grey, weight);
    const bool finds_edges = weight.sum().item() == 0;  // which go from dark to bright or back
    drawing.text({x + 97, 28}, name, Align::middle, 15);
    drawing.image({x + 55, 42}, 84, 84, io::heat_map(weight, {.diverging = true, .scale = 28}));
    drawing.image({x, 146}, 195, 150,
                  finds_edges ? io::heat_map(result, {.diverging = true}) : result);
    if (finds_edges)
      std::printf("%s: from %.2f to %.2f\n", name, result.min().item(), result.max().item());
    x += 215;
  }
  drawing.write(tutorial.picture("classic.svg"));
}

// A filter for colors has weights for each channel, and adds up what these give.
void show_channels(const Tutorial& tutorial, const Tensor& photo) {
  const Tensor average = ones({3, 3}) / 9;
  const Tensor weight = stack({average * 1.0, average * -0.2, average * -0.8}).unsqueeze(0);
  const Tensor together = conv2d(photo.unsqueeze(0), weight, {}, {.padding = 1});

  Tensor sum = zeros_like(together);
  for (int64_t c = 0; c < 3; ++c)
    sum += conv2d(photo[c].view({1, 1, 150, 225}), weight.narrow(1, c, 1), {}, {.padding = 1});
  tutorial.expect("three channels at once are the sum of one by one",
                  (together - sum).abs().max().item<double>(), 0, 1e-6);

  Drawing drawing(450, 210);
  drawing.image({20, 45}, 195, 150, photo);
  drawing.image({235, 45}, 195, 150, io::heat_map(together[0][0], {.diverging = true}));
  drawing.text({117, 30}, "the photo");
  drawing.text({332, 30}, "red - 0.2 green - 0.8 blue, blurred");
  drawing.write(tutorial.picture("channels.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(5);
  const Tensor photo = io::read_png(TUTORIAL_PHOTO).to(float32) / 255;  // [3, H, W]
  const Tensor grey = photo.mean({0});
  show_classic(tutorial, grey);
  show_channels(tutorial, photo);
  learn_filters(tutorial, grey);
}
