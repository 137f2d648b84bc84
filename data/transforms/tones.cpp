#include <rewind/data/transforms/tones.h>

#include <algorithm>

#include <rewind/data/transforms/byte_table.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/data/transforms/scaling.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>

namespace rw::data::transforms {

using detail::ByteTable;

namespace {

void check_bits(const char* op, int64_t bits) {
  check(0 <= bits && bits <= 8, "{}: expected bits from 0 to 8, got {}", op, bits);
}

// Pillow's table, ImageOps.equalize: the sum of what is darker, in steps of which 255 hold all
// pixels but those of the greatest number.
ByteTable equalizing_table(int64_t pixels, const uint8_t* bytes) {
  std::array<int64_t, 256> counts{};
  for (int64_t i = 0; i < pixels; ++i) ++counts[bytes[i]];
  size_t greatest = 255;
  while (counts[greatest] == 0) --greatest;
  const int64_t step = (pixels - counts[greatest]) / 255;
  if (step == 0) return detail::table_of([](uint8_t byte) { return byte; });
  int64_t sum = step / 2;
  return detail::table_of([&](uint8_t byte) {
    const int64_t level = std::min<int64_t>(sum / step, 255);
    sum += counts[byte];
    return static_cast<uint8_t>(level);
  });
}

ByteTable stretching_table(int64_t pixels, const uint8_t* bytes) {
  const auto [least, greatest] = std::minmax_element(bytes, bytes + pixels);
  if (*least == *greatest) return detail::table_of([](uint8_t byte) { return byte; });
  const float low = *least;
  const float scale = static_cast<float>(*greatest - *least) * static_cast<float>(1.0 / 255);
  return detail::table_of([&](uint8_t byte) {
    return static_cast<uint8_t>(std::clamp((static_cast<float>(byte) - low) / scale, 0.0f, 255.0f));
  });
}

}  // namespace

namespace functional {

Tensor invert(const Tensor& x) {
  detail::check_pixels("invert", x);
  const no_grad guard;
  if (x.dtype() == uint8)
    return detail::by_table(x, [](uint8_t byte) { return static_cast<uint8_t>(255 - byte); });
  return 1 - x;
}

Tensor posterize(const Tensor& x, int64_t bits) {
  detail::check_pixels("posterize", x);
  check_bits("posterize", bits);
  const no_grad guard;
  const int levels = 1 << bits;
  if (x.dtype() == uint8)
    return detail::by_table(
        x, [&](uint8_t byte) { return static_cast<uint8_t>(byte & (levels - 1) << (8 - bits)); });
  return x.mul(levels).floor().clamp(0, levels - 1).mul(1.0 / levels);
}

Tensor solarize(const Tensor& x, double threshold) {
  detail::check_pixels("solarize", x);
  check(threshold <= detail::greatest_of(x.dtype()),
        "solarize: expected a threshold of at most {}, the greatest number of {}, got {}",
        detail::greatest_of(x.dtype()), x.dtype(), threshold);
  const no_grad guard;
  if (x.dtype() == uint8)
    return detail::by_table(x, [&](uint8_t byte) {
      return static_cast<uint8_t>(byte >= threshold ? 255 - byte : byte);
    });
  return where(x.ge(threshold), 1 - x, x);
}

Tensor autocontrast(const Tensor& x) {
  detail::check_colors("autocontrast", x);
  if (x.numel() == 0) return detail::off_tape(x);
  const no_grad guard;
  if (x.dtype() == uint8) return detail::planes_by_tables(x, stretching_table);
  const Tensor least = amin(x, {-2, -1}, true), range = amax(x, {-2, -1}, true) - least;
  const Tensor flat = range.eq(0);
  return ((x - least.masked_fill(flat, 0)) / range.masked_fill(flat, 1)).clamp(0, 1);
}

Tensor equalize(const Tensor& x) {
  detail::check_pixels("equalize", x);
  if (x.numel() == 0) return detail::off_tape(x);
  return to_dtype(detail::planes_by_tables(to_dtype(x, uint8, true), equalizing_table), x.dtype(),
                  true);
}

}  // namespace functional

RandomPosterize::RandomPosterize(int64_t bits, double p) : bits_(bits), p_("RandomPosterize", p) {
  check_bits("RandomPosterize", bits);
}

RandomSolarize::RandomSolarize(double threshold, double p)
    : threshold_(threshold), p_("RandomSolarize", p) {
  check(threshold <= 255,
        "RandomSolarize: expected a threshold of at most 255, the greatest number of uint8, got {}",
        threshold);
}

}  // namespace rw::data::transforms
