#pragma once

// The processors that sources with vectors are compiled for; include this before Highway. Each
// target costs a quarter of the time to compile: AVX2 and AVX-512 cover the x86 machines of the
// last ten years, older ones run the code without vectors. Vectors of unknown size (SVE) can't be
// kept in arrays, as many kernels do: these machines have NEON as well.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
