#include <algorithm>
#include <cstring>
#include <vector>

#include <rewind/kernels/resample/resample_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/resample/resample_bytes.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/resample/resample_bytes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

class ByteResampler {
 public:
  ByteResampler(const BytePlanes& x, const AxisWeights& rows, const AxisWeights& columns,
                uint8_t* y)
      : x_(x),
        rows_(rows),
        y_(y),
        width_(columns.targets() * x.channels),
        whole_(rows),
        columns_whole_(columns.is_identity()),
        columns_(columns, x.channels) {}

  // Targets of rows [begin, end) of all planes.
  void operator()(int64_t begin, int64_t end) const {
    const int64_t targets = rows_.targets();
    for (int64_t at = begin; at < end;) {
      const int64_t plane = at / targets, first = at % targets;
      const int64_t last = std::min(targets, first + end - at);
      run(x_.data + plane * x_.plane_step, y_ + plane * targets * width_, first, last);
      at += last - first;
    }
  }

 private:
  // The sources of rows [begin, end) by columns, and then these by rows.
  void run(const uint8_t* x, uint8_t* y, int64_t begin, int64_t end) const {
    const int64_t low = rows_.first[static_cast<size_t>(begin)];
    const auto last = static_cast<size_t>(end - 1);
    const int64_t high = rows_.first[last] + rows_.count[last];
    if (columns_whole_) return sum(x + low * x_.row_step, x_.row_step, low, y, begin, end);
    detail::CachedVector<uint8_t> between(static_cast<size_t>((high - low) * width_));
    columns_.run(x + low * x_.row_step, x_.row_step, high - low, between.data(), width_);
    sum(between.data(), width_, low, y, begin, end);
  }

  // Of rows that begin `step` apart, the first of which is source `low`.
  void sum(const uint8_t* x, int64_t step, int64_t low, uint8_t* y, int64_t begin,
           int64_t end) const {
    for (int64_t t = begin; t < end; ++t) {
      const auto i = static_cast<size_t>(t);
      sum_rows(x + (rows_.first[i] - low) * step, step, whole_.of(t), rows_.count[i], whole_.bits,
               width_, y + t * width_);
    }
  }

  const BytePlanes& x_;
  const AxisWeights& rows_;
  uint8_t* y_;
  const int64_t width_;
  const WholeWeights whole_;
  const bool columns_whole_;
  const ByteColumns columns_;
};

void ResampleBytes(const BytePlanes& x, const AxisWeights& rows, const AxisWeights& columns,
                   uint8_t* y) {
  const ByteResampler run(x, rows, columns, y);
  const int64_t width = std::max(columns.targets(), columns.sources) * x.channels;
  parallel_for(0, x.planes * rows.targets(), (1 << 16) / width + 1, run);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(ResampleBytes);

void resample_bytes(const BytePlanes& x, const AxisWeights& rows, const AxisWeights& columns,
                    uint8_t* y) {
  HWY_DYNAMIC_DISPATCH(ResampleBytes)(x, rows, columns, y);
}

}  // namespace rw::kernels
#endif
