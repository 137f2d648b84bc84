#pragma once

#include <rewind/ops/onednn/relayout.h>
#include <rewind/tensor/tensor.h>

namespace rw::onednn {

/// Weights in the layout that a primitive asked for, and what keeps their memory.
struct PackedWeights {
  dnnl::memory memory;
  Ref<Storage> buffer;
};

/// `weight` in the layout `to`, brought there by `relayout`. The result is kept with the weight's
/// storage until that changes, so a network that only infers packs its weights once. Threads may
/// share it.
PackedWeights pack(const Tensor& weight, const dnnl::memory::desc& to, Relayout& relayout);

}  // namespace rw::onednn
