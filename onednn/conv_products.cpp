#include <rewind/onednn/conv_products.h>

#include <algorithm>

#include <rewind/onednn/matmul_primitive.h>
#include <rewind/onednn/runtime.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::onednn {
namespace {

int64_t window(const ConvSizes& s) { return s.c * s.kh * s.kw; }
int64_t results(const ConvSizes& s) { return s.n * s.oh * s.ow; }

float* floats(const Tensor& t) { return static_cast<float*>(t.raw_data()); }

// A matrix with rows side by side, and the transpose of one.
Matrices by_rows(const float* p, int64_t columns) { return {const_cast<float*>(p), {columns, 1}}; }
Matrices by_columns(const float* p, int64_t rows) { return {const_cast<float*>(p), {1, rows}}; }

// Work to be shared out over threads, where each piece handles so many numbers.
int64_t grain(int64_t numbers) { return 1 + (1 << 13) / numbers; }

// f(tap, place along y, place along x) for the taps of a window.
template <class F>
void for_each_tap(const ConvSizes& s, F&& f) {
  for (int64_t tap = 0; tap < s.kh * s.kw; ++tap)
    f(tap, tap / s.kw * s.dilation.h(), tap % s.kw * s.dilation.w());
}

// The adjoint of unroll: each pixel is the sum of what it is in the windows that take it.
void roll_up(const ConvSizes& s, const float* rows, float* x) {
  const int64_t taps = s.kh * s.kw;
  // The window that has a place of its own at pixel `at`, or -1.
  const auto taken_by = [](int64_t at, int64_t stride, int64_t count) -> int64_t {
    return at < 0 || at % stride != 0 || at / stride >= count ? -1 : at / stride;
  };
  parallel_for(0, s.n * s.h * s.w, grain(window(s)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float* const pixel = x + i * s.c;
      std::fill_n(pixel, s.c, 0.0f);
      for_each_tap(s, [&](int64_t tap, int64_t down, int64_t right) {
        const int64_t top = i / s.w % s.h + s.padding.h() - down;
        const int64_t left = i % s.w + s.padding.w() - right;
        const int64_t row = taken_by(top, s.stride.h(), s.oh);
        const int64_t column = taken_by(left, s.stride.w(), s.ow);
        if (row < 0 || column < 0) return;
        const int64_t result = (i / (s.h * s.w) * s.oh + row) * s.ow + column;
        const float* from = rows + result * window(s) + tap;
        for (int64_t c = 0; c < s.c; ++c) pixel[c] += from[c * taps];
      });
    }
  });
}

}  // namespace

void unroll(const ConvSizes& s, const float* x, float* rows) {
  const int64_t taps = s.kh * s.kw;
  parallel_for(0, results(s), grain(window(s)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t image = i / (s.oh * s.ow);
      for_each_tap(s, [&](int64_t tap, int64_t down, int64_t right) {
        const int64_t row = i / s.ow % s.oh * s.stride.h() - s.padding.h() + down;
        const int64_t column = i % s.ow * s.stride.w() - s.padding.w() + right;
        const bool inside = row >= 0 && row < s.h && column >= 0 && column < s.w;
        const float* pixel = inside ? x + ((image * s.h + row) * s.w + column) * s.c : nullptr;
        float* to = rows + i * window(s) + tap;
        for (int64_t c = 0; c < s.c; ++c) to[c * taps] = pixel ? pixel[c] : 0;
      });
    }
  });
}

// From measurements with AVX-512 on two threads.
bool takes_products(const ConvSizes& s, const Tensor& weight) {
  const bool possible = weight.dtype() == float32 && weight.is_contiguous() && s.groups == 1;
  return possible && s.kh * s.kw > 1 && results(s) <= 64 && window(s) * s.out >= 1 << 18;
}

void products_forward(const ConvSizes& s, const Tensor& x, const Tensor& weight, const Tensor& bias,
                      const Tensor& y) {
  detail::report_implementation("products");
  const Scratchpad rows(static_cast<size_t>(results(s) * window(s)) * sizeof(float));
  auto* const all = static_cast<float*>(rows.data());
  unroll(s, floats(x), all);
  matmul(float32, {{}, results(s), s.out, window(s)}, by_rows(all, window(s)),
         by_columns(floats(weight), window(s)), by_rows(floats(y), s.out),
         {.bias = bias.defined() ? bias.raw_data() : nullptr});
}

void products_backward_input(const ConvSizes& s, const Tensor& g, const Tensor& weight,
                             const Tensor& dx) {
  detail::report_implementation("products");
  const Scratchpad rows(static_cast<size_t>(results(s) * window(s)) * sizeof(float));
  auto* const all = static_cast<float*>(rows.data());
  matmul(float32, {{}, results(s), window(s), s.out}, by_rows(floats(g), s.out),
         by_rows(floats(weight), window(s)), by_rows(all, window(s)));
  roll_up(s, all, floats(dx));
}

void products_backward_weight(const ConvSizes& s, const Tensor& x, const Tensor& g,
                              const Tensor& dweight) {
  detail::report_implementation("products");
  const Scratchpad rows(static_cast<size_t>(results(s) * window(s)) * sizeof(float));
  auto* const all = static_cast<float*>(rows.data());
  unroll(s, floats(x), all);
  matmul(float32, {{}, s.out, window(s), results(s)}, by_columns(floats(g), s.out),
         by_rows(all, window(s)), by_rows(floats(dweight), window(s)));
}

}  // namespace rw::onednn
