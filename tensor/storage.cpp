#include <rewind/tensor/storage.h>

#include <new>

#include <rewind/tensor/allocator.h>

namespace rw {

namespace {
// The data follows the header at the next cache line.
constexpr size_t header_bytes = 64;
}  // namespace

Ref<Storage> Storage::allocate(size_t bytes) {
  static_assert(sizeof(Storage) <= header_bytes);
  void* block = detail::allocate(header_bytes + bytes);
  auto* s = new (block) Storage();
  s->data_ = static_cast<char*>(block) + header_bytes;
  s->bytes_ = bytes;
  return Ref<Storage>::adopt(s);
}

Ref<Storage> Storage::external(void* data, size_t bytes, void (*deleter)(void*), void* context) {
  auto* s = new (detail::allocate(header_bytes)) Storage();
  s->data_ = data;
  s->bytes_ = bytes;
  s->deleter_ = deleter;
  s->context_ = context;
  s->expose();
  return Ref<Storage>::adopt(s);
}

void Storage::dispose(Storage* s) noexcept {
  const bool own = s->data_ == reinterpret_cast<char*>(s) + header_bytes;
  delete s->companion_.load();
  if (s->deleter_) s->deleter_(s->context_);
  const size_t bytes = header_bytes + (own ? s->bytes_ : 0);
  s->~Storage();
  detail::deallocate(s, bytes);
}

Storage::Companion& Storage::companion(Companion* (*make)()) {
  Companion* present = companion_.load(std::memory_order_acquire);
  if (present) return *present;
  Companion* made = make();
  if (companion_.compare_exchange_strong(present, made, std::memory_order_acq_rel)) return *made;
  delete made;  // another thread was faster
  return *present;
}

}  // namespace rw
