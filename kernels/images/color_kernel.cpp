#include <rewind/kernels/images/color_kernel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/images/color_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
using Number = std::conditional_t<std::is_same_v<T, double>, double, float>;

// In the range of T. NaN stays where T has one.
template <class T>
T bounded(Number<T> v) {
  constexpr Number<T> most = std::is_integral_v<T> ? 255 : 1;
  v = v < 0 ? 0 : v;
  return static_cast<T>(v > most ? most : v);
}
// Rounded towards zero where T is an integer.
template <class T>
Number<T> as_stored(Number<T> v) {
  if constexpr (std::is_integral_v<T>) return static_cast<Number<T>>(static_cast<T>(v));
  return v;
}

template <class T>
struct Pixels {
  const T *r, *g, *b;

  Pixels(const void* x, int64_t n) : r(static_cast<const T*>(x)), g(r + n), b(g + n) {}
  Number<T> lightness(int64_t i) const {
    using N = Number<T>;
    return static_cast<N>(0.2989) * static_cast<N>(r[i]) +
           static_cast<N>(0.587) * static_cast<N>(g[i]) +
           static_cast<N>(0.114) * static_cast<N>(b[i]);
  }
};

template <class F>
void dispatch_pixels(DType dtype, F&& f) {
  dispatch_among<uint8_t, float, double>(dtype, f);
}

void ScaleAndShift(DType dtype, int64_t n, double scale, double shift, const void* x, void* y) {
  dispatch_pixels(dtype, [&]<class T>() {
    const auto a = static_cast<Number<T>>(scale), b = static_cast<Number<T>>(shift);
    const T* from = static_cast<const T*>(x);
    T* to = static_cast<T*>(y);
    for (int64_t i = 0; i < n; ++i) to[i] = bounded<T>(static_cast<Number<T>>(from[i]) * a + b);
  });
}

void Grayscale(DType dtype, int64_t n, const void* x, void* y) {
  dispatch_pixels(dtype, [&]<class T>() {
    const Pixels<T> from(x, n);
    T* to = static_cast<T*>(y);
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(from.lightness(i));
  });
}

double MeanLightness(DType dtype, int64_t n, const void* x) {
  double sum = 0;
  dispatch_pixels(dtype, [&]<class T>() {
    const Pixels<T> from(x, n);
    for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(as_stored<T>(from.lightness(i)));
  });
  return sum / static_cast<double>(n);
}

void BlendWithLightness(DType dtype, int64_t n, double ratio, const void* x, void* y) {
  dispatch_pixels(dtype, [&]<class T>() {
    using N = Number<T>;
    const Pixels<T> from(x, n);
    T* to = static_cast<T*>(y);
    const N a = static_cast<N>(ratio), b = static_cast<N>(1 - ratio);
    for (int64_t i = 0; i < n; ++i) {
      const N l = as_stored<T>(from.lightness(i)) * b;
      to[i] = bounded<T>(static_cast<N>(from.r[i]) * a + l);
      to[n + i] = bounded<T>(static_cast<N>(from.g[i]) * a + l);
      to[2 * n + i] = bounded<T>(static_cast<N>(from.b[i]) * a + l);
    }
  });
}

// As to_dtype(scale) of torchvision has it: all bytes get as many numbers.
template <class T>
T scaled(float v) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(v * 255.999f);
  else
    return static_cast<T>(v);
}

float within_1(float v) { return std::min(std::max(v, 0.0f), 1.0f); }

struct Color {
  float r, g, b;
};

