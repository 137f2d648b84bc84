#include <cmath>

#include "../check.h"
#include "../dtypes.h"
#include "layouts.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(resampling)

namespace {

using Mode = InterpolateMode;

// Each new element by itself, of one axis of a row.
std::vector<double> linear_by_hand(const std::vector<double>& x, int64_t to, bool align) {
  std::vector<double> y;
  const auto n = static_cast<double>(x.size());
  for (int64_t i = 0; i < to; ++i) {
    const auto at = static_cast<double>(i), size = static_cast<double>(to);
    double place = align ? at * (n - 1) / (size - 1) : (at + 0.5) * n / size - 0.5;
    place = std::max(place, 0.0);
    const double below = std::min(std::floor(place), n - 1), above = std::min(below + 1, n - 1);
    y.push_back(x[static_cast<size_t>(below)] * (1 - place + below) +
                x[static_cast<size_t>(above)] * (place - below));
  }
  return y;
}

const std::vector<InterpolateOptions> all_options = {
    {.scale_factor = {2}},
    {.scale_factor = {0.5}},
    {.size = {37, 5}},
    {.size = {3, 71}, .mode = Mode::nearest_exact},
    {.scale_factor = {2}, .mode = Mode::bilinear},
    {.scale_factor = {0.5, 2.3}, .mode = Mode::bilinear},
    {.size = {7, 150}, .mode = Mode::bilinear, .align_corners = true},
    {.size = {31, 9}, .mode = Mode::bicubic},
    {.size = {11, 90}, .mode = Mode::bicubic, .align_corners = true},
    {.size = {5, 13}, .mode = Mode::bilinear, .antialias = true},
    {.size = {29, 40}, .mode = Mode::bicubic, .antialias = true},
    {.size = {4, 7}, .mode = Mode::lanczos, .antialias = true},
    {.size = {6, 50}, .mode = Mode::area},
};

}  // namespace

BOOST_AUTO_TEST_CASE(rows_of_all_lengths) {
  for (const int64_t from : {1, 2, 7, 16, 33, 100})
    for (const int64_t to : {2, 5, 16, 31, 64, 150})
      for (const bool align : {false, true}) {
        const Tensor x = randn({1, 1, from}, float64);
        const Tensor y =
            interpolate(x, {.size = {to}, .mode = Mode::linear, .align_corners = align});
        const auto expected = linear_by_hand(x.to_vector<double>(), to, align);
        if (from == to) continue;  // a copy
        BOOST_TEST(
            allclose(y.flatten(), from_blob(const_cast<double*>(expected.data()), {to}, float64),
                     1e-12, 1e-12),
            from << " to " << to);
      }
}

BOOST_AUTO_TEST_CASE(memory_orders_agree) {
  for (const int64_t channels : {1, 3, 5, 16, 19})
    for (const InterpolateOptions& o : all_options) {
      const Tensor x = randn({2, channels, 12, 21}, float64), leaf = x.clone().requires_grad_();
      const Tensor y = interpolate(leaf, o), g = randn(y.shape(), float64);
      const Tensor dx = grad({y}, {leaf}, {g})[0];
      const Tensor last = x.contiguous(MemoryFormat::channels_last).requires_grad_();
      const Tensor y_last = interpolate(last, o);
      BOOST_TEST(y_last.is_contiguous(MemoryFormat::channels_last));
      BOOST_TEST(allclose(y_last, y, 1e-12, 1e-12));
      BOOST_TEST(allclose(grad({y_last}, {last}, {g})[0], dx, 1e-12, 1e-12));
      const Tensor turned = x.transpose(2, 3).contiguous().transpose(2, 3);
      BOOST_TEST(allclose(interpolate(turned, o), y, 1e-12, 1e-12));
    }
}

BOOST_AUTO_TEST_CASE(gradient_is_the_adjoint) {
  for (const InterpolateOptions& o : all_options) {
    const Tensor x = randn({2, 3, 12, 21}, float64).requires_grad_();
    const Tensor y = interpolate(x, o), g = randn(y.shape(), float64);
    const double there = (y * g).sum().item<double>();
    const double back = (grad({y}, {x}, {g})[0] * x).sum().item<double>();
    BOOST_TEST(std::abs(there - back) < 1e-10 * (1 + std::abs(there)));
  }
}

