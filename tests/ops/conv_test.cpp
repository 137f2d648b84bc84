#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <rewind/onednn/support.h>
#include "../check.h"
#include "../dtypes.h"
#include "conv_case.h"

using namespace rw;
using namespace rw::test;

namespace {

using Case = ConvCase;

// What a window finds at a position outside the image; -1 for a zero.
int64_t beyond(PaddingMode mode, int64_t i, int64_t size) {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case PaddingMode::zeros:
      return -1;
    case PaddingMode::reflect:
      return i < 0 ? -i : 2 * (size - 1) - i;
    case PaddingMode::replicate:
      return i < 0 ? 0 : size - 1;
    case PaddingMode::circular:
      return (i + size) % size;
  }
  return -1;
}

// The definition, element by element: x [n, c, h, w], all in double.
std::vector<double> direct(const Tensor& x, const Tensor& weight, const Tensor& bias,
                           const Conv2dOptions& o) {
  const auto in = x.to_vector<double>(), filters = weight.to_vector<double>();
  const auto offsets = bias.defined() ? bias.to_vector<double>() : std::vector<double>();
  const int64_t n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
  const int64_t out = weight.size(0), cg = weight.size(1), kh = weight.size(2), kw = weight.size(3);
  const int64_t oh =
      (h + 2 * o.padding.before().h() - o.dilation.h() * (kh - 1) - 1) / o.stride.h() + 1;
  const int64_t ow =
      (w + 2 * o.padding.before().w() - o.dilation.w() * (kw - 1) - 1) / o.stride.w() + 1;
  std::vector<double> y;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t f = 0; f < out; ++f)
      for (int64_t oy = 0; oy < oh; ++oy)
        for (int64_t ox = 0; ox < ow; ++ox) {
          double sum = bias.defined() ? offsets[static_cast<size_t>(f)] : 0;
          for (int64_t k = 0; k < cg * kh * kw; ++k) {
            const int64_t channel = f / (out / o.groups) * cg + k / (kh * kw);
            const int64_t iy = beyond(
                o.padding_mode,
                oy * o.stride.h() - o.padding.before().h() + k / kw % kh * o.dilation.h(), h);
            const int64_t ix =
                beyond(o.padding_mode,
                       ox * o.stride.w() - o.padding.before().w() + k % kw * o.dilation.w(), w);
            if (iy >= 0 && ix >= 0)
              sum += in[static_cast<size_t>(((i * c + channel) * h + iy) * w + ix)] *
                     filters[static_cast<size_t>(f * cg * kh * kw + k)];
          }
          y.push_back(sum);
        }
  return y;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  BOOST_TEST_REQUIRE(a.size() == b.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

const Case small_cases[] = {
    {"plain", {2, 3, 5, 4}, {2, 3, 3, 2}},
    {"1x1", {2, 3, 3, 3}, {4, 3, 1, 1}},
    {"stride", {1, 2, 7, 6}, {3, 2, 3, 3}, {.stride = {2, 3}}},
    {"padding", {2, 2, 4, 5}, {2, 2, 3, 3}, {.padding = {1, 2}}},
    {"wide padding", {1, 1, 3, 2}, {2, 1, 2, 1}, {.padding = {3, 2}}},
    {"stride leaves a rest", {1, 2, 6, 6}, {2, 2, 3, 3}, {.stride = 2, .padding = 1}},
    {"dilation", {1, 2, 7, 6}, {2, 2, 3, 2}, {.padding = 1, .dilation = {2, 3}}},
    {"groups", {2, 4, 4, 3}, {6, 2, 3, 2}, {.padding = 1, .groups = 2}},
    {"depthwise", {2, 3, 4, 4}, {3, 1, 3, 3}, {.padding = 1, .groups = 3}},
    {"depthwise, two filters each",
     {1, 2, 5, 4},
     {4, 1, 3, 3},
     {.stride = 2, .padding = 1, .dilation = 1, .groups = 2}},
    {"reflect",
     {1, 2, 4, 5},
     {2, 2, 3, 3},
     {.padding = {1, 2}, .padding_mode = PaddingMode::reflect}},
    {"replicate",
     {1, 2, 3, 4},
     {2, 2, 3, 3},
     {.stride = 2, .padding = {2, 1}, .padding_mode = PaddingMode::replicate}},
    {"circular",
     {1, 1, 4, 3},
     {2, 1, 3, 2},
     {.padding = {2, 1}, .padding_mode = PaddingMode::circular}},
    {"whole image", {2, 2, 3, 4}, {3, 2, 3, 4}},
    {"one pixel", {1, 1, 1, 1}, {1, 1, 1, 1}},
};

// Shapes that oneDNN has different code for.
const Case shapes[] = {
    {"16 to 16", {2, 16, 9, 9}, {16, 16, 3, 3}, {.padding = 1}},
    {"64 to 64", {1, 64, 8, 8}, {64, 64, 3, 3}, {.padding = 1}},
    {"1 to 6", {3, 1, 28, 28}, {6, 1, 5, 5}, {.padding = 2}},
    {"6 to 16", {3, 6, 14, 14}, {16, 6, 5, 5}},
    {"3 to 64", {2, 3, 16, 16}, {64, 3, 3, 3}, {.padding = 1}},
    {"3 to 32, stride 4", {1, 3, 35, 35}, {32, 3, 11, 11}, {.stride = 4, .padding = 2}},
    {"few channels out, odd sizes", {5, 9, 7, 19}, {7, 9, 3, 3}, {.padding = {2, 1}}},
    {"few channels in, odd sizes", {5, 7, 9, 17}, {18, 7, 5, 5}, {.padding = {0, 3}}},
    {"few channels, all the padding there is", {3, 3, 2, 30}, {8, 3, 5, 5}, {.padding = 4}},
    {"few channels, many images", {37, 1, 3, 12}, {2, 1, 3, 3}, {.padding = 1}},
    {"few channels, long sums", {3, 2, 190, 180}, {1, 2, 3, 3}, {.padding = 1}},
    {"few pixels", {1, 128, 7, 7}, {256, 128, 3, 3}, {.padding = 1}},
    {"few pixels, stride 2", {2, 130, 9, 8}, {255, 130, 3, 3}, {.stride = 2, .padding = 1}},
    {"few pixels, dilated", {1, 96, 9, 11}, {129, 96, 3, 5}, {.padding = {2, 4}, .dilation = 2}},
    {"one pixel", {3, 512, 3, 3}, {65, 512, 3, 3}},
    {"pixels from planes", {3, 3, 15, 29}, {20, 3, 3, 5}, {.padding = {1, 2}}},
    {"pixels from planes, one image", {1, 2, 40, 13}, {9, 2, 5, 3}, {.padding = {4, 0}}},
    {"pixels from planes, no rest", {2, 1, 9, 24}, {32, 1, 3, 3}, {.padding = 1}},
    {"pixels from planes, few pixels", {2, 6, 3, 4}, {17, 6, 3, 3}, {.padding = 2}},
    {"one channel to one", {2, 1, 9, 20}, {1, 1, 7, 2}, {.padding = {3, 1}}},
    {"one channel", {2, 1, 1, 10}, {1, 1, 3, 3}, {.padding = 1}},
    {"17 to 5", {2, 17, 7, 6}, {5, 17, 3, 3}, {.padding = 1}},
    {"17 to 33, 1x1", {2, 17, 7, 6}, {33, 17, 1, 1}},
    {"64 to 128, 1x1, stride 2", {2, 64, 8, 8}, {128, 64, 1, 1}, {.stride = 2}},
    {"64 to 128, stride 2", {2, 64, 8, 8}, {128, 64, 3, 3}, {.stride = 2, .padding = 1}},
    {"dilation", {1, 16, 12, 12}, {8, 16, 3, 3}, {.padding = 2, .dilation = 2}},
    {"dilation and stride",
     {1, 3, 13, 12},
     {7, 3, 3, 3},
     {.stride = 2, .padding = 2, .dilation = 2}},
    {"groups", {2, 12, 6, 6}, {8, 3, 3, 3}, {.padding = 1, .groups = 4}},
    {"groups of 16", {2, 32, 6, 6}, {32, 16, 3, 3}, {.padding = 1, .groups = 2}},
    {"depthwise 64", {2, 64, 9, 8}, {64, 1, 3, 3}, {.padding = 1, .groups = 64}},
    {"depthwise 17, stride 2",
     {2, 17, 9, 8},
     {17, 1, 5, 5},
     {.stride = 2, .padding = 2, .groups = 17}},
    {"depthwise, wide rows", {3, 5, 6, 45}, {5, 1, 3, 3}, {.padding = 1, .groups = 5}},
    {"depthwise 5x3", {2, 7, 9, 20}, {7, 1, 5, 3}, {.padding = {2, 1}, .groups = 7}},
    {"depthwise 5x5", {2, 3, 9, 21}, {3, 1, 5, 5}, {.padding = 2, .groups = 3}},
    {"depthwise 7x7", {2, 3, 10, 18}, {3, 1, 7, 7}, {.padding = 3, .groups = 3}},
    {"depthwise, all the padding there is",
     {2, 4, 5, 15},
     {4, 1, 3, 4},
     {.padding = {2, 3}, .groups = 4}},
    {"depthwise, no padding", {1, 3, 18, 18}, {3, 1, 3, 3}, {.groups = 3}},
    {"depthwise, whole image", {2, 3, 6, 17}, {3, 1, 6, 17}, {.groups = 3}},
    {"depthwise, two filters each", {2, 8, 6, 6}, {16, 1, 3, 3}, {.padding = 1, .groups = 8}},
    {"depthwise, three filters each", {3, 5, 7, 18}, {15, 1, 5, 5}, {.padding = 1, .groups = 5}},
    {"depthwise, many images", {40, 2, 33, 32}, {2, 1, 3, 3}, {.padding = 1, .groups = 2}},
    {"wide padding", {1, 4, 3, 3}, {4, 4, 2, 2}, {.padding = {4, 3}}},
    {"long kernel", {2, 5, 3, 40}, {4, 5, 1, 9}, {.padding = {0, 4}}},
    {"whole image", {2, 16, 5, 5}, {120, 16, 5, 5}},
    {"one pixel", {4, 10, 1, 1}, {3, 10, 1, 1}},
    {"one pixel, padded", {4, 10, 1, 1}, {3, 10, 3, 3}, {.padding = 1}},
    {"reflect", {2, 6, 8, 8}, {6, 6, 3, 3}, {.padding = 1, .padding_mode = PaddingMode::reflect}},
};

struct Everything {
  Tensor y, dx, dweight, dbias;
};

// The result and all gradients for the output gradient g.
Everything run(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& g,
               const Conv2dOptions& options) {
  const Tensor y = conv2d(x, weight, bias, options);
  const auto grads = grad({y}, {x, weight, bias}, {g});
  return {y, grads[0], grads[1], grads[2]};
}

Tensor leaf(const Tensor& t, DType dtype) { return t.to(dtype).clone().requires_grad_(); }

}  // namespace

