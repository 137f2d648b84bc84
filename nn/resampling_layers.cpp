#include <rewind/nn/resampling_layers.h>

#include <rewind/nn/repr.h>

namespace rw::nn {
namespace {

std::string repr(int64_t n) { return std::to_string(n); }
std::string repr(double v) { return float_repr(v); }
template <class T>
std::string repr(const std::vector<T>& v) {
  if (v.size() == 1) return repr(v[0]);
  std::string all;
  for (const T n : v) all += (all.empty() ? "" : ", ") + repr(n);
  return "(" + all + ")";
}

const char* repr(InterpolateMode mode) {
  constexpr const char* names[] = {"nearest", "nearest-exact", "linear", "bilinear",
                                   "bicubic", "trilinear",     "area",   "lanczos"};
  return names[static_cast<int>(mode)];
}

}  // namespace

std::string Upsample::extra_repr() const {
  const std::string target = options_.size.empty() ? "scale_factor=" + repr(options_.scale_factor)
                                                   : "size=" + repr(options_.size);
  return fmt::format("{}, mode='{}'", target, repr(options_.mode));
}

std::string PixelShuffle::extra_repr() const { return fmt::format("upscale_factor={}", factor_); }

std::string PixelUnshuffle::extra_repr() const {
  return fmt::format("downscale_factor={}", factor_);
}

std::string ChannelShuffle::extra_repr() const { return fmt::format("groups={}", groups_); }

}  // namespace rw::nn
