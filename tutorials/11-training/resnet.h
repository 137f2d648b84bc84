#pragma once
// A small residual network for grey pictures.

#include <rewind/rewind.h>

namespace nn = rw::nn;

inline nn::Conv2d conv(int64_t in, int64_t out, int64_t size, int64_t stride) {
  return nn::Conv2d(in, out, size, {.stride = stride, .padding = size / 2, .bias = false});
}

// relu(f(x) + x). Where f changes the shape, x goes through a convolution of single pixels.
class Block : public nn::Module {
 public:
  Block(int64_t in, int64_t out, int64_t stride)
      : f_(add("f", nn::Sequential(conv(in, out, 3, stride), nn::BatchNorm2d(out), nn::ReLU(),
                                   conv(out, out, 3, 1), nn::BatchNorm2d(out)))),
        shortcut_(add("shortcut",
                      in == out ? nn::Sequential()
                                : nn::Sequential(conv(in, out, 1, stride), nn::BatchNorm2d(out)))) {
  }
  rw::Tensor forward(const rw::Tensor& x) override { return rw::relu(f_(x) + shortcut_(x)); }

 private:
  nn::Sequential f_, shortcut_;
};

inline nn::Sequential make_net(int64_t width = 16) {
  const int64_t n = width;
  return nn::Sequential(conv(1, n, 3, 1), nn::BatchNorm2d(n), nn::ReLU(), Block(n, n, 1),
                        Block(n, 2 * n, 2), Block(2 * n, 4 * n, 2), nn::AdaptiveAvgPool2d(1),
                        nn::Flatten(), nn::Linear(4 * n, 10));
}