BOOST_DATA_TEST_CASE(follows_the_definition, boost::unit_test::data::make(small_cases), c) {
  const Tensor x = randn(c.x, float64), weight = randn(c.weight, float64),
               bias = randn({c.weight[0]}, float64);
  const Tensor y = conv2d(x, weight, bias, c.options);
  BOOST_TEST(distance(y.to_vector<double>(), direct(x, weight, bias, c.options)) < 1e-12);
  BOOST_TEST(y.is_contiguous(MemoryFormat::channels_last));
  const Tensor unbiased = conv2d(x, weight, {}, c.options);
  BOOST_TEST(distance(unbiased.to_vector<double>(), direct(x, weight, {}, c.options)) < 1e-12);
}

BOOST_DATA_TEST_CASE(has_first_and_second_derivatives, boost::unit_test::data::make(small_cases),
                     c) {
  check_gradients(
      [&](const std::vector<Tensor>& in) { return conv2d(in[0], in[1], in[2], c.options); },
      {random_leaf(c.x), random_leaf(c.weight), random_leaf({c.weight[0]})}, c.name);
}

BOOST_AUTO_TEST_CASE(differentiates_without_bias_and_for_one_image) {
  check_gradients(
      [](const std::vector<Tensor>& in) { return conv2d(in[0], in[1], {}, {.padding = 1}); },
      {random_leaf({2, 4, 3}), random_leaf({3, 2, 3, 3})});
}

