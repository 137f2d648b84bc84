#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// What an epoch is made of, in order: indices of samples, or batches of them. All that is drawn
/// depends on a seed and the number of the epoch alone: each loop is the next epoch by itself, and
/// a place is two numbers.
///
///     RandomSampler sampler(100, {.seed = 1});
///     for (const int64_t i : sampler) …  // epoch 0; the next loop is epoch 1
template <class Item>
class BasicSampler {
 public:
  virtual ~BasicSampler() = default;
  /// How many items an epoch has.
  virtual int64_t size() const = 0;
  /// Those of an epoch. May be called from any thread.
  virtual std::vector<Item> draw(uint64_t epoch) const = 0;

  /// The next item of the epoch that it walks through; nothing at the end, after which the next
  /// epoch begins.
  std::optional<Item> next() {
    if (items_.empty()) items_ = draw(epoch_);
    if (position_ < items_.size()) return items_[position_++];
    set_epoch(epoch_ + 1);
    return {};
  }
  /// Number of the epoch that it walks through, from 0.
  uint64_t epoch() const { return epoch_; }
  /// Goes to the start of an epoch.
  void set_epoch(uint64_t epoch) {
    epoch_ = epoch;
    position_ = 0;
    items_.clear();
  }

  /// Where it is: "epoch" and "position". Sizes, weights and seeds are the program's.
  StateDict state_dict() const;
  /// Goes to such a place. Throws Error where the state is not one of these or beyond the epoch.
  void load_state_dict(const StateDict& state);

  /// Walks through what is left of the epoch.
  class Iterator {
   public:
    ///@{
    /// What iterators have to name.
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    ///@}
    /// Takes the next item of a sampler, which must stay where it is.
    explicit Iterator(BasicSampler& sampler) : sampler_(&sampler), item_(sampler.next()) {}
    /// The item.
    const Item& operator*() const { return *item_; }
    ///@{
    /// Moves on.
    Iterator& operator++() {
      item_ = sampler_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    ///@}
    /// Whether it is past the last item.
    friend bool operator==(const Iterator& i, std::default_sentinel_t) { return !i.item_; }

   private:
    BasicSampler* sampler_;
    std::optional<Item> item_;
  };
  /// Begins where `next()` would.
  Iterator begin() { return Iterator(*this); }
  /// What an iterator past the last item equals.
  std::default_sentinel_t end() const { return {}; }

 protected:
  ///@{
  /// Copies walk on from the same place.
  BasicSampler() = default;
  BasicSampler(const BasicSampler&) = default;
  BasicSampler(BasicSampler&&) = default;
  BasicSampler& operator=(const BasicSampler&) = default;
  BasicSampler& operator=(BasicSampler&&) = default;
  ///@}

 private:
  uint64_t epoch_ = 0;
  size_t position_ = 0;
  std::vector<Item> items_;  // of this epoch; drawn when they are needed
};

/// Which samples an epoch takes, in which order. Derive from it for one of your own.
using Sampler = BasicSampler<int64_t>;

/// 0, 1, … size - 1.
class SequentialSampler : public Sampler {
 public:
  /// Of a data set of this size.
  explicit SequentialSampler(int64_t size);
  int64_t size() const override { return size_; }
  std::vector<int64_t> draw(uint64_t epoch) const override;

 private:
  int64_t size_;
};

/// What a RandomSampler takes by name.
struct RandomSamplerOptions {
  bool replacement = false;                 ///< each index at any time, however often it came
  std::optional<int64_t> num_samples = {};  ///< in an epoch; the data set's size by default
  uint64_t seed = 0;                        ///< of the orders
};

/// Indices in a random order. More `num_samples` than there are, without replacement, are several
/// permutations, the last one cut off.
class RandomSampler : public Sampler {
 public:
  /// Of a data set of this size. Throws Error for num_samples < 1, as PyTorch does.
  explicit RandomSampler(int64_t size, const RandomSamplerOptions& options = {});
  int64_t size() const override { return options_.num_samples.value_or(size_); }
  std::vector<int64_t> draw(uint64_t epoch) const override;

