// The long functions of one operand, apart from the others to compile beside them.

#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>

#define REWIND_UNARY_OPS <rewind/kernels/pointwise/special_unary_ops.inc>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/special_unary_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

// The functions come first, for the loops to find them.
#include <rewind/kernels/pointwise/special-inl.h>

#include <rewind/kernels/pointwise/unary-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

UnaryRun FindSpecialUnary(UnaryOp op, DType dtype) {
  return find_unary(static_cast<int>(op) - ordinary_unary_ops, dtype);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindSpecialUnary);

UnaryRun special_run(UnaryOp op, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(FindSpecialUnary)(op, dtype);
}

}  // namespace rw::kernels
#endif
