#include <rewind/kernels/resample/grid_kernel.h>

#include <algorithm>
#include <memory>

#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/resample/grid_taps.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/resample/grid_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

constexpr int64_t block = GridTaps<float>::block;

// Taps of all points [begin, end) of an image, block by block: f(first point, how many, taps).
template <class P, class F>
void for_blocks(const GridSamples& s, const P* grid, bool gradient, int64_t begin, int64_t end,
                F&& f) {
  const auto taps = std::make_unique<GridTaps<P>>();
  for (int64_t p = begin; p < end; p += block) {
    const int64_t n = std::min(block, end - p);
    find_taps(s, grid + p * s.axes, n, gradient, *taps);
    f(p, n, *taps);
  }
}

// The same for all images, shared out over threads: f(image, first point, how many, taps).
template <class P, class F>
void for_all_blocks(const GridSamples& s, const P* grid, bool gradient, F&& f) {
  const int64_t blocks = (s.points + block - 1) / block;
  const int64_t work = block * std::max<int64_t>(s.channels, 8);
  parallel_for(0, s.images * blocks, (1 << 13) / work + 1, [&](int64_t b, int64_t e) {
    for (int64_t at = b; at < e;) {
      const int64_t image = at / blocks, first = at % blocks;
      const int64_t last = std::min(blocks, first + e - at);
      for_blocks(s, grid + image * s.points * s.axes, gradient, first * block,
                 std::min(last * block, s.points),
                 [&](int64_t p, int64_t n, const GridTaps<P>& taps) { f(image, p, n, taps); });
      at += last - first;
    }
  });
}

// A vector of points of one channel.
template <class P>
class Points {
 public:
  using D = hn::ScalableTag<P>;
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;

  // The element at tap t of the points from p on, 0 beyond the border.
  static HWY_INLINE V element(const GridTaps<P>& taps, int t, int64_t p, const P* plane) {
    const D d;
    const DI di;
    const auto place = load_places(di, taps.place + t * block + p);
    const auto outside = hn::Lt(place, hn::Zero(di));
    const auto v = hn::GatherIndex(d, plane, hn::Max(place, hn::Zero(di)));
    return hn::IfThenZeroElse(hn::RebindMask(d, outside), v);
  }
  static HWY_INLINE V weight(const GridTaps<P>& taps, int set, int t, int64_t p) {
    return hn::LoadU(D(), taps.weights[set] + t * block + p);
  }

 private:
  static HWY_INLINE hn::Vec<DI> load_places(DI di, const int32_t* p) {
    if constexpr (sizeof(P) == 4)
      return hn::LoadU(di, p);
    else
      return hn::PromoteTo(di, hn::LoadU(hn::Rebind<int32_t, DI>(), p));
  }
};

// Blocks are whole vectors, whose last points may be nobody's.
template <class P>
void sample_planes(const GridSamples& s, const GridTaps<P>& taps, const P* x, int64_t n, P* y) {
  using Vectors = Points<P>;
  const typename Vectors::D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t c = 0; c < s.channels; ++c, x += s.places(), y += s.points)
    for (int64_t p = 0; p < n; p += lanes) {
      auto sum = hn::Zero(d);
      for (int t = 0; t < taps.count; ++t)
        sum = hn::MulAdd(Vectors::element(taps, t, p, x), Vectors::weight(taps, 0, t, p), sum);
      store_up_to(d, sum, y + p, n - p);
    }
}

template <class P>
void sample_pixels(const GridSamples& s, const GridTaps<P>& taps, const P* x, int64_t n, P* y) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t p = 0; p < n; ++p, y += s.channels)
    for (int64_t c = 0; c < s.channels; c += lanes) {
      auto sum = hn::Zero(d);
      for (int t = 0; t < taps.count; ++t)
        if (const int64_t at = taps.place[t * block + p]; at >= 0)
          sum = hn::MulAdd(load_up_to(d, x + at * s.channels + c, s.channels - c),
                           hn::Set(d, taps.weights[0][t * block + p]), sum);
      store_up_to(d, sum, y + c, s.channels - c);
    }
}

