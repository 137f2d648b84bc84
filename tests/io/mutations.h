#pragma once
// Files that are damaged at random, and how much memory their readers ask for.

#include <algorithm>
#include <cstdlib>
#include <new>
#include <random>
#include <string>

#include <rewind/tensor/allocator.h>

#include "../check.h"

namespace rw::test {

/// Damaged copies of files: bytes that are changed, moved in, cut out, or taken from elsewhere.
class Mutations {
 public:
  explicit Mutations(unsigned seed) : random_(seed) {}

  size_t below(size_t n) { return random_() % n; }
  std::string of(std::string bytes) {
    for (size_t changes = 1 + below(3); changes-- > 0 && !bytes.empty();) change(bytes);
    if (below(8) == 0) bytes.resize(below(bytes.size() + 1));
    return bytes;
  }

 private:
  void change(std::string& bytes) {
    static constexpr char extremes[] = {0, 1, 2, 127, '\x80', '\xff'};
    const size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(random_());
        break;
      case 1:
        bytes[at] = extremes[below(std::size(extremes))];
        break;
      case 2:
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(8));
        break;
      case 3:
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min<size_t>(bytes.size() - at, 1 + below(8)),
                    extremes[below(std::size(extremes))]);
        break;
      case 4:
        bytes.erase(at, 1 + below(4));
        break;
      default:
        bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(24)));
    }
  }

  std::mt19937 random_;
};

/// The largest request to operator new since it was set to zero.
inline size_t largest_request = 0;

/// How many of some damaged files were read, and how many refused.
struct Readings {
  int good = 0, refused = 0;
};

/// Reads `n` files, the i-th by `read(i)`, a state. Each is read and its numbers are there, or an
/// IOError comes; both with requests of less than `most` bytes, and with tensors of no more.
template <class F>
Readings read_damaged(size_t n, size_t most, const F& read) {
  Readings readings;
  for (size_t i = 0; i < n; ++i) {
    largest_request = 0;
    reset_peak_memory();
    const int64_t before = memory_stats().current;
    StateDict all;
    try {
      all = read(i);
      ++readings.good;
    } catch (const IOError&) {
      ++readings.refused;
    }
    BOOST_TEST(largest_request < most);
    BOOST_TEST(memory_stats().peak - before < static_cast<int64_t>(most));
    for (const auto& entry : all)
      if (entry.second.numel() < 10'000) static_cast<void>(entry.second.to(float64).sum().item());
  }
  return readings;
}

}  // namespace rw::test

// NOLINTBEGIN(misc-definitions-in-headers): one source includes it
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  rw::test::largest_request = std::max(rw::test::largest_request, bytes);
  return std::malloc(bytes);
}
void* operator new(std::size_t bytes) {
  if (void* p = operator new(bytes, std::nothrow)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
// NOLINTEND(misc-definitions-in-headers)
