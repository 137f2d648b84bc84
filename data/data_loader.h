#pragma once

#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/data/dataset.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// What a DataLoader takes by name.
struct DataLoaderOptions {
  int64_t batch_size = 1;  ///< samples in a batch, at least 1
  bool shuffle = false;    ///< a new order in every epoch
  uint64_t seed = 0;       ///< of the shuffles and of what the data set draws while making a batch
  bool drop_last = false;  ///< leave out a last batch that is not full
  int workers = 0;         ///< threads that prepare batches ahead; 0: made when asked for
  int prefetch = 2;        ///< how many batches each worker may be ahead, at least 1
};

namespace detail {

/// One pass over the samples: which ones make up a batch, and the threads that prepare batches
/// ahead. Batches are prepared in any order but handed out in theirs.
class Epoch {
 public:
  /// Makes the batch of these samples and stores it in a slot.
  using Prepare = std::function<void(size_t slot, std::span<const int64_t> indices)>;

  Epoch(int64_t samples, const DataLoaderOptions& options, uint64_t number, Prepare prepare);
  /// Joins the threads.
  ~Epoch();
  Epoch(const Epoch&) = delete;
  Epoch& operator=(const Epoch&) = delete;

  /// Waits for the next batch and returns its slot, which stays untouched until the next call;
  /// nothing at the end. Throws what preparing the batch threw, which ends the epoch.
  std::optional<size_t> next();

  /// How many slots there are.
  static size_t slots(int64_t samples, const DataLoaderOptions& options);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

void check_options(const DataLoaderOptions& options);
/// How many batches an epoch has.
int64_t count_batches(int64_t samples, const DataLoaderOptions& options);
[[noreturn]] void fail_past_end(const char* what);

}  // namespace detail

/// Batches of a data set, in a new random order each time if wanted:
///
///     DataLoader loader(FashionMNIST(), {.batch_size = 64, .shuffle = true, .workers = 2});
///     for (int epoch = 0; epoch < 10; ++epoch)
///       for (auto& [x, y] : loader) …
///
/// The batches depend on the seed and the epoch, never on the number of workers. Each batch is made
/// with `default_generator()` seeded for it, so that holds for random augmentation too. What a
/// worker throws comes out of the loop in the batch's place. A loop may be left early.
template <Dataset D>
class DataLoader {
 public:
  /// What the data set makes of indices.
  using Batch = std::remove_cvref_t<decltype(std::declval<const D&>().batch({}))>;
  class Iterator;

  /// Keeps the data set; copying those of this library copies handles. Throws for options that are
  /// out of range.
  explicit DataLoader(D dataset, const DataLoaderOptions& options = {})
      : dataset_(std::move(dataset)), options_(options) {
    detail::check_options(options_);
  }

  /// The data set.
  const D& dataset() const { return dataset_; }
  /// Batches per epoch.
  int64_t size() const { return detail::count_batches(dataset_.size(), options_); }
  ///@{
  /// Number of the epoch that begin() starts next, from 0. Set it to resume a training.
  uint64_t epoch() const { return epoch_; }
  void set_epoch(uint64_t epoch) { epoch_ = epoch; }
  ///@}

  /// Starts an epoch. The loader must stay where it is until the iterator is gone.
  Iterator begin() { return Iterator(dataset_, options_, epoch_++); }
  /// What an iterator past the last batch equals.
  std::default_sentinel_t end() const { return {}; }

 private:
  D dataset_;
  DataLoaderOptions options_;
  uint64_t epoch_ = 0;
};

/// Owns the threads of its epoch. A batch lives until the iterator moves on. Throws IndexError
/// where it is read or moved past the end.
template <Dataset D>
class DataLoader<D>::Iterator {
 public:
  ///@{
  /// What iterators have to name.
  using value_type = Batch;
  using difference_type = std::ptrdiff_t;
  ///@}

  ///@{
  /// The batch.
  Batch& operator*() const {
    if (!slot_) detail::fail_past_end("there is nothing to read");
    return *pass_->batches[*slot_];
  }
  Batch* operator->() const { return &**this; }
  ///@}
  ///@{
  /// Moves on to the next batch, for which it waits.
  Iterator& operator++() {
    if (!slot_) detail::fail_past_end("there is nowhere to move");
    slot_ = pass_->epoch.next();
    return *this;
  }
  void operator++(int) { ++*this; }
  ///@}
  /// Whether it is past the last batch.
  friend bool operator==(const Iterator& i, std::default_sentinel_t) { return !i.slot_; }

 private:
  friend DataLoader;
  struct Pass {
    Pass(const D& dataset, const DataLoaderOptions& options, uint64_t number)
        : batches(detail::Epoch::slots(dataset.size(), options)),
          epoch(dataset.size(), options, number,
                [this, &dataset](size_t slot, std::span<const int64_t> indices) {
                  batches[slot] = dataset.batch(indices);
                }) {}

    std::vector<std::optional<Batch>> batches;  // by slot
    detail::Epoch epoch;                        // after what its threads write to
  };

  Iterator(const D& dataset, const DataLoaderOptions& options, uint64_t number)
      : pass_(std::make_unique<Pass>(dataset, options, number)), slot_(pass_->epoch.next()) {}

  std::unique_ptr<Pass> pass_;
  std::optional<size_t> slot_;
};

}  // namespace rw::data

#pragma GCC visibility pop
