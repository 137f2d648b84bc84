#include <rewind/models/alexnet.h>

#include <rewind/models/blocks.h>
#include <rewind/nn/dropout_layers.h>

namespace rw::models {

namespace {

nn::Sequential make_features() {
  const auto pool = [] { return nn::MaxPool2d(3, {.stride = 2}); };
  return nn::Sequential(nn::Conv2d(3, 64, 11, {.stride = 4, .padding = 2}), nn::ReLU(), pool(),
                        nn::Conv2d(64, 192, 5, {.padding = 2}), nn::ReLU(), pool(),
                        nn::Conv2d(192, 384, 3, {.padding = 1}), nn::ReLU(),
                        nn::Conv2d(384, 256, 3, {.padding = 1}), nn::ReLU(),
                        nn::Conv2d(256, 256, 3, {.padding = 1}), nn::ReLU(), pool());
}

nn::Sequential make_classifier(const AlexNetOptions& o) {
  return nn::Sequential(nn::Dropout(o.dropout), nn::Linear(256 * 6 * 6, 4096), nn::ReLU(),
                        nn::Dropout(o.dropout), nn::Linear(4096, 4096), nn::ReLU(),
                        nn::Linear(4096, o.num_classes));
}

}  // namespace

AlexNet::AlexNet(const AlexNetOptions& o)
    : features(add("features", make_features())),
      classifier(add("classifier", make_classifier(o))) {}

Tensor AlexNet::forward(const Tensor& x) {
  return classifier(adaptive_avg_pool2d(features(x), 6).flatten(1));
}

AlexNet alexnet(const AlexNetOptions& options) { return AlexNet(options); }

}  // namespace rw::models
