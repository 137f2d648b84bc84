#include <rewind/ops/conv_frames.h>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/window_span.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw::detail {
namespace {

// Whether a frame is seen by one result, and each result sees one.
bool are_same(const ConvFrames& f) {
  return f.kernel == 1 && f.stride == 1 && f.before == 0 && f.out == f.depth;
}

// [N, D, groups, C / groups, H, W] from [N, C, D, H, W].
Tensor by_frames(const Tensor& x, const ConvFrames& f) {
  const int64_t groups = f.taps_first ? 1 : f.groups;
  return x.permute({0, 2, 1, 3, 4}).unflatten(2, {groups, f.channels / groups});
}

// Images as [N, out, groups, kernel, C / groups, H, W].
Tensor by_taps(const Tensor& images, const ConvFrames& f) {
  const int64_t groups = f.taps_first ? 1 : f.groups;
  return images.unflatten(1, {groups, f.kernel, f.channels / groups}).unflatten(0, {-1, f.out});
}

// The results for which tap k meets a frame.
WindowSpan met(const ConvFrames& f, int64_t k) {
  return windows_meeting(f.depth, f.out, k * f.dilation - f.before, f.stride);
}

// The frames that they meet.
Tensor frames_met(const Tensor& frames, const ConvFrames& f, WindowSpan m) {
  return frames.slice(1, m.element, m.element + (m.count() - 1) * f.stride + 1, f.stride);
}

// Only filters that see one channel want rows.
MemoryFormat format_of(const Tensor& t, const ConvFrames& f) {
  return f.taps_first && t.is_contiguous() ? MemoryFormat::contiguous : MemoryFormat::channels_last;
}

Tensor gathered(const Tensor& x, const ConvFrames& f) {
  const no_grad guard;
  const MemoryFormat format = format_of(x, f);
  const Tensor frames = by_frames(x.contiguous(format), f);
  const Tensor images =
      empty({x.size(0) * f.out, f.kernel * f.channels, x.size(3), x.size(4)}, x.dtype(), format);
  const Tensor taps = by_taps(images, f);
  for (int64_t k = 0; k < f.kernel; ++k) {
    const Tensor tap = taps.select(3, k);
    const WindowSpan m = met(f, k);
    if (m.first > 0) tap.narrow(1, 0, m.first).zero_();
    if (m.last < f.out) tap.narrow(1, m.last, f.out - m.last).zero_();
    if (m.count() > 0) copy_into(tap.narrow(1, m.first, m.count()), frames_met(frames, f, m));
  }
  return images;
}

// Whether no frame is met by two taps, so that there is nothing to sum up.
bool meet_apart(const ConvFrames& f) {
  return f.out == 1 || f.stride > f.dilation * (f.kernel - 1);
}
// Whether, besides, every frame is met.
bool meet_all(const ConvFrames& f) {
  return f.dilation == 1 && f.stride == f.kernel && f.before == 0 && f.out * f.stride == f.depth;
}

Tensor scattered(const Tensor& g, const ConvFrames& f) {
  const no_grad guard;
  const Tensor taps = by_taps(g, f);
  const bool apart = meet_apart(f);
  const DType dtype = apart ? g.dtype() : compute_dtype(g.dtype());
  Tensor sums =
      empty({taps.size(0), f.channels, f.depth, g.size(2), g.size(3)}, dtype, format_of(g, f));
  if (!apart || !meet_all(f)) sums.zero_();
  const Tensor frames = by_frames(sums, f);
  for (int64_t k = 0; k < f.kernel; ++k) {
    const WindowSpan m = met(f, k);
    if (m.count() == 0) continue;
    Tensor place = frames_met(frames, f, m);
    const Tensor tap = taps.select(3, k).narrow(1, m.first, m.count());
    if (apart)
      copy_into(place, tap);
    else
      place.add_(tap);
  }
  return sums.to(g.dtype());
}

}  // namespace

Tensor to_frames(const Tensor& x, const ConvFrames& f) {
  if (are_same(f)) return x.contiguous(format_of(x, f)).permute({0, 2, 1, 3, 4}).flatten(0, 1);
  return record("conv_frames", gathered(x, f), {x},
                [f](const Tensor& g, Needs) -> Grads { return from_frames(g, f); });
}

Tensor from_frames(const Tensor& g, const ConvFrames& f) {
  if (are_same(f)) return g.unflatten(0, {-1, f.out}).permute({0, 2, 1, 3, 4});
  return record("conv_frames_backward", scattered(g, f), {g},
                [f](const Tensor& gg, Needs) -> Grads { return to_frames(gg, f); });
}

}  // namespace rw::detail
