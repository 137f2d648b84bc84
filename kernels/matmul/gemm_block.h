#pragma once

#include <rewind/kernels/matmul/gemm.h>

namespace rw::kernels {

/// One product in vector code chosen for the machine, on the calling thread. Made for blocks of up
/// to a few hundred rows, which it works on in pieces that stay in the caches. With `add`, the
/// product is added to what is in c.
void gemm_block(const Gemm<float>& g, bool add = false);
void gemm_block(const Gemm<double>& g, bool add = false);

}  // namespace rw::kernels
