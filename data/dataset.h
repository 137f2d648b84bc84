#pragma once

#include <concepts>
#include <span>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Samples along the first dimension, and what a model is to make of them. `auto& [x, y] = batch`.
struct Batch {
  Tensor data;    ///< samples
  Tensor target;  ///< labels or the like, one for each sample
};

/// What a DataLoader draws from: `size()` samples, of which `batch(indices)` puts some together. A
/// batch may be of any movable type. `batch` is called from several threads at once where a loader
/// has several workers.
template <class D>
concept Dataset = requires(const D& dataset, std::span<const int64_t> indices) {
  { dataset.size() } -> std::convertible_to<int64_t>;
  { dataset.batch(indices) } -> std::movable;
};

/// A data set in memory: two tensors whose first dimensions agree.
class TensorDataset {
 public:
  /// Shares the memory of tensors that are contiguous, and copies others. Throws ShapeError where
  /// the first dimensions differ.
  TensorDataset(const Tensor& data, const Tensor& target);

  /// The number of samples.
  int64_t size() const { return data_.size(0); }
  /// One sample, without the first dimension. Throws IndexError, as batch does, where there is
  /// none.
  Batch get(int64_t index) const;
  /// A copy of the samples at these indices, off the tape.
  Batch batch(std::span<const int64_t> indices) const;

 private:
  Tensor data_;
  Tensor target_;
};

namespace detail {
/// Copies of the slices of a contiguous tensor at indices into its first dimension. Throws
/// IndexError.
Tensor gather_rows(const Tensor& t, std::span<const int64_t> indices);
/// A batch of one sample without its first dimension.
Batch only_sample(const Batch& batch);
}  // namespace detail

}  // namespace rw::data

#pragma GCC visibility pop