void Sample(const GridSamples& s, const void* x, const void* grid, void* y) {
  dispatch_among<float, double>(s.dtype, [&]<class P>() {
    const int64_t in = s.channels * s.places(), out = s.channels * s.points;
    for_all_blocks(s, static_cast<const P*>(grid), false,
                   [&](int64_t image, int64_t p, int64_t n, const GridTaps<P>& taps) {
                     const P* from = static_cast<const P*>(x) + image * in;
                     P* to = static_cast<P*>(y) + image * out;
                     if (s.channels_last)
                       sample_pixels(s, taps, from, n, to + p * s.channels);
                     else
                       sample_planes(s, taps, from, n, to + p);
                   });
  });
}

// Of taps that are single elements.
template <class T, class P>
void pick_planes(const GridSamples& s, const GridTaps<P>& taps, const T* x, int64_t n, T* y) {
  for (int64_t c = 0; c < s.channels; ++c, x += s.places(), y += s.points)
    for (int64_t p = 0; p < n; ++p) {
      const int64_t at = taps.place[p];
      y[p] = at >= 0 ? x[at] : T(0);
    }
}
template <class T, class P>
void pick_pixels(const GridSamples& s, const GridTaps<P>& taps, const T* x, int64_t n, T* y) {
  for (int64_t p = 0; p < n; ++p, y += s.channels) {
    const int64_t at = taps.place[p];
    if (at >= 0)
      copy_run(x + at * s.channels, 1, y, 1, s.channels);
    else
      std::fill_n(y, s.channels, T(0));
  }
}

void Pick(const GridSamples& s, size_t itemsize, const void* x, const void* grid, void* y) {
  dispatch_among<float, double>(s.dtype, [&]<class P>() {
    by_itemsize(itemsize, [&]<class T>() {
      for_all_blocks(s, static_cast<const P*>(grid), false,
                     [&](int64_t image, int64_t p, int64_t n, const GridTaps<P>& taps) {
                       const T* from = static_cast<const T*>(x) + image * s.channels * s.places();
                       T* to = static_cast<T*>(y) + image * s.channels * s.points;
                       if (s.channels_last)
                         pick_pixels(s, taps, from, n, to + p * s.channels);
                       else
                         pick_planes(s, taps, from, n, to + p);
                     });
    });
  });
}

// Channels [begin, end) of an image: as different points may lie at one place, no two threads share
// a channel.
template <class P>
void scatter_planes(const GridSamples& s, const GridTaps<P>& taps, const P* y, int64_t n, P* x,
                    int64_t begin, int64_t end) {
  for (int64_t c = begin; c < end; ++c)
    for (int t = 0; t < taps.count; ++t) {
      const P* from = y + c * s.points;
      P* to = x + c * s.places();
      for (int64_t p = 0; p < n; ++p)
        if (const int64_t at = taps.place[t * block + p]; at >= 0)
          to[at] += taps.weights[0][t * block + p] * from[p];
    }
}

template <class P>
void scatter_pixels(const GridSamples& s, const GridTaps<P>& taps, const P* y, int64_t n, P* x,
                    int64_t begin, int64_t end) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t p = 0; p < n; ++p)
    for (int t = 0; t < taps.count; ++t) {
      const int64_t at = taps.place[t * block + p];
      if (at < 0) continue;
      const auto weight = hn::Set(d, taps.weights[0][t * block + p]);
      const P* from = y + p * s.channels;
      P* to = x + at * s.channels;
      for (int64_t c = begin; c < end; c += lanes)
        store_up_to(
            d, hn::MulAdd(load_up_to(d, from + c, end - c), weight, load_up_to(d, to + c, end - c)),
            to + c, end - c);
    }
}

void Scatter(const GridSamples& s, const void* y, const void* grid, void* x) {
  constexpr int64_t width = 16;  // channels at a time, for which taps are found once
  const int64_t parts = (s.channels + width - 1) / width;
  const int64_t work = std::max<int64_t>(s.points * width, 1);
  dispatch_among<float, double>(s.dtype, [&]<class P>() {
    parallel_for(0, s.images * parts, (1 << 13) / work + 1, [&](int64_t b, int64_t e) {
      for (; b < e; ++b) {
        const int64_t image = b / parts, begin = b % parts * width;
        const int64_t end = std::min(begin + width, s.channels);
        const P* from = static_cast<const P*>(y) + image * s.channels * s.points;
        P* to = static_cast<P*>(x) + image * s.channels * s.places();
        for_blocks(s, static_cast<const P*>(grid) + image * s.points * s.axes, false, 0, s.points,
                   [&](int64_t p, int64_t n, const GridTaps<P>& taps) {
                     if (s.channels_last)
                       scatter_pixels(s, taps, from + p * s.channels, n, to, begin, end);
                     else
                       scatter_planes(s, taps, from + p, n, to, begin, end);
                   });
      }
    });
  });
}

