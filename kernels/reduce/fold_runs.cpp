#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/fold_runs.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/reduce/fold_runs-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

FoldRuns FindSum(Fold fold, DType dtype) {
  return find_among<Fold::sum, Fold::sum_in_float64, Fold::sum_squares, Fold::sum_deviations,
                    Fold::sum_exp, Fold::prod>(fold, dtype);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindSum);

FoldRuns fold_runs(Fold fold, DType dtype) {
  if (is_of_size(fold) || fold == Fold::sum_numbers) return size_runs(fold, dtype);
  if (is_extreme(fold) || is_flag(fold)) return choice_runs(fold, dtype);
  return HWY_DYNAMIC_DISPATCH(FindSum)(fold, dtype);
}

}  // namespace rw::kernels
#endif
