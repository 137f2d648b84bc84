#pragma once

#include <concepts>
#include <optional>
#include <span>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Samples along the first dimension, and what a model is to make of them. `auto& [x, y] = batch`.
/// One sample is a Batch as well, without that dimension.
struct Batch {
  Tensor data;    ///< samples
  Tensor target;  ///< labels or the like, one for each sample
};

/// Gives samples one by one.
template <class D>
concept HasGet = requires(const D& dataset, int64_t index) {
  { dataset.get(index) } -> std::movable;
};

/// Puts the samples at some indices together.
template <class D>
concept HasBatch = requires(const D& dataset, std::span<const int64_t> indices) {
  { dataset.batch(indices) } -> std::movable;
};

/// What a DataLoader draws from: `size()` samples, of which `get(i)` gives one, or `batch(indices)`
/// puts some together (used where there are both). A batch may be of any movable type, a sample of
/// those that `default_collate` knows, or of any where a loader has a collate function. They are
/// called from several threads at once where a loader has several workers.
template <class D>
concept Dataset = (HasGet<D> || HasBatch<D>)&&requires(const D& dataset) {
  { dataset.size() } -> std::convertible_to<int64_t>;
};

namespace detail {
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

/// Samples that come one after another, and nobody knows how many: `stream(epoch)` makes a function
/// that gives the next one of an epoch as a std::optional, which is empty at the end. A loader
/// calls that function on one thread at a time.
template <class D>
concept IterableDataset = requires(const D& dataset, uint64_t epoch) {
  requires detail::is_optional<decltype(dataset.stream(epoch)())>;
};

/// A data set in memory: two tensors whose first dimensions agree.
class TensorDataset {
 public:
  /// Shares the memory of tensors that are contiguous, and copies others. Throws ShapeError where
  /// the first dimensions differ.
  TensorDataset(const Tensor& data, const Tensor& target);

  /// The number of samples.
  int64_t size() const { return data_.size(0); }
  ///@{
  /// All of them.
  const Tensor& data() const { return data_; }
  const Tensor& target() const { return target_; }
  ///@}
  /// A copy of one sample, without the first dimension. Throws IndexError, as batch does, where
  /// there is none.
  Batch get(int64_t index) const;
  /// A copy of the samples at these indices, off the tape.
  Batch batch(std::span<const int64_t> indices) const;

 private:
  Tensor data_;
  Tensor target_;
};

namespace detail {
/// Throws IndexError, naming the function, unless there is such a sample.
void check_index(int64_t index, int64_t size, const char* op = "get");
/// A copy of one slice of a contiguous tensor along its first dimension, under its own shape or
/// another. Throws IndexError.
Tensor copy_row(const Tensor& t, int64_t index);
Tensor copy_row(const Tensor& t, int64_t index, const Shape& shape);
/// Copies of the slices of a contiguous tensor at indices into its first dimension. Throws
/// IndexError.
Tensor gather_rows(const Tensor& t, std::span<const int64_t> indices);
}  // namespace detail

}  // namespace rw::data

#pragma GCC visibility pop
