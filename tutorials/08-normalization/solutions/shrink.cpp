// What a deep network without normalization makes of the differences between pictures.

#include <cstdio>

#include <rewind/data/shapes.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// By how much pictures differ, after each of eight convolutions.
std::vector<double> differences(const Tensor& pictures, bool with_norm, bool with_kaiming) {
  const no_grad guard;
  manual_seed(8);
  std::vector<double> result;
  Tensor x = pictures;
  for (int64_t i = 0; i < 8; ++i) {
    nn::Conv2d conv(i == 0 ? 1 : 16, 16, 3, {.padding = 1});
    if (with_kaiming) nn::init::kaiming_normal_(conv.weight);
    x = conv(x);
    if (with_norm) x = batch_norm(x, {}, {}, {}, {}, {.training = true});
    x = relu(x);
    if (i < 2) x = max_pool2d(x, 2);
    result.push_back(x.std({0}).mean().item<double>());
    std::printf(" %.2g", result.back());
  }
  std::printf("\n");
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  std::vector<int64_t> indices(100);
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int64_t>(i);
  const Tensor pictures = data::make_shapes(100).batch(indices).data;
  const auto plain = differences(pictures, false, false);
  const auto norm = differences(pictures, true, false);
  const auto kaiming = differences(pictures, false, true);
  // Each layer multiplies differences by a number less than 1, eight times.
  tutorial.expect("without norm, after the last layer", plain.back(), 0, 0.02);
  tutorial.expect("with batch norm", norm.back(), 0.2, 1);
  // Weights that are greater by sqrt(6) keep the size at first; nothing keeps it during training.
  tutorial.expect("without norm, with other weights at first", kaiming.back(), 0.02, 2);
}
