// Filters: blurring, sharpening and finding edges by convolution, and filters that are learned.

#include <cstdio>

#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

struct Filter {
  const char* name;
  Tensor weight;  // [3, 3]
};

std::vector<Filter> classic_filters() {
  const Tensor sobel = from<float>({{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}});
  return {
      {"blur", ones({3, 3}) / 9},
      {"sharpen", from<float>({{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}})},
      {"Sobel, along x", sobel},
      {"Sobel, along y", sobel.t()},
  };
}

// One filter of one channel, slid over a grey picture [H, W]; the border is mirrored.
Tensor apply(const Tensor& grey, const Tensor& filter) {
  const Tensor image = grey.view({1, 1, grey.size(0), grey.size(1)});
  const Tensor weight = filter.view({1, 1, 3, 3});
  return conv2d(image, weight, {}, {.padding = 1, .padding_mode = PaddingMode::reflect})[0][0];
}

void show_classic(const Tutorial& tutorial, const Tensor& grey) {
  const auto filters = classic_filters();
  Drawing drawing(20 + 215 * 4, 320);
  for (size_t i = 0; i < filters.size(); ++i) {
    const double x = 20 + 215 * static_cast<double>(i);
    const Tensor result = apply(grey, filters[i].weight);
    const bool finds_edges = i >= 2;  // which go from dark to bright or back
    drawing.text({x + 97, 28}, filters[i].name, Drawing::Align::middle, 15);
    drawing.image({x + 55, 42}, 84, 84,
                  io::heat_map(filters[i].weight, {.diverging = true, .scale = 28}));
    drawing.image({x, 146}, 195, 150,
                  finds_edges ? io::heat_map(result, {.diverging = true}) : result);
    if (finds_edges)
      std::printf("%s: from %.2f to %.2f\n", filters[i].name, result.min().item<double>(),
                  result.max().item<double>());
  }
  drawing.write(tutorial.picture("classic.svg"));
}

// A filter for pictures in color has weights of its own for each channel, and adds up what these
// give.
void show_channels(const Tutorial& tutorial, const Tensor& photo) {
  const Tensor average = ones({3, 3}) / 9;
  const Tensor weight = stack({average * 1.0, average * -0.2, average * -0.8}).unsqueeze(0);
  const Tensor together = conv2d(photo.unsqueeze(0), weight, {}, {.padding = 1});

  Tensor sum = zeros({1, 1, photo.size(1), photo.size(2)});
  for (int64_t c = 0; c < 3; ++c)
    sum += conv2d(photo.index({c}).view({1, 1, photo.size(1), photo.size(2)}),
                  weight.narrow(1, c, 1), {}, {.padding = 1});
  tutorial.expect("three channels at once are the sum of one by one",
                  (together - sum).abs().max().item<double>(), 0, 1e-6);

  Drawing drawing(450, 210);
  drawing.image({20, 45}, 195, 150, photo);
  drawing.image({235, 45}, 195, 150, io::heat_map(together[0][0], {.diverging = true}));
  drawing.text({117, 30}, "the photo");
  drawing.text({332, 30}, "red - 0.2 green - 0.8 blue, blurred");
  drawing.write(tutorial.picture("channels.svg"));
}

// Finds the filters again from what they make of the photo alone.
void learn(const Tutorial& tutorial, const Tensor& grey) {
  Tensor wanted = zeros({4, 1, 3, 3});
  const auto filters = classic_filters();
  for (size_t i = 0; i < filters.size(); ++i)
    wanted[static_cast<int64_t>(i)] = filters[i].weight.unsqueeze(0);
  const Tensor image = grey.view({1, 1, grey.size(0), grey.size(1)});
  const Tensor target = conv2d(image, wanted);

  Tensor weight = 0.3 * randn({4, 1, 3, 3});
  weight.requires_grad_();
  optim::Adam adam({weight}, {.lr = 0.1});
  Series curve{"loss", {}}, distance{"greatest error of a weight", {}};
  const Tensor first = weight.detach().clone();
  for (int step = 0; step < 4000; ++step) {
    adam.groups()[0].options.lr = 0.1 * (1 - step / 4000.0);
    adam.zero_grad();
    const Tensor loss = mse_loss(conv2d(image, weight), target);
    loss.backward();
    adam.step();
    curve.points.push_back({static_cast<double>(step), loss.item<double>()});
    distance.points.push_back(
        {static_cast<double>(step), (weight.detach() - wanted).abs().max().item<double>()});
  }
  tutorial.expect("greatest error of a learned weight", distance.points.back().y, 0, 0.02);

  Drawing drawing(640, 560);
  draw_chart(drawing, {0, 0}, 640, 330, {curve, distance},
             {.title = "four filters, learned from examples", .x = "step", .log_y = true});
  const Tensor rows[] = {first, weight.detach(), wanted};
  const char* names[] = {"at first", "learned", "wanted"};
  for (int64_t r = 0; r < 3; ++r) {
    drawing.text({100, 375 + 70.0 * static_cast<double>(r)}, names[r], Drawing::Align::right);
    for (int64_t i = 0; i < 4; ++i)
      drawing.image(
          {130.0 + 110 * static_cast<double>(i), 340 + 70 * static_cast<double>(r)}, 60, 60,
          io::heat_map(rows[r][i][0], {.value_range = {{-2, 2}}, .diverging = true, .scale = 20}));
  }
  drawing.write(tutorial.picture("learned.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(5);
  const Tensor photo = io::read_png(TUTORIAL_PHOTO).to(float32) / 255;  // [3, H, W]
  const Tensor grey = photo.mean({0});
  show_classic(tutorial, grey);
  show_channels(tutorial, photo);
  learn(tutorial, grey);
}
