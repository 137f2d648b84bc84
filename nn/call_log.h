#pragma once
// Private to the library's sources: which layer made which result, for nn::fuse.

#include <vector>

#include <rewind/autograd/node.h>
#include <rewind/nn/module.h>

namespace rw::nn::detail {

struct LayerCall {
  Module* layer;
  Ref<Node> node;  // of the result; none where it is off the tape
  int dim;         // of the result
};
using CallLog = std::vector<LayerCall>;

/// Where layers of this thread enter their calls; null nearly always.
inline constinit thread_local CallLog* call_log = nullptr;

/// Returns the result `y` of `layer`, and enters the call where there is a log.
inline Tensor logged(Module& layer, Tensor y) {
  if (call_log) [[unlikely]]
    call_log->push_back({&layer, Ref<Node>::share(y.impl()->node), y.dim()});
  return y;
}

}  // namespace rw::nn::detail