BOOST_AUTO_TEST_CASE(narrower_types) {
  for (const InterpolateOptions& o : all_options)
    for (const DType dtype : {float32, bfloat16, float16}) {
      const Tensor x = randn({2, 3, 12, 21}, float64).to(dtype).to(float64);
      const double eps = dtype == float32 ? 1e-6 : dtype == float16 ? 1e-3 : 8e-3;
      const Tensor exact = x.clone().requires_grad_(), rounded = x.to(dtype).requires_grad_();
      const Tensor y = interpolate(exact, o), z = interpolate(rounded, o);
      BOOST_TEST(z.dtype() == dtype);
      BOOST_TEST(relative_error(z, y) < eps);
      const Tensor g = randn(y.shape(), float64).to(dtype);
      BOOST_TEST(relative_error(grad({z}, {rounded}, {g})[0],
                                grad({y}, {exact}, {g.to(float64)})[0]) < eps);
    }
}

BOOST_AUTO_TEST_CASE(threads_agree) {
  for (const InterpolateOptions& o : all_options) {
    const Tensor x = randn({3, 16, 60, 70}).requires_grad_();
    const auto run = [&](int threads) {
      set_num_threads(threads);
      const Tensor y = interpolate(x, o);
      return std::pair{y.detach(), grad({y}, {x}, {y.detach()})[0]};
    };
    const auto one = run(1), two = run(2);
    BOOST_TEST(equal(one.first, two.first));
    BOOST_TEST(equal(one.second, two.second));
  }
}

