#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/choice_runs.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/reduce/fold_runs-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

FoldRuns FindChoice(Fold fold, DType dtype) {
  return find_among<Fold::max, Fold::min, Fold::any, Fold::all>(fold, dtype);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindChoice);

FoldRuns choice_runs(Fold fold, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(FindChoice)(fold, dtype);
}

}  // namespace rw::kernels
#endif
