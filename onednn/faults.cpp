#include <rewind/onednn/faults.h>

#include <atomic>

#include <rewind/onednn/support.h>

namespace rw::onednn {
namespace {

using kernels::ConvSizes;

std::atomic<bool> detours_enabled{true};

// Whether every tap of the window meets a pixel somewhere, along one axis.
bool taps_meet_pixels(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                      int64_t padding) {
  for (int64_t tap = 0; tap < kernel; ++tap) {
    const int64_t first = tap * dilation - padding;  // by the first window; others follow
    const int64_t skipped = first < 0 ? (-first + stride - 1) / stride : 0;
    if (skipped >= out || first + skipped * stride >= in) return false;
  }
  return true;
}

bool is_depthwise(const ConvSizes& s) { return s.groups == s.c && s.groups == s.out; }

// float32 and bfloat16, 2.6.3, 3.7.2 and 3.12.1: what takes out every n-th pixel for a 1x1 window
// writes whole blocks of channels, 16 of them or 8 without AVX-512, and with less than a block past
// its scratchpad, by up to 170 kB.
bool takes_pixels_out_wrong(const ConvSizes& s) {
  return s.kh * s.kw == 1 && s.stride != Size2(1) && s.groups == 1 && s.c < 16;
}

// bfloat16, 2.6.3 and 3.7.2: weight gradients of dilated windows read and write beside
// their buffers, or have little to do with the right ones.
bool is_dilated(const ConvSizes& s) {
  return (s.kh > 1 && s.dilation.h() > 1) || (s.kw > 1 && s.dilation.w() > 1);
}

// bfloat16, 2.6.3 and 3.7.2: what belongs to a tap that only ever meets the border is never
// written; where the image is smaller than the stride, memory beside it is read.
bool leaves_taps_out(const ConvSizes& s) {
  return s.h < s.stride.h() || s.w < s.stride.w() ||
         !taps_meet_pixels(s.h, s.oh, s.kh, s.stride.h(), s.dilation.h(), s.padding.h()) ||
         !taps_meet_pixels(s.w, s.ow, s.kw, s.stride.w(), s.dilation.w(), s.padding.w());
}

// bfloat16, 2.6.3, on processors with instructions for it: channels are read two by two. The
// neighbour of a last odd one belongs to the next pixel; a weight of zero hides it unless it is not
// finite. The gradient of the input of a 1x1 window is wrong for some numbers of pixels as well. In
// groups the neighbour is of another group; a single channel is read by itself.
Detour past_odd_channels(const ConvSizes& s, int64_t channels_read) {
  if (channels_read / s.groups % 2 == 0 || (s.groups > 1 && is_depthwise(s))) return Detour::none;
  return s.groups == 1 ? Detour::even_channels : Detour::in_float32;
}

// bfloat16, 2.6.3 and 3.7.2: pixels are multiplied two by two along a row. The neighbour of a last
// odd one in a row of results is multiplied by zero.
bool pairs_pixels_with_others(const ConvSizes& s) { return s.kh * s.kw > 1 && s.ow % 2 != 0; }

// bfloat16, 2.6.3, with AMX: windows of few channels are read side by side, and what lies beyond
// one of them is multiplied by zero.
bool reads_windows_together(const ConvSizes& s) {
  return has_amx() && s.kh * s.kw > 1 && s.c / s.groups < 64 && !is_depthwise(s);
}

}  // namespace

Detour detour(Pass pass, const ConvSizes& s, DType dtype) {
  if (!detours_enabled.load(std::memory_order_relaxed)) return Detour::none;
  if (pass == Pass::backward_weight && takes_pixels_out_wrong(s)) return Detour::dense;
  if (dtype != DType::bfloat16) return Detour::none;
  if (pass != Pass::backward_weight) {
    const Detour odd = past_odd_channels(s, pass == Pass::forward ? s.c : s.out);
    if (odd != Detour::none || pass == Pass::backward_input) return odd;
    return reads_windows_together(s) ? Detour::in_float32_unless_finite : Detour::none;
  }
  if (is_dilated(s) || leaves_taps_out(s)) return Detour::in_float32;
  return pairs_pixels_with_others(s) ? Detour::in_float32_unless_finite : Detour::none;
}

// bfloat16, 2.6.3, with AMX: these touch memory beside their buffers, with large strides and with
// few filters. Others come after them.
bool may_compute_results(std::string_view implementation) {
  if (!detours_enabled.load(std::memory_order_relaxed)) return true;
  return implementation != "brgconv:avx512_core_amx_bf16" &&
         implementation != "jit_1x1:avx512_core_amx_bf16";
}

void set_detours(bool enabled) { detours_enabled.store(enabled, std::memory_order_relaxed); }

}  // namespace rw::onednn
