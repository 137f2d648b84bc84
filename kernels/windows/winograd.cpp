#include <rewind/kernels/windows/winograd.h>

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <utility>
#include <vector>

#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/kernels/windows/winograd_direct.h>
#include <rewind/kernels/windows/winograd_tiles.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::kernels {
namespace {

// Tiles whose transforms stay in the second-level cache: less so where what is added to them has to
// come from there each time. And those that stay in the third.
constexpr int64_t max_block = 32, max_gradient_block = 64, max_group = 256;
// Columns of a product that are worked on together: what one needs of the filters stays in the
// first-level cache.
constexpr int64_t strip = 32;
// The other dimension of a piece of filters whose transforms stay in the second-level cache.
constexpr int64_t chunk = 64;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Rounded up to an odd number of cache lines: what lies such steps apart falls into different sets
// of the caches.
int64_t odd_lines(int64_t elements) {
  constexpr int64_t line = 16;
  return (ceil_div(elements, line) | 1) * line;
}

// One or several spectra whose rows are `row` elements apart.
class Spectra {
 public:
  Spectra(int64_t rows, int64_t row, int64_t count = 1)
      : row_(row), matrix_(odd_lines(rows * row)), count_(count) {}

  int64_t size() const { return winograd_products * matrix_; }
  Spectrum at(int64_t index = 0) const { return {data_ + index * size(), matrix_, row_}; }

 private:
  friend class Workspace;
  int64_t elements() const { return count_ * size(); }

  int64_t row_, matrix_, count_;
  float* data_ = nullptr;
};

// Memory for all spectra that one thread works with, in one piece: it falls evenly into the sets of
// the thread's cache then, which it nearly fills.
class Workspace {
 public:
  explicit Workspace(std::initializer_list<Spectra*> spectra) : memory_(bytes(spectra)) {
    auto* next = static_cast<float*>(memory_.data());
    for (Spectra* s : spectra) s->data_ = std::exchange(next, next + s->elements());
  }

 private:
  static size_t bytes(std::initializer_list<Spectra*> spectra) {
    int64_t elements = 0;
    for (const Spectra* s : spectra) elements += s->elements();
    return static_cast<size_t>(elements) * sizeof(float);
  }

