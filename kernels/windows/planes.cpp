#include <rewind/kernels/windows/planes.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <rewind/kernels/windows/correlate.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::kernels {
namespace {

int64_t round_up(int64_t n, int64_t to = correlate_block) { return (n + to - 1) / to * to; }

// Copies groups of planes of one size between zeros, their first elements to the beginning of a
// cache line.
class Padding {
 public:
  // The channels of a group of x as the windows of s see them.
  explicit Padding(const ConvSizes& s)
      : planes_(s.c / s.groups),
        h_(s.h),
        w_(s.w),
        before_(s.padding),
        lead_(round_up(s.padding.w()) - s.padding.w()),
        row_(round_up(lead_ + round_up(s.ow) + s.kw - 1)),
        plane_((s.oh + s.kh - 1) * row_),
        data_(static_cast<size_t>(planes_ * plane_)) {
    std::fill(data_.begin(), data_.end(), 0.0f);
  }

  // Those rows that the windows want.
  PaddedPlanes of(const float* planes, const Windows& s) {
    const int64_t begin = std::clamp<int64_t>(s.begin - before_.h(), 0, h_);
    const int64_t end = std::clamp<int64_t>(s.end - 1 + s.kh - before_.h(), 0, h_);
    float* to = data_.data() + (before_.h() + begin) * row_ + lead_ + before_.w();
    for (int64_t p = 0; p < planes_; ++p)
      copy_plane(planes + (p * h_ + begin) * w_, end - begin, w_, to + p * plane_, row_);
    return {data_.data() + lead_, plane_, row_, before_.h(), before_.h() + h_};
  }

 private:
  int64_t planes_, h_, w_;
  Size2 before_;
  int64_t lead_, row_, plane_;
  detail::CachedVector<float> data_;
};

// The work on a group of an image, cut into pieces of some rows where there are few images: all of
// them have something for each thread then.
class Pieces {
 public:
  Pieces(const ConvSizes& s, int64_t groups_of_images, int64_t wanted)
      : s_(s),
        per_group_(std::clamp<int64_t>(wanted / groups_of_images, 1, (s.oh + 7) / 8)),
        rows_((s.oh + per_group_ - 1) / per_group_),
        count_(groups_of_images * per_group_) {}

  int64_t count() const { return count_; }
  int64_t group(int64_t piece) const { return piece / per_group_; }
  Windows windows(int64_t piece) const {
    const int64_t begin = std::min(piece % per_group_ * rows_, s_.oh);
    return {s_.oh, s_.ow, s_.kh, s_.kw, begin, std::min(begin + rows_, s_.oh)};
  }
  int64_t results() const { return rows_ * s_.ow; }  // of a plane

 private:
  const ConvSizes& s_;
  int64_t per_group_, rows_, count_;
};

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
  return s.stride == Size2(1) && s.dilation == Size2(1) && s.padding.h() < s.kh &&
         s.padding.w() < s.kw;
}

// Whether there are kernels for these windows.
bool takes_windows(const ConvSizes& s) {
  const bool plane_to_plane = s.c == s.groups && s.out == s.groups;
  return slides_by_one(s) && (plane_to_plane || correlate_planes_takes(s.kh, s.kw));
}

// From measurements: vectors of more channels, or for narrower images, are better filled.
bool few_channels(const ConvSizes& s, int64_t channels, int64_t width) {
  return s.groups == 1 && takes_windows(s) && channels <= 8 && width >= 10;
}

// f(windows, padded planes, number of the group of an image) on all pieces of the results.
template <class F>
void for_each_piece(const ConvSizes& s, const float* x, const F& f) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups;
  const Pieces pieces(s, s.n * s.groups, 64);
  const int64_t grain = (1 << 14) / (pieces.results() * in * out) + 1;
  parallel_for(0, pieces.count(), grain, [&](int64_t begin, int64_t end) {
    Padding padding(s);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t group = pieces.group(i);
      const Windows windows = pieces.windows(i);
      f(windows, padding.of(x + group * in * s.h * s.w, windows), group);
    }
  });
}

void run_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                 float* y) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups;
  for_each_piece(s, x, [&](const Windows& windows, const PaddedPlanes& planes, int64_t group) {
    const int64_t first = group % s.groups * out;
    const float* const w = weight + first * in * s.kh * s.kw;
    const float* const b = bias ? bias + first : nullptr;
    float* const to = y + group * out * s.oh * s.ow;
    if (in == 1 && out == 1)
      correlate(windows, planes, w, b ? *b : 0.0f, to);
    else
      correlate_planes(windows, planes, in, w, b, out, to);
  });
}

