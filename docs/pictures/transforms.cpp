// Draws docs/transforms.svg, what each transform makes of a photo:
//
//     transforms_picture docs/transforms.svg

#include <algorithm>
#include <cmath>
#include <iostream>

#include <rewind/data/transforms/transforms.h>
#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;
using namespace rw::data::transforms;

namespace {

struct Example {
  const char* name;
  Transform transform;
};

const std::vector<Example> examples = {
    {"the image", [](const Tensor& x) { return x; }},
    {"Resize", Resize(Size2(14, 21))},
    {"CenterCrop", CenterCrop({36, 54})},
    {"RandomCrop", RandomCrop({36, 54})},
    {"RandomResizedCrop", RandomResizedCrop({56, 84})},
    {"RandomCrop, padded", RandomCrop({56, 84}, {.padding = 14})},
    {"Pad", Pad(10)},
    {"Pad, edge", Pad(10, {.padding_mode = BorderMode::edge})},
    {"Pad, reflect", Pad(10, {.padding_mode = BorderMode::reflect})},
    {"Pad, symmetric", Pad(10, {.padding_mode = BorderMode::symmetric})},
    {"Pad, circular", Pad(10, {.padding_mode = BorderMode::circular})},
    {"RandomHorizontalFlip", RandomHorizontalFlip(1)},
    {"RandomVerticalFlip", RandomVerticalFlip(1)},
    {"RandomRotation", RandomRotation({20, 40}, {.interpolation = InterpolateMode::bilinear})},
    {"RandomRotation, expand",
     RandomRotation({20, 40}, {.interpolation = InterpolateMode::bilinear, .expand = true})},
    {"RandomAffine", RandomAffine(20, {.translate = {{0.1, 0.1}},
                                       .scale = {{0.6, 0.9}},
                                       .shear = 20,
                                       .interpolation = InterpolateMode::bilinear})},
    {"RandomPerspective", RandomPerspective({.p = 1})},
    {"ColorJitter, brightness", ColorJitter({.brightness = Spread(1.5, 1.8)})},
    {"ColorJitter, contrast", ColorJitter({.contrast = Spread(0.3, 0.5)})},
    {"ColorJitter, saturation", ColorJitter({.saturation = Spread(2, 3)})},
    {"ColorJitter, hue", ColorJitter({.hue = Spread(0.3, 0.5)})},
    {"Grayscale", Grayscale()},
    {"GaussianBlur", GaussianBlur(7, {2, 3})},
    {"RandomAdjustSharpness", RandomAdjustSharpness(4, 1)},
    {"RandomInvert", RandomInvert(1)},
    {"RandomPosterize", RandomPosterize(2, 1)},
    {"RandomSolarize", RandomSolarize(128, 1)},
    {"RandomAutocontrast", RandomAutocontrast(1)},
    {"RandomEqualize", RandomEqualize(1)},
    {"RandomErasing", RandomErasing({.p = 1})},
    {"RandAugment", RandAugment()},
    {"RandAugment", RandAugment()},
    {"TrivialAugmentWide", TrivialAugmentWide()},
    {"TrivialAugmentWide", TrivialAugmentWide()},
    {"AutoAugment", AutoAugment()}};

// Mixes go by batches: that of the photo and its mirror image upside down.
template <class Mix>
Tensor mixed(const Mix& mix, const Tensor& x, uint64_t seed) {
  Generator gen(seed);
  return mix({stack({x, functional::vflip(functional::invert(x))}), from({0, 1})}, gen).data[0];
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw Error("usage: transforms_picture FILE.svg");
  const Tensor x = functional::resize(io::read_png(TUTORIAL_PHOTO), Size2(56, 84));
  const double columns = 5, width = 168, height = 112;
  Drawing drawing(20 + columns * (width + 20), 30 + 8 * (height + 40));
  double at = 0;
  const auto draw = [&](const char* name, const Tensor& picture) {
    const double row = std::floor(at / columns), column = at++ - row * columns;
    const double left = 20 + column * (width + 20), top = 28 + row * (height + 40);
    // As large as it is beside the others, where there is room.
    const double w = static_cast<double>(picture.size(2)), h = static_cast<double>(picture.size(1));
    const double scale = std::min({2.0, width / w, height / h});
    drawing.text({left + width / 2, top}, name);
    drawing.image({left + (width - scale * w) / 2, top + 10 + (height - scale * h) / 2}, scale * w,
                  scale * h, picture);
  };
  uint64_t seed = 0;
  for (const Example& e : examples) {
    Generator gen(++seed);
    draw(e.name, e.transform(x, gen));
  }
  const Tensor floats = functional::to_dtype(x, float32, true);
  draw("MixUp", mixed(MixUp({.alpha = 4, .num_classes = 2}), floats, 3).clamp(0, 1));
  draw("CutMix", mixed(CutMix({.num_classes = 2}), x, 1));
  drawing.write(argv[1]);
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
