#pragma once
// Parts of DataLoader: its options, and how batches are made of samples.

#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/data/collate.h>
#include <rewind/data/combine.h>
#include <rewind/data/dataset.h>
#include <rewind/data/prefetch.h>
#include <rewind/data/sampler.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// What a DataLoader takes by name.
struct DataLoaderOptions {
  int64_t batch_size = 1;  ///< samples in a batch, at least 1
  bool shuffle = false;    ///< a new order in every epoch
  /// What an epoch takes, and in which order: instead of shuffle.
  std::optional<AnySampler> sampler = {};
  /// Whole batches: instead of all of batch_size, shuffle, sampler and drop_last.
  std::optional<AnyBatchSampler> batch_sampler = {};
  uint64_t seed = 0;       ///< of the shuffles and of what is drawn while making samples
  bool drop_last = false;  ///< leave out a last batch that is not full
  int workers = 0;         ///< threads that prepare batches ahead; 0: made when asked for
  int prefetch = 2;        ///< how many batches each worker may be ahead, at least 1
};

namespace detail {

/// A place in the sequence of all batches.
struct LoaderPlace {
  uint64_t epoch = 0;
  int64_t position = 0;  ///< in batches
};

void check_options(const DataLoaderOptions& options, bool stream);
/// How many batches an epoch has.
int64_t count_batches(int64_t samples, const DataLoaderOptions& options);
/// How many threads, and slots of Prefetch, so many batches take; unknown without a number.
int count_workers(const DataLoaderOptions& options, std::optional<int64_t> batches);
size_t count_slots(const DataLoaderOptions& options, std::optional<int64_t> batches);
StateDict state_of(const LoaderPlace& place, uint64_t seed);
/// Throws Error, and leaves the seed as it was, for another state.
LoaderPlace load_state(const StateDict& state, std::optional<int64_t> batches, uint64_t& seed);
[[noreturn]] void fail_past_end(const char* what);

/// Which samples each batch of an epoch takes.
class Plan {
 public:
  /// Throws IndexError where a sampler draws what is not there, and Error for an empty batch.
  Plan(int64_t samples, const DataLoaderOptions& options, uint64_t epoch);
  int64_t size() const { return static_cast<int64_t>(ends_.size()); }
  std::span<const int64_t> batch(int64_t k) const {
    const int64_t begin = k == 0 ? 0 : ends_[static_cast<size_t>(k - 1)];
    return {indices_.data() + begin, indices_.data() + ends_[static_cast<size_t>(k)]};
  }
  /// How often sample i of batch k was in the epoch before.
  uint64_t repeat(int64_t k, size_t i) const {
    if (repeats_.empty()) return 0;
    return repeats_[static_cast<size_t>(batch(k).data() - indices_.data()) + i];
  }

 private:
  void count_repeats();
  std::vector<int64_t> indices_;   // of all batches, one after another
  std::vector<int64_t> ends_;      // of each batch in them
  std::vector<uint32_t> repeats_;  // of each index; empty where there are none
};

/// Collects samples for a collate function, which gets all at once, unless it is the default one,
/// whose batch they are written to as they come.
template <class Sample, class Collate>
class Collector {
 public:
  Collector(const Collate& collate, size_t count) : collate_(collate) { samples_.reserve(count); }
  void put(int64_t, Sample sample) { samples_.push_back(std::move(sample)); }
  auto take() { return std::invoke(collate_, std::move(samples_)); }

 private:
  const Collate& collate_;
  std::vector<Sample> samples_;
};
template <class Sample>
class Collector<Sample, DefaultCollate> : public Rows<Sample> {
 public:
  Collector(const DefaultCollate&, size_t count) : Rows<Sample>(static_cast<int64_t>(count)) {}
};

/// What a collate function makes of samples.
template <class Sample, class Collate>
struct CollatedBy {
  using type = std::remove_cvref_t<std::invoke_result_t<const Collate&, std::vector<Sample>>>;
};
template <class Sample>
struct CollatedBy<Sample, DefaultCollate> {
  using type = Collated<Sample>;
};

/// Makes batches of a data set, by its own `batch` or by `get` and a collate function.
template <class D, class Collate>
class BatchSource {
  static constexpr bool whole = HasBatch<D> && std::is_same_v<Collate, DefaultCollate>;
  static_assert(whole || HasGet<D>,
                "DataLoader: a collate function is for data sets that have get(i)");
  static auto choose() {
    if constexpr (whole)
      return std::type_identity<
          std::remove_cvref_t<decltype(std::declval<const D&>().batch({}))>>();
    else
      return CollatedBy<SampleOf<D>, Collate>();
  }

 public:
  using Batch = typename decltype(choose())::type;

