#include <rewind/data/transforms/flips.h>

#include <cstring>

#include <rewind/data/transforms/image_planes.h>
#include <rewind/kernels/images/image_kernel.h>

namespace rw::data::transforms::functional {

Tensor hflip(const Tensor& x) {
  detail::check_image("hflip", x);
  const detail::Planes from = detail::planes_of(x);
  const Tensor y = rw::detail::make_tensor(x.shape(), x.dtype());
  auto* to = static_cast<std::byte*>(y.raw_data());
  const auto plane = static_cast<int64_t>(x.itemsize()) * from.height * from.width;
  for (int64_t p = 0; p < from.count; ++p)
    kernels::reverse_rows(x.itemsize(), from.height, from.width, from.row(p, 0), from.row_step,
                          to + p * plane);
  return y;
}

Tensor vflip(const Tensor& x) {
  detail::check_image("vflip", x);
  const detail::Planes from = detail::planes_of(x);
  const Tensor y = rw::detail::make_tensor(x.shape(), x.dtype());
  auto* to = static_cast<std::byte*>(y.raw_data());
  const size_t row = x.itemsize() * static_cast<size_t>(from.width);
  for (int64_t p = 0; p < from.count; ++p)
    for (int64_t r = from.height - 1; r >= 0; --r, to += row) std::memcpy(to, from.row(p, r), row);
  return y;
}

}  // namespace rw::data::transforms::functional
