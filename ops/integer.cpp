#include <rewind/autograd/autograd.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_forms.h>
#include <rewind/tensor/factories.h>

// Remainders and bits. Operators are other names of the functions.

namespace rw {

using namespace detail;

namespace {

Tensor bitwise(const char* name, BinaryOp op, const Tensor& x, const Tensor& y) {
  const profile_scope scope(name);
  check_defined(name, x, y);
  check<DTypeError>(!x.is_floating_point() && !y.is_floating_point(),
                    "{}: expected integers or bool, got {} and {}", name, x.dtype(), y.dtype());
  const DType dtype = result_type(x, y);
  return binary(name, op, x.to(dtype), y.to(dtype));
}

// floor(x / y), which is the whole number (x - remainder) / y. Its derivatives are zero, also where
// it overflows.
Tensor quotient(const Tensor& x, const Tensor& y) {
  const auto forward = [&] {
    const no_grad guard;
    return round((x - remainder(x, y)) / y);
  };
  return record("quotient", forward(), {x, y}, [](const Tensor& g, Needs) -> Grads {
    const Tensor zero = zeros_like(g);
    return {zero, zero};
  });
}

}  // namespace

// r = a - b floor(a / b).   da = g, db = -g floor(a / b)
Tensor remainder(const Tensor& x, const Tensor& y) {
  const profile_scope scope("remainder");
  check_defined("remainder", x, y);
  const DType dtype = result_type(x, y);
  check<DTypeError>(dtype != boolean, "remainder: expected numbers, got bool");
  const Tensor a = x.to(dtype), b = y.to(dtype);
  check(is_floating(dtype) || !eq(b, 0).any().item<bool>(),
        "remainder: an integer can't be divided by zero");
  return record("remainder", binary("remainder", BinaryOp::remainder, a, b), {a, b},
                [a = save(a), b = save(b)](const Tensor& g, Needs needs) -> Grads {
                  if (!needs[1]) return {g, Tensor()};
                  return {g, neg(g * quotient(a.get(), b.get()))};
                });
}
Tensor remainder(const Tensor& a, Scalar b) { return remainder(a, beside("remainder", a, b)); }
Tensor remainder(Scalar a, const Tensor& b) { return remainder(beside("remainder", b, a), b); }

Tensor bitwise_and(const Tensor& a, const Tensor& b) {
  return bitwise("bitwise_and", BinaryOp::bit_and, a, b);
}
Tensor bitwise_or(const Tensor& a, const Tensor& b) {
  return bitwise("bitwise_or", BinaryOp::bit_or, a, b);
}
Tensor bitwise_xor(const Tensor& a, const Tensor& b) {
  return bitwise("bitwise_xor", BinaryOp::bit_xor, a, b);
}
Tensor bitwise_and(const Tensor& a, Scalar b) {
  return bitwise_and(a, beside("bitwise_and", a, b));
}
Tensor bitwise_or(const Tensor& a, Scalar b) { return bitwise_or(a, beside("bitwise_or", a, b)); }
Tensor bitwise_xor(const Tensor& a, Scalar b) {
  return bitwise_xor(a, beside("bitwise_xor", a, b));
}
Tensor bitwise_not(const Tensor& x) {
  check_defined("bitwise_not", x);
  check<DTypeError>(!x.is_floating_point(), "bitwise_not: expected integers or bool, got {}",
                    x.dtype());
  if (x.dtype() == boolean) return logical_not(x);
  return bitwise_xor(x, x.dtype() == uint8 ? 255 : -1);
}

Tensor operator%(const Tensor& a, const Tensor& b) { return remainder(a, b); }
Tensor operator%(const Tensor& a, Scalar b) { return remainder(a, b); }
Tensor operator%(Scalar a, const Tensor& b) { return remainder(a, b); }
Tensor operator&(const Tensor& a, const Tensor& b) { return bitwise_and(a, b); }
Tensor operator&(const Tensor& a, Scalar b) { return bitwise_and(a, b); }
Tensor operator&(Scalar a, const Tensor& b) { return bitwise_and(b, a); }
Tensor operator|(const Tensor& a, const Tensor& b) { return bitwise_or(a, b); }
Tensor operator|(const Tensor& a, Scalar b) { return bitwise_or(a, b); }
Tensor operator|(Scalar a, const Tensor& b) { return bitwise_or(b, a); }
Tensor operator^(const Tensor& a, const Tensor& b) { return bitwise_xor(a, b); }
Tensor operator^(const Tensor& a, Scalar b) { return bitwise_xor(a, b); }
Tensor operator^(Scalar a, const Tensor& b) { return bitwise_xor(b, a); }
Tensor operator~(const Tensor& x) { return bitwise_not(x); }

}  // namespace rw
