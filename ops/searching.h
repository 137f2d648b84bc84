#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

// Finding values, and counting them. Nothing here is differentiable: results are off the tape.

#pragma GCC visibility push(default)

namespace rw {

/// Options of unique and unique_consecutive.
struct UniqueOptions {
  bool sorted = true;               ///< results are in order either way
  bool return_inverse = false;      ///< whether `inverse_indices` is wanted
  bool return_counts = false;       ///< whether `counts` is wanted
  std::optional<int64_t> dim = {};  ///< whose slices are compared, instead of elements
};
/// Different values (or slices), and what was asked for besides: undefined tensors otherwise.
struct Unique {
  Tensor output;           ///< the values, or slices along `dim`
  Tensor inverse_indices;  ///< where in `output` each element (or slice) is found, int64
  Tensor counts;           ///< how often each is there, int64
};
/// Each value that is there once, in ascending order; slices are ordered by their first elements
/// first. A NaN equals none.
Unique unique(const Tensor& x, const UniqueOptions& options = {});
/// The same without those alone that follow an equal one, in the order in which they are.
Unique unique_consecutive(const Tensor& x, const UniqueOptions& options = {});

/// Options of searchsorted.
struct SearchOptions {
  bool out_int32 = false;      ///< int32 instead of int64 results
  bool right = false;          ///< behind equal boundaries, rather than before them
  const char* side = nullptr;  ///< "left" or "right": another way to say this
  Tensor sorter = {};  ///< the int64 order of boundaries that do not ascend, as argsort gives it
};
///@{
/// How many of the ascending boundaries come before each value: where it would be put in. The last
/// dimension of `sorted_sequence` holds the boundaries; others are those of `values`, unless it is
/// a vector, for all. A value of NaN is greater than every number; boundaries are none. Not for
/// bool.
Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values,
                    const SearchOptions& options = {});
Tensor searchsorted(const Tensor& sorted_sequence, Scalar value, const SearchOptions& options = {});
///@}
///@{
/// In which bucket between boundaries, an ascending vector, each value lies: boundaries[i - 1] < x
/// <= boundaries[i] for result i, or with `right` boundaries[i - 1] <= x < boundaries[i].
Tensor bucketize(const Tensor& x, const Tensor& boundaries, bool out_int32 = false,
                 bool right = false);
Tensor bucketize(Scalar x, const Tensor& boundaries, bool out_int32 = false, bool right = false);
///@}

/// How many values lie in each of `bins` bins of equal width from min to max, or from the least to
/// the greatest value where these are equal; in the dtype of x, which is floating. Others do not
/// count.
Tensor histc(const Tensor& x, int64_t bins = 100, Scalar min = 0, Scalar max = 0);
/// Options of histogram.
struct HistogramOptions {
  std::optional<std::pair<double, double>> range = {};  ///< of all bins; that of x where not given
  Tensor weight = {};    ///< what each value counts, of its shape and dtype; 1 where not given
  bool density = false;  ///< whether to divide by the sum of all and the widths of bins
};
/// Counts in bins, and the edges of these.
struct Histogram {
  Tensor hist;       ///< one number for each bin
  Tensor bin_edges;  ///< one more than there are bins
};
///@{
/// What the values in each bin count, and the edges of the bins: so many of equal width, or between
/// these edges, which ascend. float32 and float64.
Histogram histogram(const Tensor& x, int64_t bins, const HistogramOptions& options = {});
Histogram histogram(const Tensor& x, const Tensor& bins, const HistogramOptions& options = {});
///@}
/// Options of histogramdd.
struct HistogramddOptions {
  /// Of all bins, for each coordinate; those of x where there are none.
  std::vector<std::pair<double, double>> range = {};
  Tensor weight = {};    ///< what each point counts, of the shape of x without its last dimension
  bool density = false;  ///< whether to divide by the sum of all and the volumes of bins
};
/// Counts in bins, a dimension for each coordinate, and the edges along each.
struct Histogramdd {
  Tensor hist;                    ///< one number for each bin
  std::vector<Tensor> bin_edges;  ///< one more along each dimension than there are bins
};
///@{
/// The same as histogram for points, whose coordinates are the last dimension of x: so many bins
/// along each dimension, or along all, or between these edges.
Histogramdd histogramdd(const Tensor& x, const std::vector<int64_t>& bins,
                        const HistogramddOptions& options = {});
Histogramdd histogramdd(const Tensor& x, int64_t bins, const HistogramddOptions& options = {});
Histogramdd histogramdd(const Tensor& x, const std::vector<Tensor>& bins,
                        const HistogramddOptions& options = {});
///@}
/// How often each number from 0 on is there, or the sum of the weights at its places: a vector of
/// at least `minlength`, up to the greatest number. x is a vector of integers of 0 or more; counts
/// are int64, sums float32 for float32 weights and float64 otherwise.
Tensor bincount(const Tensor& x, const Tensor& weights = {}, int64_t minlength = 0);
///@{
/// Whether each element is among `test_elements` (or, with `invert`, is not): bool.
/// `assume_unique` changes nothing. Not for bool.
Tensor isin(const Tensor& elements, const Tensor& test_elements, bool assume_unique = false,
            bool invert = false);
Tensor isin(const Tensor& elements, Scalar test_element, bool assume_unique = false,
            bool invert = false);
Tensor isin(Scalar element, const Tensor& test_elements, bool assume_unique = false,
            bool invert = false);
///@}

}  // namespace rw

#pragma GCC visibility pop
