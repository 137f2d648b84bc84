#pragma once
// Parts of DataLoader that know nothing of what batches are.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <rewind/tensor/generator.h>

#pragma GCC visibility push(default)

namespace rw::data::detail {

/// One pass over batches, and the threads that prepare them ahead. Batches are claimed one at a
/// time in their order, prepared in any order, and handed out in theirs.
class Prefetch {
 public:
  /// Whether there is a batch k; what making it needs is set aside for the slot. Never at once.
  using Claim = std::function<bool(size_t slot, int64_t k)>;
  /// Makes batch k and stores it in the slot. Of several threads at once.
  using Make = std::function<void(size_t slot, int64_t k)>;
  /// Which batches, and how.
  struct Options {
    int64_t first;  ///< the batch to begin with
    int workers;    ///< threads
    size_t slots;   ///< batches that may be there or under way, with the one handed out last
  };

  Prefetch(const Options& options, Claim claim, Make make);
  /// Joins the threads.
  ~Prefetch();
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// Waits for the next batch and returns its slot, which stays untouched until the next call;
  /// nothing at the end. Throws what preparing the batch threw, which ends the pass.
  std::optional<size_t> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Puts the thread's generator at the start of a sequence, and back at the end of the scope.
class Seeded {
 public:
  explicit Seeded(uint64_t seed) : before_(std::exchange(default_generator(), Generator(seed))) {}
  ~Seeded() { default_generator() = before_; }
  Seeded(const Seeded&) = delete;
  Seeded& operator=(const Seeded&) = delete;

 private:
  Generator before_;
};

void seed_sample(uint64_t seed, int64_t index);
[[noreturn]] void rethrow_of_sample(int64_t index);

/// Calls f, which makes a sample, with the thread's generator seeded for it. What f throws comes
/// out with the sample's index in front of its message: an Error as what it is, others within an
/// Error (std::rethrow_if_nested).
template <class F>
decltype(auto) make_sample(uint64_t seed, int64_t index, const F& f) {
  seed_sample(seed, index);
  try {
    return f();
  } catch (...) {
    rethrow_of_sample(index);
  }
}

}  // namespace rw::data::detail

#pragma GCC visibility pop
