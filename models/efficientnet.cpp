#include <rewind/models/efficientnet.h>

#include <algorithm>

#include <rewind/models/blocks.h>
#include <rewind/nn/dropout_layers.h>
#include <rewind/nn/vision_layers.h>

namespace rw::models {

namespace {

struct Stage {
  int64_t expand, kernel, stride, channels, blocks;
};
constexpr Stage stages[] = {{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2},
                            {6, 3, 2, 80, 3}, {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4},
                            {6, 3, 1, 320, 1}};
constexpr int64_t all_blocks = 16, first_channels = 32, last_channels = 1280;

class MBConv : public nn::Module {
 public:
  MBConv(const Stage& s, int64_t in, int64_t stride, double stochastic_depth)
      : stochastic_depth_(add("stochastic_depth", nn::StochasticDepth(stochastic_depth))),
        shortcut_(stride == 1 && in == s.channels) {
    const int64_t hidden = in * s.expand;
    if (s.expand != 1) block_.append(detail::conv_norm(in, hidden, 1, 1, 1, nn::SiLU()));
    block_.append(detail::conv_norm(hidden, hidden, s.kernel, stride, hidden, nn::SiLU()));
    block_.append(nn::SqueezeExcitation(hidden, std::max<int64_t>(1, in / 4),
                                        [](const Tensor& x) { return silu(x); }));
    block_.append(detail::conv_norm(hidden, s.channels, 1));
  }
  Tensor forward(const Tensor& x) override {
    return shortcut_ ? stochastic_depth_(block_(x)) + x : block_(x);
  }

 private:
  nn::Sequential block_ = add("block", nn::Sequential());
  nn::StochasticDepth stochastic_depth_;
  bool shortcut_;
};

nn::Sequential make_features(const EfficientNetOptions& o) {
  nn::Sequential layers;
  layers.append(detail::conv_norm(3, first_channels, 3, 2, 1, nn::SiLU()));
  int64_t in = first_channels;
  double before = 0;
  for (const Stage& s : stages) {
    nn::Sequential blocks;
    for (int64_t i = 0; i < s.blocks; ++i) {
      const double p = o.stochastic_depth_prob * before++ / all_blocks;
      blocks.append(MBConv(s, in, i == 0 ? s.stride : 1, p));
      in = s.channels;
    }
    layers.append(std::move(blocks));
  }
  layers.append(detail::conv_norm(in, last_channels, 1, 1, 1, nn::SiLU()));
  return layers;
}

}  // namespace

EfficientNet::EfficientNet(const EfficientNetOptions& o)
    : features(add("features", make_features(o))),
      classifier(add("classifier", nn::Sequential(nn::Dropout(o.dropout),
                                                  nn::Linear(last_channels, o.num_classes)))) {
  detail::init_convolutions(*this, nn::init::Fan::out);
  detail::for_each<nn::Linear>(*this, [](nn::Linear& linear) {
    const double bound = 1 / std::sqrt(static_cast<double>(linear.weight.size(0)));
    nn::init::uniform_(linear.weight, -bound, bound);
    nn::init::zeros_(linear.bias);
  });
}

Tensor EfficientNet::forward(const Tensor& x) {
  return classifier(adaptive_avg_pool2d(features(x), 1).flatten(1));
}

EfficientNet efficientnet_b0(const EfficientNetOptions& options) { return EfficientNet(options); }

}  // namespace rw::models
