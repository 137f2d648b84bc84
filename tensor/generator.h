#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace rw {

/// Counter-based random numbers (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", 2011). The n-th number depends on the seed and n alone, so results do not depend
/// on the number of threads. Cheap to copy; a copy repeats the sequence.
class Generator {
 public:
  /// At the start of the sequence that belongs to a seed.
  explicit Generator(uint64_t seed = 5489) : seed_(seed) {}

  /// Goes to the start of another sequence.
  void manual_seed(uint64_t seed) {
    seed_ = seed;
    counter_ = 0;
  }
  /// What it was seeded with.
  uint64_t seed() const { return seed_; }
  /// How far the sequence is used up, in blocks of four 32-bit numbers.
  uint64_t counter() const { return counter_; }
  /// Goes to a place of the sequence, such as one that counter() gave.
  void set_counter(uint64_t counter) { counter_ = counter; }
  /// Sets aside `blocks` counters (four 32-bit numbers each) and returns the first.
  uint64_t reserve(uint64_t blocks) {
    const uint64_t first = counter_;
    counter_ += blocks;
    return first;
  }
  /// The next number, uniform over 64 bits.
  uint64_t next();

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

/// This thread's generator, used where none is given. It starts with the seed 5489.
Generator& default_generator();
/// Seeds this thread's generator.
void manual_seed(uint64_t seed);

/// A block of four numbers.
struct Philox4 {
  uint32_t v[4];  ///< each uniform over 32 bits
};
/// Four numbers of Philox4x32-10 for a seed and counter.
Philox4 philox(uint64_t seed, uint64_t counter);

}  // namespace rw

#pragma GCC visibility pop
