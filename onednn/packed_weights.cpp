#include <rewind/onednn/packed_weights.h>

#include <algorithm>
#include <mutex>

namespace rw::onednn {
namespace {

struct Pack {
  int64_t offset;  // of the weight in its storage
  Strides strides;
  dnnl::memory::desc to;
  uint32_t version;      // at the last call
  PackedWeights packed;  // none until these were asked for twice in one version
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
  const bool again = found != packs.end() && found->version == version && !storage.exposed();
  if (again && found->packed.buffer) return found->packed;

  PackedWeights packed = allocate(to);
  relayout.run(weight.raw_data(), packed.buffer->data());
  count_pack();
  if (found == packs.end()) {
    if (packs.size() == Packs::limit) packs.erase(packs.begin());
    packs.push_back({offset, weight.strides(), to, version, {}});
    found = packs.end() - 1;
  }
  found->version = version;
  found->packed = again ? packed : PackedWeights();
  return packed;
}

}  // namespace rw::onednn
