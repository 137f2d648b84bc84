#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/size_runs.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/reduce/fold_runs-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

FoldRuns FindSize(Fold fold, DType dtype) {
  return find_among<Fold::sum_numbers, Fold::sum_abs, Fold::max_abs, Fold::min_abs>(fold, dtype);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindSize);

FoldRuns size_runs(Fold fold, DType dtype) { return HWY_DYNAMIC_DISPATCH(FindSize)(fold, dtype); }

}  // namespace rw::kernels
#endif
