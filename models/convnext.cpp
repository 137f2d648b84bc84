#include <rewind/models/convnext.h>

#include <numeric>

#include <rewind/models/blocks.h>
#include <rewind/nn/vision_layers.h>
#include <rewind/tensor/factories.h>

namespace rw::models {

namespace {

constexpr nn::LayerNormOptions norm_options = {.eps = 1e-6};

class Block : public nn::Module {
 public:
  Block(int64_t channels, double layer_scale, double stochastic_depth)
      : layer_scale_(parameter("layer_scale", full({channels, 1, 1}, layer_scale))),
        block_(add(
            "block",
            nn::Sequential(nn::Conv2d(channels, channels, 7, {.padding = 3, .groups = channels}),
                           nn::Permute({0, 2, 3, 1}), nn::LayerNorm({channels}, norm_options),
                           nn::Linear(channels, 4 * channels), nn::GELU(),
                           nn::Linear(4 * channels, channels), nn::Permute({0, 3, 1, 2})))),
        stochastic_depth_(add("stochastic_depth", nn::StochasticDepth(stochastic_depth))) {}

  Tensor forward(const Tensor& x) override {
    return stochastic_depth_(layer_scale_ * block_(x)) + x;
  }

 private:
  nn::Parameter layer_scale_;
  nn::Sequential block_;
  nn::StochasticDepth stochastic_depth_;
};

nn::Sequential make_features(const ConvNeXtForm& form, const ConvNeXtOptions& o) {
  int64_t in = form.channels[0];
  nn::Sequential layers;
  layers.append(
      nn::Sequential(nn::Conv2d(3, in, 4, {.stride = 4}), nn::LayerNorm2d(in, norm_options)));
  const double last =
      static_cast<double>(std::accumulate(form.blocks.begin(), form.blocks.end(), int64_t{-1}));
  double before = 0;
  for (size_t s = 0; s < form.blocks.size(); ++s) {
    if (s > 0) {
      const int64_t out = form.channels[s];
      layers.append(
          nn::Sequential(nn::LayerNorm2d(in, norm_options), nn::Conv2d(in, out, 2, {.stride = 2})));
      in = out;
    }
    nn::Sequential blocks;
    for (int64_t i = 0; i < form.blocks[s]; ++i)
      blocks.append(Block(in, o.layer_scale, o.stochastic_depth_prob * before++ / last));
    layers.append(std::move(blocks));
  }
  return layers;
}

nn::Sequential make_classifier(int64_t in, int64_t num_classes) {
  return nn::Sequential(nn::LayerNorm2d(in, norm_options), nn::Flatten(),
                        nn::Linear(in, num_classes));
}

}  // namespace

ConvNeXt::ConvNeXt(const ConvNeXtForm& form, const ConvNeXtOptions& o)
    : features(add("features", make_features(form, o))),
      classifier(add("classifier", make_classifier(form.channels.back(), o.num_classes))) {
  // torchvision cuts the normal distributions off at 100 standard deviations.
  detail::for_each<nn::Conv2d>(*this, [](nn::Conv2d& conv) {
    nn::init::normal_(conv.weight, 0, 0.02);
    nn::init::zeros_(conv.bias);
  });
  detail::init_linears(*this, 0.02);
}

Tensor ConvNeXt::forward(const Tensor& x) {
  return classifier(adaptive_avg_pool2d(features(x), 1));
}

ConvNeXt convnext_tiny(const ConvNeXtOptions& options) {
  return ConvNeXt({{96, 192, 384, 768}, {3, 3, 9, 3}}, options);
}

}  // namespace rw::models
