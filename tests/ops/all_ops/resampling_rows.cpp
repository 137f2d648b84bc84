#include "table.h"

namespace rw::test {
namespace {

using Mode = InterpolateMode;

Row resized(const char* name, const Tensor& x, const InterpolateOptions& options) {
  return {name, [=](In a) { return interpolate(a, options).square(); }, {x}};
}

Rows interpolations() {
  const Tensor line = normal({2, 2, 4}), plane = normal({2, 2, 3, 2}),
               space = normal({1, 2, 2, 2, 3});
  return {
      resized("interpolate", plane, {.scale_factor = {2}}),
      resized("interpolate, nearest, fewer", line, {.size = {3}}),
      resized("interpolate, nearest_exact", plane, {.size = {5, 1}, .mode = Mode::nearest_exact}),
      resized("interpolate, nearest, volume", space, {.scale_factor = {1.5, 1, 2}}),
      resized("interpolate, linear", line, {.size = {7}, .mode = Mode::linear}),
      resized("interpolate, bilinear", plane, {.size = {5, 3}, .mode = Mode::bilinear}),
      resized("interpolate, bilinear, corners", plane,
              {.scale_factor = {2}, .mode = Mode::bilinear, .align_corners = true}),
      resized("interpolate, bicubic", plane, {.size = {2, 5}, .mode = Mode::bicubic}),
      resized("interpolate, trilinear", space, {.size = {3, 3, 2}, .mode = Mode::trilinear}),
      resized("interpolate, area", plane, {.size = {2, 3}, .mode = Mode::area}),
      resized("interpolate, antialias", normal({1, 2, 5, 4}),
              {.size = {2, 3}, .mode = Mode::bicubic, .antialias = true}),
  };
}

Rows shuffles() {
  const Tensor many = normal({2, 4, 2, 3}), large = normal({1, 2, 4, 2});
  return {
      {"pixel_shuffle", [](In a) { return pixel_shuffle(a, 2).square(); }, {many}},
      {"pixel_unshuffle", [](In a) { return pixel_unshuffle(a, 2).square(); }, {large}},
      {"channel_shuffle", [](In a) { return channel_shuffle(a, 2).square(); }, {many}},
  };
}

Row sampled(const char* name, const Tensor& x, const Tensor& grid,
            const GridSampleOptions& options) {
  return {
      name, [=](In a, In g) { return grid_sample(a, g, options).square(); }, {x, grid}, Ties::kink};
}

Rows samples() {
  // Points beside the places where a sample has a kink.
  const Tensor x = normal({1, 2, 3, 3}), volume = normal({1, 2, 2, 3, 2});
  const Tensor grid = distinct({1, 2, 2, 2}).detach().mul(0.31).requires_grad_();
  const Tensor points = distinct({1, 1, 2, 2, 3}).detach().mul(0.29).requires_grad_();
  using enum GridSampleMode;
  using enum GridSamplePadding;
  return {
      sampled("grid_sample", x, grid, {}),
      sampled("grid_sample, border", x, grid, {.padding_mode = border, .align_corners = true}),
      sampled("grid_sample, nearest", x, grid, {.mode = nearest}),
      sampled("grid_sample, bicubic", x, grid, {.mode = bicubic, .padding_mode = reflection}),
      sampled("grid_sample, volume", volume, points, {}),
      {"affine_grid",
       [](In t) {
         return affine_grid(t, {2, 1, 2, 3}).square();
       },
       {normal({2, 2, 3})}},
      {"affine_grid, volume",
       [](In t) {
         return affine_grid(t, {1, 1, 2, 2, 2}, true).square();
       },
       {normal({1, 3, 4})}},
  };
}

}  // namespace

static Rows resampling_rows() {
  Rows all = interpolations();
  for (const Rows& rows : {shuffles(), samples()}) all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

static const Family resampling_family(resampling_rows);

}  // namespace rw::test
