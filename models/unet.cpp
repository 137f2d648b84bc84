#include <rewind/models/unet.h>

#include <string>
#include <utility>

#include <rewind/models/blocks.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/padding.h>
#include <rewind/tensor/check.h>

namespace rw::models {

namespace {

constexpr int levels = 4;

// Layers under one name.
nn::Sequential named(const char* name, nn::Sequential layers) {
  nn::Sequential around;
  around.append(name, std::move(layers));
  return around;
}

nn::Sequential double_conv(int64_t in, int64_t out) {
  const nn::Conv2dOptions options = {.padding = 1, .bias = false};
  return named("double_conv",
               nn::Sequential(nn::Conv2d(in, out, 3, options), nn::BatchNorm2d(out), nn::ReLU(),
                              nn::Conv2d(out, out, 3, options), nn::BatchNorm2d(out), nn::ReLU()));
}

}  // namespace

// Doubles the size of x, and joins it with what had that size on the way down.
struct UNet::Up : nn::ModuleOf<UNet::Up> {
  Up(int64_t in, int64_t out)
      : up(add("up", nn::ConvTranspose2d(in, out, 2, {.stride = 2}))),
        conv(add("conv", double_conv(in, out))) {}

  Tensor forward(const Tensor& x, const Tensor& before) {
    Tensor y = up(x);
    // An odd size was rounded down by the pooling.
    const int64_t rows = before.size(2) - y.size(2), columns = before.size(3) - y.size(3);
    if (rows > 0 || columns > 0)
      y = pad(y, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
    return conv(cat({before, y}, 1));
  }

  nn::ConvTranspose2d up;
  nn::Sequential conv;
};

UNet::UNet(const UNetOptions& o) {
  check(o.width > 0, "unet: expected a positive width, got {}", o.width);
  inc_ = add("inc", std::make_shared<nn::Sequential>(double_conv(o.in_channels, o.width)));
  for (int i = 0; i < levels; ++i) {
    const int64_t in = o.width << i;
    down_.push_back(
        add("down" + std::to_string(i + 1),
            std::make_shared<nn::Sequential>(
                named("maxpool_conv", nn::Sequential(nn::MaxPool2d(2), double_conv(in, 2 * in))))));
  }
  for (int i = 0; i < levels; ++i) {
    const int64_t out = o.width << (levels - 1 - i);
    up_.push_back(add("up" + std::to_string(i + 1), std::make_shared<Up>(2 * out, out)));
  }
  nn::Sequential last;
  last.append("conv", nn::Conv2d(o.width, o.num_classes, 1));
  outc_ = add("outc", std::make_shared<nn::Sequential>(std::move(last)));
}

Tensor UNet::forward(const Tensor& x) {
  std::vector<Tensor> before;
  Tensor y = (*inc_)(x);
  for (const auto& down : down_) {
    before.push_back(y);
    y = (*down)(y);
  }
  for (const auto& up : up_) {
    y = (*up)(y, before.back());
    before.pop_back();
  }
  return (*outc_)(y);
}

UNet unet(const UNetOptions& options) { return UNet(options); }

}  // namespace rw::models
