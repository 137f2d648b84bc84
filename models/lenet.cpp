#include <rewind/models/lenet.h>

#include <rewind/models/blocks.h>

namespace rw::models {

LeNet::LeNet(const LeNetOptions& o)
    : conv1(add("conv1", nn::Conv2d(o.in_channels, 6, 5, {.padding = 2}))),
      conv2(add("conv2", nn::Conv2d(6, 16, 5))),
      fc1(add("fc1", nn::Linear(16 * 5 * 5, 120))),
      fc2(add("fc2", nn::Linear(120, 84))),
      fc3(add("fc3", nn::Linear(84, o.num_classes))) {}

Tensor LeNet::forward(const Tensor& x) {
  Tensor y = max_pool2d(relu(conv1(x)), 2);
  y = max_pool2d(relu(conv2(y)), 2);
  return fc3(relu(fc2(relu(fc1(y.flatten(1))))));
}

LeNet lenet(const LeNetOptions& options) { return LeNet(options); }

}  // namespace rw::models
