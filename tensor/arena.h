#pragma once

// Not installed: where the allocator gets its large blocks.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace rw::detail {

/// Blocks of whole pages, shared by all threads. They are cut from segments, large pieces of
/// address space that take memory only as far as they have ever been used, and adjacent free
/// blocks grow together again: what the process holds stays close to the most that it had in use.
///
/// A block just given back stays as it is for a while. A loop which asks for the same sizes again
/// gets the same blocks without cutting and joining, and a thread gets back what it had itself.
class Arena {
 public:
  static constexpr size_t page = 4096;
  static constexpr size_t huge_page = size_t{2} << 20;

  /// `bytes` is a multiple of the page; `thread` tells threads apart. Throws Error when the system
  /// has no memory left.
  void* allocate(size_t bytes, const void* thread);
  /// `bytes` as given to allocate.
  void deallocate(void* p, size_t bytes, const void* thread) noexcept;
  /// Gives all free memory back to the system.
  void release();
  /// Bytes of memory in free blocks.
  size_t cached();
  /// Keeps every thread out, for fork().
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  struct Segment {
    uintptr_t begin, top, end;  // used so far up to `top`
    void* mapping;
    size_t mapped;
  };
  struct Recent {
    uintptr_t begin;
    size_t bytes;
    const void* thread;  // which gave it back
  };
  struct Free {
    uintptr_t begin, end;
    size_t resident;  // bytes in it that have memory: release() takes it away
  };

  uintptr_t take_recent(size_t bytes, const void* thread);
  uintptr_t take_free(size_t bytes);
  uintptr_t extend_segment(size_t bytes);
  uintptr_t start_segment(size_t bytes);
  void join(const Recent& block);
  void join_all_recent();
  void discard(Free& block);

  std::mutex mutex_;
  std::vector<Segment> segments_;
  std::vector<Recent> recent_;  // in the order in which they came
  std::vector<Free> free_;      // by address, no two adjacent
  size_t cached_ = 0;
};

/// The allocator's.
Arena& shared_arena();

}  // namespace rw::detail
