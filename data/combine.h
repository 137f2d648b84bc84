#pragma once
// Data sets made of others.

#include <functional>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/data/dataset.h>
#include <rewind/tensor/generator.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// What `get` of a data set returns.
template <HasGet D>
using SampleOf = std::remove_cvref_t<decltype(std::declval<const D&>().get(0))>;

namespace detail {
/// Whether a function takes a sample, or the `data` of one.
template <class F, class Sample>
concept TakesSample = std::invocable<const F&, Sample>;
template <class F, class Sample>
concept TakesData = std::same_as<Sample, Batch> && std::is_invocable_r_v<Tensor, const F&, Tensor>;

template <class F, class Sample>
requires TakesSample<F, Sample> || TakesData<F, Sample>
auto apply(const F& f, Sample sample) {
  if constexpr (TakesSample<F, Sample>) {
    return std::invoke(f, std::move(sample));
  } else {
    sample.data = std::invoke(f, sample.data);
    return sample;
  }
}
}  // namespace detail

/// A data set with a function applied to each sample: see map.
template <HasGet D, class F>
class Mapped {
 public:
  /// Keeps both.
  Mapped(D dataset, F f) : dataset_(std::move(dataset)), f_(std::move(f)) {}
  /// The number of samples.
  int64_t size() const { return dataset_.size(); }
  /// The function of one sample.
  auto get(int64_t index) const { return detail::apply(f_, dataset_.get(index)); }
  /// What it was made of.
  const D& dataset() const { return dataset_; }

 private:
  D dataset_;
  F f_;
};

/// A stream with a function applied to each sample: see map.
template <IterableDataset D, class F>
class MappedStream {
 public:
  /// Keeps both.
  MappedStream(D dataset, F f) : dataset_(std::move(dataset)), f_(std::move(f)) {}
  /// The function of each sample of an epoch.
  auto stream(uint64_t epoch) const {
    return [f = f_, next = dataset_.stream(epoch)]() mutable {
      auto sample = next();
      using Result = decltype(detail::apply(f, *std::move(sample)));
      return sample ? std::optional<Result>(detail::apply(f, *std::move(sample))) : std::nullopt;
    };
  }
  ///@{
  /// What it was made of.
  const D& dataset() const { return dataset_; }
  const F& function() const { return f_; }
  ///@}

 private:
  D dataset_;
  F f_;
};

///@{
/// The data set whose samples are `f(sample)` of another's, or, where f takes no Batch but a
/// tensor, those with `f(sample.data)` as their data: `map(CIFAR10(folder), RandomCrop(32))`. A
/// DataLoader calls `f` in its workers, in several at once, each time with `default_generator()`
/// seeded for the sample: what `f` draws depends on the loader's seed, the epoch and the sample's
/// index alone.
template <HasGet D, class F>
auto map(D dataset, F f) {
  static_assert(detail::TakesSample<F, SampleOf<D>> || detail::TakesData<F, SampleOf<D>>,
                "map: expected a function of one sample that can be called while it is const");
  return Mapped<D, F>(std::move(dataset), std::move(f));
}
template <IterableDataset D, class F>
auto map(D dataset, F f) {
  return MappedStream<D, F>(std::move(dataset), std::move(f));
}
///@}

namespace detail {
/// Throws IndexError unless all are indices of samples.
void check_indices(const char* op, const std::vector<int64_t>& indices, int64_t size);
/// Lengths of the parts of so many samples, by lengths or fractions. Throws Error where they don't
/// add up.
std::vector<int64_t> split_lengths(const std::vector<int64_t>& lengths, int64_t size);
std::vector<int64_t> split_lengths(const std::vector<double>& fractions, int64_t size);
std::vector<int64_t> permutation(int64_t size, Generator& gen);
/// Which of several ranges has an index, by their ends.
size_t part_of(int64_t index, const std::vector<int64_t>& ends);
}  // namespace detail

