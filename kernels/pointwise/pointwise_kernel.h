#pragma once

#include <cstdint>

#include <rewind/kernels/operand.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

// One for each line of the lists.
enum class UnaryOp : uint8_t {
#define REWIND_OP(name, ...) name,
#include <rewind/kernels/pointwise/unary_ops.inc>
#define REWIND_OP(name, ...) name,
#include <rewind/kernels/pointwise/special_unary_ops.inc>
};
enum class BinaryOp : uint8_t {
#define REWIND_OP(name, ...) name,
#define REWIND_OP_OF_BITS(name, ...) name,
#include <rewind/kernels/pointwise/binary_ops.inc>
#define REWIND_OP(name, ...) name,
#define REWIND_OP_OF_BITS(name, ...) name,
#include <rewind/kernels/pointwise/special_binary_ops.inc>
};
enum class TernaryOp : uint8_t {
#define REWIND_OP(name, ...) name,
#include <rewind/kernels/pointwise/ternary_ops.inc>
};

/// How many ops the lists have that are not the special ones.
inline constexpr int ordinary_unary_ops = 0
#define REWIND_OP(name, ...) +1
#include <rewind/kernels/pointwise/unary_ops.inc>
    ;
inline constexpr int ordinary_binary_ops = 0
#define REWIND_OP(name, ...) +1
#define REWIND_OP_OF_BITS(name, ...) +1
#include <rewind/kernels/pointwise/binary_ops.inc>
    ;
constexpr bool is_special(UnaryOp op) { return static_cast<int>(op) >= ordinary_unary_ops; }
constexpr bool is_special(BinaryOp op) { return static_cast<int>(op) >= ordinary_binary_ops; }

/// Whether an op takes many times as long as to read and write.
constexpr bool is_long(UnaryOp op) {
  constexpr bool answers[] = {
#define REWIND_OP(name, ...) false,
#define REWIND_LONG_OP(name, ...) true,
#include <rewind/kernels/pointwise/unary_ops.inc>
#define REWIND_OP(name, ...) false,
#define REWIND_LONG_OP(name, ...) true,
#include <rewind/kernels/pointwise/special_unary_ops.inc>
  };
  return answers[static_cast<int>(op)];
}
constexpr bool is_long(BinaryOp op) {
  constexpr bool answers[] = {
#define REWIND_OP(name, ...) false,
#define REWIND_LONG_OP(name, ...) true,
#define REWIND_OP_OF_BITS(name, ...) false,
#include <rewind/kernels/pointwise/binary_ops.inc>
#define REWIND_OP(name, ...) false,
#define REWIND_LONG_OP(name, ...) true,
#define REWIND_OP_OF_BITS(name, ...) false,
#include <rewind/kernels/pointwise/special_binary_ops.inc>
  };
  return answers[static_cast<int>(op)];
}

/// Whether integers are divided by the second operand, which is not 0 then.
constexpr bool is_division(BinaryOp op) {
  return op == BinaryOp::remainder || op == BinaryOp::fmod || op == BinaryOp::floor_divide ||
         op == BinaryOp::trunc_divide;
}

/// `both`, `either` and `one` (of them alone) ask whether the operands differ from zero.
enum class CompareOp : uint8_t { eq, ne, lt, le, gt, ge, both, either, one };

struct Parameters {
  double a = 0, b = 0, c = 0;
};

/// y = op(x), both of `dtype`. Integers allow what the list says, and wrap around on overflow;
/// others of them, and any of bool, throw.
void unary(UnaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& x,
           const Operand& y);
/// y = op(a, b), all of `dtype`. Integers and bool allow what the list says, and wrap around on
/// overflow; others throw.
void binary(BinaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
            const Operand& b, const Operand& y);
/// y = op(x, s) and op(s, x). The number counts in what `dtype` is computed in: float16 need not
/// hold it.
void binary(BinaryOp op, DType dtype, const Shape& shape, const Operand& x, Scalar s,
            const Operand& y);
void binary(BinaryOp op, DType dtype, const Shape& shape, Scalar s, const Operand& x,
            const Operand& y);
/// The inner loop of `binary`, for kernels that compute by rows: n elements of z from those of x
/// and y, `x_step` and `y_step` being 1, 0 for one element for all of them, or `computed` for one
/// that is there as what the dtype is computed in. Null where `binary` throws.
inline constexpr int64_t computed = -1;
using BinaryRun = void (*)(Parameters p, const char* x, int64_t x_step, const char* y,
                           int64_t y_step, char* z, int64_t n);
BinaryRun binary_run(BinaryOp op, DType dtype);

/// y = op(a, b, c), all of `dtype`. Integers allow what the list says; others of them, and bool,
/// throw.
void ternary(TernaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
             const Operand& b, const Operand& c, const Operand& y);

/// n elements of y from those of x, or from one for all of them. Null where `unary` throws.
using UnaryRun = void (*)(Parameters p, const char* x, int64_t step, char* y, int64_t n);
UnaryRun special_run(UnaryOp op, DType dtype);
BinaryRun special_run(BinaryOp op, DType dtype);

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
