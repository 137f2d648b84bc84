#include <rewind/tensor/allocator.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <utility>

#include <rewind/tensor/arena.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/fork.h>
#include <rewind/tensor/guarded_memory.h>
#include <rewind/tensor/small_blocks.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool caching = false;  // a reused block would hide a use after free
#else
constexpr bool caching = true;
#endif

constexpr size_t alignment = 64;
constexpr size_t thread_cached = size_t{64} << 10;  // blocks up to this stay with their thread
constexpr int num_classes = 41;

// Size classes of small blocks: multiples of 64 up to 1024, then four steps per power of two.
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

size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

struct Totals {
  std::atomic<int64_t> current{0}, peak{0}, cached{0}, allocations{0};
};
Totals totals;

void* system_allocate(size_t bytes) {
  void* p = std::aligned_alloc(alignment, bytes);
  check(p != nullptr, "out of memory: could not allocate {} bytes", bytes);
  return p;
}

using detail::FreeBlock;
using detail::SmallBlocks;

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

// Blocks of classes below this are shared between threads in batches, the others each come from the
// system.
constexpr int shared_classes = caching ? SmallBlocks::classes : 0;

void release_thread_cache() {
  for (int c = 0; c < num_classes; ++c) {
    FreeBlock* list = std::exchange(cache.free[c], nullptr);
    if (list && c < shared_classes)
      detail::shared_small_blocks().give(list);
    else
      while (list) std::free(std::exchange(list, list->next));
  }
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
  if (bytes > 0) {
    ++cache.allocations;
    cache.ever_allocated += bytes;
  }
  if (cache.current > flush_at || cache.current < -flush_at) flush_statistics();
}

void hold(FreeBlock* block, int c, size_t rounded) {
  cache.held += rounded;
  cache.cached += static_cast<int64_t>(rounded);
  block->next = cache.free[c];
  cache.free[c] = block;
}

FreeBlock* take_held(int c, size_t rounded) {
  FreeBlock* block = cache.free[c];
  if (!block) return nullptr;
  cache.free[c] = block->next;
  cache.held -= rounded;
  cache.cached -= static_cast<int64_t>(rounded);
  return block;
}

// How many blocks a thread takes from the shared ones, or gives back, at a time.
size_t batch(size_t rounded) { return std::clamp<size_t>((size_t{16} << 10) / rounded, 2, 64); }

void* take_shared(int c, size_t rounded) {
  FreeBlock* list =
      detail::shared_small_blocks().take(c, rounded, cache.closed ? 1 : batch(rounded));
  while (FreeBlock* rest = list->next) {
    list->next = rest->next;
    hold(rest, c, rounded);
  }
  return list;
}

void give_shared(int c, size_t rounded) noexcept {
  FreeBlock* list = nullptr;
  for (size_t n = batch(rounded); n > 0; --n)
    if (FreeBlock* block = take_held(c, rounded)) list = new (block) FreeBlock{list};
  detail::shared_small_blocks().give(list);
}

void* allocate_small(size_t bytes) {
  const int c = size_class(bytes);
  const size_t rounded = class_bytes(c);
  void* p = take_held(c, rounded);
  if (!p) p = c < shared_classes ? take_shared(c, rounded) : system_allocate(rounded);
  count(static_cast<int64_t>(rounded));
  return p;
}

void deallocate_small(void* p, size_t bytes) noexcept {
  const int c = size_class(bytes);
  const size_t rounded = class_bytes(c);
  count(-static_cast<int64_t>(rounded));
  if (c >= shared_classes && (!caching || cache.closed || cache.held > thread_limit)) {
    std::free(p);
  } else {
    hold(new (p) FreeBlock{nullptr}, c, rounded);
    if (c < shared_classes && (cache.closed || cache.held > thread_limit)) give_shared(c, rounded);
  }
  if (cache.closed) flush_statistics();  // nobody else will
}

void* allocate_large(size_t bytes) {
  const size_t rounded = round_up(bytes, caching ? detail::Arena::page : alignment);
  void* p = caching ? detail::shared_arena().allocate(rounded, &cache) : system_allocate(rounded);
  count(static_cast<int64_t>(rounded));
  return p;
}

void deallocate_large(void* p, size_t bytes) noexcept {
  const size_t rounded = round_up(bytes, caching ? detail::Arena::page : alignment);
  count(-static_cast<int64_t>(rounded));
  if (caching)
    detail::shared_arena().deallocate(p, rounded, &cache);
  else
    std::free(p);
}

[[maybe_unused]] const bool forks_are_watched = detail::watch_forks();

}  // namespace

namespace detail {

Arena& shared_arena() {
  static auto* a = new Arena;  // never destroyed: tensors may outlive static objects
  return *a;
}

void* allocate(size_t bytes) {
  check(bytes < most_bytes, "out of memory: {} bytes asked for", bytes);
  if (memory_is_guarded.load(std::memory_order_relaxed)) [[unlikely]]
    return guarded_allocate(bytes);
  return bytes <= thread_cached ? allocate_small(std::max<size_t>(bytes, 1))
                                : allocate_large(bytes);
}

void deallocate(void* p, size_t bytes) noexcept {
  if (memory_is_guarded.load(std::memory_order_relaxed)) [[unlikely]]
    if (guarded_deallocate(p, bytes)) return;
  if (bytes <= thread_cached)
    deallocate_small(p, std::max<size_t>(bytes, 1));
  else
    deallocate_large(p, bytes);
}

int64_t allocated_by_thread() noexcept { return cache.ever_allocated; }

ThreadMemory::ThreadMemory(size_t bytes)
    : bytes_(bytes + Arena::huge_page),
      block_(allocate(bytes_)),
      data_(reinterpret_cast<void*>(
          round_up(reinterpret_cast<uintptr_t>(block_), Arena::huge_page))) {}

}  // namespace detail

MemoryStats memory_stats() {
  flush_statistics();
  return {totals.current.load(), totals.peak.load(),
          totals.cached.load() + static_cast<int64_t>(detail::shared_arena().cached() +
                                                      detail::shared_small_blocks().cached()),
          totals.allocations.load()};
}

void reset_peak_memory() {
  flush_statistics();
  totals.peak.store(totals.current.load());
}

void empty_cache() {
  release_thread_cache();
  flush_statistics();
  detail::shared_small_blocks().release();
  detail::shared_arena().release();
}

}  // namespace rw