BOOST_AUTO_TEST_CASE(differentiates_what_is_asked_for_only) {
  const Tensor x = randn({1, 2, 4, 4}, float64), weight = randn({3, 2, 3, 3}, float64);
  const Tensor x_leaf = x.clone().requires_grad_(), weight_leaf = weight.clone().requires_grad_();
  const auto convolved = [](const std::vector<Tensor>& in) { return conv2d(in[0], in[1]); };
  check_gradients(convolved, {x_leaf, weight}, "input");
  check_gradients(convolved, {x, weight_leaf}, "weight");
  check_gradients([&](const std::vector<Tensor>& in) { return conv2d(x, weight, in[0]).square(); },
                  {random_leaf({3})}, "bias");
}

BOOST_AUTO_TEST_CASE(has_third_derivatives) {
  // gradcheck evaluates the function without recording for its central differences.
  const auto gradients = [](std::vector<Tensor> in) {
    const enable_grad guard;
    for (Tensor& t : in)
      if (!t.requires_grad()) t = t.detach().requires_grad_();
    const Tensor y = conv2d(in[0], in[1], in[2], {.padding = 1});
    return grad({(y * y).sum()}, in, {}, false, true);
  };
  check_gradients(TensorFunction(gradients),
                  {random_leaf({1, 2, 3, 3}), random_leaf({2, 2, 2, 2}), random_leaf({2})});
}

