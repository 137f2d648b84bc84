#include <rewind/tensor/allocator.h>

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include <rewind/tensor/check.h>

namespace rw {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool caching = false;  // a reused block would hide a use after free
#else
constexpr bool caching = true;
#endif

constexpr size_t alignment = 64;
constexpr size_t huge_page = size_t{2} << 20;
constexpr size_t thread_cached = size_t{64} << 10;  // blocks up to this stay with their thread
constexpr int num_classes = 256;

// Size classes: multiples of 64 up to 1024, then four steps per power of two.
int size_class(size_t bytes) {
  if (bytes <= 1024) return static_cast<int>((bytes + 63) / 64);
  const int log = static_cast<int>(std::bit_width(bytes - 1)) - 1;
  const auto quarter = static_cast<int>(((bytes - 1) >> (log - 2)) & 3u);
  return 16 + (log - 10) * 4 + quarter + 1;
}

size_t class_bytes(int c) {
  if (c <= 16) return static_cast<size_t>(c) * 64;
  const int log = 10 + (c - 17) / 4;
  const auto quarter = static_cast<size_t>((c - 17) % 4);
  return (size_t{1} << log) + ((quarter + 1) << (log - 2));
}

struct Totals {
  std::atomic<int64_t> current{0}, peak{0}, cached{0}, allocations{0};
};
Totals totals;

void* system_allocate(size_t bytes) {
  const size_t align = bytes >= 2 * huge_page ? huge_page : alignment;
  void* p = std::aligned_alloc(align, (bytes + align - 1) / align * align);
  check(p != nullptr, "out of memory: could not allocate {} bytes", bytes);
  if (align == huge_page) madvise(p, bytes, MADV_HUGEPAGE);
  return p;
}

struct FreeBlock {
  FreeBlock* next;
};

// What one thread keeps. Trivially destructible, so that tensors freed after the thread's (or the
// program's) other objects still find it; `closed` then sends them straight to the system.
struct ThreadCache {
  FreeBlock* free[num_classes];
  size_t held;      // bytes in the lists
  int64_t current;  // changes not yet added to the totals, as are the next two
  int64_t cached;
  int64_t allocations;
  int64_t ever_allocated;
  bool closed;
};
constinit thread_local ThreadCache cache{};
constexpr size_t thread_limit = size_t{16} << 20;
constexpr int64_t flush_at = int64_t{64} << 10;

void flush_statistics() {
  const int64_t now = totals.current.fetch_add(cache.current) + cache.current;
  totals.allocations.fetch_add(cache.allocations);
  totals.cached.fetch_add(cache.cached);
  cache.current = cache.allocations = cache.cached = 0;
  int64_t peak = totals.peak.load();
  while (now > peak && !totals.peak.compare_exchange_weak(peak, now)) {
  }
}

void release_thread_cache() {
  for (FreeBlock*& list : cache.free)
    while (list) std::free(std::exchange(list, list->next));
  cache.cached -= static_cast<int64_t>(cache.held);
  cache.held = 0;
}

struct ThreadCacheCloser {
  ~ThreadCacheCloser() {
    release_thread_cache();
    flush_statistics();
    cache.closed = true;
  }
};

void count(int64_t bytes) {
  static thread_local ThreadCacheCloser closer;
  static_cast<void>(closer);
  cache.current += bytes;
  cache.allocations += bytes > 0;
  if (cache.current > flush_at || cache.current < -flush_at) flush_statistics();
}

// Larger blocks are shared by all threads.
struct SharedBlock {
  void* data;
  const ThreadCache* last;  // of the thread that gave it back, as likely as not still in its caches
};
struct SharedPool {
  std::mutex mutex;
  std::vector<SharedBlock> free[num_classes];
};
SharedPool& pool() {
  static auto* p = new SharedPool;  // never destroyed: tensors may outlive static objects
  return *p;
}

void* take_from_thread(int c, size_t bytes) {
  FreeBlock* block = cache.free[c];
  if (!block) return nullptr;
  cache.free[c] = block->next;
  cache.held -= bytes;
  cache.cached -= static_cast<int64_t>(bytes);
  return block;
}

void* take_from_pool(int c, size_t bytes) {
  const std::lock_guard lock(pool().mutex);
  auto& list = pool().free[c];
  if (list.empty()) return nullptr;
  constexpr ptrdiff_t looked_at = 8;
  const auto end = list.rbegin() + std::min(std::ssize(list), looked_at);
  const auto own =
      std::find_if(list.rbegin(), end, [](const SharedBlock& b) { return b.last == &cache; });
  std::swap(own == end ? list.back() : *own, list.back());
  void* p = list.back().data;
  list.pop_back();
  cache.cached -= static_cast<int64_t>(bytes);
  return p;
}

}  // namespace

namespace detail {

void* allocate(size_t bytes) {
  const int c = size_class(std::max<size_t>(bytes, 1));
  check(c < num_classes && bytes < (size_t{1} << 46), "out of memory: {} bytes asked for", bytes);
  const size_t rounded = class_bytes(c);
  count(static_cast<int64_t>(rounded));
  cache.ever_allocated += static_cast<int64_t>(rounded);
  void* p = nullptr;
  if (caching)
    p = rounded <= thread_cached ? take_from_thread(c, rounded) : take_from_pool(c, rounded);
  return p ? p : system_allocate(rounded);
}

void deallocate(void* p, size_t bytes) noexcept {
  const int c = size_class(std::max<size_t>(bytes, 1));
  const size_t rounded = class_bytes(c);
  count(-static_cast<int64_t>(rounded));
  if (!caching || (rounded <= thread_cached && (cache.closed || cache.held > thread_limit))) {
    std::free(p);
    return;
  }
  cache.cached += static_cast<int64_t>(rounded);
  if (rounded <= thread_cached) {
    cache.held += rounded;
    cache.free[c] = new (p) FreeBlock{cache.free[c]};
  } else {
    const std::lock_guard lock(pool().mutex);
    pool().free[c].push_back({p, &cache});
  }
}

int64_t allocated_by_thread() noexcept { return cache.ever_allocated; }

}  // namespace detail

MemoryStats memory_stats() {
  flush_statistics();
  return {totals.current.load(), totals.peak.load(), totals.cached.load(),
          totals.allocations.load()};
}

void reset_peak_memory() {
  flush_statistics();
  totals.peak.store(totals.current.load());
}

void empty_cache() {
  release_thread_cache();
  flush_statistics();
  const std::lock_guard lock(pool().mutex);
  for (int c = 0; c < num_classes; ++c) {
    auto& list = pool().free[c];
    totals.cached.fetch_sub(static_cast<int64_t>(list.size() * class_bytes(c)));
    for (const SharedBlock& b : list) std::free(b.data);
    list.clear();
  }
}

}  // namespace rw