// By way of hue, saturation and value (A. R. Smith, "Color gamut transform pairs", 1978).
Color turned(Color c, float turn) {
  const float most = std::max({c.r, c.g, c.b}), least = std::min({c.r, c.g, c.b});
  const float range = most - least, divisor = range == 0 ? 1 : range;
  const float s = range / (range == 0 ? 1 : most);
  const float rc = (most - c.r) / divisor, gc = (most - c.g) / divisor, bc = (most - c.b) / divisor;
  float h = most == c.r ? bc - gc : most == c.g ? 2 + rc - bc : 4 + gc - rc;
  h = std::fmod(h * (1.0f / 6) + 1, 1.0f) + turn;
  h -= std::floor(h);
  const float h6 = h * 6, sector = std::floor(h6), f = h6 - sector;
  const float v = most, p = within_1(v * (1 - s)), q = within_1(v * (1 - s * f));
  const float t = within_1(v * (s * f + (1 - s)));
  switch (h6 >= 0 ? static_cast<int>(sector) % 6 : 0) {  // NaN has no sector
    case 0:
      return {v, t, p};
    case 1:
      return {q, v, p};
    case 2:
      return {p, v, t};
    case 3:
      return {p, q, v};
    case 4:
      return {t, p, v};
    default:
      return {v, p, q};
  }
}

void TurnHues(DType dtype, int64_t n, double turn, const void* x, void* y) {
  dispatch_pixels(dtype, [&]<class T>() {
    const Pixels<T> from(x, n);
    T* to = static_cast<T*>(y);
    constexpr float unit = std::is_integral_v<T> ? static_cast<float>(1.0 / 255) : 1;
    const auto number = [](T v) { return static_cast<float>(v) * unit; };
    for (int64_t i = 0; i < n; ++i) {
      const Color c = turned({number(from.r[i]), number(from.g[i]), number(from.b[i])},
                             static_cast<float>(turn));
      to[i] = scaled<T>(c.r);
      to[n + i] = scaled<T>(c.g);
      to[2 * n + i] = scaled<T>(c.b);
    }
  });
}

template <class T>
void sharpen_row(const T* x, int64_t width, Number<T> factor, T* y) {
  using N = Number<T>;
  const N rest = 1 - factor;
  for (int64_t i = 1; i + 1 < width; ++i) {
    const T *above = x - width + i, *here = x + i, *below = x + width + i;
    const auto row = [](const T* p) {
      return static_cast<N>(p[-1]) + static_cast<N>(p[0]) + static_cast<N>(p[1]);
    };
    N mean = (row(above) + row(here) + row(below) + 4 * static_cast<N>(*here)) / 13;
    if constexpr (std::is_integral_v<T>) mean = static_cast<N>(static_cast<int>(mean + N(0.5)));
    y[i] = bounded<T>(static_cast<N>(*here) + (mean - static_cast<N>(*here)) * rest);
  }
}

void Sharpen(DType dtype, int64_t planes, int64_t height, int64_t width, double factor,
             const void* x, void* y) {
  dispatch_pixels(dtype, [&]<class T>() {
    const T* from = static_cast<const T*>(x);
    T* to = static_cast<T*>(y);
    for (int64_t i = 0; i < planes * height * width; ++i)
      to[i] = bounded<T>(static_cast<Number<T>>(from[i]));
    for (int64_t p = 0; p < planes; ++p)
      for (int64_t r = 1; r + 1 < height; ++r) {
        const int64_t at = (p * height + r) * width;
        sharpen_row(from + at, width, static_cast<Number<T>>(factor), to + at);
      }
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(ScaleAndShift);
HWY_EXPORT(Grayscale);
HWY_EXPORT(MeanLightness);
HWY_EXPORT(BlendWithLightness);
HWY_EXPORT(TurnHues);
HWY_EXPORT(Sharpen);

void scale_and_shift(DType dtype, int64_t n, double scale, double shift, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(ScaleAndShift)(dtype, n, scale, shift, x, y);
}

void grayscale(DType dtype, int64_t pixels, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(Grayscale)(dtype, pixels, x, y);
}

double mean_lightness(DType dtype, int64_t pixels, const void* x) {
  return HWY_DYNAMIC_DISPATCH(MeanLightness)(dtype, pixels, x);
}

void blend_with_lightness(DType dtype, int64_t pixels, double ratio, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(BlendWithLightness)(dtype, pixels, ratio, x, y);
}

void turn_hues(DType dtype, int64_t pixels, double turn, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(TurnHues)(dtype, pixels, turn, x, y);
}

void sharpen(DType dtype, int64_t planes, int64_t height, int64_t width, double factor,
             const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(Sharpen)(dtype, planes, height, width, factor, x, y);
}

}  // namespace rw::kernels
#endif
