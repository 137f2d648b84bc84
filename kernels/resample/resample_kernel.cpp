#include <rewind/kernels/resample/resample_kernel.h>

#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/resample/resample_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/resample/resample-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

void Resample(DType dtype, int64_t planes, const AxisWeights& rows, const AxisWeights& columns,
              int64_t channels, const void* x, void* y) {
  dispatch_floating(dtype, [&]<class T>() {
    const Resampler<T> run(rows, columns, channels, static_cast<const T*>(x), static_cast<T*>(y));
    const int64_t size = std::max(columns.targets(), columns.sources) * channels;
    parallel_for(0, planes * rows.targets(), (1 << 14) / std::max<int64_t>(size, 1) + 1, run);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {
namespace {

template <class T>
void pick_row(const AxisWeights& columns, int64_t channels, const T* x, T* y) {
  const int64_t targets = columns.targets();
  const int32_t* first = columns.first.data();
  if (channels == 1) {
    for (int64_t t = 0; t < targets; ++t) y[t] = x[first[t]];
  } else if (channels < 8) {
    for (int64_t t = 0; t < targets; ++t)
      for (int64_t c = 0; c < channels; ++c) y[t * channels + c] = x[first[t] * channels + c];
  } else {
    for (int64_t t = 0; t < targets; ++t)
      copy_run(x + first[t] * channels, 1, y + t * channels, 1, channels);
  }
}

}  // namespace

HWY_EXPORT(Resample);

void resample(DType dtype, int64_t planes, const AxisWeights& rows, const AxisWeights& columns,
              int64_t channels, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(Resample)(dtype, planes, rows, columns, channels, x, y);
}

void pick(size_t itemsize, int64_t planes, const AxisWeights& rows, const AxisWeights& columns,
          int64_t channels, const void* x, void* y) {
  const int64_t from = columns.sources * channels, to = columns.targets() * channels;
  const bool whole = columns.is_identity();
  by_itemsize(itemsize, [&]<class T>() {
    parallel_for(0, planes * rows.targets(), (1 << 15) / to + 1, [&](int64_t begin, int64_t end) {
      int64_t before = -1;
      for (int64_t at = begin; at < end; ++at) {
        const auto t = static_cast<size_t>(at % rows.targets());
        const int64_t source = at / rows.targets() * rows.sources + rows.first[t];
        const T* in = static_cast<const T*>(x) + source * from;
        T* out = static_cast<T*>(y) + at * to;
        if (whole)
          copy_run(in, 1, out, 1, to);
        else if (source == before)
          copy_run(out - to, 1, out, 1, to);
        else
          pick_row(columns, channels, in, out);
        before = source;
      }
    });
  });
}

}  // namespace rw::kernels
#endif
