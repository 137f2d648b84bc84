#include "libtorch_models.h"

namespace bench {

namespace {

using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Sequential;

Conv2d conv(int64_t in, int64_t out, int64_t kernel, int64_t stride = 1, int64_t groups = 1) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, kernel)
                    .stride(stride)
                    .padding((kernel - 1) / 2)
                    .groups(groups)
                    .bias(false));
}

// What a block adds its result to: its input, or what a convolution makes of it that fits.
Sequential shortcut(int64_t in, int64_t out, int64_t stride) {
  if (stride == 1 && in == out) return Sequential();
  return Sequential(conv(in, out, 1, stride), BatchNorm2d(out));
}
torch::Tensor through(Sequential& shortcut, const torch::Tensor& x) {
  return shortcut->is_empty() ? x : shortcut->forward(x);
}

struct BasicBlock : torch::nn::Module {
  Conv2d conv1, conv2;
  BatchNorm2d bn1, bn2;
  Sequential downsample;

  BasicBlock(int64_t in, int64_t out, int64_t stride)
      : conv1(conv(in, out, 3, stride)),
        conv2(conv(out, out, 3)),
        bn1(out),
        bn2(out),
        downsample(shortcut(in, out, stride)) {
    register_module("conv1", conv1);
    register_module("bn1", bn1);
    register_module("conv2", conv2);
    register_module("bn2", bn2);
    register_module("downsample", downsample);
  }
  torch::Tensor forward(torch::Tensor x) {
    torch::Tensor y = bn1(conv1(x)).relu_();
    y = bn2(conv2(y));
    y += through(downsample, x);
    return y.relu_();
  }
};

struct Bottleneck : torch::nn::Module {
  Conv2d conv1, conv2, conv3;
  BatchNorm2d bn1, bn2, bn3;
  Sequential downsample;

  Bottleneck(int64_t in, int64_t width, int64_t stride)
      : conv1(conv(in, width, 1)),
        conv2(conv(width, width, 3, stride)),
        conv3(conv(width, 4 * width, 1)),
        bn1(width),
        bn2(width),
        bn3(4 * width),
        downsample(shortcut(in, 4 * width, stride)) {
    register_module("conv1", conv1);
    register_module("bn1", bn1);
    register_module("conv2", conv2);
    register_module("bn2", bn2);
    register_module("conv3", conv3);
    register_module("bn3", bn3);
    register_module("downsample", downsample);
  }
  torch::Tensor forward(torch::Tensor x) {
    torch::Tensor y = bn1(conv1(x)).relu_();
    y = bn2(conv2(y)).relu_();
    y = bn3(conv3(y));
    y += through(downsample, x);
    return y.relu_();
  }
};

struct InvertedResidual : torch::nn::Module {
  Sequential conv_;
  bool shortcut;

  InvertedResidual(int64_t in, int64_t out, int64_t stride, int64_t expand)
      : shortcut(stride == 1 && in == out) {
    const int64_t hidden = in * expand;
    if (expand != 1) append(in, hidden, 1, 1, 1);
    append(hidden, hidden, 3, stride, hidden);
    conv_->push_back(conv(hidden, out, 1));
    conv_->push_back(BatchNorm2d(out));
    register_module("conv", conv_);
  }
  torch::Tensor forward(torch::Tensor x) {
    return shortcut ? x + conv_->forward(x) : conv_->forward(x);
  }

 private:
  void append(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups) {
    conv_->push_back(conv(in, out, kernel, stride, groups));
    conv_->push_back(BatchNorm2d(out));
    conv_->push_back(torch::nn::ReLU6(torch::nn::ReLU6Options(true)));
  }
};

torch::nn::ReLU relu() { return torch::nn::ReLU(torch::nn::ReLUOptions(true)); }

void finish(Sequential& net, int64_t channels, double dropout = 0) {
  net->push_back(torch::nn::AdaptiveAvgPool2d(1));
  net->push_back(torch::nn::Flatten());
  if (dropout > 0) net->push_back(torch::nn::Dropout(dropout));
  net->push_back(torch::nn::Linear(channels, 10));
}

}  // namespace

Sequential resnet18() {
  Sequential net(conv(3, 64, 3), BatchNorm2d(64), relu());
  int64_t in = 64;
  for (const int64_t out : {64, 128, 256, 512}) {
    net->push_back(BasicBlock(in, out, out == 64 ? 1 : 2));
    net->push_back(BasicBlock(out, out, 1));
    in = out;
  }
  finish(net, 512);
  return net;
}

Sequential resnet50() {
  Sequential net(conv(3, 64, 7, 2), BatchNorm2d(64), relu(),
                 torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(3).stride(2).padding(1)));
  int64_t in = 64;
  for (const auto& [width, blocks] : {std::pair{64, 3}, {128, 4}, {256, 6}, {512, 3}})
    for (int i = 0; i < blocks; ++i) {
      net->push_back(Bottleneck(in, width, i == 0 && width > 64 ? 2 : 1));
      in = 4 * width;
    }
  finish(net, in);
  return net;
}

Sequential mobilenet_v2() {
  struct Stage {
    int64_t expand, channels, blocks, stride;
  };
  const Stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                          {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  const torch::nn::ReLU6Options in_place(true);
  Sequential net(conv(3, 32, 3, 2), BatchNorm2d(32), torch::nn::ReLU6(in_place));
  int64_t in = 32;
  for (const Stage& stage : stages)
    for (int64_t i = 0; i < stage.blocks; ++i) {
      net->push_back(InvertedResidual(in, stage.channels, i == 0 ? stage.stride : 1, stage.expand));
      in = stage.channels;
    }
  net->push_back(conv(in, 1280, 1));
  net->push_back(BatchNorm2d(1280));
  net->push_back(torch::nn::ReLU6(in_place));
  finish(net, 1280, 0.2);
  return net;
}

}  // namespace bench
