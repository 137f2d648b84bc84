#pragma once

// Not installed: where the allocator's threads get their small blocks.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace rw::detail {

/// A block that nobody uses, in a list of such.
struct FreeBlock {
  FreeBlock* next;
};

/// Small blocks for all threads, in batches. Blocks of one size are cut from spans of 64 kB, which
/// begin at a multiple of that: so a block finds its span, and a span whose blocks are all back can
/// serve another size or go back to the system. The system's own allocator takes several times as
/// long for a million blocks, and for what comes after them.
class SmallBlocks {
 public:
  static constexpr size_t largest = size_t{8} << 10;
  static constexpr int classes = 28;  // of sizes

  /// Up to `count` blocks of class `c` and at least one. Throws Error when the system has no memory
  /// left.
  FreeBlock* take(int c, size_t bytes, size_t count);
  /// Takes back a list of blocks of any class.
  void give(FreeBlock* blocks) noexcept;
  /// Gives the memory of spans without a block in use back to the system.
  void release() noexcept;
  /// Bytes that release() would give back.
  size_t cached();
  /// Keeps every thread out, for fork().
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  // The beginning of a span's memory.
  struct alignas(64) Span {
    Span *next, *previous;  // spans of this class with free blocks
    FreeBlock* free;
    uint32_t block_bytes, used;  // blocks that threads have
    uint32_t fresh, end;         // where blocks are that never were in use
    int32_t size_class;
  };
  static constexpr size_t span_bytes = size_t{64} << 10, region_spans = 16;
  struct FreeSpan {
    char* at;
    bool resident;  // has memory
  };
  // Neighbouring spans, from one piece of memory.
  struct Region {
    char* memory;
    char* first;
    uint32_t free_spans;
  };

  static Span* span_of(void* block);
  static bool has_free(const Span& s) { return s.free || s.fresh + s.block_bytes <= s.end; }
  static FreeBlock* pop(Span& s);
  Span* new_span(int c, size_t bytes);
  void link(Span& s);
  void unlink(Span& s);
  void retire(Span& s) noexcept;
  Region& region_of(char* span);

  std::mutex mutex_;
  Span* open_[classes] = {};  // with free blocks
  std::vector<FreeSpan> spans_;
  std::vector<Region> regions_;  // by address
};

/// The allocator's.
SmallBlocks& shared_small_blocks();

}  // namespace rw::detail
