#include <rewind/kernels/resample/shuffle_kernel.h>

#include <type_traits>

#include <rewind/kernels/index/copy.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

// `many` has more channels, `large` larger images; what is const is read.
template <class Many, class Large>
void move(Many& many, Large& large) {
  if constexpr (std::is_const_v<Many>)
    large = many;
  else
    many = large;
}

// Numbers at a distance of `step` in `many` lie side by side in `large`. A factor that is known
// when this is compiled gives vector code.
template <int64_t known, class Many, class Large>
void interleave(int64_t factor, Many* many, int64_t step, Large* large, int64_t n) {
  const int64_t f = known > 0 ? known : factor;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < f; ++j) move(many[j * step + i], large[i * f + j]);
}

template <class Many, class Large>
void interleave_by(int64_t factor, Many* many, int64_t step, Large* large, int64_t n) {
  switch (factor) {
    case 2:
      return interleave<2>(factor, many, step, large, n);
    case 3:
      return interleave<3>(factor, many, step, large, n);
    case 4:
      return interleave<4>(factor, many, step, large, n);
    default:
      return interleave<0>(factor, many, step, large, n);
  }
}

constexpr int64_t grain = 1 << 15;

// A row of a larger image is made of one row of `factor` channels.
template <class Many, class Large>
void by_planes(const PixelShuffle& s, Many* many, Large* large) {
  const int64_t f = s.factor, plane = s.h * s.w, width = s.w * f;
  parallel_for(0, s.images * s.channels * s.h * f, grain / width + 1, [&](int64_t b, int64_t e) {
    for (int64_t row = b; row < e; ++row) {
      const int64_t image = row / (s.h * f), at = row % (s.h * f);
      Many* const part = many + (image * f * f + at % f * f) * plane + at / f * s.w;
      interleave_by(f, part, plane, large + row * width, s.w);
    }
  });
}

// The channels of a pixel, a matrix of channels x factor^2, become those of factor^2 pixels.
template <class Many, class Large>
void by_pixels(const PixelShuffle& s, Many* many, Large* large) {
  const int64_t f = s.factor, c = s.channels, width = s.w * f * c, line = s.w * f * f * c;
  parallel_for(0, s.images * s.h, grain / line + 1, [&](int64_t b, int64_t e) {
    for (int64_t row = b; row < e; ++row)
      for (int64_t i = 0; i < f; ++i)
        for (int64_t w = 0; w < s.w; ++w)
          for (int64_t j = 0; j < f; ++j) {
            Many* const pixel = many + row * line + w * f * f * c + i * f + j;
            Large* const other = large + (row * f + i) * width + (w * f + j) * c;
            for (int64_t k = 0; k < c; ++k) move(pixel[k * f * f], other[k]);
          }
  });
}

template <class Many, class Large>
void run(const PixelShuffle& s, Many* many, Large* large) {
  s.channels_last ? by_pixels(s, many, large) : by_planes(s, many, large);
}

}  // namespace

void pixel_shuffle(size_t itemsize, const PixelShuffle& s, const void* x, void* y) {
  by_itemsize(itemsize, [&]<class T>() { run(s, static_cast<const T*>(x), static_cast<T*>(y)); });
}
void pixel_unshuffle(size_t itemsize, const PixelShuffle& s, const void* x, void* y) {
  by_itemsize(itemsize, [&]<class T>() { run(s, static_cast<T*>(y), static_cast<const T*>(x)); });
}

}  // namespace rw::kernels
