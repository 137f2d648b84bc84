#include <rewind/models/cifar_resnet.h>

#include <rewind/models/blocks.h>
#include <rewind/ops/padding.h>
#include <rewind/tensor/check.h>

namespace rw::models {

namespace {

nn::Conv2d conv3x3(int64_t in, int64_t out, int64_t stride = 1) {
  return nn::Conv2d(in, out, 3, {.stride = stride, .padding = 1, .bias = false});
}

class Block : public nn::Module {
 public:
  Block(int64_t in, int64_t out, int64_t stride)
      : conv1_(add("conv1", conv3x3(in, out, stride))),
        bn1_(add("bn1", nn::BatchNorm2d(out))),
        conv2_(add("conv2", conv3x3(out, out))),
        bn2_(add("bn2", nn::BatchNorm2d(out))),
        stride_(stride),
        more_((out - in) / 2) {}

  Tensor forward(const Tensor& x) override {
    const Tensor y = bn2_(conv2_(relu(bn1_(conv1_(x)))));
    return relu(y + shortcut(x));
  }

 private:
  // Every second pixel, and channels of zeros on both sides.
  Tensor shortcut(const Tensor& x) const {
    if (more_ == 0) return x;
    const Tensor some = x.slice(2, 0, Slice::none, stride_).slice(3, 0, Slice::none, stride_);
    return pad(some, {0, 0, 0, 0, more_, more_});
  }

  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  int64_t stride_, more_;
};

nn::Sequential stage(int64_t in, int64_t out, int64_t blocks) {
  nn::Sequential layers(Block(in, out, in == out ? 1 : 2));
  for (int64_t i = 1; i < blocks; ++i) layers.append(Block(out, out, 1));
  return layers;
}

int64_t blocks_of(int64_t depth) {
  check(depth >= 8 && depth % 6 == 2,
        "CifarResNet: expected a depth of 6 n + 2 layers with n >= 1, got {}", depth);
  return depth / 6;
}

}  // namespace

CifarResNet::CifarResNet(int64_t depth, const CifarResNetOptions& o)
    : conv1(add("conv1", conv3x3(3, 16))),
      bn1(add("bn1", nn::BatchNorm2d(16))),
      layer1(add("layer1", stage(16, 16, blocks_of(depth)))),
      layer2(add("layer2", stage(16, 32, blocks_of(depth)))),
      layer3(add("layer3", stage(32, 64, blocks_of(depth)))),
      linear(add("linear", nn::Linear(64, o.num_classes))) {
  detail::init_convolutions(*this, nn::init::Fan::in);
  nn::init::kaiming_normal_(linear.weight);
}

Tensor CifarResNet::forward(const Tensor& x) {
  const Tensor y = layer3(layer2(layer1(relu(bn1(conv1(x))))));
  return linear(adaptive_avg_pool2d(y, 1).flatten(1));
}

CifarResNet resnet20(const CifarResNetOptions& options) { return CifarResNet(20, options); }
CifarResNet resnet32(const CifarResNetOptions& options) { return CifarResNet(32, options); }
CifarResNet resnet44(const CifarResNetOptions& options) { return CifarResNet(44, options); }
CifarResNet resnet56(const CifarResNetOptions& options) { return CifarResNet(56, options); }
CifarResNet resnet110(const CifarResNetOptions& options) { return CifarResNet(110, options); }

}  // namespace rw::models
