#pragma once
// Pieces of strided memory to and from small contiguous buffers, for kernels that compute on those.

#include <cstddef>
#include <cstdint>

namespace rw::kernels {

/// One operand of a walk over `rank` dimensions, the last of which runs fastest.
struct Strided {
  const int64_t* sizes;
  const int64_t* strides;
  int rank;
};

/// to[i] = element begin + i of the walk, for the n elements from `begin` on.
void gather_run(size_t itemsize, const char* x, const Strided& walk, int64_t begin, int64_t n,
                char* to);
/// The other way round.
void scatter_run(size_t itemsize, const char* from, const Strided& walk, int64_t begin, int64_t n,
                 char* y);
/// y[j][i] = x[i][j], where x lies evenly along j and y along i.
void transpose_tile(size_t itemsize, const char* x, int64_t x_step, char* y, int64_t y_step,
                    int64_t rows, int64_t columns);

/// From so many bytes on a result is written around the caches: most of it would not stay there,
/// and the memory that it goes to need not be read first.
inline constexpr size_t streaming_bytes = size_t{32} << 20;
/// Copies bytes to such a result. Visible to other threads after finish_streams().
void stream_run(const char* from, size_t bytes, char* to);
void finish_streams();

}  // namespace rw::kernels
