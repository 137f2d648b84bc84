#include <rewind/models/densenet.h>

#include <string>
#include <utility>

#include <rewind/models/blocks.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/joining.h>

namespace rw::models {

namespace {

constexpr int64_t bottleneck = 4;  // channels between a layer's convolutions, by those it adds

// From all channels before to these and its own.
class DenseLayer : public nn::Module {
 public:
  DenseLayer(int64_t in, int64_t growth, double drop_rate)
      : norm1_(add("norm1", nn::BatchNorm2d(in))),
        conv1_(add("conv1", nn::Conv2d(in, bottleneck * growth, 1, {.bias = false}))),
        norm2_(add("norm2", nn::BatchNorm2d(bottleneck * growth))),
        conv2_(add("conv2",
                   nn::Conv2d(bottleneck * growth, growth, 3, {.padding = 1, .bias = false}))),
        drop_rate_(drop_rate) {}

  Tensor forward(const Tensor& x) override {
    const Tensor between = conv1_(relu(norm1_(x)));
    const Tensor y = conv2_(relu(norm2_(between)));
    return cat({x, dropout(y, drop_rate_, is_training())}, 1);
  }

 private:
  nn::BatchNorm2d norm1_;
  nn::Conv2d conv1_;
  nn::BatchNorm2d norm2_;
  nn::Conv2d conv2_;
  double drop_rate_;
};

nn::Sequential transition(int64_t in, int64_t out) {
  nn::Sequential layers;
  layers.append("norm", nn::BatchNorm2d(in)).append("relu", nn::ReLU());
  layers.append("conv", nn::Conv2d(in, out, 1, {.bias = false}));
  layers.append("pool", nn::AvgPool2d(2));
  return layers;
}

// The layers, and the number of channels that they end with.
std::pair<nn::Sequential, int64_t> make_features(const DenseNetForm& form, double drop_rate) {
  int64_t channels = form.num_init_features;
  nn::Sequential features;
  features.append("conv0", nn::Conv2d(3, channels, 7, {.stride = 2, .padding = 3, .bias = false}));
  features.append("norm0", nn::BatchNorm2d(channels)).append("relu0", nn::ReLU());
  features.append("pool0", nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
  for (size_t b = 0; b < form.blocks.size(); ++b) {
    const std::string number = std::to_string(b + 1);
    nn::Sequential block;
    for (int64_t i = 0; i < form.blocks[b]; ++i) {
      block.append("denselayer" + std::to_string(i + 1),
                   DenseLayer(channels, form.growth_rate, drop_rate));
      channels += form.growth_rate;
    }
    features.append("denseblock" + number, std::move(block));
    if (b + 1 == form.blocks.size()) break;
    features.append("transition" + number, transition(channels, channels / 2));
    channels /= 2;
  }
  features.append("norm5", nn::BatchNorm2d(channels));
  return {std::move(features), channels};
}

}  // namespace

DenseNet::DenseNet(const DenseNetForm& form, const DenseNetOptions& o)
    : DenseNet(make_features(form, o.drop_rate), o) {}

DenseNet::DenseNet(std::pair<nn::Sequential, int64_t> made, const DenseNetOptions& o)
    : features(add("features", std::move(made.first))),
      classifier(add("classifier", nn::Linear(made.second, o.num_classes))) {
  detail::init_convolutions(*this, nn::init::Fan::in);
  nn::init::zeros_(classifier.bias);
}

Tensor DenseNet::forward(const Tensor& x) {
  return classifier(adaptive_avg_pool2d(relu(features(x)), 1).flatten(1));
}

DenseNet densenet121(const DenseNetOptions& options) {
  return DenseNet({{6, 12, 24, 16}}, options);
}

}  // namespace rw::models
