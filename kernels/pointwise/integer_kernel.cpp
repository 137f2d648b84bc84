#include <rewind/kernels/pointwise/integer_kernel.h>

#include <cmath>
#include <type_traits>

#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/loop.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

template <class T>
T remainder(T a, T b) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    return BFloat16(remainder<float>(a, b));
  } else {
    T rest;
    if constexpr (std::is_floating_point_v<T>)
      rest = std::fmod(a, b);
    else if (std::is_signed_v<T> && b == static_cast<T>(-1))
      return 0;  // the quotient of the least integer does not fit
    else
      rest = static_cast<T>(a % b);
    return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
  }
}

template <class T, class F>
void each(const Shape& shape, const Operand& a, const Operand& b, const Operand& y, F f) {
  Loop<3>(shape, {{&a.strides, &b.strides, &y.strides}})
      .run([&](auto offset, int64_t n, auto step) {
        const T* pa = at<const T>(a, offset[0]);
        const T* pb = at<const T>(b, offset[1]);
        T* py = at<T>(y, offset[2]);
        for (int64_t i = 0; i < n; ++i)
          py[i * step[2]] = static_cast<T>(f(pa[i * step[0]], pb[i * step[1]]));
      });
}

}  // namespace

void integer(IntegerOp op, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
             const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    if constexpr (!std::is_same_v<T, bool>)
      if (op == IntegerOp::remainder) return each<T>(shape, a, b, y, remainder<T>);
    if constexpr (std::is_integral_v<T>) {
      if (op == IntegerOp::bit_and) each<T>(shape, a, b, y, [](T u, T v) { return u & v; });
      if (op == IntegerOp::bit_or) each<T>(shape, a, b, y, [](T u, T v) { return u | v; });
      if (op == IntegerOp::bit_xor) each<T>(shape, a, b, y, [](T u, T v) { return u ^ v; });
    }
  });
}

}  // namespace rw::kernels