  detail::ThreadMemory memory_;
};

template <class T>
TiledImages<T> tiled(const ConvSizes& s, T* data, int64_t h, int64_t w, int64_t channels,
                     Size2 offset) {
  return {.data = data,
          .h = h,
          .w = w,
          .pixel = channels,
          .channels = channels,
          .offset = offset,
          .rows = ceil_div(s.oh, winograd_tile),
          .columns = ceil_div(s.ow, winograd_tile)};
}
template <class T>
TiledImages<const T> input_tiles(const ConvSizes& s, const T* x) {
  return tiled(s, x, s.h, s.w, s.c, s.padding);
}
template <class T>
TiledImages<T> output_tiles(const ConvSizes& s, T* y) {
  return tiled(s, y, s.oh, s.ow, s.out, 0);
}

// The 36 products m = v u, or added to m: one strip of columns of m, [tiles, in] by [in, columns].
void multiply(const Spectrum& v, const Spectrum& u, const Spectrum& m, int64_t tiles, int64_t in,
              int64_t columns, bool add) {
  constexpr int64_t rows = 32;
  for (int64_t p = 0; p < winograd_products; ++p)
    for (int64_t t = 0; t < tiles; t += rows)
      gemm_block({.m = std::min(rows, tiles - t),
                  .n = columns,
                  .k = in,
                  .a = {v.from(t, 0).product(p), v.row, 1},
                  .b = {u.product(p), u.row, 1},
                  .bias = nullptr,
                  .c = m.from(t, 0).product(p),
                  .c_row = m.row},
                 add);
}

// du = z' v, or added to it: [filters, tiles] by [tiles, columns].
void multiply_transposed(const Spectrum& z, const Spectrum& v, const Spectrum& du, int64_t tiles,
                         int64_t filters, int64_t columns, bool add) {
  for (int64_t p = 0; p < winograd_products; ++p)
    gemm_block({.m = filters,
                .n = columns,
                .k = tiles,
                .a = {z.product(p), 1, z.row},
                .b = {v.product(p), v.row, 1},
                .bias = nullptr,
                .c = du.product(p),
                .c_row = du.row},
               add);
}

// Whether the filters' transforms would leave the caches, so that they are better made piece by
// piece, each for many tiles.
bool large_filters(const ConvSizes& s) { return std::min(s.c, s.out) > 128; }

// --- Forward ------------------------------------------------------------------------------------

// Every thread transforms all filters, then finishes blocks of tiles. To share the filters out
// would cost more: what one core has written, others wait for.
template <class T>
void forward_by_blocks(const ConvSizes& s, const T* x, const Filters& w, const float* bias,
                       const TiledImages<T>& out) {
  const auto in = input_tiles(s, x);
  const int64_t tiles = in.tiles(s.n);
  const int64_t block = std::min(max_block, ceil_div(tiles, get_num_threads()));
  parallel_for(0, ceil_div(tiles, block), 1, [&](int64_t begin, int64_t end) {
    Spectra u(s.c, strip, ceil_div(s.out, strip)), v(block, odd_lines(s.c)), m(block, strip);
    const Workspace memory({&u, &v, &m});
    uint8_t uneven[max_block];
    for (int64_t k = 0; k < s.out; k += strip)
      transform_filters(w.part(k, std::min(strip, s.out - k), 0, s.c), u.at(k / strip));
    for (int64_t t = begin * block; t < std::min(end * block, tiles); t += block) {
      const int64_t count = std::min(block, tiles - t);
      transform_windows(in, t, count, uneven, v.at());
      for (int64_t k = 0; k < s.out; k += strip) {
        const int64_t filters = std::min(strip, s.out - k);
        multiply(v.at(), u.at(k / strip), m.at(), count, s.c, filters, false);
        transform_results(m.at(), bias ? bias + k : nullptr, t, count, out.narrow(k, filters));
      }
      direct_results(in, w, bias, t, count, uneven, out);
    }
  });
}

// Every thread transforms some hundred tiles, then finishes strips of their results.
template <class T>
void forward_by_strips(const ConvSizes& s, const T* x, const Filters& w, const float* bias,
                       const TiledImages<T>& out) {
  const auto in = input_tiles(s, x);
  const int64_t tiles = in.tiles(s.n), group = std::min(max_group, tiles);
  parallel_for(0, ceil_div(s.out, strip), 1, [&](int64_t begin, int64_t end) {
    Spectra v(group, odd_lines(s.c)), u(chunk, strip), m(group, strip);
    const Workspace memory({&v, &u, &m});
    uint8_t uneven[max_group];
    const int64_t first = begin * strip, last = std::min(end * strip, s.out);
    for (int64_t t = 0; t < tiles; t += group) {
      const int64_t count = std::min(group, tiles - t);
      transform_windows(in, t, count, uneven, v.at());
      for (int64_t k = first; k < last; k += strip) {
        const int64_t filters = std::min(strip, s.out - k);
        for (int64_t c = 0; c < s.c; c += chunk) {
          const int64_t channels = std::min(chunk, s.c - c);
          transform_filters(w.part(k, filters, c, channels), u.at());
          multiply(v.at().from(0, c), u.at(), m.at(), count, channels, filters, c > 0);
        }
        transform_results(m.at(), bias ? bias + k : nullptr, t, count, out.narrow(k, filters));
      }
      direct_results(in, w.part(first, last - first, 0, s.c), bias ? bias + first : nullptr, t,
                     count, uneven, out.narrow(first, last - first));
    }
  });
}

template <class T>
void forward(const ConvSizes& s, const T* x, const Filters& w, const float* bias,
             const TiledImages<T>& y) {
  if (large_filters(s))
    forward_by_strips(s, x, w, bias, y);
  else
    forward_by_blocks(s, x, w, bias, y);
}

// --- Gradients of filters -----------------------------------------------------------------------

// How many parts the tiles are cut into; it does not depend on the number of threads. Parts of
// fewer tiles than channels would cost more to add up than to compute; a power of two shares out
// evenly.
int64_t gradient_parts(const ConvSizes& s, int64_t tiles) {
  const auto parts = static_cast<uint64_t>(tiles / std::max(s.c, s.out));
  return static_cast<int64_t>(std::bit_floor(std::min<uint64_t>(parts, 16)));
}

// uneven[t], or other[t], of `count` tiles.
void mark_either(const uint8_t* other, int64_t count, uint8_t* uneven) {
  for (int64_t t = 0; t < count; ++t) uneven[t] |= other[t];
}

// The sums over each part of the tiles are computed by one thread, and added in the end.
template <class T>
void backward_weight_by_blocks(const ConvSizes& s, const T* x, const T* g, float* dweight) {
  const auto in = input_tiles(s, x);
  const auto out = output_tiles(s, g);
  const int64_t tiles = in.tiles(s.n);
  const int64_t part = ceil_div(tiles, gradient_parts(s, tiles)), parts = ceil_div(tiles, part);
  Spectra du(s.out, odd_lines(s.c), parts);
  const Workspace sums({&du});
  std::vector<uint8_t> uneven(static_cast<size_t>(tiles));
  parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    Spectra v(max_gradient_block, odd_lines(s.c)), z(max_gradient_block, odd_lines(s.out));
    const Workspace memory({&v, &z});
    uint8_t uneven_gradients[max_gradient_block];
    for (int64_t i = begin; i < end; ++i)
      for (int64_t t = i * part, stop = std::min(t + part, tiles); t < stop;
           t += max_gradient_block) {
        const int64_t count = std::min(max_gradient_block, stop - t);
        transform_windows(in, t, count, uneven.data() + t, v.at());
        transform_result_gradients(out, t, count, uneven_gradients, z.at());
        mark_either(uneven_gradients, count, uneven.data() + t);
        for (int64_t c = 0; c < s.c; c += strip)
          multiply_transposed(z.at(), v.at().from(0, c), du.at(i).from(0, c), count, s.out,
                              std::min(strip, s.c - c), t > i * part);
      }
  });
  parallel_for(0, s.out, 1 + (1 << 15) / (parts * s.c), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k)
      transform_filter_gradient(du.at().from(k, 0), parts, du.size(), s.c, false,
                                dweight + k * s.c * 9);
  });
  parallel_for(0, ceil_div(s.c, strip), 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin * strip; c < std::min(end * strip, s.c); c += strip)
      add_direct_filter_gradient(in.narrow(c, std::min(strip, s.c - c)), out, tiles, uneven.data(),
                                 dweight + c * 9, s.c * 9);
  });
}

