#include <rewind/distributed/shard_sampler.h>

#include <algorithm>

#include <rewind/tensor/check.h>

namespace rw::distributed {

ShardSampler::ShardSampler(int64_t size, const data::DistributedSamplerOptions& options)
    : size_(size), options_(options) {
  check(size >= 0, "ShardSampler: expected a size of at least 0, got {}", size);
  check(options.num_replicas > 0 && options.rank >= 0 && options.rank < options.num_replicas,
        "ShardSampler: expected a rank from 0 to {}, got {}", options.num_replicas - 1,
        options.rank);
}

int64_t ShardSampler::size() const {
  const int64_t left = size_ - taken_before(epoch()), n = options_.num_replicas;
  return options_.drop_last ? left / n : std::max<int64_t>(0, (left - options_.rank + n - 1) / n);
}

std::vector<int64_t> ShardSampler::draw(uint64_t epoch) const {
  // The order of all samples is that of a single rank.
  const data::DistributedSampler all(
      size_, {.num_replicas = 1, .shuffle = options_.shuffle, .seed = options_.seed});
  const std::vector<int64_t> order = all.draw(epoch);
  const int64_t first = taken_before(epoch), n = options_.num_replicas;
  const int64_t end = options_.drop_last ? first + (size_ - first) / n * n : size_;
  std::vector<int64_t> share;
  for (int64_t i = first + options_.rank; i < end; i += n)
    share.push_back(order[static_cast<size_t>(i)]);
  return share;
}

std::optional<std::vector<int64_t>> ShardSampler::next_batch(int64_t n) {
  std::vector<int64_t> batch;
  while (static_cast<int64_t>(batch.size()) < n) {
    // The end of an epoch is told once: what was taken before it comes first.
    const auto here =
        data::detail::state_number("ShardSampler", BasicSampler::state_dict(), "position");
    if (!batch.empty() && static_cast<int64_t>(here) == size()) break;
    const auto index = next();
    if (!index) return {};
    batch.push_back(*index);
  }
  return batch;
}

StateDict ShardSampler::state_dict() const {
  const auto here =
      data::detail::state_number("ShardSampler", BasicSampler::state_dict(), "position");
  const int64_t taken = taken_before(epoch()) + static_cast<int64_t>(here) * options_.num_replicas;
  return {{"epoch", data::detail::state_number(epoch())},
          {"taken", data::detail::state_number(static_cast<uint64_t>(std::min(taken, size_)))}};
}

void ShardSampler::load_state_dict(const StateDict& state) {
  const uint64_t epoch = data::detail::state_number("ShardSampler", state, "epoch");
  const uint64_t taken = data::detail::state_number("ShardSampler", state, "taken");
  check(taken <= static_cast<uint64_t>(size_),
        "ShardSampler: load_state_dict: {} samples were taken of {}", taken, size_);
  resumed_ = epoch;
  taken_ = static_cast<int64_t>(taken);
  set_epoch(epoch);
}

}  // namespace rw::distributed
