// The long functions of two operands, apart from the others to compile beside them.

#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>

#define REWIND_BINARY_OPS <rewind/kernels/pointwise/special_binary_ops.inc>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/special_binary_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

// The functions come first, for the loops to find them.
#include <rewind/kernels/pointwise/special-inl.h>

#include <rewind/kernels/pointwise/binary-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

BinaryRun FindSpecialBinary(BinaryOp op, DType dtype) {
  return find_binary(static_cast<int>(op) - ordinary_binary_ops, dtype);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindSpecialBinary);

BinaryRun special_run(BinaryOp op, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(FindSpecialBinary)(op, dtype);
}

}  // namespace rw::kernels
#endif