// How the result lies in memory where the input lies like this; float16 is computed in float32.
MemoryFormat result_format(const Case& c, const Shape& y, DType dtype, MemoryFormat input) {
  const Conv2dOptions& o = c.options;
  if ((dtype != float32 && dtype != float16) || o.stride != Size2(1) || o.dilation != Size2(1) ||
      o.padding_mode != PaddingMode::zeros)
    return MemoryFormat::channels_last;
  const bool taken = (c.weight[0] == o.groups && c.x[1] == o.groups) ||
                     (c.weight[2] == c.weight[3] && (c.weight[2] == 3 || c.weight[2] == 5));
  if (o.groups > 1 && o.groups == c.x[1] && taken) return input;
  const bool few_channels = o.groups == 1 && y[1] <= 8 && y[3] >= 10 && taken;
  return few_channels ? MemoryFormat::contiguous : MemoryFormat::channels_last;
}

BOOST_DATA_TEST_CASE(agrees_between_types, boost::unit_test::data::make(shapes), c) {
  const Tensor x = randn(c.x, float64), weight = randn(c.weight, float64),
               bias = randn({c.weight[0]}, float64);
  const Tensor g = rand_like(conv2d(x, weight, bias, c.options)) - 0.5;
  const std::pair<DType, double> types[] = {{float32, 1e-5}, {bfloat16, 1e-2}, {float16, 1e-3}};
  for (const auto& [dtype, tolerance] : types) {
    // The same rounded numbers in both types.
    const auto rounded = [dtype = dtype](const Tensor& t) { return leaf(t.to(dtype), float64); };
    const Everything exact =
        run(rounded(x), rounded(weight), rounded(bias), g.to(dtype).to(float64), c.options);
    for (const MemoryFormat format : {MemoryFormat::contiguous, MemoryFormat::channels_last}) {
      const Everything ours = run(leaf(x.contiguous(format), dtype), leaf(weight, dtype),
                                  leaf(bias, dtype), g.to(dtype), c.options);
      BOOST_TEST(ours.y.dtype() == dtype);
      BOOST_TEST(relative_error(ours.y, exact.y) < tolerance);
      BOOST_TEST(relative_error(ours.dx, exact.dx) < tolerance);
      BOOST_TEST(relative_error(ours.dweight, exact.dweight) < tolerance);
      BOOST_TEST(relative_error(ours.dbias, exact.dbias) < tolerance);
      BOOST_TEST(ours.y.is_contiguous(result_format(c, ours.y.shape(), dtype, format)));
    }
  }
}

