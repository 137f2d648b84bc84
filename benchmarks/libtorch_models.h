#pragma once
// The nets of the cases as torchvision has them, for ten classes, in libtorch. Rewind's are those
// of models/.

#include <torch/torch.h>

namespace bench {

torch::nn::Sequential resnet18();  ///< for images of 32x32
torch::nn::Sequential resnet50();
torch::nn::Sequential mobilenet_v2();

}  // namespace bench
