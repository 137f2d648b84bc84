#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#pragma GCC visibility push(default)

namespace rw {

/// What tensors' memory looks like, in bytes.
struct MemoryStats {
  int64_t current = 0;      ///< in use
  int64_t peak = 0;         ///< the most that was in use since the start, or reset_peak_memory
  int64_t cached = 0;       ///< kept for reuse
  int64_t allocations = 0;  ///< blocks handed out since the start
};

/// Of all threads together.
MemoryStats memory_stats();
/// Sets `peak` back to `current`.
void reset_peak_memory();
/// Gives the cached blocks of this thread and all shared ones back to the system.
void empty_cache();

namespace detail {
/// A block of at least `bytes`, 64-byte aligned, from the cache where it has one. Throws Error
/// when the system has no memory left.
void* allocate(size_t bytes);
/// `bytes` as given to allocate.
void deallocate(void* p, size_t bytes) noexcept;
/// Bytes that allocate() has handed out to this thread since it started.
int64_t allocated_by_thread() noexcept;

/// Lets a standard container use the cache. A large one that comes and goes with every call would
/// otherwise have its pages taken back by the system, and pay for them again.
template <class T>
struct CachingAllocator {
  using value_type = T;
  CachingAllocator() = default;
  template <class U>
  CachingAllocator(const CachingAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(detail::allocate(n * sizeof(T))); }
  void deallocate(T* p, size_t n) noexcept { detail::deallocate(p, n * sizeof(T)); }
  friend bool operator==(const CachingAllocator&, const CachingAllocator&) { return true; }
};
template <class T>
using CachedVector = std::vector<T, CachingAllocator<T>>;

/// Memory that one thread works in, to the end of the scope, while others work in theirs. It begins
/// at a huge page: of threads that write to the same one, each was measured to take up to 1.5 times
/// as long (on a Zen 5 with two cores).
class ThreadMemory {
 public:
  explicit ThreadMemory(size_t bytes);
  ~ThreadMemory() { deallocate(block_, bytes_); }
  ThreadMemory(const ThreadMemory&) = delete;
  ThreadMemory& operator=(const ThreadMemory&) = delete;
  void* data() const { return data_; }

 private:
  size_t bytes_;
  void* block_;
  void* data_;
};
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