// Every thread transforms the gradients of some hundred tiles, then finishes strips of the result.
template <class T>
void backward_weight_by_strips(const ConvSizes& s, const T* x, const T* g, float* dweight) {
  const auto in = input_tiles(s, x);
  const auto out = output_tiles(s, g);
  const int64_t tiles = in.tiles(s.n), group = std::min(max_group, tiles);
  parallel_for(0, ceil_div(s.c, strip), 1, [&](int64_t begin, int64_t end) {
    Spectra z(group, odd_lines(s.out)), v(group, strip), du(chunk, strip);
    const Workspace memory({&z, &v, &du});
    uint8_t uneven_windows[max_group];
    std::vector<uint8_t> uneven(static_cast<size_t>(tiles));
    for (int64_t t = 0; t < tiles; t += group) {
      const int64_t count = std::min(group, tiles - t);
      transform_result_gradients(out, t, count, uneven.data() + t, z.at());
      find_uneven_windows(in, t, count, uneven_windows);
      mark_either(uneven_windows, count, uneven.data() + t);
      for (int64_t c = begin * strip; c < std::min(end * strip, s.c); c += strip) {
        const int64_t channels = std::min(strip, s.c - c);
        transform_even_windows(in.narrow(c, channels), t, count, uneven.data() + t, v.at());
        for (int64_t k = 0; k < s.out; k += chunk) {
          const int64_t filters = std::min(chunk, s.out - k);
          multiply_transposed(z.at().from(0, k), v.at(), du.at(), count, filters, channels, false);
          for (int64_t f = 0; f < filters; ++f)
            transform_filter_gradient(du.at().from(f, 0), 1, 0, channels, t > 0,
                                      dweight + ((k + f) * s.c + c) * 9);
        }
      }
    }
    for (int64_t c = begin * strip; c < std::min(end * strip, s.c); c += strip)
      add_direct_filter_gradient(in.narrow(c, std::min(strip, s.c - c)), out, tiles, uneven.data(),
                                 dweight + c * 9, s.c * 9);
  });
}

