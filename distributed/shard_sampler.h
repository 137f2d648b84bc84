#pragma once

#include <optional>
#include <vector>

#include <rewind/data/sampler.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

/// data::DistributedSampler for runs that go on with another number of ranks: each sample of an
/// epoch comes once on one rank, none twice, and shares differ by one where the size does not
/// divide (see DistributedDataParallel::join). Its state is that of all ranks, which have taken as
/// many samples each: one rank saves it, and all load it, however many they are then.
class ShardSampler : public data::Sampler {
 public:
  /// Of a data set of this size. `drop_last` leaves out what does not divide. Throws Error for a
  /// rank out of range.
  explicit ShardSampler(int64_t size, const data::DistributedSamplerOptions& options = {});
  /// In the epoch that it walks through, without what was taken before it was resumed.
  int64_t size() const override;
  std::vector<int64_t> draw(uint64_t epoch) const override;
  /// The next `n` indices, or those that are left; nothing at the end of the epoch.
  std::optional<std::vector<int64_t>> next_batch(int64_t n);

  /// "epoch" and "taken", how many samples all ranks have taken of it.
  StateDict state_dict() const;
  /// Goes to such a place. Throws Error where the state is not one of these.
  void load_state_dict(const StateDict& state);

 private:
  int64_t taken_before(uint64_t epoch) const { return epoch == resumed_ ? taken_ : 0; }

  int64_t size_;
  data::DistributedSamplerOptions options_;
  uint64_t resumed_ = 0;  // the epoch that it went on with
  int64_t taken_ = 0;     // of that, by all ranks before
};

}  // namespace rw::distributed

#pragma GCC visibility pop
