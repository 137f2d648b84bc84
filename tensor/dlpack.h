#pragma once

#include <cstddef>
#include <cstdint>

#include <rewind/tensor/tensor.h>

// The structs of DLPack (https://dmlc.github.io/dlpack), as far as tensors go over by them. A
// program that has dlpack.h itself includes it before this header, and has its structs then.
#ifndef DLPACK_DLPACK_H_

extern "C" {
/// @cond
enum DLDeviceType : int32_t { kDLCPU = 1 };
struct DLDevice {
  DLDeviceType device_type;
  int32_t device_id;
};
enum DLDataTypeCode : uint32_t {
  kDLInt = 0,
  kDLUInt = 1,
  kDLFloat = 2,
  kDLBfloat = 4,
  kDLBool = 6
};
struct DLDataType {
  uint8_t code;  // a DLDataTypeCode
  uint8_t bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null where row-major
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};
/// @endcond
}

#endif

#pragma GCC visibility push(default)

namespace rw {

/// The tensor for another library, by DLPack's exchange of 0.x ("dltensor"): the same memory, of
/// the same shape and strides. Whoever takes it calls `deleter(self)` once it is done, on any
/// thread; until then the memory stays, whatever becomes of the tensor. What is written there is
/// seen here, but by no saved tensor. Throws AutogradError for a tensor that requires a gradient,
/// which would not go along: `detach()` it.
DLManagedTensor* to_dlpack(const Tensor& t);

/// A tensor over the memory of another library, without a copy: it and its views call the deleter
/// when the last one goes. Throws, and leaves `managed` to the caller, for memory that is not the
/// CPU's, DTypeError for types that there are not here, ShapeError for more than 16 dimensions,
/// negative sizes or strides, and Error where the numbers lie where the processor would not have
/// them.
Tensor from_dlpack(DLManagedTensor* managed);

}  // namespace rw

#pragma GCC visibility pop
