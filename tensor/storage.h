#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <rewind/tensor/ref.h>

#pragma GCC visibility push(default)

namespace rw {

/// The memory behind one or several tensors. The header and the data share one block of the
/// caching allocator, unless the data is large or came from outside.
class Storage : public RefCounted {
 public:
  /// Something that was computed from the data and is kept with it, such as weights in the layout
  /// of a fast kernel. It goes when the storage goes.
  class Companion {
   public:
    virtual ~Companion() = default;
  };

  /// Uninitialised memory.
  static Ref<Storage> allocate(size_t bytes);
  /// Memory owned elsewhere; `deleter(context)` runs when the last tensor is gone (may be null).
  static Ref<Storage> external(void* data, size_t bytes, void (*deleter)(void*), void* context);
  /// Frees the memory, or runs its deleter; called by Ref.
  static void dispose(Storage* s) noexcept;

  /// Where the memory begins.
  void* data() const { return data_; }
  /// How much of it there is.
  size_t bytes() const { return bytes_; }
  /// Whether the memory came from outside, where somebody may look at it at any time.
  bool is_external() const { return place_ == Place::outside; }

  /// Counts in-place changes, so that a saved tensor knows it was changed.
  uint32_t version() const { return version_.load(std::memory_order_relaxed); }
  /// Counts those in-place changes that were recorded on the tape.
  uint32_t tape_version() const { return tape_version_.load(std::memory_order_relaxed); }
  /// The op that changed it last, for messages.
  const char* last_writer() const { return last_writer_.load(std::memory_order_relaxed); }
  /// Counts a change by `op`, a literal.
  void bump_version(const char* op) {
    version_.fetch_add(1, std::memory_order_relaxed);
    last_writer_.store(op, std::memory_order_relaxed);
  }
  /// Counts a change that was recorded.
  void bump_tape_version() { tape_version_.fetch_add(1, std::memory_order_relaxed); }

  /// Whether a pointer to the data was given away, so that it may change without being counted.
  bool exposed() const { return exposed_.load(std::memory_order_relaxed); }
  /// Notes that a pointer is given away.
  void expose() {
    if (!exposed()) exposed_.store(true, std::memory_order_relaxed);
  }
  /// The companion, made by `make` at the first call.
  Companion& companion(Companion* (*make)());

 private:
  enum class Place : uint8_t { behind_header, own_block, outside };

  Storage() = default;

  std::atomic<bool> exposed_{false};
  Place place_ = Place::behind_header;
  void* data_ = nullptr;
  size_t bytes_ = 0;
  void (*deleter_)(void*) = nullptr;
  void* context_ = nullptr;
  std::atomic<uint32_t> version_{0};
  std::atomic<uint32_t> tape_version_{0};
  std::atomic<const char*> last_writer_{""};
  std::atomic<Companion*> companion_{nullptr};
};

}  // namespace rw

#pragma GCC visibility pop
