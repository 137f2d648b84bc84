#pragma once

#include <vector>

#include <rewind/nn/module.h>
#include <rewind/ops/interpolate.h>
#include <rewind/ops/shuffle.h>
#include <rewind/tensor/size.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// rw::interpolate.
class Upsample : public Module {
 public:
  /// To a size or by a factor: `Upsample({.scale_factor = {2}})`.
  explicit Upsample(const InterpolateOptions& options) : options_(options) {}
  Tensor forward(const Tensor& x) override { return interpolate(x, options_); }
  std::string extra_repr() const override;

 private:
  InterpolateOptions options_;
};

/// What UpsamplingNearest2d and UpsamplingBilinear2d take by name: one of them.
struct UpsamplingOptions {
  std::vector<int64_t> size = {};         ///< of the result, one number or height and width
  std::vector<double> scale_factor = {};  ///< of the result's size to the input's
};
/// Images [N, C, H, W] by rw::interpolate, nearest.
class UpsamplingNearest2d : public Upsample {
 public:
  /// To a size or by a factor.
  explicit UpsamplingNearest2d(const UpsamplingOptions& options)
      : Upsample({.size = options.size, .scale_factor = options.scale_factor}) {}
};
/// Images [N, C, H, W] by rw::interpolate, bilinear and with aligned corners.
class UpsamplingBilinear2d : public Upsample {
 public:
  /// To a size or by a factor.
  explicit UpsamplingBilinear2d(const UpsamplingOptions& options)
      : Upsample({.size = options.size,
                  .scale_factor = options.scale_factor,
                  .mode = InterpolateMode::bilinear,
                  .align_corners = true}) {}
};

/// rw::pixel_shuffle.
class PixelShuffle : public Module {
 public:
  /// By a factor, whose square divides the channels.
  explicit PixelShuffle(int64_t upscale_factor) : factor_(upscale_factor) {}
  Tensor forward(const Tensor& x) override { return pixel_shuffle(x, factor_); }
  std::string extra_repr() const override;

 private:
  int64_t factor_;
};

/// rw::pixel_unshuffle.
class PixelUnshuffle : public Module {
 public:
  /// By a factor, which divides height and width.
  explicit PixelUnshuffle(int64_t downscale_factor) : factor_(downscale_factor) {}
  Tensor forward(const Tensor& x) override { return pixel_unshuffle(x, factor_); }
  std::string extra_repr() const override;

 private:
  int64_t factor_;
};

/// rw::channel_shuffle.
class ChannelShuffle : public Module {
 public:
  /// Between so many groups.
  explicit ChannelShuffle(int64_t groups) : groups_(groups) {}
  Tensor forward(const Tensor& x) override { return channel_shuffle(x, groups_); }
  std::string extra_repr() const override;

 private:
  int64_t groups_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