/// Some samples of a data set.
template <Dataset D>
class Subset {
 public:
  ///@{
  /// Those at the indices, in their order. Throws IndexError for one out of range.
  Subset(D dataset, std::vector<int64_t> indices)
      : Subset(std::make_shared<const D>(std::move(dataset)), std::move(indices)) {}
  Subset(std::shared_ptr<const D> dataset, std::vector<int64_t> indices)
      : dataset_(std::move(dataset)), indices_(std::move(indices)) {
    detail::check_indices("Subset", indices_, dataset_->size());
  }
  ///@}

  /// How many they are.
  int64_t size() const { return static_cast<int64_t>(indices_.size()); }
  ///@{
  /// What it was made of.
  const D& dataset() const { return *dataset_; }
  const std::vector<int64_t>& indices() const { return indices_; }
  ///@}
  ///@{
  /// What the data set gives. Throws IndexError where there is no such sample.
  auto get(int64_t index) const requires HasGet<D> { return dataset_->get(index_of("get", index)); }
  auto batch(std::span<const int64_t> indices) const requires HasBatch<D> {
    std::vector<int64_t> own;
    own.reserve(indices.size());
    for (const int64_t i : indices) own.push_back(index_of("batch", i));
    return dataset_->batch(own);
  }
  ///@}

 private:
  int64_t index_of(const char* op, int64_t i) const {
    detail::check_index(i, size(), op);
    return indices_[static_cast<size_t>(i)];
  }
  std::shared_ptr<const D> dataset_;
  std::vector<int64_t> indices_;
};

/// Data sets one after another, whose samples are of one type.
template <class Sample>
class ConcatDataset {
 public:
  /// Keeps them, which may be of several types.
  template <HasGet... D>
  requires(sizeof...(D) > 0) explicit ConcatDataset(D... datasets) {
    (add(std::move(datasets)), ...);
  }
  /// Keeps any number of one type.
  template <HasGet D>
  explicit ConcatDataset(std::vector<D> datasets) {
    for (D& dataset : datasets) add(std::move(dataset));
  }

  /// The number of samples of all.
  int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  /// A sample. Throws IndexError where there is none.
  Sample get(int64_t index) const {
    detail::check_index(index, size());
    const size_t k = detail::part_of(index, ends_);
    return get_[k](k == 0 ? index : index - ends_[k - 1]);
  }

 private:
  template <class D>
  void add(D dataset) {
    ends_.push_back(size() + dataset.size());
    get_.push_back([dataset = std::move(dataset)](int64_t i) -> Sample { return dataset.get(i); });
  }
  std::vector<int64_t> ends_;  // where each data set's indices end
  std::vector<std::function<Sample(int64_t)>> get_;
};
template <HasGet D, HasGet... More>
ConcatDataset(D, More...) -> ConcatDataset<SampleOf<D>>;
template <HasGet D>
ConcatDataset(std::vector<D>) -> ConcatDataset<SampleOf<D>>;

///@{
/// Parts of a data set, at random, of these lengths, which add up to its size, or fractions, which
/// add up to 1. Fractions are rounded down, and what is left goes to the first parts, one sample
/// each. The parts share the data set. Throws Error where they don't add up.
template <Dataset D, class Number>
requires std::is_arithmetic_v<Number> std::vector<Subset<D>> random_split(
    D dataset, const std::vector<Number>& lengths, Generator& gen = default_generator()) {
  using Wide = std::conditional_t<std::is_floating_point_v<Number>, double, int64_t>;
  const auto shared = std::make_shared<const D>(std::move(dataset));
  const std::vector<int64_t> sizes =
      detail::split_lengths(std::vector<Wide>(lengths.begin(), lengths.end()), shared->size());
  const std::vector<int64_t> order = detail::permutation(shared->size(), gen);
  std::vector<Subset<D>> parts;
  auto at = order.begin();
  for (const int64_t size : sizes) {
    parts.emplace_back(shared, std::vector<int64_t>(at, at + size));
    at += size;
  }
  return parts;
}
template <Dataset D, class Number>
std::vector<Subset<D>> random_split(D dataset, std::initializer_list<Number> lengths,
                                    Generator& gen = default_generator()) {
  return random_split(std::move(dataset), std::vector<Number>(lengths), gen);
}
///@}

}  // namespace rw::data

#pragma GCC visibility pop
