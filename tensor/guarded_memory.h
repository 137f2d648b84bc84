#pragma once

// Not installed: how tests watch over the allocator's blocks.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace rw::detail {

/// From now on each block that is handed out is filled with `pattern` before, and ends where pages
/// begin that cannot be touched; as far before it lie others. What is left of its own pages is
/// looked at when it is given back. Works for scratch memory as for tensors, and slowly.
void guard_memory(uint8_t pattern);
/// Blocks given back so far with a change beside them.
int64_t damaged_blocks();

/// For the allocator.
extern std::atomic<bool> memory_is_guarded;
void* guarded_allocate(size_t bytes);
/// Whether the block was a guarded one; those from before are none.
bool guarded_deallocate(void* p, size_t bytes) noexcept;

}  // namespace rw::detail
