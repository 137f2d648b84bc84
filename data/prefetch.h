#pragma once
// Parts of DataLoader that know nothing of what batches are.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/grad_mode.h>
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

/// What is the same on every thread while it makes a batch, until the end of the scope: the
/// generator is at the start of a sequence, nothing is recorded, and autocast is off.
class BatchScope {
 public:
  explicit BatchScope(uint64_t seed)
      : before_(std::exchange(default_generator(), Generator(seed))) {}
  ~BatchScope() { default_generator() = before_; }
  BatchScope(const BatchScope&) = delete;
  BatchScope& operator=(const BatchScope&) = delete;

 private:
  Generator before_;
  no_grad no_grad_;
  autocast no_autocast_{false};
};

void seed_sample(uint64_t seed, int64_t index);
[[noreturn]] void rethrow_at(const char* what, int64_t number);

/// Calls f. What it throws comes out with "DataLoader: `what` `number`" in front of its message,
/// unless a narrower place is there: an Error as what it is, others within an Error
/// (std::rethrow_if_nested).
template <class F>
decltype(auto) at_place(const char* what, int64_t number, const F& f) {
  try {
    return f();
  } catch (...) {
    rethrow_at(what, number);
  }
}

/// Calls f, which makes a sample, with the thread's generator seeded for it.
template <class F>
decltype(auto) make_sample(uint64_t seed, int64_t index, const F& f) {
  seed_sample(seed, index);
  return at_place("sample", index, f);
}

}  // namespace rw::data::detail

#pragma GCC visibility pop
