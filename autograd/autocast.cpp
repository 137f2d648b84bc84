#include <rewind/autograd/autocast.h>

#include <cstdio>
#include <unordered_map>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/node.h>
#include <rewind/onednn/support.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/per_thread.h>

namespace rw {
namespace {

// A leaf's conversion, and what it was made of.
struct Conversion {
  Tensor leaf;  // keeps the key alive
  Ref<Storage> storage;
  uint32_t version;
  bool recorded;
  Tensor lowered;
};

struct Conversions {
  int depth = 0;  // of autocast scopes on this thread
  std::unordered_map<const TensorImpl*, Conversion> by_leaf;
};

// A static scope ends after the thread_local objects of its thread.
Conversions& conversions() { return detail::per_thread<Conversions>(); }

void say_once_if_slow(DType dtype) {
  if (onednn::supports(dtype)) return;
  static const int said = std::fprintf(
      stderr, "rewind: this processor has no instructions for %s; autocast gains no speed here\n",
      name(dtype));
  static_cast<void>(said);
}

}  // namespace

autocast::autocast(bool enabled, DType dtype) : before_(detail::autocast_dtype) {
  check<DTypeError>(!enabled || dtype == bfloat16, "autocast: expected bfloat16, got {}", dtype);
  if (enabled) say_once_if_slow(dtype);
  ++conversions().depth;
  detail::autocast_dtype = enabled ? dtype : float32;
}

autocast::~autocast() {
  detail::autocast_dtype = before_;
  if (--conversions().depth == 0) conversions().by_leaf.clear();
}

bool is_autocast_enabled() { return detail::autocast_dtype != float32; }

namespace detail {

Tensor lowered(const Tensor& t) {
  if (autocast_dtype == float32 || !t.defined() || t.dtype() != float32) return t;
  if (!t.is_leaf() || t.impl()->is_view) return t.to(autocast_dtype);
  // Without a gradient in sight the conversion would be off the tape, and of no use on it.
  const bool recorded = is_grad_enabled() && t.requires_grad();
  if (!t.requires_grad()) return t.to(autocast_dtype);
  Conversion& c = conversions().by_leaf[t.impl()];
  const Ref<Storage>& storage = t.impl()->storage;
  // Writes through a pointer go unseen.
  const bool fresh = c.lowered.defined() && c.storage == storage && !storage->exposed() &&
                     c.version == storage->version() && c.recorded == recorded;
  if (!fresh) c = {t, storage, storage->version(), recorded, t.to(autocast_dtype)};
  return c.lowered;
}

}  // namespace detail
}  // namespace rw
