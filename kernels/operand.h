#pragma once

#include <cstdint>

#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// Memory of one operand: element strides, 0 where it is broadcast.
struct Operand {
  void* data;
  Strides strides;
};

template <class T>
T* at(const Operand& o, int64_t offset) {
  return static_cast<T*>(o.data) + offset;
}

}  // namespace rw::kernels
