#include <rewind/kernels/windows/conv_kernel.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <rewind/kernels/matmul/gemm.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

int64_t window(const ConvSizes& s) { return s.kh * s.kw * s.c / s.groups; }
int64_t out_per_group(const ConvSizes& s) { return s.out / s.groups; }

// Those rows of a group's results in one image, as a matrix of pixels by channels.
struct Block {
  int64_t image, group;
  int64_t begin, end;  // rows of y

  int64_t pixels(const ConvSizes& s) const { return (end - begin) * s.ow; }
};

int64_t result_offset(const ConvSizes& s, const Block& b) {
  return (b.image * s.oh + b.begin) * s.ow * s.out + b.group * out_per_group(s);
}
Matrix<double> results(const ConvSizes& s, const Block& b, const double* y) {
  return {y + result_offset(s, b), s.out, 1};
}

// f(row, column, pixel) for every output pixel `row` of a block and every tap of its window that
// falls on the image, at `pixel`; `column` is where the tap's channels begin in the unrolled row.
template <class F>
void for_each_tap(const ConvSizes& s, const Block& block, F&& f) {
  const int64_t channels = s.c / s.groups;
  for (int64_t oy = block.begin; oy < block.end; ++oy)
    for (int64_t ky = 0; ky < s.kh; ++ky) {
      const int64_t y = oy * s.stride.h() - s.padding.h() + ky * s.dilation.h();
      if (y < 0 || y >= s.h) continue;
      for (int64_t ox = 0; ox < s.ow; ++ox)
        for (int64_t kx = 0; kx < s.kw; ++kx) {
          const int64_t x = ox * s.stride.w() - s.padding.w() + kx * s.dilation.w();
          if (x < 0 || x >= s.w) continue;
          f((oy - block.begin) * s.ow + ox, (ky * s.kw + kx) * channels, y * s.w + x);
        }
    }
}

// Whether windows are pixels.
bool is_pointwise(const ConvSizes& s) {
  return s.kh == 1 && s.kw == 1 && s.h == s.oh && s.w == s.ow && s.stride == Size2(1) &&
         s.padding == Size2(0);
}

// One row per output pixel: the channels of one group in its window, zero beyond the border.
// `memory` holds them where they have to be copied.
Matrix<double> unrolled(const ConvSizes& s, const Block& b, const double* x,
                        std::vector<double>& memory) {
  const int64_t channels = s.c / s.groups;
  const double* image = x + b.image * s.h * s.w * s.c + b.group * channels;
  if (is_pointwise(s)) return {image + b.begin * s.w * s.c, s.c, 1};
  memory.assign(static_cast<size_t>(b.pixels(s) * window(s)), 0.0);
  for_each_tap(s, b, [&](int64_t row, int64_t column, int64_t pixel) {
    std::copy_n(image + pixel * s.c, channels, memory.data() + row * window(s) + column);
  });
  return {memory.data(), window(s), 1};
}

// The adjoint of unrolled, for whole images.
void roll_up(const ConvSizes& s, const Block& b, const std::vector<double>& rows, double* dx) {
  const int64_t channels = s.c / s.groups;
  double* image = dx + b.image * s.h * s.w * s.c + b.group * channels;
  for_each_tap(s, b, [&](int64_t row, int64_t column, int64_t pixel) {
    double* to = image + pixel * s.c;
    const double* from = rows.data() + row * window(s) + column;
    for (int64_t i = 0; i < channels; ++i) to[i] += from[i];
  });
}

// f(element of row-major weights, group, row of the window, output channel in the group)
template <class F>
void for_each_weight(const ConvSizes& s, F&& f) {
  const int64_t channels = s.c / s.groups;
  int64_t i = 0;
  for (int64_t o = 0; o < s.out; ++o)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t k = 0; k < s.kh * s.kw; ++k, ++i)
        f(i, o / out_per_group(s), k * channels + c, o % out_per_group(s));
}

// The filters of every group as a matrix: windows by output channels.
class Filters {
 public:
  Filters(const ConvSizes& s, const double* weight, const Strides& w)
      : size_(window(s) * out_per_group(s)),
        row_(out_per_group(s)),
        all_(static_cast<size_t>(s.groups * size_)) {
    const int64_t taps = s.kh * s.kw, channels = s.c / s.groups;
    for_each_weight(s, [&](int64_t i, int64_t group, int64_t row, int64_t column) {
      const int64_t k = i % taps, c = i / taps % channels, o = i / taps / channels;
      all_[static_cast<size_t>(group * size_ + row * row_ + column)] =
          weight[o * w[0] + c * w[1] + k / s.kw * w[2] + k % s.kw * w[3]];
    });
  }
  Matrix<double> of_group(int64_t group) const { return {all_.data() + group * size_, row_, 1}; }