BOOST_AUTO_TEST_CASE(few_channels_do_not_depend_on_threads) {
  const Tensor x = randn({19, 3, 24, 24}), weight = randn({6, 3, 5, 5}), bias = randn({6});
  const Tensor g = randn({19, 6, 24, 24});
  const int threads = get_num_threads();
  const auto on = [&](int n) {
    set_num_threads(n);
    const Everything all =
        run(leaf(x, float32), leaf(weight, float32), leaf(bias, float32), g, {.padding = 2});
    set_num_threads(threads);
    return all;
  };
  const Everything one = on(1);
  for (const int n : {2, 5}) {
    const Everything many = on(n);
    BOOST_TEST(equal(many.y, one.y));
    BOOST_TEST(equal(many.dx, one.dx));
    BOOST_TEST(equal(many.dweight, one.dweight));
  }
}

// Short rows and large weights.
const Case unrolled[] = {
    {"4x4", {1, 512, 4, 4}, {512, 512, 3, 3}, {.padding = 1}},
    {"stride", {3, 256, 5, 8}, {1024, 256, 3, 2}, {.stride = 2, .padding = {1, 0}}},
    {"dilation", {2, 520, 6, 4}, {505, 520, 2, 3}, {.padding = {1, 2}, .dilation = {1, 2}}},
};

BOOST_DATA_TEST_CASE(unrolls_short_rows_in_inference, boost::unit_test::data::make(unrolled), c) {
  const Tensor x = randn(c.x), weight = randn(c.weight), bias = randn({c.weight[0]});
  const Tensor direct = conv2d(x, weight, bias, c.options);
  const no_grad guard;
  profile p;
  const Tensor y = conv2d(x, weight, bias, c.options);
  p.stop();
  const auto rows = p.rows();
  BOOST_TEST(std::any_of(rows.begin(), rows.end(), [](const profile::Row& row) {
    return row.name == "conv2d" && row.implementation.starts_with("unrolled");
  }));
  const auto exact = [](const Tensor& t) { return t.to(float64); };
  BOOST_TEST(relative_error(y, conv2d(exact(x), exact(weight), exact(bias), c.options)) < 1e-5);
  BOOST_TEST(relative_error(y, direct) < 1e-5);
}

BOOST_DATA_TEST_CASE(takes_any_strides,
                     boost::unit_test::data::make({float32, float64, bfloat16, float16}), dtype) {
  const Tensor x = randn({2, 5, 6, 7}, dtype), weight = randn({4, 5, 3, 2}, dtype),
               bias = randn({4}, dtype);
  const Tensor expected = conv2d(x, weight, bias, {.padding = 1});
  const Tensor images[] = {x.contiguous(MemoryFormat::channels_last),
                           x.transpose(2, 3).contiguous().transpose(2, 3),
                           cat({x, x}, 3).narrow(3, 7, 7), cat({x, x}, 1).narrow(1, 5, 5)};
  const Tensor filters[] = {weight.contiguous(MemoryFormat::channels_last),
                            weight.permute({3, 2, 1, 0}).contiguous().permute({3, 2, 1, 0}),
                            cat({weight, weight}, 1).narrow(1, 5, 5)};
  const Tensor wide_bias = stack({bias, bias}, 1).select(1, 1);
  for (const Tensor& image : images)
    for (const Tensor& filter : filters)
      BOOST_TEST(relative_error(conv2d(image, filter, wide_bias, {.padding = 1}), expected) < 1e-6);

  const Tensor flat = randn({1, 5, 1, 1}, dtype).expand({4, 5, 3, 2});
  BOOST_TEST(relative_error(conv2d(x, flat), conv2d(x, flat.contiguous())) < 1e-6);
}