template <class P, int axes>
void gradient_planes(const GridSamples& s, const GridTaps<P>& taps, const P* g, const P* x,
                     int64_t n, P* dgrid) {
  using Vectors = Points<P>;
  const typename Vectors::D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN P sums[static_cast<size_t>(axes)][hn::MaxLanes(d)];
  for (int64_t p = 0; p < n; p += lanes) {
    hn::Vec<typename Vectors::D> sum[static_cast<size_t>(axes)];
    for (auto& v : sum) v = hn::Zero(d);
    for (int64_t c = 0; c < s.channels; ++c) {
      const auto out = load_up_to(d, g + c * s.points + p, n - p);
      for (int t = 0; t < taps.count; ++t) {
        const auto v = hn::Mul(out, Vectors::element(taps, t, p, x + c * s.places()));
        for (int a = 0; a < axes; ++a)
          sum[a] = hn::MulAdd(v, Vectors::weight(taps, a, t, p), sum[a]);
      }
    }
    for (int a = 0; a < axes; ++a) hn::Store(sum[a], d, sums[a]);
    for (int64_t i = 0; i < std::min(lanes, n - p); ++i)
      for (int a = 0; a < axes; ++a) dgrid[(p + i) * axes + a] = sums[a][i];
  }
}

template <class P, int axes>
void gradient_pixels(const GridSamples& s, const GridTaps<P>& taps, const P* g, const P* x,
                     int64_t n, P* dgrid) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t p = 0; p < n; ++p, g += s.channels, dgrid += axes) {
    P sum[static_cast<size_t>(axes)] = {};
    for (int t = 0; t < taps.count; ++t) {
      const int64_t at = taps.place[t * block + p];
      if (at < 0) continue;
      auto products = hn::Zero(d);
      for (int64_t c = 0; c < s.channels; c += lanes)
        products = hn::MulAdd(load_up_to(d, g + c, s.channels - c),
                              load_up_to(d, x + at * s.channels + c, s.channels - c), products);
      const P product = hn::GetLane(hn::SumOfLanes(d, products));
      for (int a = 0; a < axes; ++a) sum[a] += product * taps.weights[a][t * block + p];
    }
    std::copy_n(sum, axes, dgrid);
  }
}

template <class P, int axes>
void gradient(const GridSamples& s, const P* g, const P* x, const P* grid, P* dgrid) {
  for_all_blocks(s, grid, true, [&](int64_t image, int64_t p, int64_t n, const GridTaps<P>& taps) {
    const P* from = x + image * s.channels * s.places();
    const P* by = g + image * s.channels * s.points;
    P* to = dgrid + (image * s.points + p) * axes;
    if (s.channels_last)
      gradient_pixels<P, axes>(s, taps, by + p * s.channels, from, n, to);
    else
      gradient_planes<P, axes>(s, taps, by + p, from, n, to);
  });
}

void Gradient(const GridSamples& s, const void* g, const void* x, const void* grid, void* dgrid) {
  dispatch_among<float, double>(s.dtype, [&]<class P>() {
    const auto run = s.axes == 2 ? gradient<P, 2> : gradient<P, 3>;
    run(s, static_cast<const P*>(g), static_cast<const P*>(x), static_cast<const P*>(grid),
        static_cast<P*>(dgrid));
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Sample);
HWY_EXPORT(Pick);
HWY_EXPORT(Scatter);
HWY_EXPORT(Gradient);

void grid_sample(const GridSamples& s, const void* x, const void* grid, void* y) {
  HWY_DYNAMIC_DISPATCH(Sample)(s, x, grid, y);
}
void grid_pick(const GridSamples& s, size_t itemsize, const void* x, const void* grid, void* y) {
  HWY_DYNAMIC_DISPATCH(Pick)(s, itemsize, x, grid, y);
}
void grid_scatter(const GridSamples& s, const void* y, const void* grid, void* x) {
  HWY_DYNAMIC_DISPATCH(Scatter)(s, y, grid, x);
}
void grid_gradient(const GridSamples& s, const void* g, const void* x, const void* grid,
                   void* dgrid) {
  HWY_DYNAMIC_DISPATCH(Gradient)(s, g, x, grid, dgrid);
}

}  // namespace rw::kernels
#endif