// The filters side by side, in `memory`.
PixelFilters side_by_side(const ConvSizes& s, const float* weight, const float* bias,
                          std::vector<float>& memory) {
  const int64_t row = round_up(s.out, 2 * correlate_block);
  const int64_t elements = s.c * s.kh * s.kw;
  memory.assign(static_cast<size_t>((elements + 1) * row), 0.0f);
  for (int64_t f = 0; f < s.out; ++f)
    for (int64_t k = 0; k < elements; ++k) memory[static_cast<size_t>(k * row + f)] = *weight++;
  float* const b = memory.data() + elements * row;
  if (bias) std::copy_n(bias, s.out, b);
  return {memory.data(), b, s.c, s.out, row};
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

// Adds what one piece contributes to dweight of its group.
void add_gradients(const ConvSizes& s, const PaddedPlanes& planes, const Windows& windows,
                   const float* g, bool strictly, float* blocks) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups;
  for (int64_t o = 0; o < out; ++o, g += s.oh * s.ow) {
    PaddedPlanes from = planes;
    for (int64_t c = 0; c < in; ++c, from.data += from.plane) {
      correlate_with(windows, from, g, strictly, blocks);
      blocks += s.kh * s.kw * correlate_block;
    }
  }
}

// Threads share the groups out.
void gradient_by_groups(const ConvSizes& s, const float* x, const float* g, bool strictly,
                        float* dweight) {
  const int64_t in = s.c / s.groups, out = s.out / s.groups, filters = out * in * s.kh * s.kw;
  const Windows windows = {s.oh, s.ow, s.kh, s.kw, 0, s.oh};
  parallel_for(0, s.groups, 1, [&](int64_t begin, int64_t end) {
    Padding padding(s);
    Totals totals((end - begin) * filters);
    for (int64_t n = 0; n < s.n; ++n) {
      for (int64_t group = begin; group < end; ++group) {
        const int64_t p = n * s.groups + group;
        add_gradients(s, padding.of(x + p * in * s.h * s.w, windows), windows,
                      g + p * out * s.oh * s.ow, strictly,
                      totals.blocks() + (group - begin) * filters * correlate_block);
      }
      totals.added(s.oh * s.ow);
    }
    std::copy(totals.get().begin(), totals.get().end(), dweight + begin * filters);
  });
}

// Threads share the images out, in parts whose number does not depend on that of threads.
void gradient_by_images(const ConvSizes& s, const float* x, const float* g, bool strictly,
                        float* dweight) {
  const Pieces pieces(s, s.n, 16);
  const int64_t some = (pieces.count() + 15) / 16, parts = (pieces.count() + some - 1) / some;
  std::vector<std::vector<double>> of_part(static_cast<size_t>(parts));
  parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    Padding padding(s);
    for (int64_t part = begin; part < end; ++part) {
      Totals totals(s.out * s.c * s.kh * s.kw);
      for (int64_t i = part * some; i < std::min((part + 1) * some, pieces.count()); ++i) {
        const Windows windows = pieces.windows(i);
        const int64_t image = pieces.group(i);
        add_gradients(s, padding.of(x + image * s.c * s.h * s.w, windows), windows,
                      g + image * s.out * s.oh * s.ow, strictly, totals.blocks());
        totals.added(pieces.results());
      }
      of_part[static_cast<size_t>(part)] = totals.get();
    }
  });
  for (size_t k = 0; k < of_part[0].size(); ++k) {
    double sum = 0;
    for (const auto& sums : of_part) sum += sums[k];
    dweight[k] = static_cast<float>(sum);
  }
}

}  // namespace

bool is_depthwise(const ConvSizes& s) {
  return s.groups > 1 && s.groups == s.c && takes_windows(s);
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
  const auto gradient = s.groups > 1 ? gradient_by_groups : gradient_by_images;
  gradient(s, x, g, false, dweight);
  // What is not finite may have come from beside the windows.
  const bool finite = std::all_of(dweight, dweight + s.out * (s.c / s.groups) * s.kh * s.kw,
                                  [](float w) { return std::isfinite(w); });
  if (!finite) gradient(s, x, g, true, dweight);
}

// From measurements: where there is more to compute, oneDNN is faster.
bool pixels_pay(const ConvSizes& s) {
  return s.groups == 1 && slides_by_one(s) && s.kh * s.kw >= 9 && s.out <= 32 &&
         (s.c <= 3 || (s.c <= 6 && s.ow <= 12));
}

void pixels_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                    float* y) {
  detail::report_implementation("own, pixels from planes");
  std::vector<float> memory;
  const PixelFilters filters = side_by_side(s, weight, bias, memory);
  for_each_piece(s, x, [&](const Windows& windows, const PaddedPlanes& planes, int64_t image) {
    correlate_pixels(windows, planes, filters, y + image * s.oh * s.ow * s.out);
  });
}

}  // namespace rw::kernels
