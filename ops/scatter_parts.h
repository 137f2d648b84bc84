#pragma once
// Private to ops: the arguments of the functions in scattering.h.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Where values go, and which: `index` and `src` (undefined where there is none) have one shape, of
/// the rank of x, but at least 1.
struct Places {
  int d = 0;
  Tensor index, src;
};

/// A source of values for x.
void check_values(const char* op, const Tensor& x, const Tensor& src);
/// An index as for scatter, and the part of the source that it takes; checked.
Places places_of(const char* op, const Tensor& x, int64_t dim, const Tensor& index,
                 const Tensor* src);
/// A vector of indices of slices, and these; checked. Those below 0 count from the end if `wraps`.
Places slices_of(const char* op, const Tensor& x, int64_t dim, const Tensor& index,
                 const Tensor* source, bool wraps = false);

/// The source of index_add.
Tensor times_alpha(const Tensor& source, Scalar alpha);

/// x with src, which broadcasts to the index, where that points.
Tensor with_values(const char* op, const Tensor& x, int d, const Tensor& index, const Tensor& src);

}  // namespace rw::detail
