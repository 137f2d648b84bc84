#include <rewind/ops/predicates.h>

#include <limits>

#include <rewind/kernels/pointwise/close_kernel.h>
#include <rewind/ops/pointwise_forms.h>

namespace rw {

using namespace detail;

Tensor logical_xor(const Tensor& a, const Tensor& b) {
  return logical("logical_xor", CompareOp::one, a, b);
}

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor compared_with_infinity(const char* name, const Tensor& x, double sign) {
  check_defined(name, x);
  if (!x.is_floating_point()) return full(x.shape(), false, boolean);
  return eq(sign == 0 ? x.detach().abs() : x, sign == 0 ? infinity : sign * infinity);
}

}  // namespace

Tensor isinf(const Tensor& x) { return compared_with_infinity("isinf", x, 0); }
Tensor isposinf(const Tensor& x) { return compared_with_infinity("isposinf", x, 1); }
Tensor isneginf(const Tensor& x) { return compared_with_infinity("isneginf", x, -1); }

// The bits of floating numbers have the sign of integers.
Tensor signbit(const Tensor& x) {
  const profile_scope scope("signbit");
  check_defined("signbit", x);
  if (!x.is_floating_point()) return lt(x, 0);
  const DType bits = x.itemsize() == 8 ? int64 : x.itemsize() == 4 ? int32 : int16;
  const Tensor y = make_tensor(x.shape(), dense_strides_like(x), boolean);
  const Tensor zero = number("signbit", 0, bits);
  kernels::compare(CompareOp::lt, bits, x.shape(), operand(x, x.shape()), operand(zero, x.shape()),
                   operand(y, x.shape()));
  return y;
}

namespace {

Tensor close(const char* op, const Tensor& x, const Tensor& y, kernels::Tolerance tolerance) {
  const profile_scope scope(op);
  check(tolerance.relative >= 0 && tolerance.absolute >= 0,
        "{}: expected tolerances of at least 0, got {} and {}", op, tolerance.relative,
        tolerance.absolute);
  const Tensor z = empty_for(op, x, y, boolean);
  kernels::close(tolerance, x.dtype(), z.shape(), operand(x, z.shape()), operand(y, z.shape()),
                 operand(z, z.shape()));
  return z;
}

}  // namespace

Tensor isclose(const Tensor& x, const Tensor& y, double rtol, double atol, bool equal_nan) {
  check_defined("isclose", x, y);
  check<DTypeError>(x.dtype() == y.dtype(), "isclose: expected tensors of one dtype, got {} and {}",
                    x.dtype(), y.dtype());
  return close("isclose", x, y, {rtol, atol, equal_nan});
}

bool allclose(const Tensor& x, const Tensor& y, double rtol, double atol, bool equal_nan) {
  check_defined("allclose", x, y);
  if (x.shape() != y.shape() || x.dtype() != y.dtype()) return false;
  return close("allclose", x, y, {rtol, atol, equal_nan}).all().item<bool>();
}

}  // namespace rw