BOOST_AUTO_TEST_CASE(convolves_one_image_and_an_empty_batch) {
  const Tensor x = randn({3, 6, 5}).requires_grad_(), weight = randn({4, 3, 3, 3}).requires_grad_(),
               bias = randn({4}).requires_grad_();
  const Tensor y = conv2d(x, weight, bias);
  BOOST_TEST((y.shape() == Shape{4, 4, 3}));
  BOOST_TEST(relative_error(y, conv2d(x.unsqueeze(0), weight, bias)[0]) == 0);

  for (const DType dtype : test::floating_dtypes) {
    const Tensor none = zeros({0, 3, 6, 5}, dtype).requires_grad_();
    const Everything empty =
        run(none, leaf(weight, dtype), leaf(bias, dtype), zeros({0, 4, 4, 3}, dtype), {});
    BOOST_TEST((empty.y.shape() == Shape{0, 4, 4, 3}));
    BOOST_TEST((empty.dx.shape() == Shape{0, 3, 6, 5}));
    BOOST_TEST(empty.dweight.abs().sum().item<double>() == 0);
    BOOST_TEST(empty.dbias.abs().sum().item<double>() == 0);
  }
}

// Kept from the second call on: in training, where each step changes the weights, they would only
// take memory.
BOOST_AUTO_TEST_CASE(keeps_packed_weights_that_do_not_change) {
  const no_grad guard;
  const Tensor x = randn({1, 32, 8, 8});
  Tensor weight = randn({32, 32, 3, 3});
  const auto packs = [] { return onednn::cache_stats().packs; };
  const int64_t memory = memory_stats().current, result = 32 * 6 * 6 * 4;
  const Tensor before = conv2d(x, weight);
  BOOST_TEST(memory_stats().current < memory + result + (8 << 10));
  BOOST_TEST(relative_error(conv2d(x, weight), before) == 0);
  const int64_t packed = packs();
  BOOST_TEST(relative_error(conv2d(x, weight), before) == 0);
  BOOST_TEST(packs() == packed);

  weight.mul_(2);
  BOOST_TEST(relative_error(conv2d(x, weight), before * 2) < 1e-6);
  BOOST_TEST(packs() == packed + 1);
  // A view of other filters in the same memory, and of all in another order.
  const Tensor some = weight.narrow(0, 16, 16);
  BOOST_TEST(relative_error(conv2d(x, some), 2 * before.narrow(1, 16, 16)) < 1e-6);
  BOOST_TEST(relative_error(conv2d(x, weight.transpose(0, 1)),
                            conv2d(x, weight.transpose(0, 1).contiguous())) < 1e-6);
}

BOOST_AUTO_TEST_CASE(sees_weights_written_through_a_pointer) {
  const no_grad guard;
  const Tensor x = ones({1, 16, 4, 4});
  const Tensor weight = ones({16, 16, 1, 1});
  auto* p = weight.data<float>();
  for (const float value : {1.0f, 2.0f, 3.0f}) {
    p[0] = value;
    BOOST_TEST(conv2d(x, weight).index({0, 0, 0, 0}).item() == 15 + value);
  }
}

BOOST_AUTO_TEST_CASE(does_not_mistake_new_weights_for_old_ones) {
  const no_grad guard;
  const Tensor x = ones({1, 16, 4, 4});
  for (int i = 0; i < 10; ++i) {  // the allocator hands out the same memory again
    const Tensor weight = full({16, 16, 1, 1}, i, float32);
    BOOST_TEST(conv2d(x, weight).index({0, 0, 0, 0}).item() == 16.0 * i);
  }
}