// From measurements with one and two threads, of AVX-512 and AVX2: with few channels the
// transforms of pixels cost what the products save, with few tiles those of filters do, and of
// tiles that hang over the border too little is used.
bool pays(const ConvSizes& s, int64_t least_tiles) {
  const bool possible = s.kh == 3 && s.kw == 3 && s.stride == Size2(1) && s.dilation == Size2(1) &&
                        s.groups == 1 && s.padding.h() <= 2 && s.padding.w() <= 2;
  const int64_t tiles = output_tiles<const float>(s, nullptr).tiles(s.n);
  const int64_t covered = tiles * winograd_tile * winograd_tile;
  const int64_t filters = s.c * s.out;
  return possible && std::min(s.c, s.out) >= 16 && filters >= (tiles < 1024 ? 2048 : 1024) &&
         tiles >= least_tiles && tiles * filters >= 1 << 18 && 5 * s.n * s.oh * s.ow >= 3 * covered;
}

}  // namespace

bool winograd_pays(const ConvSizes& s) { return pays(s, 32); }
bool winograd_pays_forward(const ConvSizes& s) { return pays(s, s.c * s.out >= 1 << 14 ? 16 : 32); }
bool winograd_pays_backward_input(const ConvSizes& s) { return winograd_pays(adjoint(s)); }

template <class T>
void winograd_forward(const ConvSizes& s, const T* x, const float* weight,
                      const Strides& weight_strides, const float* bias, T* y, bool relu,
                      const T* add) {
  detail::report_implementation("winograd");
  const Strides& w = weight_strides;
  TiledImages<T> out = output_tiles(s, y);
  out.add = add;
  out.relu = relu;
  forward(s, x, {weight, s.out, s.c, w[0], w[1], {w[2], w[3]}}, bias, out);
}

// The convolution of g with the filters turned around, input and output channels exchanged.
template <class T>
void winograd_backward_input(const ConvSizes& s, const T* g, const float* weight,
                             const Strides& weight_strides, T* dx) {
  detail::report_implementation("winograd");
  const Strides& w = weight_strides;
  const Filters turned = {weight + 2 * w[2] + 2 * w[3], s.c, s.out, w[1], w[0], {-w[2], -w[3]}};
  const ConvSizes turned_sizes = adjoint(s);
  forward<T>(turned_sizes, g, turned, nullptr, output_tiles(turned_sizes, dx));
}

template <class T>
void winograd_backward_weight(const ConvSizes& s, const T* x, const T* g, float* dweight) {
  detail::report_implementation("winograd");
  if (large_filters(s) || gradient_parts(s, input_tiles(s, x).tiles(s.n)) < 8)
    backward_weight_by_strips(s, x, g, dweight);
  else
    backward_weight_by_blocks(s, x, g, dweight);
}

template void winograd_forward(const ConvSizes&, const float*, const float*, const Strides&,
                               const float*, float*, bool, const float*);
template void winograd_forward(const ConvSizes&, const BFloat16*, const float*, const Strides&,
                               const float*, BFloat16*, bool, const BFloat16*);
template void winograd_backward_input(const ConvSizes&, const float*, const float*, const Strides&,
                                      float*);
template void winograd_backward_input(const ConvSizes&, const BFloat16*, const float*,
                                      const Strides&, BFloat16*);
template void winograd_backward_weight(const ConvSizes&, const float*, const float*, float*);
template void winograd_backward_weight(const ConvSizes&, const BFloat16*, const BFloat16*, float*);

}  // namespace rw::kernels
