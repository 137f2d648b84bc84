#include <rewind/tensor/guarded_memory.h>

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rewind/tensor/check.h>

namespace rw::detail {
namespace {

constexpr size_t page = 4096, alignment = 64;
constexpr size_t fence = size_t{256} << 10;  // before and after
constexpr uint8_t beside = 0xa5;

constexpr size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

// Pages between two fences, with a block at their end.
struct Guarded {
  uint8_t* pages;
  size_t size;
};

struct State {
  std::mutex mutex;
  std::unordered_map<void*, Guarded> used;
  std::unordered_map<size_t, std::vector<uint8_t*>> free;  // by size
};

State& state() {
  static auto* s = new State;  // never destroyed: tensors may outlive static objects
  return *s;
}

std::atomic<uint8_t> fill{0};
std::atomic<int64_t> damaged{0};

uint8_t* map_between_fences(size_t size) {
  void* all = mmap(nullptr, size + 2 * fence, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(all != MAP_FAILED, "out of memory: could not map {} bytes", size);
  uint8_t* pages = static_cast<uint8_t*>(all) + fence;
  check(mprotect(pages, size, PROT_READ | PROT_WRITE) == 0, "out of memory: could not map {} bytes",
        size);
  return pages;
}

bool untouched(const uint8_t* begin, const uint8_t* end) {
  return std::all_of(begin, end, [](uint8_t b) { return b == beside; });
}

}  // namespace

std::atomic<bool> memory_is_guarded{false};

void guard_memory(uint8_t pattern) {
  fill = pattern;
  memory_is_guarded = true;
}

int64_t damaged_blocks() { return damaged; }

void* guarded_allocate(size_t bytes) {
  const size_t size = round_up(std::max<size_t>(bytes, 1), page);
  State& s = state();
  const std::lock_guard lock(s.mutex);
  std::vector<uint8_t*>& free = s.free[size];
  if (free.empty()) free.push_back(map_between_fences(size));
  uint8_t* const pages = free.back();
  free.pop_back();
  uint8_t* const block = pages + size - round_up(std::max<size_t>(bytes, 1), alignment);
  std::memset(pages, beside, static_cast<size_t>(block - pages));
  std::memset(block, fill, bytes);
  std::memset(block + bytes, beside, static_cast<size_t>(pages + size - block) - bytes);
  s.used.emplace(block, Guarded{pages, size});
  return block;
}

bool guarded_deallocate(void* p, size_t bytes) noexcept {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  const auto found = s.used.find(p);
  if (found == s.used.end()) return false;
  const auto [pages, size] = found->second;
  const uint8_t* const block = static_cast<uint8_t*>(p);
  if (!untouched(pages, block) || !untouched(block + bytes, pages + size)) ++damaged;
  s.used.erase(found);
  s.free[size].push_back(pages);
  return true;
}

}  // namespace rw::detail
