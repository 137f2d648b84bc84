#include <rewind/models/vgg.h>

#include <algorithm>

#include <rewind/models/blocks.h>
#include <rewind/nn/dropout_layers.h>

namespace rw::models {

namespace {

constexpr int64_t most_channels = 512;

nn::Sequential make_features(const VGGForm& form) {
  nn::Sequential layers;
  int64_t in = 3, out = 64;
  for (const int64_t convolutions : form.convolutions) {
    for (int64_t i = 0; i < convolutions; ++i) {
      layers.append(nn::Conv2d(in, out, 3, {.padding = 1}));
      if (form.batch_norm) layers.append(nn::BatchNorm2d(out));
      layers.append(nn::ReLU());
      in = out;
    }
    layers.append(nn::MaxPool2d(2));
    out = std::min(2 * out, most_channels);
  }
  return layers;
}

nn::Sequential make_classifier(const VGGOptions& o) {
  return nn::Sequential(nn::Linear(most_channels * 7 * 7, 4096), nn::ReLU(), nn::Dropout(o.dropout),
                        nn::Linear(4096, 4096), nn::ReLU(), nn::Dropout(o.dropout),
                        nn::Linear(4096, o.num_classes));
}

const VGGForm form11 = {{1, 1, 2, 2, 2}}, form13 = {{2, 2, 2, 2, 2}}, form16 = {{2, 2, 3, 3, 3}},
              form19 = {{2, 2, 4, 4, 4}};

VGG with_norms(VGGForm form, const VGGOptions& options) {
  form.batch_norm = true;
  return VGG(form, options);
}

}  // namespace

VGG::VGG(const VGGForm& form, const VGGOptions& o)
    : features(add("features", make_features(form))),
      classifier(add("classifier", make_classifier(o))) {
  detail::init_convolutions(*this, nn::init::Fan::out);
  detail::init_linears(*this, 0.01);
}

Tensor VGG::forward(const Tensor& x) {
  return classifier(adaptive_avg_pool2d(features(x), 7).flatten(1));
}

VGG vgg11(const VGGOptions& options) { return VGG(form11, options); }
VGG vgg13(const VGGOptions& options) { return VGG(form13, options); }
VGG vgg16(const VGGOptions& options) { return VGG(form16, options); }
VGG vgg19(const VGGOptions& options) { return VGG(form19, options); }
VGG vgg11_bn(const VGGOptions& options) { return with_norms(form11, options); }
VGG vgg13_bn(const VGGOptions& options) { return with_norms(form13, options); }
VGG vgg16_bn(const VGGOptions& options) { return with_norms(form16, options); }
VGG vgg19_bn(const VGGOptions& options) { return with_norms(form19, options); }

}  // namespace rw::models
