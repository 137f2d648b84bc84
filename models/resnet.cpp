#include <rewind/models/resnet.h>

#include <rewind/models/blocks.h>
#include <rewind/nn/fuse.h>
#include <rewind/tensor/check.h>

namespace rw::models {

namespace {

nn::Conv2d conv3x3(int64_t in, int64_t out, int64_t stride = 1, int64_t groups = 1) {
  return nn::Conv2d(in, out, 3, {.stride = stride, .padding = 1, .groups = groups, .bias = false});
}
nn::Conv2d conv1x1(int64_t in, int64_t out) { return nn::Conv2d(in, out, 1, {.bias = false}); }

// What a block adds its result to: its input, or what a convolution makes of it that fits.
nn::Sequential shortcut(int64_t in, int64_t out, int64_t stride) {
  return stride == 1 && in == out ? nn::Sequential() : detail::conv_norm(in, out, 1, stride);
}

struct BasicBlock : nn::Module {
  BasicBlock(int64_t in, int64_t out, int64_t stride)
      : conv1(add("conv1", conv3x3(in, out, stride))),
        bn1(add("bn1", nn::BatchNorm2d(out))),
        conv2(add("conv2", conv3x3(out, out))),
        bn2(add("bn2", nn::BatchNorm2d(out))),
        downsample(add("downsample", shortcut(in, out, stride))) {}

  Tensor forward(const Tensor& x) override {
    const Tensor y = nn::conv_norm_relu(conv1, bn1, x);
    return nn::conv_norm_relu(conv2, bn2, y, downsample(x));
  }

  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  nn::Sequential downsample;
};

struct Bottleneck : nn::Module {
  Bottleneck(int64_t in, int64_t width, int64_t out, int64_t stride, int64_t groups)
      : conv1(add("conv1", conv1x1(in, width))),
        bn1(add("bn1", nn::BatchNorm2d(width))),
        conv2(add("conv2", conv3x3(width, width, stride, groups))),
        bn2(add("bn2", nn::BatchNorm2d(width))),
        conv3(add("conv3", conv1x1(width, out))),
        bn3(add("bn3", nn::BatchNorm2d(out))),
        downsample(add("downsample", shortcut(in, out, stride))) {}

  Tensor forward(const Tensor& x) override {
    Tensor y = nn::conv_norm_relu(conv1, bn1, x);
    y = nn::conv_norm_relu(conv2, bn2, y);
    return nn::conv_norm_relu(conv3, bn3, y, downsample(x));
  }

  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  nn::Conv2d conv3;
  nn::BatchNorm2d bn3;
  nn::Sequential downsample;
};

int64_t channels_of(const ResNetForm& form, int stage) {
  return (int64_t{64} << stage) * (form.bottleneck ? 4 : 1);
}

// layer1 to layer4 are the stages 0 to 3.
nn::Sequential stage(const ResNetForm& form, int number) {
  const int64_t out = channels_of(form, number);
  const int64_t width = (form.width_per_group << number) * form.groups;
  nn::Sequential blocks;
  for (int64_t i = 0; i < form.blocks[static_cast<size_t>(number)]; ++i) {
    const bool first = i == 0;
    const int64_t in = !first ? out : number == 0 ? 64 : channels_of(form, number - 1);
    const int64_t stride = first && number > 0 ? 2 : 1;
    if (form.bottleneck)
      blocks.append(Bottleneck(in, width, out, stride, form.groups));
    else
      blocks.append(BasicBlock(in, out, stride));
  }
  return blocks;
}

nn::Conv2d stem(bool small_images) {
  return small_images ? conv3x3(3, 64)
                      : nn::Conv2d(3, 64, 7, {.stride = 2, .padding = 3, .bias = false});
}
nn::Sequential stem_pool(bool small_images) {
  return small_images ? nn::Sequential()
                      : nn::Sequential(nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
}

}  // namespace

namespace {

const ResNetForm& checked(const ResNetForm& form) {
  check(form.bottleneck || (form.groups == 1 && form.width_per_group == 64),
        "ResNet: blocks without bottleneck have groups = 1 and width_per_group = 64, got {} and {}",
        form.groups, form.width_per_group);
  check(form.groups > 0 && form.width_per_group > 0,
        "ResNet: expected positive groups and width_per_group, got {} and {}", form.groups,
        form.width_per_group);
  return form;
}

}  // namespace

ResNet::ResNet(const ResNetForm& form, const ResNetOptions& o)
    : conv1(add("conv1", stem(o.small_images))),
      bn1(add("bn1", nn::BatchNorm2d(64))),
      maxpool(add("maxpool", stem_pool(o.small_images))),
      layer1(add("layer1", stage(checked(form), 0))),
      layer2(add("layer2", stage(form, 1))),
      layer3(add("layer3", stage(form, 2))),
      layer4(add("layer4", stage(form, 3))),
      fc(add("fc", nn::Linear(channels_of(form, 3), o.num_classes))) {
  detail::init_convolutions(*this, nn::init::Fan::out);
  if (!o.zero_init_residual) return;
  detail::for_each<Bottleneck>(*this, [](Bottleneck& b) { nn::init::zeros_(b.bn3.weight); });
  detail::for_each<BasicBlock>(*this, [](BasicBlock& b) { nn::init::zeros_(b.bn2.weight); });
}

Tensor ResNet::forward(const Tensor& x) {
  const Tensor y = layer4(layer3(layer2(layer1(maxpool(nn::conv_norm_relu(conv1, bn1, x))))));
  return fc(adaptive_avg_pool2d(y, 1).flatten(1));
}

ResNet resnet18(const ResNetOptions& options) { return ResNet({false, {2, 2, 2, 2}}, options); }
ResNet resnet34(const ResNetOptions& options) { return ResNet({false, {3, 4, 6, 3}}, options); }
ResNet resnet50(const ResNetOptions& options) { return ResNet({true, {3, 4, 6, 3}}, options); }
ResNet resnet101(const ResNetOptions& options) { return ResNet({true, {3, 4, 23, 3}}, options); }
ResNet resnet152(const ResNetOptions& options) { return ResNet({true, {3, 8, 36, 3}}, options); }
ResNet resnext50_32x4d(const ResNetOptions& options) {
  return ResNet({true, {3, 4, 6, 3}, 32, 4}, options);
}
ResNet wide_resnet50_2(const ResNetOptions& options) {
  return ResNet({true, {3, 4, 6, 3}, 1, 128}, options);
}

}  // namespace rw::models