 private:
  int64_t size_;
  RandomSamplerOptions options_;
};

/// These indices in a random order.
class SubsetRandomSampler : public Sampler {
 public:
  /// Of the indices, by this seed.
  explicit SubsetRandomSampler(std::vector<int64_t> indices, uint64_t seed = 0);
  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  std::vector<int64_t> draw(uint64_t epoch) const override;

 private:
  std::vector<int64_t> indices_;
  uint64_t seed_;
};

/// What a WeightedRandomSampler takes by name.
struct WeightedRandomSamplerOptions {
  bool replacement = true;  ///< each index at any time, however often it came
  uint64_t seed = 0;        ///< of the draws
};

/// `num_samples` indices of weights, each in proportion to its weight, by multinomial.
class WeightedRandomSampler : public Sampler {
 public:
  /// Weights are one number for each sample, not negative and not all zero. Throws Error where
  /// there are too few for a draw without replacement.
  WeightedRandomSampler(const Tensor& weights, int64_t num_samples,
                        const WeightedRandomSamplerOptions& options = {});
  int64_t size() const override { return num_samples_; }
  std::vector<int64_t> draw(uint64_t epoch) const override;

 private:
  Tensor weights_;
  int64_t num_samples_;
  WeightedRandomSamplerOptions options_;
};

/// What a DistributedSampler takes by name.
struct DistributedSamplerOptions {
  int64_t num_replicas = 1;  ///< processes that share the data set
  int64_t rank = 0;          ///< which of them this is
  bool shuffle = true;       ///< a new order in every epoch, the same for all of them
  uint64_t seed = 0;         ///< of the orders, the same for all of them
  bool drop_last = false;    ///< leave out what does not divide, instead of repeating some samples
};

/// One process's share of a data set: every num_replicas-th index from `rank` on. All shares are of
/// one size: what is missing is filled up with indices from the beginning.
class DistributedSampler : public Sampler {
 public:
  /// Of a data set of this size. Throws Error for a rank out of range.
  explicit DistributedSampler(int64_t size, const DistributedSamplerOptions& options = {});
  int64_t size() const override { return share_; }
  std::vector<int64_t> draw(uint64_t epoch) const override;

 private:
  int64_t size_;
  DistributedSamplerOptions options_;
  int64_t share_;
};

/// Whole batches of indices. Derive from it to put together those of your own, such as texts of
/// similar lengths.
using BasicBatchSampler = BasicSampler<std::vector<int64_t>>;

/// A sampler of any kind that is one of these.
template <class Base>
class AnySamplerOf {
 public:
  /// Keeps it.
  template <std::derived_from<Base> S>
  AnySamplerOf(S sampler) : sampler_(std::make_shared<const S>(std::move(sampler))) {}
  ///@{
  /// It.
  const Base& operator*() const { return *sampler_; }
  const Base* operator->() const { return sampler_.get(); }
  ///@}

 private:
  std::shared_ptr<const Base> sampler_;
};
/// One of indices.
using AnySampler = AnySamplerOf<Sampler>;
/// One of batches of them.
using AnyBatchSampler = AnySamplerOf<BasicBatchSampler>;

/// What a sampler draws, `batch_size` at a time.
class BatchSampler : public BasicBatchSampler {
 public:
  /// The last batch may be smaller, unless `drop_last`.
  BatchSampler(AnySampler sampler, int64_t batch_size, bool drop_last = false);
  int64_t size() const override;
  std::vector<std::vector<int64_t>> draw(uint64_t epoch) const override;

 private:
  AnySampler sampler_;
  int64_t batch_size_;
  bool drop_last_;
};

namespace detail {
/// A seed for the n-th of the things that `seed` stands for.
uint64_t derive_seed(uint64_t seed, uint64_t n);
/// A number of a state as a tensor of rank 0, and back. Throws Error for another tensor.
Tensor state_number(uint64_t n);
uint64_t state_number(const char* op, const StateDict& state, const char* name);
/// How many batches so many samples make.
int64_t count_batches(int64_t samples, int64_t batch_size, bool drop_last);
}  // namespace detail

}  // namespace rw::data

#pragma GCC visibility pop
