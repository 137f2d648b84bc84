#pragma once

// The processors that sources with vectors are compiled for; include this before Highway. Three
// targets cover the x86 machines there are, and each costs its time to compile. Vectors of unknown
// size (SVE) can't be kept in arrays, as many kernels do: these machines have NEON as well.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
