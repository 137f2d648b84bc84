#include <rewind/tensor/allocator.h>

#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <thread>

using namespace rw;

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
  for (const size_t bytes : {1u, 63u, 64u, 65u, 1000u, 1024u, 1025u, 1281u, 70000u, 5000000u}) {
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
