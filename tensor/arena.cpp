#include <rewind/tensor/arena.h>

#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include <rewind/tensor/check.h>

namespace rw::detail {
namespace {

constexpr size_t segment_bytes = size_t{1} << 30;
constexpr size_t most_recent = 64;  // so many blocks are kept unjoined at most
constexpr size_t small = size_t{1} << 20;

constexpr size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

void* map(size_t bytes) {
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

}  // namespace

void* Arena::allocate(size_t bytes, const void* thread) {
  const std::lock_guard lock(mutex_);
  uintptr_t block = take_recent(bytes, thread);
  if (!block) {
    join_all_recent();
    block = take_free(bytes);
  }
  if (!block) block = extend_segment(bytes);
  if (!block) block = start_segment(bytes);
  return reinterpret_cast<void*>(block);
}

void Arena::deallocate(void* p, size_t bytes, const void* thread) noexcept {
  const std::lock_guard lock(mutex_);
  cached_ += bytes;
  if (recent_.size() == most_recent) {
    join(recent_.front());
    recent_.erase(recent_.begin());
  }
  recent_.push_back({reinterpret_cast<uintptr_t>(p), bytes, thread});
}

size_t Arena::cached() {
  const std::lock_guard lock(mutex_);
  return cached_;
}

// The last block of this size that came from the thread, or else from any: it is the likeliest to
// be still in the caches.
uintptr_t Arena::take_recent(size_t bytes, const void* thread) {
  auto found = recent_.rend();
  for (auto it = recent_.rbegin(); it != recent_.rend(); ++it) {
    if (it->bytes != bytes) continue;
    if (found == recent_.rend() || it->thread == thread) found = it;
    if (it->thread == thread) break;
  }
  if (found == recent_.rend()) return 0;
  const uintptr_t begin = found->begin;
  recent_.erase(std::next(found).base());
  cached_ -= bytes;
  return begin;
}

// Cuts a small block from the tightest place, so that large places stay whole; a large one from the
// first place, so that what is free gathers at the end. On the memory of networks in training this
// does better than either rule for all.
uintptr_t Arena::take_free(size_t bytes) {
  auto best = free_.end();
  size_t least = SIZE_MAX;
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    const size_t size = it->end - it->begin;
    if (size < bytes || size >= least) continue;
    best = it;
    least = size;
    if (bytes >= small) break;
  }
  if (best == free_.end()) return 0;
  const uintptr_t begin = best->begin;
  const size_t resident = std::min(best->resident, bytes);
  best->begin += bytes;
  best->resident -= resident;
  cached_ -= resident;
  if (best->begin == best->end) free_.erase(best);
  return begin;
}

// Takes memory not used before, and the free block that ends where it begins.
uintptr_t Arena::extend_segment(size_t bytes) {
  for (Segment& s : segments_) {
    const auto last =
        std::find_if(free_.begin(), free_.end(), [&](const Free& f) { return f.end == s.top; });
    const uintptr_t begin = last == free_.end() ? s.top : last->begin;
    if (s.end - begin < bytes) continue;
    if (last != free_.end()) {
      cached_ -= last->resident;
      free_.erase(last);
    }
    s.top = begin + bytes;
    return begin;
  }
  return 0;
}

uintptr_t Arena::start_segment(size_t bytes) {
  const size_t least = round_up(bytes, huge_page);
  size_t size = std::max(segment_bytes, least);
  // The huge page more than needed allows to align the segment, and always leaves a gap after it:
  // blocks of two segments are never adjacent.
  void* mapping = map(size + huge_page);
  while (!mapping && size > least) {
    size = std::max(size / 2, least);
    mapping = map(size + huge_page);
  }
  check(mapping != nullptr, "out of memory: could not allocate {} bytes", bytes);
  const uintptr_t begin = round_up(reinterpret_cast<uintptr_t>(mapping), huge_page);
  madvise(reinterpret_cast<void*>(begin), size, MADV_HUGEPAGE);
  segments_.push_back({begin, begin + bytes, begin + size, mapping, size + huge_page});
  return begin;
}

void Arena::join(const Recent& block) {
  Free joined{block.begin, block.begin + block.bytes, block.bytes};
  auto first = std::lower_bound(free_.begin(), free_.end(), joined.begin,
                                [](const Free& f, uintptr_t a) { return f.end < a; });
  auto last = first;
  for (; last != free_.end() && last->begin <= joined.end; ++last) {
    joined.begin = std::min(joined.begin, last->begin);
    joined.end = std::max(joined.end, last->end);
    joined.resident += last->resident;
  }
  if (first == last) {
    free_.insert(first, joined);
  } else {
    *first = joined;
    free_.erase(std::next(first), last);
  }
}

void Arena::join_all_recent() {
  for (const Recent& r : recent_) join(r);
  recent_.clear();
}

void Arena::release() {
  const std::lock_guard lock(mutex_);
  join_all_recent();
  for (Free& f : free_) discard(f);
  std::erase_if(free_, [](const Free& f) { return f.begin == f.end; });
  std::erase_if(segments_, [](const Segment& s) {
    return s.top == s.begin && munmap(s.mapping, s.mapped) == 0;
  });
  cached_ = 0;
}

// Gives the block's memory back; at the end of what its segment has used, its place as well.
void Arena::discard(Free& block) {
  madvise(reinterpret_cast<void*>(block.begin), block.end - block.begin, MADV_DONTNEED);
  block.resident = 0;
  for (Segment& s : segments_)
    if (s.top == block.end) s.top = block.end = block.begin;
}

}  // namespace rw::detail
