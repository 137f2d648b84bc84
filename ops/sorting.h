#pragma once

#include <optional>
#include <utility>

#include <rewind/tensor/tensor.h>

// Order along a dimension. NaN is greater than every number, -0 equals 0, and equal values stand in
// the order of their positions, so that results are the same in every run. A tensor of rank 0 is
// taken as one of a single value. Gradients go to the elements that the values were taken from;
// differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// Values in ascending or descending order, and their int64 positions along `dim`. Always stable:
/// equal values keep their order in a descending sort too.
std::pair<Tensor, Tensor> sort(const Tensor& x, int64_t dim = -1, bool descending = false,
                               bool stable = false);
/// The positions that sort() gives.
Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false, bool stable = false);
/// The values of sort() along the first dimension.
Tensor msort(const Tensor& x);
/// The k greatest values along `dim`, or the least ones, and their positions; from the most extreme
/// one on if `sorted`, in no particular order otherwise. Of equal values the first ones are taken.
/// Throws for k outside [0, size], and for bool.
std::pair<Tensor, Tensor> topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true,
                               bool sorted = true);
/// The k-th least value along `dim`, counted from 1, and its position. Throws for k outside
/// [1, size], and for bool.
std::pair<Tensor, Tensor> kthvalue(const Tensor& x, int64_t k, int64_t dim = -1,
                                   bool keepdim = false);
///@{
/// The value in the middle, of two the lesser one, and its position along `dim`. median gives NaN
/// where there is one, nanmedian leaves them out unless there is nothing else. Of all elements: NaN
/// of none, for integers the least number; the gradient is shared evenly by equal elements. Not for
/// bool.
Tensor median(const Tensor& x);
std::pair<Tensor, Tensor> median(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor nanmedian(const Tensor& x);
std::pair<Tensor, Tensor> nanmedian(const Tensor& x, int64_t dim, bool keepdim = false);
///@}
/// The value that is there most often along `dim`, the least of several such, and the position of
/// the last one of it.
std::pair<Tensor, Tensor> mode(const Tensor& x, int64_t dim = -1, bool keepdim = false);

}  // namespace rw

#pragma GCC visibility pop
