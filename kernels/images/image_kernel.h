#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// Pixels of images, all on the calling thread: those who load images share them out to threads.

namespace rw::kernels {

/// y = (x - means[c]) factors[c], planes of `pixels` numbers in images of `channels` planes.
/// float32 and float64.
void normalize_planes(DType dtype, int64_t planes, int64_t channels, int64_t pixels, const void* x,
                      const double* means, const double* factors, void* y);
/// y = x / 255 as float32 or float64, n numbers.
void scale_bytes(DType dtype, int64_t n, const uint8_t* x, void* y);
/// y = table[x], n bytes.
void look_up(int64_t n, const uint8_t* x, const uint8_t* table, uint8_t* y);

}  // namespace rw::kernels
