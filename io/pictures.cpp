#include <rewind/io/pictures.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::io {

namespace {

using Range = std::pair<double, double>;

void check_range(const char* op, const std::optional<Range>& range) {
  if (!range) return;
  const auto [low, high] = *range;
  check(std::isfinite(low) && std::isfinite(high) && low <= high,
        "{}: expected a value_range of two finite numbers, the lower one first, got {} and {}", op,
        low, high);
}

// The least and the greatest finite number.
Range range_of(const Tensor& t) {
  const Tensor known = t.masked_select(t.isfinite());
  if (known.numel() == 0) return {0, 0};
  return {known.min().item<double>(), known.max().item<double>()};
}

// From 0 to 1, in float32, what goes from `low` to `high` in float64: halves of these, whose
// difference is finite. Where they are one, all that equals them is in the middle or, for grids, 0.
Tensor stretched(const Tensor& t, Range range, double middle) {
  const double low = range.first / 2, size = range.second / 2 - low;
  const Tensor inside = t.clamp(range.first, range.second);
  if (!(size > 0)) return full(t.shape(), middle, float32);
  return ((inside / 2 - low) / size).to(float32);
}

// Ten colors of matplotlib's viridis and nine of ColorBrewer's RdBu, from the low end.
constexpr uint32_t viridis[] = {0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
                                0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725};
constexpr uint32_t blue_to_red[] = {0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
                                    0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b};

template <size_t n>
Tensor table_of(const uint32_t (&colors)[n]) {
  std::vector<float> parts;
  for (const uint32_t color : colors)
    for (const int shift : {16, 8, 0})
      parts.push_back(static_cast<float>(color >> shift & 255) / 255.0f);
  return from(parts).view({static_cast<int64_t>(n), 3});
}

// The colors of numbers in [0, 1], between the entries of the table: [n, 3].
Tensor colors_of(const Tensor& shares, const Tensor& table) {
  const auto last = static_cast<double>(table.size(0) - 1);
  const Tensor place = shares * last, below = place.floor().clamp(0, last - 1);
  const Tensor index = below.to(int64), part = (place - below).unsqueeze(1);
  return table.index_select(0, index) * (1 - part) + table.index_select(0, index + 1) * part;
}

}  // namespace

Tensor make_grid(const Tensor& images, const GridOptions& o) {
  const no_grad guard;
  const bool has_channels = images.dim() == 4;
  check<ShapeError>(has_channels || images.dim() == 3,
                    "make_grid: expected images [N, C, H, W] or [N, H, W], got shape {}",
                    images.shape());
  check<DTypeError>(images.is_floating_point() || images.dtype() == uint8,
                    "make_grid: expected floating or uint8 images, got {}", images.dtype());
  check(o.nrow > 0 && o.padding >= 0,
        "make_grid: expected nrow > 0 and padding >= 0, got {} and {}", o.nrow, o.padding);
  check_range("make_grid", o.value_range);
  Tensor all = (has_channels ? images : images.unsqueeze(1)).to(o.normalize ? float64 : float32);
  if (images.dtype() == uint8) all = all / 255;
  const auto normal = [&](const Tensor& t) {
    return stretched(t, o.value_range ? *o.value_range : range_of(t), 0);
  };
  if (o.normalize && !o.scale_each) all = normal(all);

  const int64_t n = all.size(0), h = all.size(2), w = all.size(3), gap = o.padding;
  const int64_t columns = std::clamp<int64_t>(n, 1, o.nrow), rows = (n + columns - 1) / columns;
  const Tensor grid =
      full({all.size(1), rows * (h + gap) + gap, columns * (w + gap) + gap}, o.pad_value, float32);
  for (int64_t i = 0; i < n; ++i) {
    const Tensor image = o.normalize && o.scale_each ? normal(all[i]) : Tensor(all[i]);
    const int64_t y = gap + i / columns * (h + gap), x = gap + i % columns * (w + gap);
    Tensor place = grid.narrow(1, y, h).narrow(2, x, w);
    place.copy_(image);
  }
  return grid;
}

Tensor heat_map(const Tensor& t, const HeatMapOptions& o) {
  const no_grad guard;
  check<ShapeError>(t.dim() == 2, "heat_map: expected a matrix, got shape {}", t.shape());
  check_range("heat_map", o.value_range);
  check(o.scale > 0, "heat_map: expected scale > 0, got {}", o.scale);
  const Tensor numbers = t.to(float64).contiguous().flatten(), unknown = numbers.isnan();
  Range range = o.value_range ? *o.value_range : range_of(numbers);
  if (o.diverging && !o.value_range) {
    const double most = std::max(std::abs(range.first), std::abs(range.second));
    range = {-most, most};
  }
  const Tensor shares = stretched(numbers.masked_fill(unknown, 0), range, o.diverging ? 0.5 : 0);
  const Tensor table = o.diverging ? table_of(blue_to_red) : table_of(viridis);
  const Tensor grey = full({1}, 0.5, float32);
  const Tensor colors = where(unknown.unsqueeze(1), grey, colors_of(shares, table));
  const Tensor small = colors.view({t.size(0), 1, t.size(1), 1, 3});
  const Tensor large = small.expand({t.size(0), o.scale, t.size(1), o.scale, 3});
  return large.reshape({t.size(0) * o.scale, t.size(1) * o.scale, 3})
      .permute({2, 0, 1})
      .contiguous();
}

}  // namespace rw::io
