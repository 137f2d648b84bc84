#include <rewind/kernels/pointwise/cross_kernel.h>

#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/loop.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

// What products and differences of T are computed in. Integers wrap around in unsigned numbers.
template <class T>
using Wide = std::conditional_t<std::is_integral_v<T>, uint64_t, Compute<T>>;

template <class T>
Wide<T> wide(T v) {
  return static_cast<Wide<T>>(v);
}

// The coordinates of a vector lie `along` apart.
template <class T>
void cross_one(const T* x, int64_t x_along, const T* y, int64_t y_along, T* z, int64_t z_along) {
  const auto x0 = wide(x[0]), x1 = wide(x[x_along]), x2 = wide(x[2 * x_along]);
  const auto y0 = wide(y[0]), y1 = wide(y[y_along]), y2 = wide(y[2 * y_along]);
  z[0] = static_cast<T>(x1 * y2 - x2 * y1);
  z[z_along] = static_cast<T>(x2 * y0 - x0 * y2);
  z[2 * z_along] = static_cast<T>(x0 * y1 - x1 * y0);
}

}  // namespace

void cross(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& y,
           const Operand& z) {
  Shape vectors = shape;
  vectors[dim] = 1;
  const int64_t x_along = x.strides[dim], y_along = y.strides[dim], z_along = z.strides[dim];
  const Loop<3> loop(vectors, {{&x.strides, &y.strides, &z.strides}});
  dispatch_among<float, double, BFloat16, Float16, int64_t, int32_t, int16_t, int8_t, uint8_t>(
      dtype, [&]<class T>() {
        loop.run(
            [&](auto offset, int64_t n, auto step) {
              const T *px = at<const T>(x, offset[0]), *py = at<const T>(y, offset[1]);
              T* pz = at<T>(z, offset[2]);
              for (int64_t i = 0; i < n; ++i)
                cross_one(px + i * step[0], x_along, py + i * step[1], y_along, pz + i * step[2],
                          z_along);
            },
            Loop<3>::grain / 4);
      });
}

}  // namespace rw::kernels
