#include <rewind/tensor/storage.h>

#include <new>

#include <rewind/tensor/allocator.h>

namespace rw {

namespace {
constexpr size_t header_bytes = 64;
// From here on the data has a block of its own. Sizes of large tensors are often powers of two: a
// header before the data would take one more page, and a larger class of blocks.
constexpr size_t large = size_t{16} << 10;
}  // namespace

Ref<Storage> Storage::allocate(size_t bytes) {
  static_assert(sizeof(Storage) <= header_bytes);
  const bool apart = bytes >= large;
  void* block = detail::allocate(header_bytes + (apart ? 0 : bytes));
  auto s = Ref<Storage>::adopt(new (block) Storage());
  s->data_ = apart ? detail::allocate(bytes) : static_cast<char*>(block) + header_bytes;
  s->place_ = apart ? Place::own_block : Place::behind_header;
  s->bytes_ = bytes;
  return s;
}

Ref<Storage> Storage::external(void* data, size_t bytes, void (*deleter)(void*), void* context) {
  auto* s = new (detail::allocate(header_bytes)) Storage();
  s->data_ = data;
  s->place_ = Place::outside;
  s->bytes_ = bytes;
  s->deleter_ = deleter;
  s->context_ = context;
  s->expose();
  return Ref<Storage>::adopt(s);
}

void Storage::dispose(Storage* s) noexcept {
  delete s->companion_.load();
  if (s->deleter_) s->deleter_(s->context_);
  if (s->place_ == Place::own_block) detail::deallocate(s->data_, s->bytes_);
  const size_t bytes = header_bytes + (s->place_ == Place::behind_header ? s->bytes_ : 0);
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
