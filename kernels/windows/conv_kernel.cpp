#include <rewind/kernels/windows/conv_kernel.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <rewind/kernels/windows/conv_blocks.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

int64_t taps(const ConvSizes& s) { return s.kh * s.kw; }

// --- Depthwise: products of elements, vector by vector of the channels ---------------------------

bool is_each_channel_alone(const ConvSizes& s) { return s.groups == s.c && s.c == s.out; }

// f(result, tap, pixel) for every result of an image and every tap of its window that meets a
// pixel: where the channels of each begin, the tap's among the weights.
template <class F>
void for_each_product(const ConvSizes& s, int64_t image, F&& f) {
  for (int64_t oy = 0; oy < s.oh; ++oy)
    for (int64_t ky = 0; ky < s.kh; ++ky) {
      const int64_t y = oy * s.stride.h() - s.padding.h() + ky * s.dilation.h();
      if (y < 0 || y >= s.h) continue;
      for (int64_t ox = 0; ox < s.ow; ++ox)
        for (int64_t kx = 0; kx < s.kw; ++kx) {
          const int64_t x = ox * s.stride.w() - s.padding.w() + kx * s.dilation.w();
          if (x < 0 || x >= s.w) continue;
          f(((image * s.oh + oy) * s.ow + ox) * s.c, (ky * s.kw + kx) * s.c,
            ((image * s.h + y) * s.w + x) * s.c);
        }
    }
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
  parallel_for(0, s.n, grain(pixels * taps(s) * s.out), [&](int64_t begin, int64_t end) {
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
  parallel_for(0, s.n, grain(s.oh * s.ow * taps(s) * s.out), [&](int64_t begin, int64_t end) {
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

void depthwise_backward_weight(const ConvSizes& s, const double* x, const double* g,
                               double* dweight) {
  // The batch in a fixed number of pieces, so that sums do not depend on the number of threads.
  const int64_t pieces = std::min<int64_t>(s.n, 8), size = taps(s) * s.out;
  std::vector<double> sums(static_cast<size_t>(std::max<int64_t>(pieces, 1) * size));
  const int64_t work = s.n / std::max<int64_t>(pieces, 1) * s.oh * s.ow * size;
  parallel_for(0, pieces, grain(work), [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece)
      for (int64_t i = piece * s.n / pieces; i < (piece + 1) * s.n / pieces; ++i)
        for_each_product(s, i, [&](int64_t result, int64_t tap, int64_t pixel) {
          add_products(x + pixel, g + result, s.c, sums.data() + piece * size + tap);
        });
  });
  for (int64_t piece = 1; piece < pieces; ++piece)
    for (int64_t k = 0; k < size; ++k)
      sums[static_cast<size_t>(k)] += sums[static_cast<size_t>(piece * size + k)];
  for (int64_t o = 0; o < s.out; ++o)
    for (int64_t k = 0; k < taps(s); ++k)
      dweight[o * taps(s) + k] = sums[static_cast<size_t>(k * s.out + o)];
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
    depthwise_forward(s, x, by_taps(s, weight, weight_strides), bias, y);
  else
    blocks_forward(s, x, weight, weight_strides, bias, y);
}

void conv_backward_input(const ConvSizes& s, const double* g, const double* weight,
                         const Strides& weight_strides, double* dx) {
  if (is_each_channel_alone(s))
    depthwise_backward_input(s, g, by_taps(s, weight, weight_strides), dx);
  else
    blocks_backward_input(s, g, weight, weight_strides, dx);
}

void conv_backward_weight(const ConvSizes& s, const double* x, const double* g, double* dweight) {
  // What is not finite times a pixel of the border is NaN, in every dtype alike.
  if (is_each_channel_alone(s) && are_finite(g, s.n * s.oh * s.ow * s.out))
    depthwise_backward_weight(s, x, g, dweight);
  else
    blocks_backward_weight(s, x, g, dweight);
}

}  // namespace rw::kernels
