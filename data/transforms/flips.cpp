#include <rewind/data/transforms/flips.h>

#include <rewind/data/transforms/image_planes.h>
#include <rewind/ops/rearranging.h>

namespace rw::data::transforms::functional {

Tensor hflip(const Tensor& x) {
  detail::check_image("hflip", x);
  return flip(detail::off_tape(x), {-1});
}

Tensor vflip(const Tensor& x) {
  detail::check_image("vflip", x);
  return flip(detail::off_tape(x), {-2});
}

}  // namespace rw::data::transforms::functional
