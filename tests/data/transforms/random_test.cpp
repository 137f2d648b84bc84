// What random transforms draw: frequencies and ranges over many draws, by seeds.

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <rewind/data/data_loader.h>
#include <rewind/data/transforms/transforms.h>
#include <rewind/tensor/format.h>

#include "../../check.h"

using namespace rw;
using namespace rw::data::transforms;
namespace F = rw::data::transforms::functional;
using rw::test::saying;

namespace {

// Each pixel has a number of its own: 100 row + column.
Tensor numbered(int64_t height, int64_t width, int64_t channels = 1) {
  const Tensor rows = arange(height, float32).view({1, -1, 1}) * 100;
  const Tensor one = rows + arange(width, float32).view({1, 1, -1});
  return one.expand({channels, height, width}).contiguous();
}

// Within five standard deviations of what n draws of probability p give.
void check_share(int64_t hits, int64_t n, double p, const std::string& what) {
  const double mean = static_cast<double>(n) * p;
  const double deviation = std::sqrt(mean * (1 - p)) + 1e-9;
  BOOST_TEST(std::abs(static_cast<double>(hits) - mean) <= 5 * deviation,
             what << ": " << hits << " of " << n << " where " << mean << " are expected");
}

constexpr int64_t draws = 4000;

// How often t changes x.
int64_t changes(const Transform& t, const Tensor& x) {
  Generator gen(7);
  int64_t count = 0;
  for (int64_t i = 0; i < draws; ++i) count += !equal(t(x, gen), x);
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transforms_random)

BOOST_AUTO_TEST_CASE(probabilities) {
  const Tensor x = from({0.1f, 0.2f, 0.7f, 0.4f, 0.5f, 0.9f, 0.3f, 0.6f, 0.25f})
                       .view({1, 3, 3})
                       .expand({3, 3, 3})
                       .contiguous();
  const Tensor color = x * from({1.f, 0.5f, 0.25f}).view({3, 1, 1});
  const std::map<std::string, std::pair<Transform, double>> all = {
      {"hflip", {RandomHorizontalFlip(), 0.5}},
      {"vflip", {RandomVerticalFlip(0.2), 0.2}},
      {"invert", {RandomInvert(0.9), 0.9}},
      {"posterize", {RandomPosterize(2), 0.5}},
      {"solarize", {RandomSolarize(0.3, 0.4), 0.4}},
      {"sharpness", {RandomAdjustSharpness(2, 0.1), 0.1}},
      {"autocontrast", {RandomAutocontrast(), 0.5}},
      {"equalize", {RandomEqualize(0), 0.0}},
      {"grayscale", {RandomGrayscale(), 0.1}},
      {"erasing", {RandomErasing({.p = 0.3, .scale = {0.2, 0.3}}), 0.3}},
      {"apply", {RandomApply({RandomInvert(1), Transform(F::hflip)}, 0.3), 0.3}}};
  for (const auto& [name, t] : all) check_share(changes(t.first, color), draws, t.second, name);
  const RandomPerspective perspective({.distortion_scale = 1, .p = 0.3});
  check_share(changes(perspective, numbered(12, 15)), draws, 0.3, "perspective");
}

BOOST_AUTO_TEST_CASE(random_crop_takes_every_place_alike) {
  const Tensor x = numbered(5, 4);
  Generator gen(3);
  std::map<float, int64_t> first;
  for (int64_t i = 0; i < draws; ++i) {
    const Tensor y = RandomCrop({3, 2})(x, gen);
    BOOST_TEST_REQUIRE((y.shape() == Shape{1, 3, 2}));
    ++first[y[0][0][0].item()];
    BOOST_TEST_REQUIRE(y[0][2][1].item() == y[0][0][0].item() + 201);
  }
  BOOST_TEST(first.size() == 9u);
  for (const auto& [place, count] : first)
    check_share(count, draws, 1.0 / 9, fmt::format("place {}", place));
}

BOOST_AUTO_TEST_CASE(random_crop_pads_first) {
  const Tensor x = numbered(6, 5);
  for (const BorderMode mode : {BorderMode::constant, BorderMode::edge, BorderMode::reflect,
                                BorderMode::symmetric, BorderMode::circular}) {
    const Tensor whole = F::pad(x, {2, 1, 3, 2}, mode, 7);
    std::set<std::vector<float>> parts, seen;
    for (int64_t top = 0; top <= whole.size(1) - 4; ++top)
      for (int64_t left = 0; left <= whole.size(2) - 4; ++left)
        parts.insert(F::crop(whole, top, left, 4, 4).to_vector());
    Generator gen(5);
    const RandomCrop t(4, {.padding = {2, 1, 3, 2}, .fill = 7, .padding_mode = mode});
    for (int i = 0; i < 1500; ++i) seen.insert(t(x, gen).to_vector());
    BOOST_TEST((seen == parts), "mode " << static_cast<int>(mode));
  }
  BOOST_CHECK_EXCEPTION(
      RandomCrop(8)(x), ShapeError,
      saying("RandomCrop: expected an image of at least 8 x 8 pixels with its borders, got 6 x 5"));
  Generator gen(2);
  const RandomCrop needed(8, {.pad_if_needed = true});
  for (int i = 0; i < 100; ++i) {
    const Tensor y = needed(x, gen);
    BOOST_TEST((y.shape() == Shape{1, 8, 8}));
  }
  BOOST_CHECK_EXCEPTION(RandomCrop(4, {.padding = 6, .padding_mode = BorderMode::reflect})(x),
                        ShapeError, saying("RandomCrop: reflect adds at most"));
}

BOOST_AUTO_TEST_CASE(random_resized_crop_has_areas_and_ratios) {
  const Tensor x = numbered(90, 90);
  Generator gen(11);
  double area = 0;
  int64_t wide = 0;
  constexpr int64_t n = 2000;
  for (int64_t i = 0; i < n; ++i) {
    // A crop of a linear image is known by its corners.
    const Tensor y = RandomResizedCrop(2, {.scale = {0.1, 0.4}, .antialias = false})(x, gen);
    const double h = (y[0][1][0].item() - y[0][0][0].item()) / 100 * 2;
    const double w = (y[0][0][1].item() - y[0][0][0].item()) * 2;
    const double share = h * w / 8100, ratio = w / h;
    BOOST_TEST_REQUIRE((share > 0.09 && share < 0.42), "a share of " << share);
    BOOST_TEST_REQUIRE((ratio > 0.70 && ratio < 1.43), "a ratio of " << ratio);
    area += share;
    wide += ratio > 1;
  }
  BOOST_TEST(std::abs(area / n - 0.25) < 0.01);
  BOOST_TEST(std::abs(static_cast<double>(wide) / n - 0.5) < 0.06);
  // What does not fit is the middle of the image.
  const Tensor strip = numbered(4, 40);
  const Tensor y = RandomResizedCrop({4, 5}, {.scale = {5, 6}})(strip, gen);
  BOOST_TEST(equal(y, F::crop(strip, 0, 17, 4, 5)));
  // However thin it is.
  const RandomResizedCrop thin(2, {.scale = {5, 6}, .ratio = {3, 4}});
  BOOST_TEST((thin(numbered(40, 1), gen).shape() == Shape{1, 2, 2}));
  const RandomResizedCrop flat(2, {.scale = {5, 6}, .ratio = {0.2, 0.3}});
  BOOST_TEST((flat(numbered(1, 40), gen).shape() == Shape{1, 2, 2}));
}

BOOST_AUTO_TEST_CASE(results_have_no_gradient) {
  const Tensor x = rand({1, 3, 3}).requires_grad_();
  const std::map<std::string, Transform> unchanged = {
      {"resize", Resize(Size2(3, 3))},
      {"saturation", Transform([](const Tensor& t) { return F::adjust_saturation(t, 2); })},
      {"flip", RandomHorizontalFlip(0)},
      {"apply", RandomApply({RandomInvert(1)}, 0)},
      {"own", Transform([](const Tensor& t) { return t; })},
      {"none", Compose({})}};
  for (const auto& [name, t] : unchanged) {
    BOOST_TEST(!t(x).requires_grad(), name);
    BOOST_TEST(equal(t(x), x), name);
  }
  BOOST_TEST(!Compose({})(x).requires_grad());
  BOOST_TEST(!RandomHorizontalFlip(0)(x).requires_grad());
  BOOST_TEST(!F::resize(x, Size2(3, 3)).requires_grad());
  BOOST_TEST(!F::adjust_hue(x, 0.1).requires_grad());
  BOOST_TEST(!F::to_dtype(x, float32).requires_grad());
  BOOST_TEST(x.requires_grad());
}

BOOST_AUTO_TEST_CASE(choice_and_order) {
  const Tensor x = zeros({1, 1, 1});
  const auto add = [](double v) { return Transform([v](const Tensor& t) { return t * 2 + v; }); };
  Generator gen(1);
  std::map<float, int64_t> counts;
  const RandomChoice choice({add(1), add(2), add(3)}, {1, 0, 3});
  for (int64_t i = 0; i < draws; ++i) ++counts[choice(x, gen).item()];
  check_share(counts[1], draws, 0.25, "the first");
  BOOST_TEST(counts.count(2) == 0u);
  check_share(counts[3], draws, 0.75, "the third");

  counts.clear();
  const RandomOrder order({add(1), add(2), add(7)});
  for (int64_t i = 0; i < draws; ++i) ++counts[order(x, gen).item()];
  BOOST_TEST(counts.size() == 6u);
  for (const auto& [result, count] : counts)
    check_share(count, draws, 1.0 / 6, fmt::format("order {}", result));
  BOOST_TEST(Compose({add(1), add(2)})(x).item() == 4);
  BOOST_CHECK_EXCEPTION(RandomChoice({add(1)}, {1, 2}), Error, saying("as many p as transforms"));
  BOOST_CHECK_EXCEPTION(RandomApply({}, 2), Error, saying("a probability p from 0 to 1, got 2"));
  BOOST_CHECK_EXCEPTION(RandomInvert(-0.1), Error, saying("RandomInvert: expected a probability"));
}

BOOST_AUTO_TEST_CASE(jitter_draws_from_its_ranges) {
  const Tensor x = full({3, 1, 1}, 0.5f);
  Generator gen(9);
  double least = 9, most = 0, sum = 0;
  const ColorJitter jitter({.brightness = 0.4});
  for (int64_t i = 0; i < draws; ++i) {
    const double factor = jitter(x, gen)[0][0][0].item() / 0.5;
    least = std::min(least, factor);
    most = std::max(most, factor);
    sum += factor;
  }
  BOOST_TEST((least >= 0.6 - 1e-6 && least < 0.61));
  BOOST_TEST((most <= 1.4 + 1e-6 && most > 1.39));
  BOOST_TEST(std::abs(sum / draws - 1) < 0.02);
  for (const double hue : {0.6, -0.1})
    BOOST_CHECK_EXCEPTION(ColorJitter({.hue = hue}), Error, saying("ColorJitter: expected a hue"));
  BOOST_CHECK_EXCEPTION(ColorJitter({.contrast = Spread(1.2, 0.7)}), Error, saying("a contrast"));
}

BOOST_AUTO_TEST_CASE(rotation_and_affine_draw_from_their_ranges) {
  // Of a ramp around its middle, a rotation is known by two pixels.
  const Tensor x = (arange(21, float64) - 10).view({1, 1, -1}).expand({1, 21, 21}).contiguous();
  Generator gen(4);
  double least = 99, most = -99;
  const RandomRotation turn({-20, 50}, {.interpolation = InterpolateMode::bilinear});
  for (int i = 0; i < 1000; ++i) {
    const Tensor y = turn(x, gen);
    const double angle = std::atan2(-y[0][12][10].item<double>(), y[0][10][12].item<double>());
    least = std::min(least, angle * 180 / M_PI);
    most = std::max(most, angle * 180 / M_PI);
  }
  BOOST_TEST((least > -20.01 && least < -19));
  BOOST_TEST((most < 50.01 && most > 49));
  std::set<double> places;
  const RandomAffine move(0, {.translate = Point{0.1, 0}});
  for (int i = 0; i < 300; ++i) places.insert(move(x, gen)[0][10][10].item<double>());
  BOOST_TEST((places == std::set<double>{-2, -1, 0, 1, 2}));
}

// Corners of small images often lie such that there is no perspective, or pixels at infinity.
BOOST_AUTO_TEST_CASE(perspectives_of_small_images) {
  Generator gen(5);
  const RandomPerspective t({.distortion_scale = 1, .p = 1});
  for (const int64_t size : {2, 3, 4, 5})
    for (int i = 0; i < 200; ++i) {
      const Tensor x = rand({1, size, size + i % 2}, {}, gen);
      BOOST_TEST_REQUIRE(t(x, gen).isfinite().all().item<bool>(), "size " << size);
    }
}

BOOST_AUTO_TEST_CASE(erasing_has_areas) {
  const Tensor x = ones({3, 40, 40});
  Generator gen(6);
  double sum = 0;
  const RandomErasing erase({.p = 1, .scale = {0.1, 0.2}, .value = Fill{0, 0.5, 2}});
  for (int i = 0; i < 1000; ++i) {
    const Tensor y = erase(x, gen);
    const double share = 1 - y[0].mean().item<double>();
    BOOST_TEST_REQUIRE((share > 0.08 && share < 0.22));
    BOOST_TEST_REQUIRE(std::abs(y[2].mean().item<double>() - 1 - share) < 1e-5);
    sum += share;
  }
  BOOST_TEST(std::abs(sum / 1000 - 0.15) < 0.005);
  const Tensor noise = RandomErasing({.p = 1, .value = {}})(x, gen);
  BOOST_TEST(!equal(noise[0], noise[1]));
}

BOOST_AUTO_TEST_CASE(mix_up_and_cut_mix) {
  const Tensor images = arange(4, float32).view({4, 1, 1, 1}).expand({4, 1, 8, 8}).contiguous();
  const Tensor labels = from({0, 1, 2, 0}).to(int64);
  Generator gen(8);
  const MixUp mix({.alpha = 0.4, .num_classes = 3});
  double sum = 0, squares = 0;
  constexpr int n = 3000;
  for (int i = 0; i < n; ++i) {
    const auto [x, t] = mix({images, labels}, gen);
    const double share = t[1][1].item<double>();
    BOOST_TEST_REQUIRE((share >= 0 && share <= 1));
    BOOST_TEST_REQUIRE(std::abs(x[1][0][0][0].item<double>() - share) < 1e-6);
    BOOST_TEST_REQUIRE(std::abs(t[1][0].item<double>() - (1 - share)) < 1e-6);
    sum += share;
    squares += share * share;
  }
  // Mean 1/2 and variance 1 / (4 (2 alpha + 1)) of the beta distribution.
  BOOST_TEST(std::abs(sum / n - 0.5) < 0.04);
  BOOST_TEST(std::abs(squares / n - 0.25 - 1 / (4 * 1.8)) < 0.03);

  const CutMix cut({.num_classes = 3});
  for (int i = 0; i < 200; ++i) {
    const auto [x, t] = cut({images.to(uint8), labels}, gen);
    const double others = x[2].eq(1).to(float64).mean().item<double>();
    BOOST_TEST_REQUIRE(std::abs(t[2][1].item<double>() - others) < 1e-6);
  }
  BOOST_CHECK_EXCEPTION(MixUp({})({images, labels}), Error,
                        saying("MixUp: labels [N] need num_classes"));
  BOOST_CHECK_EXCEPTION(MixUp({.alpha = 0}), Error, saying("an alpha greater than 0, got 0"));
  BOOST_CHECK_EXCEPTION(mix({images.to(uint8), labels}), DTypeError, saying("got uint8"));
}

BOOST_AUTO_TEST_CASE(augmentations_keep_shape_and_dtype) {
  const std::vector<Transform> all = {RandAugment(),
                                      RandAugment({.num_ops = 3, .magnitude = 30, .fill = 0}),
                                      TrivialAugmentWide(),
                                      AutoAugment(),
                                      AutoAugment({.policy = AutoAugmentPolicy::cifar10}),
                                      AutoAugment({.policy = AutoAugmentPolicy::svhn})};
  Generator gen(12);
  const Tensor bytes = randint(0, 256, {3, 12, 10}, uint8, gen), floats = rand({1, 9, 11}, {}, gen);
  for (const Transform& t : all)
    for (const Tensor& x : {bytes, floats}) {
      int changed = 0;
      for (int i = 0; i < 200; ++i) {
        const Tensor y = t(x, gen);
        BOOST_TEST_REQUIRE((y.dtype() == x.dtype() && y.shape() == x.shape()));
        changed += !equal(x, y);
      }
      BOOST_TEST(changed > 60);
    }
  BOOST_CHECK_EXCEPTION(RandAugment({.magnitude = 31}), Error, saying("a magnitude from 0"));
}

BOOST_AUTO_TEST_CASE(seeds_repeat_samples) {
  const Tensor images = rand({5, 3, 12, 12});
  const Compose t({RandomCrop(8, {.padding = 2}), RandomHorizontalFlip(), ColorJitter({.hue = 0.1}),
                   RandomErasing()});
  Generator a(3), b(3), c(4);
  const Tensor first = apply_each(t, images, a);
  BOOST_TEST(equal(first, apply_each(t, images, b)));
  BOOST_TEST(!equal(first, apply_each(t, images, c)));
  BOOST_TEST(!equal(first, apply_each(t, images, a)));
  // An image draws for itself, whatever the others do.
  Generator d(3);
  BOOST_TEST(equal(first.narrow(0, 0, 2), apply_each(t, images.narrow(0, 0, 2), d)));
  manual_seed(5);
  const Tensor once = t(images);
  manual_seed(5);
  BOOST_TEST(equal(once, t(images)));
  BOOST_CHECK_EXCEPTION(apply_each(t, images[0]), ShapeError, saying("got shape [3, 12, 12]"));
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor x = rand({3, 6, 6});
  const auto says = [](const auto& f, const std::string& part) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(part));
  };
  says([&] { F::hflip(Tensor()); }, "hflip: the image is undefined");
  says(
      [&] {
        F::resize(rand({6, 6}), 3);
      },
      "resize: expected an image [..., C, H, W], got shape [6, 6]");
  says([&] { F::resize(x, 0); }, "resize: expected a size from 1 to 2^31 - 1, got 0 x 0");
  const int64_t huge = std::numeric_limits<int64_t>::max();
  says([&] { F::resize(x, huge); }, "resize: expected a size from 1 to 2^31 - 1");
  says([&] { F::pad(x, huge); }, "pad: expected a padding of less than 2^31");
  says([&] { F::pad(x, 2000000000 / 2); }, "pad: ");
  says([&] { F::crop(x, huge, -huge, 1, 1); }, "crop: expected places up to 2^31 - 1");
  says([&] { RandomCrop(huge, {.pad_if_needed = true}); }, "RandomCrop: expected a size from 1");
  says([&] { F::resize(x, 8, {.max_size = 8}); }, "expected a max_size greater than");
  says([&] { Resize(Size2(3, 4), {.max_size = 8}); }, "Resize: max_size goes with");
  says([&] { F::resize(x, 4, {.interpolation = InterpolateMode::area}); },
       "resize: expected an interpolation of nearest, nearest_exact, bilinear or bicubic");
  says([&] { F::pad(x, 1, BorderMode::edge, {1, 2, 3}); }, "goes with the mode constant only");
  says([&] { F::pad(x, 1, BorderMode::constant, {1, 2}); }, "one for each of 3 channels, got 2");
  says([&] { F::pad(x.to(uint8), 1, BorderMode::constant, 300); }, "uint8 can't hold the fill 300");
  says([&] { F::pad(x, 7, BorderMode::symmetric); }, "pad: symmetric adds at most 6 pixels");
  says([&] { F::normalize(x.to(uint8), {0}, {1}); }, "normalize: expected an image of float32");
  says([&] { F::normalize(x, {0, 0}, {1}); }, "normalize: expected one number or 3 in mean, got 2");
  says([&] { Normalize({0}, {0}); }, "Normalize: expected a std other than 0");
  says([&] { F::adjust_contrast(rand({2, 4, 4}), 1); }, "expected 1 or 3 channels, got 2");
  says([&] { F::adjust_hue(x.to(int64), 0.1); }, "got int64");
  says([&] { F::posterize(x, 9); }, "posterize: expected bits from 0 to 8, got 9");
  says([&] { F::solarize(x, 1.5); }, "solarize: expected a threshold of at most 1");
  says([&] { GaussianBlur(4); }, "GaussianBlur: expected a kernel_size of odd numbers");
  says([&] { F::gaussian_blur(x, 13); }, "larger than half of the kernel_size 13 and 13");
  says([&] { RandomErasing({.scale = {0.5, 1.5}}); }, "a scale within 0 and 1, got 0.5 to 1.5");
  says([&] { F::to_dtype(x, int64, true); }, "to_dtype: float32 can't be scaled to int64");
  says([&] { F::five_crop(x, 9); }, "five_crop: expected an image of at least 9 x 9 pixels");
  says([&] { F::perspective(x, Corners{}, Corners{}); },
       "perspective: the start points and end points determine no perspective");
  const Tensor bytes = x.mul(255).to(uint8);
  says([&] { F::rotate(bytes, 10, {.fill = Fill(256)}); }, "rotate: uint8 can't hold the fill 256");
  says([&] { RandomErasing({.p = 1, .value = Fill(-1)})(bytes); },
       "RandomErasing: uint8 can't hold the fill -1");
  // Wherever the crop lies.
  says([&] { RandomCrop(6, {.fill = 256})(bytes); }, "RandomCrop: uint8 can't hold the fill 256");
  says([&] { RandomCrop(4, {.fill = {1, 2}})(x); }, "one for each of 3 channels, got 2");
  says([&] { F::pad(x, {7, 0}, BorderMode::reflect); }, "pad: reflect adds at most 5 pixels");
  says([&] { F::pad(zeros({1, 0, 3}), 1, BorderMode::reflect); }, "reflect adds at most 0 pixels");
  for (const double odd :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    says([&] { F::affine(x, {.angle = odd}); }, "affine: expected an angle that is finite, got ");
    says([&] { F::affine(x, {.scale = odd}); }, "affine: expected a scale");
    says([&] { F::affine(x, {.translate = {0, odd}}); }, "affine: expected a translate");
    says([&] { F::affine(x, {.shear = {odd, 0}}); }, "affine: expected a shear that is finite");
    says([&] { F::rotate(x, 3, {.center = Point{odd, 0}}); }, "rotate: expected a center that is");
    says(
        [&] {
          F::perspective(x, {1, 0, 0, 0, odd, 0, 0, 0});
        },
        "perspective: expected a coefficient that is finite");
    Corners corners = {{{0, 0}, {5, 0}, {5, 5}, {0, 5}}};
    corners[2].x = odd;
    says(
        [&] {
          F::perspective(x, corners, {{{0, 0}, {5, 0}, {5, 5}, {0, 5}}});
        },
        "perspective: expected a point that is finite");
    says([&] { Normalize({odd}, {1}); }, "Normalize: expected a mean that is finite");
    says([&] { Normalize({0}, {odd}); }, "Normalize: expected a std other than 0 that is finite");
    says([&] { F::normalize(x, {0}, {odd}); }, "normalize: expected a std other than 0");
    says([&] { ColorJitter({.brightness = odd}); }, "ColorJitter: expected a brightness within 0");
    says([&] { RandomSolarize{odd}; }, "RandomSolarize: expected a threshold of at most 255");
    says([&] { RandomAdjustSharpness{odd}; },
         "RandomAdjustSharpness: expected a factor of at least");
  }
  says([&] { RandomAdjustSharpness(-1); },
       "RandomAdjustSharpness: expected a factor of at least 0");
  says(
      [&] {
        F::resize(zeros({1, 0, 5}), Size2(4, 4));
      },
      "resize: expected an image with pixels, got shape [1, 0, 5]");
  says(
      [&] {
        RandomAffine(3, {.scale = Range{0, 1}});
      },
      "RandomAffine: expected a scale from more");
}

