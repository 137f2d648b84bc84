#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#pragma GCC visibility push(default)

namespace rw {

/// Base of objects shared through `Ref`: an atomic count, starting at one for the creator.
class RefCounted {
 public:
  /// With a count of one.
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  /// Adds a reference.
  void retain() const noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  /// True when the caller dropped the last reference and must dispose of the object. A sole owner
  /// skips the locked decrement: nobody else can be counting.
  bool release() const noexcept {
    return refs_.load(std::memory_order_acquire) == 1 ||
           refs_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  /// How many references there are.
  uint32_t use_count() const noexcept { return refs_.load(std::memory_order_acquire); }

 private:
  mutable std::atomic<uint32_t> refs_{1};
};

/// Intrusive smart pointer. `T` derives from RefCounted and has `static void dispose(T*)`.
template <class T>
class Ref {
 public:
  /// Null.
  Ref() = default;
  /// Takes over the reference that the creator of `p` holds.
  static Ref adopt(T* p) noexcept {
    Ref r;
    r.p_ = p;
    return r;
  }
  /// Adds a reference to `p`.
  static Ref share(T* p) noexcept {
    if (p) p->retain();
    return adopt(p);
  }
  ///@{
  /// A copy is one more reference; a move takes it over and leaves null behind.
  Ref(const Ref& o) noexcept : p_(o.p_) {
    if (p_) p_->retain();
  }
  Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Ref& operator=(Ref o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ///@}
  ~Ref() { reset(); }

  /// Drops the reference, and disposes of the object where it was the last.
  void reset() noexcept {
    if (T* p = std::exchange(p_, nullptr); p && p->release()) T::dispose(p);
  }
  /// Gives the reference up without dropping it.
  T* detach() noexcept { return std::exchange(p_, nullptr); }
  ///@{
  /// The object; null where there is none, which only get() allows.
  T* get() const noexcept { return p_; }
  T* operator->() const noexcept { return p_; }
  T& operator*() const noexcept { return *p_; }
  ///@}
  /// Whether there is an object.
  explicit operator bool() const noexcept { return p_ != nullptr; }
  /// Whether both refer to the same object.
  friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.p_ == b.p_; }

 private:
  T* p_ = nullptr;
};

}  // namespace rw

#pragma GCC visibility pop
