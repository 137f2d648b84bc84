#include <rewind/ops/kernels/planes.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <rewind/ops/kernels/correlate.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::kernels {
namespace {

int64_t round_up(int64_t n) {
  return (n + correlate_block - 1) / correlate_block * correlate_block;
}

// Copies groups of planes of one size between zeros, their first elements to the beginning of a
// cache line.
class Padding {
 public:
  // `rows` of `columns` elements, a plane's first one at `before`.
  Padding(int64_t planes, int64_t h, int64_t w, Size2 before, int64_t rows, int64_t columns)
      : planes_(planes),
        h_(h),
        w_(w),
        before_(before),
        lead_(round_up(before.w) - before.w),
        row_(round_up(lead_ + columns)),
        plane_(rows * row_),
        data_(static_cast<size_t>(planes * plane_)) {
    std::fill(data_.begin(), data_.end(), 0.0f);
  }

  PaddedPlanes of(const float* planes) {
    float* to = data_.data() + before_.h * row_ + lead_ + before_.w;
    for (int64_t p = 0; p < planes_; ++p)
      copy_plane(planes + p * h_ * w_, h_, w_, to + p * plane_, row_);
    return {data_.data() + lead_, plane_, row_, before_.h, before_.h + h_};
  }

 private:
  int64_t planes_, h_, w_;
  Size2 before_;
  int64_t lead_, row_, plane_;
  detail::CachedVector<float> data_;
};

// The channels of a group of x as the windows of s see them.
Padding padding_of_input(const ConvSizes& s) {
  return {s.c / s.groups, s.h, s.w, s.padding, s.oh + s.kh - 1, round_up(s.ow) + s.kw - 1};
}

Windows windows_of(const ConvSizes& s) { return {s.oh, s.ow, s.kh, s.kw}; }

// The convolution that leads from g to dx, with filters turned around.
ConvSizes adjoint(const ConvSizes& s) {
  ConvSizes r = s;
  std::swap(r.c, r.out);
  std::swap(r.h, r.oh);
  std::swap(r.w, r.ow);
  r.padding = {s.kh - 1 - s.padding.h, s.kw - 1 - s.padding.w};
  return r;
}

// The filters of the adjoint: turned around, those of a group with input and output channels
// exchanged.
std::vector<float> turned(const ConvSizes& s, const float* weight) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups, size = s.kh * s.kw;
  std::vector<float> w(static_cast<size_t>(s.groups * out * in * size));
  for (int64_t group = 0; group < s.groups; ++group)
    for (int64_t o = 0; o < out; ++o)
      for (int64_t c = 0; c < in; ++c, weight += size)
        std::reverse_copy(weight, weight + size, w.begin() + ((group * in + c) * out + o) * size);
  return w;
}

bool slides_by_one(const ConvSizes& s) {
  return s.stride == Size2(1) && s.dilation == Size2(1) && s.padding.h < s.kh && s.padding.w < s.kw;
}

// From measurements: vectors of more channels, or for narrower images, are better filled.
bool few_channels(const ConvSizes& s, int64_t channels, int64_t width) {
  return s.groups == 1 && slides_by_one(s) && correlate_planes_takes(s.kh, s.kw) && channels <= 8 &&
         width >= 10;
}

void run_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                 float* y) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups;
  const int64_t filter = in * s.kh * s.kw;
  const int64_t grain = (1 << 14) / (s.oh * s.ow * in * out) + 1;
  parallel_for(0, s.n * s.groups, grain, [&](int64_t begin, int64_t end) {
    Padding padding = padding_of_input(s);
    for (int64_t p = begin; p < end; ++p) {
      const int64_t first = p % s.groups * out;
      const PaddedPlanes planes = padding.of(x + p * in * s.h * s.w);
      const float* const w = weight + first * filter;
      const float* const b = bias ? bias + first : nullptr;
      float* const to = y + p * out * s.oh * s.ow;
      if (in == 1 && out == 1)
        correlate(windows_of(s), planes, w, b ? *b : 0.0f, to);
      else
        correlate_planes(windows_of(s), planes, in, w, b, out, to);
    }
  });
}

