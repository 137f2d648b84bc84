#include <cstring>
#include <string>

#include <rewind/kernels/map.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/error.h>
#include <rewind/tensor/number.h>

#define REWIND_BINARY_OPS <rewind/kernels/pointwise/binary_ops.inc>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/binary_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/pointwise/binary-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

BinaryRun FindBinary(BinaryOp op, DType dtype) { return find_binary(static_cast<int>(op), dtype); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindBinary);

BinaryRun binary_run(BinaryOp op, DType dtype) {
  return is_special(op) ? special_run(op, dtype) : HWY_DYNAMIC_DISPATCH(FindBinary)(op, dtype);
}

namespace {

BinaryRun existing_run(BinaryOp op, DType dtype) {
  const BinaryRun run = binary_run(op, dtype);
  if (!run)
    throw DTypeError("binary: op " + std::to_string(static_cast<int>(op)) + " is not defined for " +
                     name(dtype));
  return run;
}

// y = op(x, s), or op(s, x) where the number comes first.
void with_number(BinaryOp op, DType dtype, const Shape& shape, const Operand& x, Scalar s,
                 bool comes_first, const Operand& y) {
  const BinaryRun run = existing_run(op, dtype);
  alignas(8) char number[8];
  dispatch(compute_dtype(dtype), [&]<class C>() {
    const C v = detail::element<C>(s);
    std::memcpy(number, &v, sizeof v);
  });
  const size_t bytes = itemsize(dtype);
  Map<2>(shape, {{&x, &y}}, {{bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) {
        if (comes_first)
          run({}, number, computed, at[0], step[0], at[1], n);
        else
          run({}, at[0], step[0], number, computed, at[1], n);
      });
}

}  // namespace

void binary(BinaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
            const Operand& b, const Operand& y) {
  const BinaryRun run = existing_run(op, dtype);
  const size_t bytes = itemsize(dtype);
  Map<3>(shape, {{&a, &b, &y}}, {{bytes, bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) {
        run(p, at[0], step[0], at[1], step[1], at[2], n);
      });
}

void binary(BinaryOp op, DType dtype, const Shape& shape, const Operand& x, Scalar s,
            const Operand& y) {
  with_number(op, dtype, shape, x, s, false, y);
}

void binary(BinaryOp op, DType dtype, const Shape& shape, Scalar s, const Operand& x,
            const Operand& y) {
  with_number(op, dtype, shape, x, s, true, y);
}

}  // namespace rw::kernels
#endif
