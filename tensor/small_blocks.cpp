#include <rewind/tensor/small_blocks.h>

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

#include <rewind/tensor/arena.h>

namespace rw::detail {

SmallBlocks& shared_small_blocks() {
  static auto* s = new SmallBlocks;  // never destroyed: tensors may outlive static objects
  return *s;
}

SmallBlocks::Span* SmallBlocks::span_of(void* block) {
  return reinterpret_cast<Span*>(reinterpret_cast<uintptr_t>(block) & ~(span_bytes - 1));
}

FreeBlock* SmallBlocks::pop(Span& s) {
  ++s.used;
  if (FreeBlock* block = s.free) {
    s.free = block->next;
    return block;
  }
  void* at = reinterpret_cast<char*>(&s) + s.fresh;
  s.fresh += s.block_bytes;
  return new (at) FreeBlock{nullptr};
}

void SmallBlocks::link(Span& s) {
  Span*& first = open_[s.size_class];
  s.previous = nullptr;
  s.next = first;
  if (first) first->previous = &s;
  first = &s;
}

void SmallBlocks::unlink(Span& s) {
  if (s.next) s.next->previous = s.previous;
  (s.previous ? s.previous->next : open_[s.size_class]) = s.next;
}

SmallBlocks::Span* SmallBlocks::new_span(int c, size_t bytes) {
  if (spans_.empty()) {
    const size_t size = (region_spans + 1) * span_bytes;
    spans_.reserve((regions_.size() + 1) * region_spans);  // retire() may not throw
    regions_.reserve(regions_.size() + 1);
    char* memory = static_cast<char*>(shared_arena().allocate(size, this));
    char* first = reinterpret_cast<char*>(span_of(memory + span_bytes - 1));
    for (size_t i = region_spans; i-- > 0;) spans_.push_back({first + i * span_bytes, false});
    const auto place = std::lower_bound(regions_.begin(), regions_.end(), first,
                                        [](const Region& r, char* p) { return r.first < p; });
    regions_.insert(place, {memory, first, region_spans});
  }
  char* at = spans_.back().at;
  spans_.pop_back();
  --region_of(at).free_spans;
  const auto fresh = static_cast<uint32_t>(sizeof(Span));
  auto* span = new (at)
      Span{nullptr, nullptr, nullptr, static_cast<uint32_t>(bytes), 0, fresh, span_bytes, c};
  link(*span);
  return span;
}

FreeBlock* SmallBlocks::take(int c, size_t bytes, size_t count) {
  const std::lock_guard lock(mutex_);
  FreeBlock* list = nullptr;
  for (size_t n = 0; n < count; ++n) {
    Span* span = open_[c];
    if (!span && n > 0) break;
    if (!span) span = new_span(c, bytes);
    FreeBlock* block = pop(*span);
    block->next = list;
    list = block;
    if (!has_free(*span)) unlink(*span);
  }
  return list;
}

void SmallBlocks::give(FreeBlock* blocks) noexcept {
  const std::lock_guard lock(mutex_);
  while (FreeBlock* block = blocks) {
    blocks = block->next;
    Span& span = *span_of(block);
    if (!has_free(span)) link(span);
    block->next = span.free;
    span.free = block;
    if (--span.used == 0) retire(span);
  }
}

// The span serves any class from here on.
void SmallBlocks::retire(Span& s) noexcept {
  unlink(s);
  char* at = reinterpret_cast<char*>(&s);
  spans_.push_back({at, true});
  ++region_of(at).free_spans;
}

SmallBlocks::Region& SmallBlocks::region_of(char* span) {
  const auto after = std::upper_bound(regions_.begin(), regions_.end(), span,
                                      [](char* p, const Region& r) { return p < r.first; });
  return *std::prev(after);
}

void SmallBlocks::release() noexcept {
  const std::lock_guard lock(mutex_);
  const auto is_free = [](const Region& r) { return r.free_spans == region_spans; };
  std::erase_if(spans_, [&](const FreeSpan& s) { return is_free(region_of(s.at)); });
  for (const Region& r : regions_)
    if (is_free(r)) shared_arena().deallocate(r.memory, (region_spans + 1) * span_bytes, this);
  std::erase_if(regions_, is_free);
  for (FreeSpan& s : spans_)
    if (std::exchange(s.resident, false)) madvise(s.at, span_bytes, MADV_DONTNEED);
}

size_t SmallBlocks::cached() {
  const std::lock_guard lock(mutex_);
  const auto resident = [](const FreeSpan& s) { return s.resident; };
  return static_cast<size_t>(std::count_if(spans_.begin(), spans_.end(), resident)) * span_bytes;
}

}  // namespace rw::detail
