#include <rewind/ops/layout.h>

#include <algorithm>

#include <rewind/kernels/pointwise/pointwise_kernel.h>

namespace rw::detail {

namespace {

bool has_order(const Tensor& t, const Layout& layout) {
  return strides_fit(t.shape(), t.strides(), strides_in(layout, t.shape()));
}

}  // namespace

Layout layout_of(const Tensor& t, int channel) {
  const Layout last{channel, true}, row_major{channel, false};
  if (has_order(t, last)) return last;
  if (has_order(t, row_major)) return row_major;
  return t.strides()[channel] == 1 ? last : row_major;
}

Strides strides_in(const Layout& layout, const Shape& shape) {
  if (!layout.last) return contiguous_strides(shape);
  Strides strides = shape;
  strides[layout.channel] = 1;
  int64_t step = std::max<int64_t>(shape[layout.channel], 1);
  for (int d = shape.rank() - 1; d >= 0; --d) {
    if (d == layout.channel) continue;
    strides[d] = step;
    step *= std::max<int64_t>(shape[d], 1);
  }
  return strides;
}

Tensor empty_in(const Layout& layout, const Shape& shape, DType dtype) {
  return make_tensor(shape, strides_in(layout, shape), dtype);
}

Tensor dense_in(const Layout& layout, const Tensor& t) {
  if (has_order(t, layout)) return t;
  Tensor out = empty_in(layout, t.shape(), t.dtype());
  kernels::copy(t.dtype(), t.dtype(), t.shape(), {t.raw_data(), t.strides()},
                {out.raw_data(), out.strides()});
  return out;
}

}  // namespace rw::detail
