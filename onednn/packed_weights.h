#pragma once

#include <rewind/onednn/relayout.h>
#include <rewind/tensor/tensor.h>

namespace rw::onednn {

/// Weights in the layout that a primitive asked for, and what keeps their memory.
struct PackedWeights {
  dnnl::memory memory;
  Ref<Storage> buffer;
};

/// `weight` in the layout `to`, brought there by `relayout`. Where this was asked for before, and
/// the weight has not changed since, the result is kept with the weight's storage until it does: a
/// network that only infers soon finds its weights packed, and in training, where each step changes
/// them, they take no memory. Threads may share it.
PackedWeights pack(const Tensor& weight, const dnnl::memory::desc& to, Relayout& relayout);

}  // namespace rw::onednn
