#include <rewind/nn/resampling_layers.h>

#include <rewind/nn/repr.h>

namespace rw::nn {
namespace {

const char* mode_name(InterpolateMode mode) {
  constexpr const char* names[] = {"nearest", "nearest-exact", "linear", "bilinear",
                                   "bicubic", "trilinear",     "area",   "lanczos"};
  return names[static_cast<int>(mode)];
}

}  // namespace

std::string Upsample::extra_repr() const {
  const std::string target = options_.size.empty() ? "scale_factor=" + repr(options_.scale_factor)
                                                   : "size=" + repr(options_.size);
  return fmt::format("{}, mode='{}'", target, mode_name(options_.mode));
}

std::string PixelShuffle::extra_repr() const { return fmt::format("upscale_factor={}", factor_); }

std::string PixelUnshuffle::extra_repr() const {
  return fmt::format("downscale_factor={}", factor_);
}

std::string ChannelShuffle::extra_repr() const { return fmt::format("groups={}", groups_); }

}  // namespace rw::nn
