// A library that Python opens, to hand tensors over by DLPack: see dlpack.py.

#include <rewind/tensor/dlpack.h>

#include "interop.h"

using namespace rw;

namespace {
std::string message;
}

extern "C" __attribute__((visibility("default"))) int rewind_count() {
  return static_cast<int>(interop::tensors().size());
}

/// The tensor at a place of `interop::tensors`.
extern "C" __attribute__((visibility("default"))) DLManagedTensor* rewind_give(int place) {
  return to_dlpack(interop::tensors().at(static_cast<size_t>(place)).second);
}

/// Empty where the tensor is the one at this place, otherwise what differs. Adds one to the first
/// number of a tensor of float32, which Python is to see.
extern "C" __attribute__((visibility("default"))) const char* rewind_take(int place,
                                                                          DLManagedTensor* given) {
  try {
    Tensor t = from_dlpack(given);
    message = interop::unlike(t, interop::tensors().at(static_cast<size_t>(place)).second);
    if (t.dtype() == float32 && t.numel() > 0) *static_cast<float*>(t.raw_data()) += 1;
  } catch (const Error& e) {
    message = e.what();
  }
  return message.c_str();
}
