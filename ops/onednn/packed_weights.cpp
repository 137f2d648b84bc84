#include <rewind/ops/onednn/packed_weights.h>

#include <algorithm>
#include <mutex>

namespace rw::onednn {
namespace {

struct Pack {
  int64_t offset;  // of the weight in its storage
  Strides strides;
  dnnl::memory::desc to;
  uint32_t version;
  PackedWeights packed;
};

// Of one storage: a pack for each weight in it and each layout asked for.
struct Packs final : Storage::Companion {
  // More than a network's weights in one storage need; the oldest goes.
  static constexpr size_t limit = 1024;

  std::mutex mutex;
  std::vector<Pack> packs;

  static Companion* make() { return new Packs; }
};

PackedWeights allocate(const dnnl::memory::desc& desc) {
  Ref<Storage> buffer = Storage::allocate(desc.get_size());
  return {dnnl::memory(desc, engine(), buffer->data()), buffer};
}

}  // namespace

PackedWeights pack(const Tensor& weight, const dnnl::memory::desc& to, Relayout& relayout) {
  Storage& storage = *weight.impl()->storage;
  auto& kept = static_cast<Packs&>(storage.companion(Packs::make));
  const std::lock_guard lock(kept.mutex);
  auto& packs = kept.packs;
  const int64_t offset = weight.impl()->offset;
  auto found = std::find_if(packs.begin(), packs.end(), [&](const Pack& p) {
    return p.offset == offset && p.strides == weight.strides() && p.to == to;
  });
  const uint32_t version = storage.version();
  if (found != packs.end() && found->version == version && !storage.exposed()) return found->packed;

  if (found == packs.end()) {
    if (packs.size() == Packs::limit) packs.erase(packs.begin());
    packs.push_back({offset, weight.strides(), to, version, allocate(to)});
    found = packs.end() - 1;
  } else if (found->packed.buffer->use_count() > 1) {
    found->packed = allocate(to);  // another thread still works with the old one
  }
  relayout.run(weight.raw_data(), found->packed.buffer->data());
  found->version = version;
  count_pack();
  return found->packed;
}

}  // namespace rw::onednn