  BatchSource(const D& dataset, const Collate& collate, const DataLoaderOptions& options,
              const LoaderPlace& place)
      : dataset_(dataset),
        collate_(collate),
        seed_(derive_seed(options.seed, place.epoch)),
        plan_(dataset.size(), options, place.epoch),
        left_(plan_.size() - place.position) {}

  std::optional<int64_t> left() const { return left_; }
  bool claim(size_t, int64_t k) const { return k < plan_.size(); }
  Batch make(size_t, int64_t k) const {
    const std::span<const int64_t> indices = plan_.batch(k);
    const BatchScope scope(derive_seed(seed_, static_cast<uint64_t>(k)));
    if constexpr (whole) {
      return at_place("batch", k, [&] { return dataset_.batch(indices); });
    } else {
      Collector<SampleOf<D>, Collate> collector(collate_, indices.size());
      for (size_t i = 0; i < indices.size(); ++i)
        make_sample(seed_of(plan_.repeat(k, i)), indices[i],
                    [&] { collector.put(static_cast<int64_t>(i), dataset_.get(indices[i])); });
      return at_place("batch", k, [&] { return collector.take(); });
    }
  }

 private:
  // For samples that the epoch took so many times before.
  uint64_t seed_of(uint64_t repeat) const {
    return repeat == 0 ? seed_ : derive_seed(~seed_, repeat);
  }

  const D& dataset_;
  const Collate& collate_;
  uint64_t seed_;
  Plan plan_;
  int64_t left_;
};

/// A stream as what is read one at a time, and what is done to that in the workers.
template <class D>
struct StreamParts {
  static auto read(const D& dataset, uint64_t epoch) { return dataset.stream(epoch); }
  template <class Raw>
  static Raw finish(const D&, Raw raw) {
    return raw;
  }
};
template <class D, class F>
struct StreamParts<MappedStream<D, F>> {
  static auto read(const MappedStream<D, F>& mapped, uint64_t epoch) {
    return StreamParts<D>::read(mapped.dataset(), epoch);
  }
  template <class Raw>
  static auto finish(const MappedStream<D, F>& mapped, Raw raw) {
    return apply(mapped.function(), StreamParts<D>::finish(mapped.dataset(), std::move(raw)));
  }
};

template <IterableDataset D, class Collate>
class BatchSource<D, Collate> {
  using Parts = StreamParts<D>;
  using Stream = decltype(Parts::read(std::declval<const D&>(), 0));
  using Raw = typename std::invoke_result_t<Stream&>::value_type;
  using Sample =
      std::remove_cvref_t<decltype(Parts::finish(std::declval<const D&>(), std::declval<Raw>()))>;

 public:
  using Batch = typename CollatedBy<Sample, Collate>::type;

  BatchSource(const D& dataset, const Collate& collate, const DataLoaderOptions& options,
              const LoaderPlace& place)
      : dataset_(dataset),
        collate_(collate),
        seed_(derive_seed(options.seed, place.epoch)),
        batch_size_(options.batch_size),
        drop_last_(options.drop_last),
        read_(Parts::read(dataset, place.epoch)),
        claimed_(count_slots(options, {})) {
    for (int64_t k = 0; k < place.position && claim(0, k); ++k) continue;
  }

  std::optional<int64_t> left() const { return {}; }
  bool claim(size_t slot, int64_t k) {
    const BatchScope scope(derive_seed(~seed_, static_cast<uint64_t>(k)));
    std::vector<Raw>& batch = claimed_[slot];
    batch.clear();
    while (!ended_ && static_cast<int64_t>(batch.size()) < batch_size_) {
      std::optional<Raw> raw = at_place("batch", k, [&] { return read_(); });
      if (raw)
        batch.push_back(*std::move(raw));
      else
        ended_ = true;
    }
    return !batch.empty() && (!drop_last_ || !ended_);
  }
  Batch make(size_t slot, int64_t k) {
    const BatchScope scope(seed_);
    std::vector<Raw>& batch = claimed_[slot];
    Collector<Sample, Collate> collector(collate_, batch.size());
    for (size_t i = 0; i < batch.size(); ++i)
      make_sample(seed_, k * batch_size_ + static_cast<int64_t>(i), [&] {
        collector.put(static_cast<int64_t>(i), Parts::finish(dataset_, std::move(batch[i])));
      });
    return at_place("batch", k, [&] { return collector.take(); });
  }

 private:
  const D& dataset_;
  const Collate& collate_;
  uint64_t seed_;
  int64_t batch_size_;
  bool drop_last_;
  Stream read_;
  bool ended_ = false;
  std::vector<std::vector<Raw>> claimed_;  // by slot: what was read for the batch
};

}  // namespace detail

}  // namespace rw::data

#pragma GCC visibility pop
