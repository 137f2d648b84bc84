#include <rewind/tensor/deterministic.h>

#include <atomic>

namespace rw {
namespace {

std::atomic<bool> wanted{false};

}  // namespace

void set_deterministic(bool enabled) { wanted.store(enabled, std::memory_order_relaxed); }
bool deterministic_enabled() { return wanted.load(std::memory_order_relaxed); }

}  // namespace rw
