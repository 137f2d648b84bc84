#include <rewind/data/transforms/erasing.h>

#include <algorithm>

#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/ops/random.h>
#include <rewind/tensor/factories.h>

namespace rw::data::transforms {

using detail::channels_of;
using detail::height_of;
using detail::width_of;

Tensor functional::erase(const Tensor& x, int64_t i, int64_t j, int64_t h, int64_t w,
                         const Tensor& v) {
  detail::check_image("erase", x);
  check(v.defined(), "erase: v is undefined");
  check<ShapeError>(i >= 0 && j >= 0 && h >= 0 && w >= 0,
                    "erase: expected a place and a size of at least 0, got {}, {}, {}, {}", i, j, h,
                    w);
  const no_grad guard;
  Tensor y = x.clone();
  const int64_t top = std::min(i, height_of(x)), left = std::min(j, width_of(x));
  const int64_t rows = std::min(h, height_of(x) - top), columns = std::min(w, width_of(x) - left);
  y.narrow(-2, top, rows).narrow(-1, left, columns).copy_(v.to(x.dtype()));
  return y;
}

RandomErasing::RandomErasing(const RandomErasingOptions& options)
    : options_(options), p_("RandomErasing", options.p) {
  const auto& [low, high] = options.scale;
  check(0 <= low && low <= high && high <= 1,
        "RandomErasing: expected a scale within 0 and 1, got {} to {}", low, high);
  detail::check_positive_range("RandomErasing", "a ratio", options.ratio);
}

Tensor RandomErasing::operator()(const Tensor& x, Generator& gen) const {
  if (!p_.happens(gen)) return detail::off_tape(x);
  detail::check_image("RandomErasing", x);
  if (options_.value) detail::check_fill("RandomErasing", *options_.value, x);
  const auto height = static_cast<double>(height_of(x)), width = static_cast<double>(width_of(x));
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto [h, w] = detail::random_sides(gen, height * width, options_.scale, options_.ratio);
    if (!(h < height && w < width)) continue;
    const auto rows = static_cast<int64_t>(h), columns = static_cast<int64_t>(w);
    const Tensor v = options_.value ? from(options_.value->values).view({-1, 1, 1})
                                    : randn({channels_of(x), rows, columns}, {}, gen);
    const int64_t i = detail::integer(gen, 0, height_of(x) - rows + 1);
    const int64_t j = detail::integer(gen, 0, width_of(x) - columns + 1);
    return functional::erase(x, i, j, rows, columns, v);
  }
  return detail::off_tape(x);
}

}  // namespace rw::data::transforms
