#include <rewind/io/pictures.h>

#include "../check.h"

using namespace rw;
using namespace rw::io;
using boost::test_tools::per_element;
using rw::test::saying;

BOOST_AUTO_TEST_SUITE(pictures)

BOOST_AUTO_TEST_CASE(grids) {
  const Tensor images = from<float>({1, 2, 3, 4, 5, 6}, {3, 1, 2});
  const Tensor grid = make_grid(images, {.nrow = 2, .padding = 1, .pad_value = 9});
  BOOST_TEST((grid.shape() == Shape{1, 5, 7}));
  const std::vector<float> expected = {9, 9, 9, 9, 9, 9, 9,  //
                                       9, 1, 2, 9, 3, 4, 9,  //
                                       9, 9, 9, 9, 9, 9, 9,  //
                                       9, 5, 6, 9, 9, 9, 9,  //
                                       9, 9, 9, 9, 9, 9, 9};
  BOOST_TEST(grid.to_vector() == expected, per_element());

  BOOST_TEST((make_grid(zeros({5, 3, 4, 6})).shape() == Shape{3, 8, 42}));
  BOOST_TEST((make_grid(zeros({0, 3, 4, 6})).shape() == Shape{3, 2, 10}));
  const Tensor one = make_grid(full({1, 1, 1, 1}, 255, uint8), {.padding = 0});
  BOOST_TEST(one.item() == 1);
}

BOOST_AUTO_TEST_CASE(grids_of_stretched_numbers) {
  const Tensor images = from<float>({1, 3, 5, 9}, {2, 1, 2});
  const auto values = [&](const GridOptions& options) {
    return make_grid(images, options).to_vector();
  };
  BOOST_TEST((values({.padding = 0, .normalize = true}) == std::vector<float>{0, 0.25, 0.5, 1}));
  BOOST_TEST((values({.padding = 0, .normalize = true, .scale_each = true}) ==
              std::vector<float>{0, 1, 0, 1}));
  BOOST_TEST((values({.padding = 0, .normalize = true, .value_range = {{1, 5}}}) ==
              std::vector<float>{0, 0.5, 1, 1}));
}

BOOST_AUTO_TEST_CASE(heat_maps) {
  const Tensor t = from<float>({{-1, 0, 2}});
  const Tensor ends = heat_map(t);  // the ends of viridis
  const std::vector<float> first = {0x44 / 255.0f, 0x01 / 255.0f, 0x54 / 255.0f};
  const std::vector<float> last = {0xfd / 255.0f, 0xe7 / 255.0f, 0x25 / 255.0f};
  BOOST_TEST(ends.index({Slice(), 0, 0}).to_vector() == first, per_element());
  BOOST_TEST(ends.index({Slice(), 0, 2}).to_vector() == last, per_element());

  const Tensor signs = heat_map(t, {.diverging = true, .scale = 2});
  BOOST_TEST((signs.shape() == Shape{3, 2, 6}));
  const Tensor middle = signs.index({Slice(), 1, 3});
  BOOST_TEST(middle.min().item() > 0.96);  // white at 0
  BOOST_TEST(middle.equal(signs.index({Slice(), 0, 2})));
  const Tensor below = signs.index({Slice(), 0, 0}), above = signs.index({Slice(), 0, 5});
  BOOST_TEST(below[2].item() > below[0].item());  // blue
  BOOST_TEST(above[0].item() > above[2].item());  // red
}

