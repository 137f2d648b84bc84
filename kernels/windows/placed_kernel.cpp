#include <rewind/kernels/windows/placed_kernel.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include <rewind/kernels/compute.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

constexpr int64_t piece = 1 << 14;  // elements for a thread, at least

template <class T>
std::optional<int64_t> place_of(int64_t planes, int64_t sources, int64_t targets, const T* x,
                                const int64_t* indices, T* y) {
  std::atomic<int64_t> outside = 0;
  std::atomic<bool> failed = false;
  parallel_for(0, planes, piece / std::max<int64_t>(sources + targets, 1) + 1,
               [&](int64_t begin, int64_t end) {
                 std::fill(y + begin * targets, y + end * targets, T());
                 for (int64_t p = begin; p < end; ++p)
                   for (int64_t k = p * sources; k < (p + 1) * sources; ++k) {
                     const int64_t index = indices[k];
                     if (index >= 0 && index < targets) {
                       y[p * targets + index] = x[k];
                     } else {
                       outside = index;
                       failed = true;
                     }
                   }
               });
  return failed ? std::optional<int64_t>(outside) : std::nullopt;
}

template <class T>
void max_in_plane(const PlacedWindows& w, const int32_t* starts, const T* x, T* y,
                  int64_t* indices) {
  using C = Compute<T>;
  const int32_t *depths = starts, *rows = depths + w.out[0], *cols = rows + w.out[1];
  const int64_t height = w.in[1], width = w.in[2];
  for (int64_t i = 0; i < w.out[0]; ++i)
    for (int64_t j = 0; j < w.out[1]; ++j)
      for (int64_t k = 0; k < w.out[2]; ++k) {
        const int64_t first = (depths[i] * height + rows[j]) * width + cols[k];
        C best = -std::numeric_limits<C>::infinity();
        int64_t winner = first;
        for (int64_t a = 0; a < w.kernel[0]; ++a)
          for (int64_t b = 0; b < w.kernel[1]; ++b) {
            const int64_t row = first + (a * height + b) * width;
            for (int64_t at = row; at < row + w.kernel[2]; ++at) {
              const auto v = static_cast<C>(x[at]);
              // Without a branch, which could not be foreseen.
              const bool better = static_cast<int>(v > best) | static_cast<int>(std::isnan(v));
              best = better ? v : best;
              winner = better ? at : winner;
            }
          }
        *y++ = static_cast<T>(best);
        *indices++ = winner;
      }
}

}  // namespace

std::optional<int64_t> place(DType dtype, int64_t planes, int64_t sources, int64_t targets,
                             const void* x, const int64_t* indices, void* y) {
  return dispatch_floating(dtype, [&]<class T>() {
    return place_of(planes, sources, targets, static_cast<const T*>(x), indices,
                    static_cast<T*>(y));
  });
}

void max_placed(const PlacedWindows& w, const void* x, void* y, int64_t* indices) {
  const int64_t in = w.in[0] * w.in[1] * w.in[2], out = w.out[0] * w.out[1] * w.out[2];
  const int64_t starts = w.out[0] + w.out[1] + w.out[2];
  const int64_t taken = out * w.kernel[0] * w.kernel[1] * w.kernel[2];
  dispatch_floating(w.dtype, [&]<class T>() {
    parallel_for(0, w.planes, piece / std::max<int64_t>(taken, 1) + 1,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t p = begin; p < end; ++p)
                     max_in_plane(w, w.starts + p * starts, static_cast<const T*>(x) + p * in,
                                  static_cast<T*>(y) + p * out, indices + p * out);
                 });
  });
}

}  // namespace rw::kernels
