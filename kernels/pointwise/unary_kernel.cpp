#include <string>

#include <rewind/kernels/map.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/error.h>

#define REWIND_UNARY_OPS <rewind/kernels/pointwise/unary_ops.inc>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/unary_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/pointwise/unary-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

UnaryRun FindUnary(UnaryOp op, DType dtype) { return find_unary(static_cast<int>(op), dtype); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindUnary);

void unary(UnaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& x,
           const Operand& y) {
  const UnaryRun run =
      is_special(op) ? special_run(op, dtype) : HWY_DYNAMIC_DISPATCH(FindUnary)(op, dtype);
  if (!run)
    throw DTypeError("unary: op " + std::to_string(static_cast<int>(op)) + " is not defined for " +
                     name(dtype));
  const size_t bytes = itemsize(dtype);
  Map<2>(shape, {{&x, &y}}, {{bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) { run(p, at[0], step[0], at[1], n); });
}

}  // namespace rw::kernels
#endif
