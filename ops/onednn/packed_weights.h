#pragma once

#include <rewind/ops/onednn/runtime.h>
#include <rewind/tensor/tensor.h>

namespace rw::onednn {

/// Weights in the layout that a primitive asked for, and what keeps their memory.
struct PackedWeights {
  dnnl::memory memory;
  Ref<Storage> buffer;
};

/// `weight`, which lies by `from`, in the layout `to`, brought there by `reorder`. The result is
/// kept with the weight's storage until that changes, so a network that only infers packs its
/// weights once. Threads may share it.
PackedWeights pack(const Tensor& weight, const dnnl::memory::desc& from,
                   const dnnl::memory::desc& to, Primitive& reorder);

}  // namespace rw::onednn
