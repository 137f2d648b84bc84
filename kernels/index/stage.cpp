#include <rewind/kernels/index/stage.h>

#include <algorithm>
#include <cstring>

#include <rewind/kernels/index/copy.h>

namespace rw::kernels {
namespace {

// Calls f(offset, n, step) for the runs along the last dimension that make up [begin, begin + n).
template <class F>
void for_each_piece(const Strided& w, int64_t begin, int64_t n, F&& f) {
  int64_t index[Shape::max_rank], rest = begin, offset = 0;
  for (int d = w.rank - 1; d >= 0; --d) {
    index[d] = rest % w.sizes[d];
    rest /= w.sizes[d];
    offset += index[d] * w.strides[d];
  }
  const int inner = w.rank - 1;
  const int64_t step = w.strides[inner];
  while (n > 0) {
    const int64_t m = std::min(w.sizes[inner] - index[inner], n);
    f(offset, m, step);
    n -= m;
    offset -= index[inner] * step;
    index[inner] = 0;
    for (int d = inner - 1; d >= 0; --d) {
      offset += w.strides[d];
      if (++index[d] < w.sizes[d]) break;
      offset -= w.sizes[d] * w.strides[d];
      index[d] = 0;
    }
  }
}

// After so many elements the walk comes by the same ones again.
int64_t period(const Strided& w) {
  int64_t n = 1;
  for (int d = w.rank - 1; d >= 0; --d) {
    n *= w.sizes[d];
    if (std::all_of(w.strides, w.strides + d, [](int64_t s) { return s == 0; })) break;
  }
  return n;
}

template <class T>
void gather_as(const char* x, const Strided& w, int64_t begin, int64_t n, char* to) {
  const auto* from = reinterpret_cast<const T*>(x);
  auto* y = reinterpret_cast<T*>(to);
  int64_t done = std::min(n, period(w));
  for_each_piece(w, begin, done, [&](int64_t offset, int64_t m, int64_t step) {
    copy_run(from + offset, step, y, 1, m);
    y += m;
  });
  y = reinterpret_cast<T*>(to);
  for (int64_t m; done < n; done += m) {
    m = std::min(done, n - done);
    std::memcpy(y + done, y, static_cast<size_t>(m) * sizeof(T));
  }
}

template <class T>
void scatter_as(const char* from, const Strided& w, int64_t begin, int64_t n, char* y) {
  const auto* x = reinterpret_cast<const T*>(from);
  for_each_piece(w, begin, n, [&](int64_t offset, int64_t m, int64_t step) {
    copy_run(x, 1, reinterpret_cast<T*>(y) + offset, step, m);
    x += m;
  });
}

}  // namespace

void gather_run(size_t itemsize, const char* x, const Strided& walk, int64_t begin, int64_t n,
                char* to) {
  by_itemsize(itemsize, [&]<class T>() { gather_as<T>(x, walk, begin, n, to); });
}

void scatter_run(size_t itemsize, const char* from, const Strided& walk, int64_t begin, int64_t n,
                 char* y) {
  by_itemsize(itemsize, [&]<class T>() { scatter_as<T>(from, walk, begin, n, y); });
}

}  // namespace rw::kernels
