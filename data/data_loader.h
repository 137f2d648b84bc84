#pragma once

#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <rewind/data/batch_source.h>
#include <rewind/data/collate.h>
#include <rewind/data/combine.h>
#include <rewind/data/dataset.h>
#include <rewind/data/prefetch.h>
#include <rewind/data/sampler.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Batches of a data set, in a new random order each time if wanted:
///
///     DataLoader loader(FashionMNIST(), {.batch_size = 64, .shuffle = true, .workers = 2});
///     for (int epoch = 0; epoch < 10; ++epoch)
///       for (auto& [x, y] : loader) …
///
/// A batch is what the data set's `batch` makes of indices, or what the collate function makes of a
/// std::vector of samples; `default_collate` unless another is given as the third argument.
///
/// The batches depend on the seed and the epoch, never on the number of workers:
/// `default_generator()` is seeded for each sample that `get` makes by its index, and by how often
/// the epoch took it before, and for each call of `batch` by the batch's number, so that this holds
/// for random augmentation too. Everything is made with gradients and autocast off, whatever they
/// are around the loop. What making a batch throws comes out of the loop in the batch's place, with
/// the index of the sample or the number of the batch in front: an Error as what it is, others
/// within an Error (std::rethrow_if_nested).
///
/// A loop may be left early. `state_dict()` is a place in that epoch then; who wants to save the
/// start of the next one instead calls `loader.set_epoch(loader.epoch())` before.
template <class D, class Collate = DefaultCollate>
requires Dataset<D> || IterableDataset<D>
class DataLoader {
 public:
  /// What a batch is.
  using Batch = typename detail::BatchSource<D, Collate>::Batch;
  class Iterator;

  /// Keeps the data set; copying those of this library copies handles. Throws for options that are
  /// out of range or don't go together.
  explicit DataLoader(D dataset, const DataLoaderOptions& options = {}, Collate collate = {})
      : dataset_(std::move(dataset)), options_(options), collate_(std::move(collate)) {
    detail::check_options(options_, IterableDataset<D>);
  }

  /// The data set.
  const D& dataset() const { return dataset_; }
  /// Batches per epoch.
  int64_t size() const requires Dataset<D> {
    return detail::count_batches(dataset_.size(), options_);
  }
  ///@{
  /// Number of the epoch that begin() starts next, from 0.
  uint64_t epoch() const { return next_.epoch; }
  void set_epoch(uint64_t epoch) {
    next_ = {epoch, 0};
    current_ = nullptr;
  }
  ///@}

  /// Where the loop is that was begun last: "epoch", "position", the number of batches that it has
  /// handed out, and "seed". In the midst of an epoch or after a loop was left early that is a
  /// place in it, otherwise the beginning of the next.
  StateDict state_dict() const {
    return detail::state_of(current_ ? *current_ : next_, options_.seed);
  }
  /// The next loop goes on at that place: it has exactly the batches that were left, whatever the
  /// number of workers. A stream gives what lies before them once more, which is thrown away.
  /// Throws Error where the state is not one of a loader, or beyond the end of an epoch.
  void load_state_dict(const StateDict& state) {
    std::optional<int64_t> batches;
    if constexpr (Dataset<D>) batches = size();
    next_ = detail::load_state(state, batches, options_.seed);
    current_ = nullptr;
  }

  /// Starts an epoch, unless this fails. The loader must stay where it is until the iterator is
  /// gone.
  Iterator begin() {
    const auto place = std::make_shared<detail::LoaderPlace>(next_);
    Iterator first(*this, place);
    next_ = {next_.epoch + 1, 0};  // once nothing can fail
    current_ = place;
    return first;
  }
  /// What an iterator past the last batch equals.
  std::default_sentinel_t end() const { return {}; }

 private:
  D dataset_;
  DataLoaderOptions options_;
  [[no_unique_address]] Collate collate_;
  detail::LoaderPlace next_;                      // where begin() starts
  std::shared_ptr<detail::LoaderPlace> current_;  // where the loop is that was begun last
};

/// Owns the threads of its epoch. A batch lives until the iterator moves on. Throws IndexError
/// where it is read or moved past the end.
template <class D, class Collate>
requires Dataset<D> || IterableDataset<D>
class DataLoader<D, Collate>::Iterator {
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
    advance();
    return *this;
  }
  void operator++(int) { ++*this; }
  ///@}
  /// Whether it is past the last batch.
  friend bool operator==(const Iterator& i, std::default_sentinel_t) { return !i.slot_; }

 private:
  friend DataLoader;
  struct Pass {
    Pass(const D& dataset, const Collate& collate, const DataLoaderOptions& options,
         const detail::LoaderPlace& place)
        : source(dataset, collate, options, place),
          batches(detail::count_slots(options, source.left())),
          prefetch(
              {place.position, detail::count_workers(options, source.left()), batches.size()},
              [this](size_t slot, int64_t k) { return source.claim(slot, k); },
              [this](size_t slot, int64_t k) { batches[slot] = source.make(slot, k); }) {}

    detail::BatchSource<D, Collate> source;
    std::vector<std::optional<Batch>> batches;  // by slot
    detail::Prefetch prefetch;                  // after what its threads write to
  };

  Iterator(const DataLoader& loader, std::shared_ptr<detail::LoaderPlace> place)
      : place_(std::move(place)),
        pass_(std::make_unique<Pass>(loader.dataset_, loader.collate_, loader.options_, *place_)) {
    advance();
  }
  void advance() {
    slot_ = pass_->prefetch.next();
    if (slot_)
      ++place_->position;
    else
      *place_ = {place_->epoch + 1, 0};
  }

  std::shared_ptr<detail::LoaderPlace> place_;
  std::unique_ptr<Pass> pass_;
  std::optional<size_t> slot_;
};

}  // namespace rw::data

#pragma GCC visibility pop
