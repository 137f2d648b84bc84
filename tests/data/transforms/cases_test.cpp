// The functional forms against what torchvision makes of the same images: cases.txt, which
// generate.py writes.

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <rewind/data/transforms/transforms.h>
#include <rewind/tensor/format.h>

#include "../../check.h"
#include "../../parity/fixtures.h"

using namespace rw;
using namespace rw::data::transforms;
namespace F = rw::data::transforms::functional;

namespace {

// As generate.py makes them.
Tensor image(const std::string& name) {
  const std::map<std::string, std::pair<DType, Shape>> kinds = {
      {"bytes", {uint8, {3, 9, 11}}},       {"grey", {uint8, {1, 8, 7}}},
      {"floats", {float32, {3, 7, 8}}},     {"line", {float32, {1, 6, 5}}},
      {"doubles", {float64, {2, 1, 5, 6}}}, {"wide", {uint8, {1, 6, 90}}}};
  const auto& [dtype, shape] = kinds.at(name);
  std::vector<double> values;
  for (int64_t i = 0; i < shape.numel(); ++i)
    values.push_back(static_cast<double>((i * i * 7 + i * 23 + i / 5 * 40) % 256));
  const Tensor x = from(values, shape);
  return dtype == uint8 ? x.to(uint8) : (x / 255).to(dtype);
}

bool is_floating(const Tensor& x) { return x.is_floating_point(); }

using Function = std::function<Tensor(const Tensor&)>;
// How far off bytes may be. 0, but 1 where torchvision rounds what it computed in float32, so that
// its own results differ between processors.
struct Case {
  Function f;
  int bytes = 0;
};
using Cases = std::map<std::string, Case>;

constexpr InterpolateMode modes[] = {InterpolateMode::nearest, InterpolateMode::nearest_exact,
                                     InterpolateMode::bilinear, InterpolateMode::bicubic};
constexpr const char* mode_names[] = {"nearest", "nearest_exact", "bilinear", "bicubic"};

void add_sizes(Cases& all) {
  const Size2 sizes[] = {{4, 5}, {13, 12}, {5, 3}, {9, 4}};
  for (int m = 0; m < 4; ++m)
    for (const bool antialias : {true, false})
      for (const Size2 size : sizes) {
        if (m < 2 && (antialias || size == sizes[3])) continue;  // of the nearest pixels
        all[fmt::format("resize_{}_{}{}_{}", mode_names[m], antialias ? "antialias_" : "", size.h(),
                        size.w())] = {[=](const Tensor& x) {
          return F::resize(x, size, {.interpolation = modes[m], .antialias = antialias});
        }};
      }
  all["resize_edge"] = {[](const Tensor& x) { return F::resize(x, 4); }};
  all["resize_edge_larger"] = {[](const Tensor& x) { return F::resize(x, 10); }};
  all["resize_max_size"] = {[](const Tensor& x) { return F::resize(x, 6, {.max_size = 7}); }};
  all["resize_same"] = {
      [](const Tensor& x) { return F::resize(x, Size2(x.size(-2), x.size(-1))); }};
  all["resized_crop"] = {[](const Tensor& x) { return F::resized_crop(x, 1, 2, 4, 3, {6, 5}); }};
  all["resized_crop_beyond"] = {[](const Tensor& x) {
    return F::resized_crop(x, -1, 2, 5, 6, 4, {.interpolation = InterpolateMode::bicubic});
  }};
}

void add_crops(Cases& all) {
  all["crop"] = {[](const Tensor& x) { return F::crop(x, 1, 2, 3, 2); }};
  all["crop_beyond"] = {[](const Tensor& x) { return F::crop(x, -2, 3, 6, 9); }};
  all["crop_outside"] = {[](const Tensor& x) { return F::crop(x, 20, -30, 3, 4); }};
  all["center_crop"] = {[](const Tensor& x) { return F::center_crop(x, {4, 3}); }};
  all["center_crop_wide"] = {[](const Tensor& x) { return F::center_crop(x, {4, 14}); }};
  all["center_crop_beyond"] = {[](const Tensor& x) { return F::center_crop(x, {12, 13}); }};
  all["five_crop"] = {[](const Tensor& x) { return stack(F::five_crop(x, {3, 4})); }};
  all["ten_crop"] = {[](const Tensor& x) { return stack(F::ten_crop(x, {3, 4})); }};
  all["ten_crop_vertical"] = {[](const Tensor& x) { return stack(F::ten_crop(x, {4, 3}, true)); }};
  all["hflip"] = {F::horizontal_flip};
  all["vflip"] = {F::vertical_flip};
  all["pad"] = {[](const Tensor& x) { return F::pad(x, 2); }};
  all["pad_sides"] = {[](const Tensor& x) {
    return F::pad(x, {1, 2, 3, 0}, BorderMode::constant, 1);
  }};
  all["pad_fill_each"] = {[](const Tensor& x) {
    return F::pad(x, {1, 2}, BorderMode::constant, {1, 0, 1});
  }};
  all["pad_cut"] = {[](const Tensor& x) { return F::pad(x, {-1, 2, -2, -1}); }};
  const std::pair<const char*, BorderMode> border_modes[] = {{"edge", BorderMode::edge},
                                                             {"reflect", BorderMode::reflect},
                                                             {"symmetric", BorderMode::symmetric}};
  for (const auto& [name, mode] : border_modes)
    all[std::string("pad_") + name] = {[mode = mode](const Tensor& x) {
      return F::pad(x, {1, 2, 3, 4}, mode);
    }};
  all["pad_reflect_too_far"] = {[](const Tensor& x) { return F::pad(x, 12, BorderMode::reflect); }};
  all["pad_edge_far"] = {[](const Tensor& x) { return F::pad(x, {12, 1}, BorderMode::edge); }};
}

void add_warps(Cases& all) {
  for (const int m : {0, 2}) {
    const InterpolateMode mode = modes[m];
    const std::string n = mode_names[m];
    all["rotate_" + n] = {
        [=](const Tensor& x) { return F::rotate(x, 33, {.interpolation = mode}); }, 1};
    all["rotate_" + n + "_expand"] = {[=](const Tensor& x) {
                                        return F::rotate(x, 71.3,
                                                         {.interpolation = mode, .expand = true});
                                      },
                                      1};
    all["rotate_" + n + "_center"] = {
        [=](const Tensor& x) {
          return F::rotate(x, -19, {.interpolation = mode, .center = Point{2.2, 1.3}, .fill = 0});
        },
        1};
    all["rotate_" + n + "_fill"] = {
        [=](const Tensor& x) { return F::rotate(x, 152, {.interpolation = mode, .fill = 1}); }, 1};
    all["affine_" + n] = {[=](const Tensor& x) {
                            return F::affine(x, {.angle = 13,
                                                 .translate = {1, -2},
                                                 .scale = 1.3,
                                                 .shear = {9, -4},
                                                 .interpolation = mode});
                          },
                          1};
    all["affine_" + n + "_center"] = {[=](const Tensor& x) {
                                        return F::affine(x, {.angle = -40,
                                                             .translate = {0.3, 0.6},
                                                             .scale = 0.7,
                                                             .shear = {0, 21},
                                                             .interpolation = mode,
                                                             .fill = is_floating(x) ? 0.5 : 77,
                                                             .center = Point{1, 3.4}});
                                      },
                                      1};
    const Corners start = {{{0, 0}, {4, 0}, {4, 4}, {0, 4}}};
    const Corners end = {{{1, 0}, {5, 1}, {3, 4}, {0, 2}}};
    all["perspective_" + n] = {
        [=](const Tensor& x) { return F::perspective(x, start, end, {.interpolation = mode}); }, 1};
    all["perspective_" + n + "_fill"] = {[=](const Tensor& x) {
                                           return F::perspective(
                                               x, start, end, {.interpolation = mode, .fill = 1});
                                         },
                                         1};
  }
  all["rotate_180"] = {[](const Tensor& x) { return F::rotate(x, 180); }};
  all["rotate_90_expand"] = {[](const Tensor& x) { return F::rotate(x, 90, {.expand = true}); }};
  all["rotate_270_expand"] = {[](const Tensor& x) { return F::rotate(x, -90, {.expand = true}); }};
  all["rotate_fill_each"] = {
      [](const Tensor& x) {
        return F::rotate(x, 45,
                         {.interpolation = InterpolateMode::bilinear, .fill = Fill{1, 0.5, 0}});
      },
      1};
  all["rotate_bicubic"] = {[](const Tensor& x) {
    return F::rotate(x, 45, {.interpolation = InterpolateMode::bicubic});
  }};
  all["affine_no_scale"] = {[](const Tensor& x) {
    return F::affine(x, {.angle = 13, .scale = 0, .shear = {9, -4}});
  }};
}

void add_colors(Cases& all) {
  for (const char* text : {"0", "0.4", "1", "1.7"}) {
    const double f = std::stod(text);
    all[std::string("brightness_") + text] = {
        [=](const Tensor& x) { return F::adjust_brightness(x, f); }};
    all[std::string("contrast_") + text] = {
        [=](const Tensor& x) { return F::adjust_contrast(x, f); }, 1};
    all[std::string("saturation_") + text] = {
        [=](const Tensor& x) { return F::adjust_saturation(x, f); }, 1};
    all[std::string("sharpness_") + text] = {
        [=](const Tensor& x) { return F::adjust_sharpness(x, f); }, 1};
  }
  for (const char* text : {"-0.5", "-0.2", "0", "0.1", "0.37"})
    all[std::string("hue_") + text] = {
        [f = std::stod(text)](const Tensor& x) { return F::adjust_hue(x, f); }, 1};
  all["hue_too_far"] = {[](const Tensor& x) { return F::adjust_hue(x, 0.6); }};
  all["brightness_negative"] = {[](const Tensor& x) { return F::adjust_brightness(x, -1); }};
  all["gamma_0.6"] = {[](const Tensor& x) { return F::adjust_gamma(x, 0.6); }, 1};
  all["gamma_2_gain"] = {[](const Tensor& x) { return F::adjust_gamma(x, 2, 1.5); }, 1};
  all["grayscale"] = {[](const Tensor& x) { return F::rgb_to_grayscale(x); }, 1};
  all["grayscale_3"] = {[](const Tensor& x) { return F::rgb_to_grayscale(x, 3); }, 1};
}

void add_tones(Cases& all) {
  all["invert"] = {F::invert};
  for (const int bits : {0, 1, 3, 8, 9})
    all["posterize_" + std::to_string(bits)] = {
        [=](const Tensor& x) { return F::posterize(x, bits); }};
  all["solarize"] = {[](const Tensor& x) { return F::solarize(x, is_floating(x) ? 0.4 : 99.5); }};
  all["solarize_too_far"] = {[](const Tensor& x) { return F::solarize(x, 300); }};
  all["autocontrast"] = {[](const Tensor& x) {
    return F::autocontrast(is_floating(x) ? x / 2 + 0.1 : div(x, 2, Rounding::floor) + 30);
  }};
  all["autocontrast_flat"] = {[](const Tensor& x) { return F::autocontrast(ones_like(x)); }};
  all["equalize"] = {F::equalize};
  all["equalize_large"] = {[](const Tensor& x) {
    const Tensor large = F::resize(x, Size2(40, 41), {.interpolation = InterpolateMode::nearest});
    return F::equalize(large.slice(-2, 0, Slice::none, 3));
  }};
}

void add_filters(Cases& all) {
  all["blur_3"] = {[](const Tensor& x) { return F::gaussian_blur(x, 3); }, 1};
  all["blur_5_3"] = {[](const Tensor& x) {
                       return F::gaussian_blur(x, {5, 3}, Across<double>(1.3, 0.4));
                     },
                     1};
  all["blur_even"] = {[](const Tensor& x) { return F::gaussian_blur(x, {4, 3}); }};
  all["blur_too_large"] = {[](const Tensor& x) { return F::gaussian_blur(x, {3, 29}); }};
  all["erase"] = {[](const Tensor& x) { return F::erase(x, 1, 2, 3, 2, ones({1, 1, 1})); }};
  all["normalize"] = {[](const Tensor& x) { return F::normalize(x, {0.4}, {0.3}); }};
  all["normalize_each"] = {[](const Tensor& x) {
    return F::normalize(x, {0.4, 0.1, 0.7}, {0.3, 2, 1});
  }};
  all["normalize_no_std"] = {[](const Tensor& x) { return F::normalize(x, {0.4}, {0}); }};
  for (const DType dtype : {uint8, int16, int64, float32, float64}) {
    all[std::string("to_") + name(dtype)] = {
        [=](const Tensor& x) { return F::to_dtype(x, dtype, true); }};
    all[std::string("to_") + name(dtype) + "_plain"] = {
        [=](const Tensor& x) { return F::to_dtype(x, dtype); }};
  }
}

Cases all_cases() {
  Cases all;
  for (const auto add : {add_sizes, add_crops, add_warps, add_colors, add_tones, add_filters})
    add(all);
  return all;
}

void compare(const std::string& name, const Tensor& got, const Tensor& expected, int bytes) {
  BOOST_TEST(got.dtype() == expected.dtype(), name << " has dtype " << got.dtype());
  BOOST_TEST_REQUIRE((got.shape() == expected.shape()), name << " has shape " << got.shape());
  const double limit = got.is_floating_point() ? 1e-5 : bytes;
  const auto a = got.to_vector<double>(), b = expected.to_vector<double>();
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  BOOST_TEST(worst <= limit, name << " is off by " << worst);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transforms_cases)

BOOST_AUTO_TEST_CASE(as_torchvision) {
  std::ifstream file(REWIND_TRANSFORM_CASES);
  const auto fixtures = rw::test::read_fixtures(file);
  const Cases cases = all_cases();
  std::set<std::string> seen;
  for (const auto& [name, fixture] : fixtures) {
    const size_t slash = name.find('/');
    const auto found = cases.find(name.substr(0, slash));
    BOOST_TEST_REQUIRE((found != cases.end()), "no case " << name);
    seen.insert(found->first);
    const Tensor x = image(name.substr(slash + 1));
    if (fixture.refused) {
      BOOST_CHECK_THROW(found->second.f(x), Error);
      continue;
    }
    try {
      compare(name, found->second.f(x), fixture.outputs.at(0), found->second.bytes);
    } catch (const Error& e) {
      BOOST_ERROR(name << ": " << e.what());
    }
  }
  BOOST_TEST(fixtures.size() == 648u);
  for (const auto& [name, c] : cases) BOOST_TEST(seen.contains(name), name);
}

// What comes before the channels, and how an image lies in memory, makes no difference.
BOOST_AUTO_TEST_CASE(every_memory_order) {
  for (const auto& [name, c] : all_cases()) {
    const Tensor x = image("bytes");
    Tensor expected;
    try {
      expected = c.f(x);
    } catch (const Error&) {
      continue;
    }
    const Tensor wide = cat({x, x}, 2).narrow(2, 0, 11);
    const Tensor last = x.permute({1, 2, 0}).contiguous().permute({2, 0, 1});
    for (const Tensor& other : {wide, last}) BOOST_TEST(equal(c.f(other), expected), name);
    if (name.ends_with("_crop") || name.starts_with("ten_crop")) continue;  // several images
    const Tensor nested = c.f(stack({x, x}).unsqueeze(0));
    BOOST_TEST(nested.dim() == 5, name);
    BOOST_TEST(equal(nested[0][1], expected), name);
  }
}

// Sums along rows of one channel go by other ways than those of several.
BOOST_AUTO_TEST_CASE(resized_bytes_of_many_sizes) {
  Generator gen(1);
  const auto size = [&](uint64_t most) { return static_cast<int64_t>(gen.next() % most) + 1; };
  for (int i = 0; i < 400; ++i) {
    const Tensor large = randint(0, 256, {3, size(40) + 2, size(200) + 3}, uint8, gen);
    const Tensor x = F::crop(large, 1, 2, large.size(1) - 2, large.size(2) - 3);
    const Tensor last = x.permute({1, 2, 0}).contiguous().permute({2, 0, 1});
    const Size2 to(size(50), size(90));
    for (const InterpolateMode mode : {InterpolateMode::bilinear, InterpolateMode::bicubic})
      for (const bool antialias : {true, false}) {
        const ResizeOptions o = {.interpolation = mode, .antialias = antialias};
        BOOST_TEST_REQUIRE(equal(F::resize(x, to, o), F::resize(last, to, o)),
                           x.shape().str() << " to " << to.h() << " x " << to.w());
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()