BOOST_AUTO_TEST_CASE(heat_maps_of_anything) {
  const Tensor strange = from({{std::nan(""), INFINITY, -INFINITY, 0.0}});
  const Tensor colors = heat_map(strange, {.value_range = {{0, 1}}});
  BOOST_TEST(colors.isfinite().all().item<bool>());
  BOOST_TEST(colors[0][0][0].item() == 0.5);  // grey
  // A NaN is no number that the scale would have to reach.
  const Tensor some = heat_map(from({{5.0, std::nan(""), 7.0}}));
  BOOST_TEST(some[0][0][0].item() == 0x44 / 255.0f);
  BOOST_TEST(some[0][0][2].item() == 0xfd / 255.0f);
  BOOST_TEST(heat_map(full({2, 2}, std::nan(""))).min().item() == 0.5);
  for (const DType dtype : {float32, float64, bfloat16, int64, uint8, boolean})
    BOOST_TEST((heat_map(ones({2, 3}, dtype)).shape() == Shape{3, 2, 3}));
  BOOST_TEST(heat_map(zeros({0, 4})).numel() == 0);
  BOOST_TEST((heat_map(rand({2, 3}).t()).shape() == Shape{3, 3, 2}));
}

BOOST_AUTO_TEST_CASE(extreme_numbers) {
  const double inf = INFINITY;
  const auto ends = [](const Tensor& t, const HeatMapOptions& o = {}) {
    const Tensor map = heat_map(t, o);
    BOOST_TEST(map.isfinite().all().item<bool>());
    return map.index({0, 0}).to_vector();
  };
  const std::vector<float> first = ends(from({{0.0, 1.0}}));
  BOOST_TEST(ends(from({{1.0, 2.0, inf, -inf}}))[0] == first[0]);
  BOOST_TEST(ends(from({{1.0, 2.0, inf, -inf}}))[2] == first[1]);
  BOOST_TEST(ends(from({{-1.7e308, 1.7e308}}, {.dtype = float64})) == first);
  ends(from({{inf, inf}}));
  ends(from({{1.0, inf}}), {.diverging = true});
  // All zeros are white.
  BOOST_TEST(heat_map(zeros({2, 2}), {.diverging = true}).min().item() > 0.96);

  const Tensor large = 1e9 + arange(4, {.dtype = float64}).view({1, 2, 2});
  const std::vector<float> thirds = {0, 1 / 3.0f, 2 / 3.0f, 1};
  BOOST_TEST(make_grid(large, {.padding = 0, .normalize = true}).to_vector() == thirds,
             boost::test_tools::tolerance(1e-6f) << per_element());
  const Tensor wide = from<float>({-3e38f, 3e38f, 0, INFINITY}, {1, 2, 2});
  const std::vector<float> expected = {0, 1, 0.5, 1};
  BOOST_TEST(make_grid(wide, {.padding = 0, .normalize = true}).to_vector() == expected,
             per_element());
  BOOST_CHECK_EXCEPTION(heat_map(zeros({2, 2}), {.value_range = {{1, 0}}}), Error,
                        saying("expected a value_range of two finite numbers"));
  BOOST_CHECK_THROW(make_grid(zeros({2, 2, 2}), {.value_range = {{0, inf}}}), Error);
}

BOOST_AUTO_TEST_CASE(whatever_the_default_dtype_is) {
  set_default_dtype(float64);
  const Tensor grid = make_grid(zeros({2, 2, 2})), map = heat_map(zeros({2, 2}));
  set_default_dtype(float32);
  BOOST_TEST((grid.dtype() == float32 && map.dtype() == float32));
}

BOOST_AUTO_TEST_CASE(refused) {
  BOOST_CHECK_EXCEPTION(make_grid(zeros({2, 2})), ShapeError,
                        saying("make_grid: expected images [N, C, H, W] or [N, H, W], got"));
  BOOST_CHECK_EXCEPTION(make_grid(zeros({2, 2, 2}, int64)), DTypeError, saying("got int64"));
  BOOST_CHECK_EXCEPTION(make_grid(zeros({2, 2, 2}), {.nrow = 0}), Error, saying("nrow > 0"));
  BOOST_CHECK_EXCEPTION(heat_map(zeros({3})), ShapeError,
                        saying("heat_map: expected a matrix, got shape [3]"));
  BOOST_CHECK_EXCEPTION(heat_map(zeros({3, 3}), {.scale = 0}), Error, saying("scale > 0"));
}

BOOST_AUTO_TEST_SUITE_END()