// Sums of many products: of some tens of thousands in blocks of float32, these in float64.
class Totals {
 public:
  explicit Totals(int64_t count)
      : blocks_(static_cast<size_t>(count * correlate_block)),
        totals_(static_cast<size_t>(count)) {}

  float* blocks() { return blocks_.data(); }
  // To be called after so many products for each total.
  void added(int64_t products) {
    waiting_ += products;
    if (waiting_ >= 1 << 15) flush();
  }
  const std::vector<double>& get() {
    flush();
    return totals_;
  }

 private:
  void flush() {
    add_blocks(blocks_.data(), static_cast<int64_t>(totals_.size()), totals_.data());
    waiting_ = 0;
  }

  detail::CachedVector<float> blocks_;
  std::vector<double> totals_;
  int64_t waiting_ = 0;
};

struct Range {
  int64_t begin, end;
};

// dweight of some groups from some images.
std::vector<double> weight_gradient(const ConvSizes& s, const float* x, const float* g,
                                    Range groups, Range images) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups, size = s.kh * s.kw;
  Padding padding = padding_of_input(s);
  Totals totals((groups.end - groups.begin) * out * in * size);
  for (int64_t n = images.begin; n < images.end; ++n) {
    float* to = totals.blocks();
    for (int64_t group = groups.begin; group < groups.end; ++group) {
      const int64_t p = n * s.groups + group;
      const PaddedPlanes planes = padding.of(x + p * in * s.h * s.w);
      for (int64_t o = 0; o < out; ++o) {
        PaddedPlanes from = planes;
        for (int64_t c = 0; c < in; ++c, from.data += from.plane, to += size * correlate_block)
          correlate_with(windows_of(s), from, g + (p * out + o) * s.oh * s.ow, to);
      }
    }
    totals.added(s.oh * s.ow);
  }
  return totals.get();
}

// Threads share the groups out.
void gradient_by_groups(const ConvSizes& s, const float* x, const float* g, float* dweight) {
  const int64_t filters = s.out / s.groups * (s.c / s.groups) * s.kh * s.kw;
  parallel_for(0, s.groups, 1, [&](int64_t begin, int64_t end) {
    const auto sums = weight_gradient(s, x, g, {begin, end}, {0, s.n});
    std::copy(sums.begin(), sums.end(), dweight + begin * filters);
  });
}

// Threads share the images out, in parts whose number does not depend on that of threads.
void gradient_by_images(const ConvSizes& s, const float* x, const float* g, float* dweight) {
  const int64_t images = (s.n + 15) / 16, parts = (s.n + images - 1) / images;
  std::vector<std::vector<double>> of_part(static_cast<size_t>(parts));
  parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      of_part[static_cast<size_t>(i)] =
          weight_gradient(s, x, g, {0, s.groups}, {i * images, std::min((i + 1) * images, s.n)});
  });
  for (size_t k = 0; k < of_part[0].size(); ++k) {
    double sum = 0;
    for (const auto& sums : of_part) sum += sums[k];
    dweight[k] = static_cast<float>(sum);
  }
}

}  // namespace

bool is_depthwise(const ConvSizes& s) {
  return s.groups > 1 && s.groups == s.c && slides_by_one(s) &&
         (s.out == s.c || correlate_planes_takes(s.kh, s.kw));
}
bool few_channels_out(const ConvSizes& s) { return few_channels(s, s.out, s.ow); }
bool few_channels_in(const ConvSizes& s) { return few_channels(s, s.c, s.w); }

void planes_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                    float* y) {
  detail::report_implementation("own, by planes");
  run_forward(s, x, weight, bias, y);
}

void planes_backward_input(const ConvSizes& s, const float* g, const float* weight, float* dx) {
  detail::report_implementation("own, by planes");
  run_forward(adjoint(s), g, turned(s, weight).data(), nullptr, dx);
}

void planes_backward_weight(const ConvSizes& s, const float* x, const float* g, float* dweight) {
  detail::report_implementation("own, by planes");
  if (s.groups > 1)
    gradient_by_groups(s, x, g, dweight);
  else
    gradient_by_images(s, x, g, dweight);
}

}  // namespace rw::kernels