 private:
  int64_t size_, row_;
  std::vector<double> all_;
};

// What is worth a thread, where one piece of work takes so many multiplications.
int64_t grain(int64_t multiplications) {
  return std::max<int64_t>(1, (1 << 17) / std::max<int64_t>(multiplications, 1));
}

// Few enough rows of results that their windows stay in the cache.
int64_t rows_together(const ConvSizes& s) {
  constexpr int64_t most = 1 << 15;  // elements
  return std::clamp<int64_t>(most / std::max<int64_t>(s.ow * window(s), 1), 1, s.oh);
}

// --- Depthwise: products of elements, vector by vector of the channels --------------------------

bool is_each_channel_alone(const ConvSizes& s) { return s.groups == s.c && s.c == s.out; }

// f(result, tap, image): where the channels of a result, of a tap's weights and of the pixel that
// it meets begin.
template <class F>
void for_each_product(const ConvSizes& s, int64_t image, F&& f) {
  for_each_tap(s, {image, 0, 0, s.oh}, [&](int64_t row, int64_t tap, int64_t pixel) {
    f((image * s.oh * s.ow + row) * s.c, tap * s.c, (image * s.h * s.w + pixel) * s.c);
  });
}

// sum += a * b
void add_products(const double* a, const double* b, int64_t n, double* sum) {
  for (int64_t i = 0; i < n; ++i) sum[i] += a[i] * b[i];
}

// Weights with a tap's channels side by side.
std::vector<double> by_taps(const ConvSizes& s, const double* weight, const Strides& w) {
  std::vector<double> all;
  for (int64_t y = 0; y < s.kh; ++y)
    for (int64_t x = 0; x < s.kw; ++x)
      for (int64_t o = 0; o < s.out; ++o) all.push_back(weight[o * w[0] + y * w[2] + x * w[3]]);
  return all;
}

void depthwise_forward(const ConvSizes& s, const double* x, const std::vector<double>& weight,
                       const double* bias, double* y) {
  const int64_t pixels = s.oh * s.ow;
  parallel_for(0, s.n, grain(pixels * window(s) * s.out), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin * pixels; p < end * pixels; ++p)
      bias ? std::copy_n(bias, s.c, y + p * s.c) : std::fill_n(y + p * s.c, s.c, 0.0);
    for (int64_t i = begin; i < end; ++i)
      for_each_product(s, i, [&](int64_t result, int64_t tap, int64_t pixel) {
        add_products(x + pixel, weight.data() + tap, s.c, y + result);
      });
  });
}

void depthwise_backward_input(const ConvSizes& s, const double* g,
                              const std::vector<double>& weight, double* dx) {
  const int64_t image_size = s.h * s.w * s.c;
  parallel_for(0, s.n, grain(s.oh * s.ow * window(s) * s.out), [&](int64_t begin, int64_t end) {
    std::fill(dx + begin * image_size, dx + end * image_size, 0.0);
    for (int64_t i = begin; i < end; ++i)
      for_each_product(s, i, [&](int64_t result, int64_t tap, int64_t pixel) {
        add_products(g + result, weight.data() + tap, s.c, dx + pixel);
      });
  });
}

bool are_finite(const double* p, int64_t n) {
  double zero = 0;
  for (int64_t i = 0; i < n; ++i) zero += p[i] * 0;
  return zero == 0;
}

// Adds an image's part to `sum`, in the order of by_taps.
void add_depthwise_weight(const ConvSizes& s, int64_t image, const double* x, const double* g,
                          double* sum) {
  for_each_product(s, image, [&](int64_t result, int64_t tap, int64_t pixel) {
    add_products(x + pixel, g + result, s.c, sum + tap);
  });
}

}  // namespace

ConvSizes adjoint(const ConvSizes& s) {
  ConvSizes r = s;
  std::swap(r.c, r.out);
  std::swap(r.h, r.oh);
  std::swap(r.w, r.ow);
  r.padding = {s.kh - 1 - s.padding.h(), s.kw - 1 - s.padding.w()};
  return r;
}

