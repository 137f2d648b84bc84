#include <rewind/data/batch_source.h>

#include <algorithm>
#include <unordered_map>

#include <rewind/tensor/check.h>

namespace rw::data::detail {

void check_options(const DataLoaderOptions& options, bool stream) {
  check(options.batch_size >= 1, "DataLoader: expected a batch_size of at least 1, got {}",
        options.batch_size);
  check(options.workers >= 0, "DataLoader: expected workers >= 0, got {}", options.workers);
  check(options.prefetch >= 1, "DataLoader: expected a prefetch of at least 1, got {}",
        options.prefetch);
  constexpr int64_t most_ahead = 1 << 16;
  check(int64_t{options.workers} * options.prefetch <= most_ahead,
        "DataLoader: expected workers times prefetch of at most {} batches, got {} times {}",
        most_ahead, options.workers, options.prefetch);
  check(!options.sampler || !options.shuffle,
        "DataLoader: expected a sampler or shuffle, got both: the sampler decides on the order");
  check(!options.batch_sampler ||
            (options.batch_size == 1 && !options.shuffle && !options.sampler && !options.drop_last),
        "DataLoader: expected no batch_size, shuffle, sampler or drop_last beside a batch_sampler, "
        "which decides on all of them");
  check(
      !stream || (!options.shuffle && !options.sampler && !options.batch_sampler),
      "DataLoader: expected no shuffle, sampler or batch_sampler for a stream, whose samples have "
      "no indices");
}

int64_t count_batches(int64_t samples, const DataLoaderOptions& options) {
  check(samples >= 0, "DataLoader: the data set has a size of {}", samples);
  if (options.batch_sampler) return (*options.batch_sampler)->size();
  return count_batches(options.sampler ? (*options.sampler)->size() : samples, options.batch_size,
                       options.drop_last);
}

int count_workers(const DataLoaderOptions& options, std::optional<int64_t> batches) {
  return static_cast<int>(
      std::clamp<int64_t>(batches.value_or(options.workers), 0, options.workers));
}

size_t count_slots(const DataLoaderOptions& options, std::optional<int64_t> batches) {
  const int64_t ahead = int64_t{options.workers} * options.prefetch;
  // One more than what may lie ready is for the batch that the consumer looks at.
  return static_cast<size_t>(std::clamp<int64_t>(batches.value_or(ahead), 0, ahead)) + 1;
}

StateDict state_of(const LoaderPlace& place, uint64_t seed) {
  return {{"epoch", state_number(place.epoch)},
          {"position", state_number(static_cast<uint64_t>(place.position))},
          {"seed", state_number(seed)}};
}

LoaderPlace load_state(const StateDict& state, std::optional<int64_t> batches, uint64_t& seed) {
  constexpr auto op = "DataLoader::load_state_dict";
  const uint64_t epoch = state_number(op, state, "epoch");
  const auto position = static_cast<int64_t>(state_number(op, state, "position"));
  const uint64_t new_seed = state_number(op, state, "seed");
  check(0 <= position && position <= batches.value_or(position),
        "{}: batch {} is beyond an epoch of {} batches, so that the state is of another data set "
        "or batch_size",
        op, position, batches.value_or(0));
  seed = new_seed;
  return {epoch, position};
}

void fail_past_end(const char* what) {
  fail<IndexError>("DataLoader: {} past the last batch", what);
}

namespace {

std::vector<int64_t> draw_indices(int64_t samples, const DataLoaderOptions& options,
                                  uint64_t epoch) {
  if (options.sampler) return (*options.sampler)->draw(epoch);
  if (options.shuffle) return RandomSampler(samples, {.seed = options.seed}).draw(epoch);
  return SequentialSampler(samples).draw(epoch);
}

}  // namespace

Plan::Plan(int64_t samples, const DataLoaderOptions& options, uint64_t epoch) {
  if (options.batch_sampler) {
    for (const std::vector<int64_t>& batch : (*options.batch_sampler)->draw(epoch)) {
      check(!batch.empty(), "DataLoader: batch {} of the batch_sampler has no samples",
            ends_.size());
      indices_.insert(indices_.end(), batch.begin(), batch.end());
      ends_.push_back(static_cast<int64_t>(indices_.size()));
    }
  } else {
    indices_ = draw_indices(samples, options, epoch);
    const auto count = static_cast<int64_t>(indices_.size());
    const int64_t batches = count_batches(count, options.batch_size, options.drop_last);
    for (int64_t k = 1; k <= batches; ++k) ends_.push_back(std::min(count, k * options.batch_size));
  }
  for (const int64_t i : indices_)
    check<IndexError>(0 <= i && i < samples,
                      "DataLoader: the sampler drew index {}, out of range for {} samples", i,
                      samples);
  if (options.sampler || options.batch_sampler) count_repeats();
}

void Plan::count_repeats() {
  std::unordered_map<int64_t, uint32_t> counts;
  counts.reserve(indices_.size());
  bool any = false;
  for (const int64_t i : indices_) {
    repeats_.push_back(counts[i]++);
    any |= repeats_.back() > 0;
  }
  if (!any) repeats_ = {};
}

}  // namespace rw::data::detail
