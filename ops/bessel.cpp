#include <rewind/ops/bessel.h>

#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/profile.h>

namespace rw::special {

using namespace rw::detail;

namespace {

Tensor off_the_tape(const char* name, UnaryOp op, const Tensor& input, Parameters p = {}) {
  const profile_scope scope(name);
  const no_grad guard;
  return unary(op, as_floating(name, input).detach(), p);
}

Tensor of_second_kind(const char* name, const Tensor& x, double order, bool scaled) {
  return off_the_tape(name, UnaryOp::bessel_k, x, {order, scaled ? 1.0 : 0.0});
}

}  // namespace

Tensor bessel_j0(const Tensor& x) { return off_the_tape("bessel_j0", UnaryOp::bessel_j0, x); }
Tensor bessel_j1(const Tensor& x) { return off_the_tape("bessel_j1", UnaryOp::bessel_j1, x); }
Tensor bessel_y0(const Tensor& x) { return off_the_tape("bessel_y0", UnaryOp::bessel_y0, x); }
Tensor bessel_y1(const Tensor& x) { return off_the_tape("bessel_y1", UnaryOp::bessel_y1, x); }
Tensor modified_bessel_i0(const Tensor& x) {
  return off_the_tape("modified_bessel_i0", UnaryOp::i0, x);
}
Tensor modified_bessel_i1(const Tensor& x) {
  return off_the_tape("modified_bessel_i1", UnaryOp::i1, x);
}
Tensor modified_bessel_k0(const Tensor& x) {
  return of_second_kind("modified_bessel_k0", x, 0, false);
}
Tensor modified_bessel_k1(const Tensor& x) {
  return of_second_kind("modified_bessel_k1", x, 1, false);
}
Tensor scaled_modified_bessel_k0(const Tensor& x) {
  return of_second_kind("scaled_modified_bessel_k0", x, 0, true);
}
Tensor scaled_modified_bessel_k1(const Tensor& x) {
  return of_second_kind("scaled_modified_bessel_k1", x, 1, true);
}
Tensor airy_ai(const Tensor& x) { return off_the_tape("airy_ai", UnaryOp::airy_ai, x); }
Tensor spherical_bessel_j0(const Tensor& x) {
  return off_the_tape("spherical_bessel_j0", UnaryOp::spherical_bessel_j0, x);
}

}  // namespace rw::special
