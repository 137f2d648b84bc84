#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::kernels {

enum class UnaryOp : uint8_t {
  neg,
  abs,
  sign,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  floor,
  ceil,
  round,
  tanh,
  sigmoid,
  relu,
  leaky_relu,  // parameter: slope
  silu,
  gelu,       // x Phi(x)
  gelu_tanh,  // its tanh approximation
  softplus,   // parameters: beta, threshold
  erf,
  clamp,  // parameters: min, max
  pow,    // parameter: exponent
};

enum class BinaryOp : uint8_t {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  pow,
  // Gradients in one pass: the first operand is the output's gradient, the second the op's result
  // (relu, tanh, sigmoid) or its input (the others).
  relu_grad,
  tanh_grad,
  sigmoid_grad,
  leaky_relu_grad,
  silu_grad,
  gelu_grad,
  gelu_tanh_grad,
  softplus_grad,
  clamp_grad,
  abs_grad,
};

enum class CompareOp : uint8_t { eq, ne, lt, le, gt, ge };

struct Parameters {
  double a = 0, b = 0;
};

/// Memory of one operand: element strides, 0 where it is broadcast.
struct Operand {
  void* data;
  Strides strides;
};

/// y = op(x). x and y are of `dtype`; integers allow neg, abs, sign, square, relu and clamp, and
/// wrap around on overflow. Others of them, and any of bool, throw.
void unary(UnaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& x,
           const Operand& y);
/// y = op(a, b), all of `dtype`; integers and bool allow add, sub, mul, maximum, minimum and pow,
/// others throw. Integers wrap around on overflow.
void binary(BinaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
            const Operand& b, const Operand& y);
/// y (bool) = a op b, both of `dtype`.
void compare(CompareOp op, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
             const Operand& y);
/// y = mask ? a : b; a, b and y of `dtype`.
void where(DType dtype, const Shape& shape, const Operand& mask, const Operand& a, const Operand& b,
           const Operand& y);
/// y = x, converted from `from` to `to`: floating to integer by number_cast.
void copy(DType from, DType to, const Shape& shape, const Operand& x, const Operand& y);
void fill(DType dtype, const Shape& shape, Scalar value, const Operand& y);

}  // namespace rw::kernels
