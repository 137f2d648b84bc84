#include <rewind/tensor/allocator.h>

#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>

using namespace rw;

namespace {

constexpr size_t kib = 1024, mib = 1024 * kib;

// Memory that was filled when it was allocated; it must be the same when it is given back.
class Filled {
 public:
  Filled(size_t bytes, unsigned value) : bytes_(bytes), value_(value) {
    data_ = static_cast<unsigned*>(detail::allocate(bytes_));
    each([this](unsigned& x) { x = value_; });
  }
  Filled(Filled&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_), value_(other.value_) {}
  Filled& operator=(Filled other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Filled() {
    if (data_) detail::deallocate(data_, bytes_);
  }

  bool intact() const {
    bool same = true;
    each([&](unsigned& x) { same = same && x == value_; });
    return same;
  }
  void* data() const { return data_; }

 private:
  // The ends of every page.
  template <class F>
  void each(F f) const {
    const size_t n = bytes_ / sizeof(unsigned);
    for (size_t i = 0; i < n; i += 1024) {
      f(data_[i]);
      f(data_[std::min(i + 1023, n - 1)]);
    }
  }

  unsigned* data_;
  size_t bytes_;
  unsigned value_;
};

std::vector<Filled> filled(size_t count, size_t bytes) {
  std::vector<Filled> blocks;
  for (size_t i = 0; i < count; ++i) blocks.emplace_back(bytes, static_cast<unsigned>(i));
  return blocks;
}

bool intact(const std::vector<Filled>& blocks) {
  return std::all_of(blocks.begin(), blocks.end(), [](const Filled& b) { return b.intact(); });
}

int64_t held() {
  const MemoryStats stats = memory_stats();
  return stats.current + stats.cached;
}

// Puts new blocks in the place of others in a set that threads share: one frees what another made.
void allocate_and_free_at_random(std::vector<Filled>& shared, std::mutex& mutex, unsigned seed) {
  std::mt19937 random(seed);
  const std::vector<size_t> sizes{100, 60 * kib, 65 * kib, 300 * kib, mib, mib + 1, 5 * mib};
  for (int i = 0; i < 2000; ++i) {
    const size_t bytes = random() % 2 ? sizes[random() % sizes.size()] : 4 + random() % (2 * mib);
    Filled block(bytes, static_cast<unsigned>(random()));
    const std::lock_guard lock(mutex);
    if (shared.size() < 40) {
      shared.push_back(std::move(block));
    } else {
      std::swap(shared[random() % shared.size()], block);
      BOOST_TEST(block.intact());
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(allocator)

BOOST_AUTO_TEST_CASE(counts_and_peaks) {
  const int64_t before = memory_stats().current;
  reset_peak_memory();
  {
    const Tensor a = empty({1 << 20});
    BOOST_TEST(memory_stats().current >= before + (4 << 20));
    BOOST_TEST(memory_stats().current < before + (6 << 20));
  }
  BOOST_TEST(memory_stats().current == before);
  BOOST_TEST(memory_stats().peak >= before + (4 << 20));
  reset_peak_memory();
  BOOST_TEST(memory_stats().peak == before);
}

BOOST_AUTO_TEST_CASE(blocks_are_aligned_and_distinct) {
  for (const size_t bytes :
       {1u, 63u, 64u, 65u, 1000u, 1024u, 1025u, 1281u, 65536u, 65537u, 5000000u}) {
    void* a = detail::allocate(bytes);
    void* b = detail::allocate(bytes);
    std::memset(a, 1, bytes);
    std::memset(b, 2, bytes);
    BOOST_TEST(reinterpret_cast<uintptr_t>(a) % 64 == 0);
    BOOST_TEST(static_cast<char*>(a)[bytes - 1] == 1);
    detail::deallocate(a, bytes);
    detail::deallocate(b, bytes);
  }
}

BOOST_AUTO_TEST_CASE(cache_empties) {
  { const Tensor a = empty({1 << 20}), b = empty({3}); }
  empty_cache();
  BOOST_TEST(memory_stats().cached == 0);
}

BOOST_AUTO_TEST_CASE(free_blocks_join_to_serve_other_sizes) {
  empty_cache();
  std::vector<Filled> blocks = filled(64, mib);
  const int64_t before = held();
  blocks.clear();
  for (const auto& [count, bytes] : std::vector<std::pair<size_t, size_t>>{
           {1, 64 * mib}, {16, 4 * mib}, {640, 100 * kib}, {9, 7 * mib}, {64, mib}}) {
    blocks = filled(count, bytes);
    BOOST_TEST(intact(blocks));
    BOOST_TEST(held() <= before);
    blocks.clear();
  }
}

BOOST_AUTO_TEST_CASE(gaps_between_used_blocks_are_filled) {
  empty_cache();
  std::vector<Filled> blocks = filled(40, mib);
  const int64_t before = held();
  for (size_t i = 0; i < 40; i += 4) {
    const Filled two_freed[] = {std::move(blocks[i]), std::move(blocks[i + 1])};
  }
  std::vector<Filled> larger = filled(10, 2 * mib);
  BOOST_TEST(held() <= before);
  BOOST_TEST(intact(larger));
  for (size_t i = 0; i < 40; i += 4) BOOST_TEST((blocks[i + 2].intact() && blocks[i + 3].intact()));
}

#if !defined(__SANITIZE_ADDRESS__)  // which makes the allocator reuse nothing

BOOST_AUTO_TEST_CASE(same_sizes_get_same_blocks) {
  const auto allocate = [] {
    const std::vector<Filled> blocks[] = {filled(3, 2 * mib), filled(2, 100 * kib)};
    std::set<void*> addresses;
    for (const auto& b : blocks)
      for (const Filled& f : b) addresses.insert(f.data());
    return addresses;
  };
  const std::set<void*> first = allocate();
  for (int i = 0; i < 3; ++i) BOOST_TEST((allocate() == first));
}

BOOST_AUTO_TEST_CASE(a_thread_gets_its_own_block_back) {
  std::vector<Filled> blocks = filled(2, 3 * mib);
  const void* own = blocks[0].data();
  { const Filled freed = std::move(blocks[0]); }
  std::thread([&] { blocks.clear(); }).join();
  BOOST_TEST(Filled(3 * mib, 1).data() == own);
}

BOOST_AUTO_TEST_CASE(memory_of_threads_shares_no_huge_page) {
  const int64_t before = memory_stats().current;
  {
    const size_t bytes = 3 * mib + 100;
    const detail::ThreadMemory one(bytes), other(bytes);
    for (const detail::ThreadMemory* m : {&one, &other}) {
      BOOST_TEST(reinterpret_cast<uintptr_t>(m->data()) % (2 * mib) == 0);
      std::memset(m->data(), 1, bytes);
    }
    const auto* a = static_cast<const char*>(one.data());
    const auto* b = static_cast<const char*>(other.data());
    BOOST_TEST((a + bytes <= b || b + bytes <= a));
  }
  BOOST_TEST(memory_stats().current == before);
}

BOOST_AUTO_TEST_CASE(too_large_a_block_is_an_error) {
  const int64_t before = memory_stats().current;
  for (const int bits : {45, 60}) BOOST_CHECK_THROW(detail::allocate(size_t{1} << bits), Error);
  BOOST_TEST(memory_stats().current == before);
}

BOOST_AUTO_TEST_CASE(emptied_cache_counts_what_is_used_again) {
  std::vector<Filled> blocks = filled(9, mib);
  for (size_t i = 1; i < 9; i += 2) {
    const Filled freed = std::move(blocks[i]);
  }
  BOOST_TEST(memory_stats().cached >= int64_t{4 * mib});
  empty_cache();
  BOOST_TEST(memory_stats().cached == 0);
  for (size_t i = 0; i < 9; i += 2) BOOST_TEST(blocks[i].intact());
  filled(4, mib);
  BOOST_TEST(memory_stats().cached == int64_t{4 * mib});
  blocks.clear();
  BOOST_TEST(memory_stats().cached == int64_t{9 * mib});
  empty_cache();
  BOOST_TEST(memory_stats().cached == 0);
}

#endif

BOOST_AUTO_TEST_CASE(blocks_in_use_never_overlap) {
  const int64_t before = memory_stats().current;
  std::vector<Filled> shared;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed)
    threads.emplace_back([&, seed] { allocate_and_free_at_random(shared, mutex, seed); });
  for (std::thread& t : threads) t.join();
  BOOST_TEST(intact(shared));
  shared.clear();
  BOOST_TEST(memory_stats().current == before);
}

BOOST_AUTO_TEST_CASE(blocks_travel_between_threads) {
  const int64_t before = memory_stats().current;
  std::vector<Tensor> made;
  std::thread([&] {
    for (int i = 0; i < 1000; ++i) made.push_back(full({10}, i));
  }).join();
  for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(made[size_t(i)].to_vector()[9] == float(i));
  made.clear();
  BOOST_TEST(memory_stats().current == before);
}

BOOST_AUTO_TEST_CASE(parallel_for_covers_the_range_once) {
  std::vector<int> seen(100000, 0);
  parallel_for(0, 100000, 100, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i) ++seen[size_t(i)];
  });
  BOOST_TEST(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
  BOOST_CHECK_THROW(parallel_for(0, 1000, 1, [](int64_t, int64_t) { throw Error("piece"); }),
                    Error);
  parallel_for(5, 5, 1, [](int64_t, int64_t) { BOOST_ERROR("called for an empty range"); });
  BOOST_CHECK_THROW(set_num_threads(0), Error);
}

BOOST_AUTO_TEST_SUITE_END()
