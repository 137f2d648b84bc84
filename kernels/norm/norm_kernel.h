#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// Passes over tensors with one set of parameters per channel. Parameters and results per channel
// are float64 arrays; their rounding to the tensor's type costs no accuracy, even for a mean that
// is large against the spread. Results do not depend on the number of threads.
namespace rw::kernels {

/// Dense memory [outer, channels, inner] of `dtype`; inner is 1 in channels-last memory.
struct Channels {
  DType dtype;
  int64_t outer;
  int64_t channels;
  int64_t inner;
  int64_t per_channel() const { return outer * inner; }
};

/// Mean and variance (divided by n) of each channel, in one pass over memory; 0 for n = 0.
void channel_moments(const Channels& c, const void* x, double* mean, double* variance);
/// y = (x - mean) * scale + shift
void channel_scale(const Channels& c, const void* x, const double* mean, const double* scale,
                   const double* shift, void* y);
/// Sums of g and of g * (x - mean) over each channel.
void channel_sums(const Channels& c, const void* g, const void* x, const double* mean,
                  double* sum_g, double* sum_gx);
/// y = g * a + (x - mean) * b + shift; without g the first term is left out.
void channel_combine(const Channels& c, const void* g, const void* x, const double* mean,
                     const double* a, const double* b, const double* shift, void* y);

}  // namespace rw::kernels