void conv_forward(const ConvSizes& s, const double* x, const double* weight,
                  const Strides& weight_strides, const double* bias, double* y) {
  if (is_each_channel_alone(s))
    return depthwise_forward(s, x, by_taps(s, weight, weight_strides), bias, y);
  const Filters filters(s, weight, weight_strides);
  const int64_t rows = rows_together(s), blocks = (s.oh + rows - 1) / rows;
  parallel_for(
      0, s.n * blocks, grain(rows * s.ow * window(s) * s.out), [&](int64_t begin, int64_t end) {
        std::vector<double> memory;
        for (int64_t i = begin; i < end; ++i)
          for (int64_t group = 0; group < s.groups; ++group) {
            const int64_t first = i % blocks * rows;
            const Block b = {i / blocks, group, first, std::min(first + rows, s.oh)};
            gemm<double>({b.pixels(s), out_per_group(s), window(s), unrolled(s, b, x, memory),
                          filters.of_group(group), bias ? bias + group * out_per_group(s) : nullptr,
                          y + result_offset(s, b), s.out});
          }
      });
}

void conv_backward_input(const ConvSizes& s, const double* g, const double* weight,
                         const Strides& weight_strides, double* dx) {
  if (is_each_channel_alone(s))
    return depthwise_backward_input(s, g, by_taps(s, weight, weight_strides), dx);
  const Filters filters(s, weight, weight_strides);
  const int64_t image_size = s.h * s.w * s.c;
  parallel_for(0, s.n, grain(s.oh * s.ow * window(s) * s.out), [&](int64_t begin, int64_t end) {
    std::vector<double> memory(static_cast<size_t>(s.oh * s.ow * window(s)));
    if (!is_pointwise(s)) std::fill(dx + begin * image_size, dx + end * image_size, 0.0);
    for (int64_t i = begin; i < end; ++i)
      for (int64_t group = 0; group < s.groups; ++group) {
        const Block b = {i, group, 0, s.oh};
        const bool direct = is_pointwise(s);
        gemm<double>({b.pixels(s), window(s), out_per_group(s), results(s, b, g),
                      filters.of_group(group).transpose(), nullptr,
                      direct ? dx + i * image_size + group * window(s) : memory.data(),
                      direct ? s.c : window(s)});
        if (!direct) roll_up(s, b, memory, dx);
      }
  });
}

void conv_backward_weight(const ConvSizes& s, const double* x, const double* g, double* dweight) {
  // The batch in a fixed number of pieces, so that sums do not depend on the number of threads.
  const int64_t pieces = std::min<int64_t>(s.n, 8), size = window(s) * out_per_group(s);
  // What is not finite times a pixel of the border is NaN, in every dtype alike.
  const bool alone = is_each_channel_alone(s) && are_finite(g, s.n * s.oh * s.ow * s.out);
  std::vector<double> sums(static_cast<size_t>(pieces * s.groups * size));
  const int64_t work = s.n / std::max<int64_t>(pieces, 1) * s.oh * s.ow * window(s) * s.out;
  parallel_for(0, pieces, grain(work), [&](int64_t begin, int64_t end) {
    std::vector<double> memory, product(static_cast<size_t>(size));
    for (int64_t piece = begin; piece < end; ++piece)
      for (int64_t i = piece * s.n / pieces; i < (piece + 1) * s.n / pieces; ++i) {
        if (alone) {
          add_depthwise_weight(s, i, x, g, sums.data() + piece * s.groups * size);
          continue;
        }
        for (int64_t group = 0; group < s.groups; ++group) {
          const Block b = {i, group, 0, s.oh};
          gemm<double>({window(s), out_per_group(s), b.pixels(s),
                        unrolled(s, b, x, memory).transpose(), results(s, b, g), nullptr,
                        product.data(), out_per_group(s)});
          double* sum = sums.data() + (piece * s.groups + group) * size;
          for (int64_t k = 0; k < size; ++k) sum[k] += product[static_cast<size_t>(k)];
        }
      }
  });
  const int64_t all = s.groups * size;
  for (int64_t k = all; k < pieces * all; ++k)
    sums[static_cast<size_t>(k % all)] += sums[static_cast<size_t>(k)];
  for_each_weight(s, [&](int64_t i, int64_t group, int64_t row, int64_t column) {
    const int64_t at = alone ? row * s.out + group : group * size + row * out_per_group(s) + column;
    dweight[i] = sums.empty() ? 0 : sums[static_cast<size_t>(at)];
  });
}

}  // namespace rw::kernels
