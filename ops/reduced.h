#pragma once
// Private to ops: what reductions have in common.

#include <rewind/autograd/traced.h>
#include <rewind/kernels/reduce/reduce.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// What a reduction removes of its input, and the shapes that it leaves.
struct Reduced {
  uint32_t mask = 0;  ///< bit i set where dimension i goes away
  bool keepdim = false;
  Shape kept;         ///< with reduced dimensions as 1
  int64_t count = 1;  ///< of values per result
};

/// All dimensions where `dims` names none; throws where one is named twice.
Reduced reduced_dims(const char* op, const Tensor& x, const Dims& dims, bool keepdim);
/// The same of a floating tensor; throws for any other.
Reduced reduced_floating(const char* op, const Tensor& x, const Dims& dims, bool keepdim);

/// Dense strides for `kept` in the memory order of x.
Strides kept_strides(const Tensor& x, const Shape& kept);
/// Uninitialised, of the shape that is left, at strides for `r.kept`.
Tensor make_result(const Reduced& r, const Strides& strides, DType dtype);

/// x folded, not recorded.
Tensor fold(kernels::Fold f, const Tensor& x, const Reduced& r, double divisor = 1);
/// In a wider type than that of x, about a center for each result if the fold has some.
Tensor fold_in(DType dtype, kernels::Fold f, const Tensor& x, const Reduced& r, double divisor = 1,
               const Tensor& centers = {});

/// A view of x that has one of the slices which repeat along dimensions other than d.
Tensor without_repeats(const Tensor& x, int d);

/// A result (or its gradient) with the reduced dimensions put back as 1, so that it broadcasts.
Tensor put_back(const Tensor& t, const Reduced& r);

/// Which dimensions go away, for traced().
inline auto reduction_of(const Reduced& r) {
  return [&r] {
    Attribute::Numbers dims;
    for (int d = 0; d < r.kept.rank(); ++d)
      if (r.mask >> d & 1) dims.push_back(d);
    return Attributes{{"dims", dims}, {"keepdim", r.keepdim}};
  };
}

}  // namespace rw::detail
