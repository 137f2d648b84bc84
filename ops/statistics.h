#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

// Statistics of the elements of a tensor, over chosen dimensions (all when `dims` is empty) or
// along one. Differentiable to any order, but for count_nonzero.

#pragma GCC visibility push(default)

namespace rw {

/// The least and the greatest value of all, or along one dimension; equal ones share the gradient
/// evenly. Throws for no element at all.
std::pair<Tensor, Tensor> aminmax(const Tensor& x, std::optional<int64_t> dim = {},
                                  bool keepdim = false);
///@{
/// sum and mean of what is not NaN. nanmean takes floating tensors.
Tensor nansum(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
              std::optional<DType> dtype = {});
Tensor nanmean(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
               std::optional<DType> dtype = {});
///@}
///@{
/// std or var, and the mean. Floating tensors.
std::pair<Tensor, Tensor> std_mean(const Tensor& x, const Dims& dims = {}, Scalar correction = 1,
                                   bool keepdim = false);
std::pair<Tensor, Tensor> var_mean(const Tensor& x, const Dims& dims = {}, Scalar correction = 1,
                                   bool keepdim = false);
///@}
/// How many elements differ from 0, as int64.
Tensor count_nonzero(const Tensor& x, const Dims& dims = {});

/// What a quantile is that lies between two values.
enum class Interpolation : uint8_t {
  linear,    ///< between them, in proportion
  lower,     ///< the lesser one
  higher,    ///< the greater one
  midpoint,  ///< in the middle
  nearest    ///< the nearer one, the one at the even place if both are
};
/// Options of quantile and nanquantile.
struct QuantileOptions {
  std::optional<int64_t> dim = {};  ///< of all elements where there is none
  bool keepdim = false;             ///< whether `dim` (or every dimension) stays, with size 1
  /// What lies between two values.
  Interpolation interpolation = Interpolation::linear;
};
///@{
/// The value below which a share q of the sorted values lies; for a vector q one for each, along a
/// new first dimension. NaN where there is a NaN; nanquantile leaves them out. float32 and float64;
/// a tensor q has the dtype of x, lies in [0, 1], and gets a gradient where `interpolation` is
/// linear.
Tensor quantile(const Tensor& x, double q, const QuantileOptions& options = {});
Tensor quantile(const Tensor& x, const Tensor& q, const QuantileOptions& options = {});
Tensor nanquantile(const Tensor& x, double q, const QuantileOptions& options = {});
Tensor nanquantile(const Tensor& x, const Tensor& q, const QuantileOptions& options = {});
///@}

/// Options of cov.
struct CovOptions {
  double correction = 1;  ///< what the number of observations is lessened by
  Tensor fweights = {};   ///< how often each observation counts: a vector of integers
  Tensor aweights = {};   ///< how much it counts: a vector of floating numbers
};
/// Covariances of variables, which are the rows of x; columns are observations. A vector is one
/// variable, and gives its variance. Integers give the default dtype; not for bool.
Tensor cov(const Tensor& x, const CovOptions& options = {});
/// Covariances divided by both standard deviations.
Tensor corrcoef(const Tensor& x);
/// Differences of neighbours along `dim`, n times over; of bool, whether they differ. `prepend` and
/// `append` are put before and after x first.
Tensor diff(const Tensor& x, int64_t n = 1, int64_t dim = -1, const Tensor& prepend = {},
            const Tensor& append = {});
///@{
/// The slope of x along each of `dims` (all when empty), estimated by parabolas through neighbours,
/// and at the ends by lines (edge_order 1) or parabolas (2): one tensor for each. Elements are
/// `spacing` apart, in each or in all dimensions, or at these coordinates, a vector for each
/// dimension. There are more than edge_order of them. Integers give the default dtype; not for bool
/// and uint8.
std::vector<Tensor> gradient(const Tensor& x, Scalar spacing = 1, const Dims& dims = {},
                             int64_t edge_order = 1);
std::vector<Tensor> gradient(const Tensor& x, const std::vector<double>& spacing,
                             const Dims& dims = {}, int64_t edge_order = 1);
std::vector<Tensor> gradient(const Tensor& x, const std::vector<Tensor>& coordinates,
                             const Dims& dims = {}, int64_t edge_order = 1);
///@}

}  // namespace rw

#pragma GCC visibility pop
