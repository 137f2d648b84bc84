#include <rewind/models/mobilenet.h>

#include <algorithm>

#include <rewind/models/blocks.h>
#include <rewind/nn/dropout_layers.h>
#include <rewind/tensor/check.h>

namespace rw::models {

namespace {

// The nearest multiple of eight, but not less than 0.9 of what was asked for.
int64_t in_eights(double channels) {
  const int64_t rounded = std::max<int64_t>(8, static_cast<int64_t>(channels + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * channels ? rounded + 8 : rounded;
}

struct InvertedResidual : nn::Module {
  InvertedResidual(int64_t in, int64_t out, int64_t stride, int64_t expand)
      : shortcut(stride == 1 && in == out) {
    const int64_t hidden = in * expand;
    if (expand != 1) conv.append(detail::conv_norm(in, hidden, 1, 1, 1, nn::ReLU6()));
    conv.append(detail::conv_norm(hidden, hidden, 3, stride, hidden, nn::ReLU6()));
    conv.append(nn::Conv2d(hidden, out, 1, {.bias = false}));
    conv.append(nn::BatchNorm2d(out));
  }
  Tensor forward(const Tensor& x) override { return shortcut ? x + conv(x) : conv(x); }

  nn::Sequential conv = add("conv", nn::Sequential());
  bool shortcut;
};

struct Stage {
  int64_t expand, channels, blocks, stride;
};
constexpr Stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                            {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

int64_t last_channels(const MobileNetV2Options& o) {
  return in_eights(1280 * std::max(1.0, o.width_mult));
}

nn::Sequential make_features(const MobileNetV2Options& o) {
  check(o.width_mult > 0, "mobilenet_v2: expected a positive width_mult, got {}", o.width_mult);
  int64_t in = in_eights(32 * o.width_mult);
  nn::Sequential layers;
  layers.append(detail::conv_norm(3, in, 3, 2, 1, nn::ReLU6()));
  for (const Stage& stage : stages) {
    const int64_t out = in_eights(static_cast<double>(stage.channels) * o.width_mult);
    for (int64_t i = 0; i < stage.blocks; ++i) {
      layers.append(InvertedResidual(in, out, i == 0 ? stage.stride : 1, stage.expand));
      in = out;
    }
  }
  layers.append(detail::conv_norm(in, last_channels(o), 1, 1, 1, nn::ReLU6()));
  return layers;
}

}  // namespace

MobileNetV2::MobileNetV2(const MobileNetV2Options& o)
    : features(add("features", make_features(o))),
      classifier(add("classifier", nn::Sequential(nn::Dropout(o.dropout),
                                                  nn::Linear(last_channels(o), o.num_classes)))) {
  detail::init_convolutions(*this, nn::init::Fan::out);
  detail::init_linears(*this, 0.01);
}

Tensor MobileNetV2::forward(const Tensor& x) {
  return classifier(adaptive_avg_pool2d(features(x), 1).flatten(1));
}

MobileNetV2 mobilenet_v2(const MobileNetV2Options& options) { return MobileNetV2(options); }

}  // namespace rw::models