BOOST_AUTO_TEST_CASE(empty_images) {
  for (const Shape& shape : {Shape{3, 0, 4}, Shape{0, 3, 4, 4}}) {
    const Tensor x = zeros(shape);
    for (const auto f : {F::hflip, F::vflip, F::invert, F::autocontrast, F::equalize})
      BOOST_TEST((f(x).shape() == shape));
    BOOST_TEST((F::adjust_hue(x, 0.1).shape() == shape));
    BOOST_TEST((F::adjust_contrast(x, 2).shape() == shape));
    BOOST_TEST((F::gaussian_blur(x, 3).shape() == shape));
    BOOST_TEST((F::rotate(x, 20).shape() == shape));
    BOOST_TEST(F::rgb_to_grayscale(x).numel() == 0);
  }
  BOOST_TEST((F::resize(zeros({0, 3, 4, 4}), Size2(2, 2)).shape() == Shape{0, 3, 2, 2}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(std::isnan(F::adjust_hue(full({3, 1, 1}, nan), 0.1).sum().item()));
  const Tensor one = full({1, 1, 1}, 0.3f);
  BOOST_TEST(F::resize(one, Size2(2, 3)).size(-1) == 3);
  BOOST_TEST(F::pad(one, 2, BorderMode::edge).sum().item() == 25 * 0.3f,
             boost::test_tools::tolerance(1e-5f));
}

BOOST_AUTO_TEST_SUITE_END()
