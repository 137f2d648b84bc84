#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

/// Tensors as pictures, to be written by `write_png`.
namespace rw::io {

/// What make_grid takes by name.
struct GridOptions {
  int64_t nrow = 8;        ///< pictures in a row
  int64_t padding = 2;     ///< pixels between pictures and around them
  bool normalize = false;  ///< stretch numbers from `value_range` to [0, 1]
  std::optional<std::pair<double, double>> value_range =
      {};                   ///< their least and greatest, if unset
  bool scale_each = false;  ///< each picture from its own range
  double pad_value = 0;     ///< between pictures
};

/// Pictures, [N, C, H, W] or [N, H, W], floating or uint8 (which is divided by 255), side by side
/// as one, float32 [C, H', W'].
Tensor make_grid(const Tensor& images, const GridOptions& options = {});

/// What heat_map takes by name.
struct HeatMapOptions {
  /// What the ends of the scale stand for; the least and greatest number, if unset.
  std::optional<std::pair<double, double>> value_range = {};
  /// Blue below 0, white at 0, red above, for as far as the number furthest from 0. Otherwise from
  /// violet to yellow in steps that look equal (the colors of matplotlib's viridis).
  bool diverging = false;
  int64_t scale = 1;  ///< pixels along the side of each number
};

/// A matrix as colors, float32 [3, H scale, W scale]. What lies outside of the scale gets the color
/// of its end, NaN is grey.
Tensor heat_map(const Tensor& t, const HeatMapOptions& options = {});

}  // namespace rw::io

#pragma GCC visibility pop