BOOST_AUTO_TEST_CASE(infinities_stay_where_they_are) {
  Tensor x = zeros({1, 1, 4, 64});
  x.index_put_({0, 0, 1, 30}, scalar_tensor(INFINITY));
  const Tensor y = interpolate(x, {.size = {7, 128}, .mode = Mode::bicubic});
  BOOST_TEST(isfinite(y.slice(3, 0, 56)).all().item<bool>());
  BOOST_TEST(isfinite(y.slice(3, 68)).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(interpolate_refuses) {
  const Tensor x = randn({1, 2, 4, 4});
  const auto refuses = [](const Tensor& t, const InterpolateOptions& o, const char* text) {
    BOOST_CHECK_EXCEPTION(interpolate(t, o), Error, saying(text));
  };
  refuses(Tensor(), {.size = {2}}, "interpolate");
  refuses(x, {}, "interpolate: expected either a size or a scale_factor");
  refuses(x, {.size = {1, 2, 3}}, "interpolate: expected one number or 2 in size, got 3");
  refuses(x, {.size = {2}, .mode = Mode::linear},
          "interpolate: linear takes an input of 3 dimensions, got shape [1, 2, 4, 4]");
  refuses(x, {.size = {0}},
          "interpolate: expected sizes from 1 to 2^31 - 1, got 0 for dimension 2");
  refuses(x, {.scale_factor = {NAN}}, "got 0 for dimension 2");
  refuses(x, {.scale_factor = {1e30}}, "interpolate: expected sizes from 1 to 2^31 - 1");
  refuses(x, {.size = {1 << 30}}, "interpolate: out of memory");
  refuses(x.to(int64), {.size = {2}}, "interpolate: nearest does not take int64");
  refuses(x.to(uint8), {.size = {2}, .mode = Mode::area}, "interpolate: area does not take uint8");
  refuses(x, {.size = {2}, .mode = Mode::lanczos}, "interpolate: lanczos takes antialias only");
}

BOOST_AUTO_TEST_CASE(shuffles_of_all_types_and_orders) {
  for (const DType dtype : test::all_dtypes)
    for (const int64_t factor : {1, 2, 3, 4, 5}) {
      const int64_t f2 = factor * factor;
      const Tensor x = arange(2 * 3 * f2 * 2 * 5).view({2, 3 * f2, 2, 5}).to(dtype);
      const Tensor expected = x.view({2, 3, factor, factor, 2, 5})
                                  .permute({0, 1, 4, 2, 5, 3})
                                  .reshape({2, 3, 2 * factor, 5 * factor});
      for (const Tensor& t : {x, x.contiguous(MemoryFormat::channels_last)}) {
        const Tensor y = pixel_shuffle(t, factor);
        BOOST_TEST((y.shape() == expected.shape()));
        BOOST_TEST(y.to_vector<double>() == expected.to_vector<double>(), per_element());
        BOOST_TEST(pixel_unshuffle(y, factor).to_vector<double>() == x.to_vector<double>(),
                   per_element());
      }
    }
  const Tensor x = randn({2, 6, 3, 2}).contiguous(MemoryFormat::channels_last);
  const Tensor y = channel_shuffle(x, 2);
  BOOST_TEST(y.is_contiguous(MemoryFormat::channels_last));
  BOOST_TEST(equal(y, x.index_select(1, from<int64_t>({0, 3, 1, 4, 2, 5}))));
}

BOOST_AUTO_TEST_CASE(shuffles_refuse) {
  BOOST_CHECK_EXCEPTION(pixel_shuffle(zeros({1, 6, 2, 2}), 2), ShapeError,
                        saying("pixel_shuffle: the square of upscale_factor (2) must divide the "
                               "channels of the input [1, 6, 2, 2]"));
  BOOST_CHECK_EXCEPTION(
      pixel_unshuffle(zeros({1, 1, 3, 2}), 2), ShapeError,
      saying("pixel_unshuffle: downscale_factor (2) must divide height and width"));
  BOOST_CHECK_EXCEPTION(pixel_shuffle(zeros({1, 4, 2, 2}), -1), Error,
                        saying("pixel_shuffle: expected an upscale_factor of at least 1"));
  BOOST_CHECK_EXCEPTION(channel_shuffle(zeros({1, 4, 2}), 3), ShapeError,
                        saying("channel_shuffle: groups (3) must divide the channels"));
}

BOOST_AUTO_TEST_CASE(samples_in_all_orders_and_types) {
  for (const GridSampleMode mode :
       {GridSampleMode::bilinear, GridSampleMode::nearest, GridSampleMode::bicubic})
    for (const int64_t channels : {1, 5, 20}) {
      const Tensor x = randn({2, channels, 7, 9}, float64);
      const Tensor points = rand({2, 11, 13, 2}, float64) * 2.4 - 1.2;
      const auto run = [&](const Tensor& image, DType dtype) {
        const Tensor a = image.to(dtype).requires_grad_();
        const Tensor b = points.to(dtype).requires_grad_();
        const Tensor y = grid_sample(a, b, {.mode = mode});
        std::vector<Tensor> all = grad({y.to(float64).square().sum()}, {a, b});
        all.push_back(y.detach());
        return all;
      };
      const auto exact = run(x, float64);
      const auto last = run(x.contiguous(MemoryFormat::channels_last), float64);
      const auto single = run(x, float32);
      for (size_t i = 0; i < exact.size(); ++i) {
        BOOST_TEST(allclose(last[i], exact[i], 1e-11, 1e-11));
        if (mode != GridSampleMode::nearest)
          BOOST_TEST((exact[i].numel() == 0 || relative_error(single[i], exact[i]) < 1e-3));
      }
    }
}

BOOST_AUTO_TEST_CASE(identity_grid_gives_the_image) {
  const Tensor x = randn({2, 3, 4, 5}, float64), volume = randn({1, 2, 3, 2, 4}, float64);
  for (const bool align : {false, true}) {
    const Tensor theta = eye(3, float64).slice(0, 0, 2).unsqueeze(0).expand({2, 2, 3});
    const Tensor grid = affine_grid(theta, x.shape(), align);
    BOOST_TEST(allclose(grid_sample(x, grid, {.align_corners = align}), x, 1e-12, 1e-12));
    const Tensor theta3 = eye(4, float64).slice(0, 0, 3).unsqueeze(0);
    const Tensor grid3 = affine_grid(theta3, volume.shape(), align);
    BOOST_TEST(
        allclose(grid_sample(volume, grid3, {.align_corners = align}), volume, 1e-12, 1e-12));
  }
}

BOOST_AUTO_TEST_CASE(points_far_away) {
  const Tensor x = ones({1, 1, 2, 2}, float64);
  const Tensor grid = from<double>({1e300, -1e300, 1e18, 3}).view({1, 1, 2, 2});
  BOOST_TEST((grid_sample(x, grid) == 0).all().item<bool>());
  for (const GridSamplePadding padding : {GridSamplePadding::border, GridSamplePadding::reflection})
    BOOST_TEST(
        allclose(grid_sample(x, grid, {.padding_mode = padding}), ones({1, 1, 1, 2}, float64)));
}

BOOST_AUTO_TEST_CASE(grid_sample_refuses) {
  const Tensor x = zeros({1, 1, 2, 2}), grid = zeros({1, 1, 1, 2});
  BOOST_CHECK_EXCEPTION(grid_sample(x, grid.to(float64)), DTypeError,
                        saying("grid_sample: expected an input and a grid of one floating dtype, "
                               "got float32 and float64"));
  BOOST_CHECK_EXCEPTION(grid_sample(x, zeros({1, 1, 1, 3})), ShapeError,
                        saying("grid_sample: expected an input [N, C, H, W] and a grid"));
  BOOST_CHECK_EXCEPTION(grid_sample(x, zeros({2, 1, 1, 2})), ShapeError,
                        saying("grid_sample: expected as many grids as images"));
  BOOST_CHECK_EXCEPTION(affine_grid(zeros({1, 2, 3}), {1, 1, 0, 2}), ShapeError,
                        saying("affine_grid: expected a size greater than 0"));
  BOOST_CHECK_EXCEPTION(affine_grid(zeros({1, 2, 2}), {1, 1, 2, 2}), ShapeError,
                        saying("affine_grid: expected a theta [1, 2, 3]"));
}

BOOST_AUTO_TEST_SUITE_END()