BOOST_AUTO_TEST_CASE(makes_a_primitive_once) {
  const no_grad guard;
  const Tensor x = randn({1, 8, 5, 5}), weight = randn({8, 8, 3, 3});
  conv2d(x, weight);
  const auto before = onednn::cache_stats();
  for (int i = 0; i < 3; ++i) conv2d(randn({1, 8, 5, 5}), weight);
  BOOST_TEST(onednn::cache_stats().misses == before.misses);
  BOOST_TEST(onednn::cache_stats().hits == before.hits + 3);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong) {
  const Tensor x = randn({2, 4, 5, 5}), weight = randn({6, 4, 3, 3}), bias = randn({6});
  const auto rejects = [](const std::string& message, const Tensor& in, const Tensor& w,
                          const Tensor& b = {}, const Conv2dOptions& o = {}) {
    BOOST_CHECK_EXCEPTION(conv2d(in, w, b, o), Error, saying(message));
  };
  rejects("conv2d: the input is undefined", {}, weight);
  rejects("conv2d: the weight is undefined", x, {});
  rejects("conv2d: expected an input [N, C, H, W] or [C, H, W], got shape [3]", randn({3}), weight);
  rejects("conv2d: expected a weight [out, C / groups, kh, kw], got shape [6, 4]", x,
          randn({6, 4}));
  rejects("conv2d: expected a floating input, got bool", x.to(boolean), weight);
  rejects("conv2d: expected a weight of the input's dtype float32, got float64", x,
          weight.to(float64));
  rejects("conv2d: expected a bias of the input's dtype float32, got bfloat16", x, weight,
          bias.to(bfloat16));
  rejects("conv2d: expected a bias of shape [6], one value per filter, got [4]", x, weight,
          randn({4}));
  rejects(
      "conv2d: a weight of shape [6, 4, 3, 3] with groups = 1 takes inputs with 4 channels, got "
      "shape [2, 3, 5, 5]",
      randn({2, 3, 5, 5}), weight);
  rejects(
      "conv2d: groups = 4 has to divide the number of filters, got a weight of shape [6, 1, 3, 3]",
      x, randn({6, 1, 3, 3}), bias, {.groups = 4});
  rejects("conv2d: expected a positive number of groups, got 0", x, weight, bias, {.groups = 0});
  rejects("conv2d: expected a positive stride, got 1x0", x, weight, bias, {.stride = {1, 0}});
  rejects("conv2d: expected a positive dilation, got 0x1", x, weight, bias, {.dilation = {0, 1}});
  rejects("conv2d: expected a padding that is not negative, got -1x0", x, weight, bias,
          {.padding = {-1, 0}});
  rejects(
      "conv2d: a kernel of 3x3 with dilation 3x1 is larger than an input of 5x5 with padding 0x0",
      x, weight, bias, {.dilation = {3, 1}});
}

// A weight that is not finite never meets the zeros beyond the border on the way back.
BOOST_AUTO_TEST_CASE(infinite_weights_stay_away_from_the_border) {
  for (const DType dtype : {float32, float64}) {
    const Tensor x = ones({1, 2, 4, 4}, dtype).requires_grad_();
    Tensor w = ones({2, 2, 3, 3}, dtype);
    w.index_put_({0, 0, 0, 0}, scalar_tensor(std::numeric_limits<double>::infinity(), dtype));
    Conv2dOptions options;
    options.padding = 1;
    const Tensor y = conv2d(x, w, {}, options);
    const Tensor dx = grad({y}, {x}, {ones(y.shape(), dtype)})[0];
    BOOST_TEST(
        (dx.select(1, 0).select(-1, 3).to_vector<double>() == std::vector<double>{8, 12, 12, 8}));
    BOOST_TEST(!isnan(dx).any().item<bool>());
  }
}
