#pragma once
// Private to models: what several families are made of.

#include <cmath>

#include <rewind/nn/activations.h>
#include <rewind/nn/containers.h>
#include <rewind/nn/convolution.h>
#include <rewind/nn/init.h>
#include <rewind/nn/layers.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/nn/pooling.h>

namespace rw::models::detail {

/// A convolution that keeps the size of images, but for its stride, without a bias; with the batch
/// norm that comes next it is "0" and "1".
inline nn::Sequential conv_norm(int64_t in, int64_t out, int64_t kernel, int64_t stride = 1,
                                int64_t groups = 1) {
  const nn::Conv2dOptions options = {
      .stride = stride, .padding = (kernel - 1) / 2, .groups = groups, .bias = false};
  return nn::Sequential(nn::Conv2d(in, out, kernel, options), nn::BatchNorm2d(out));
}
/// The same with an activation, "2".
template <class Activation>
nn::Sequential conv_norm(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups,
                         Activation activation) {
  nn::Sequential layers = conv_norm(in, out, kernel, stride, groups);
  layers.append(std::move(activation));
  return layers;
}

/// f(layer) for every layer of this type in the model.
template <class Layer, class F>
void for_each(nn::Module& model, const F& f) {
  model.apply([&](nn::Module& m) {
    if (Layer* layer = dynamic_cast<Layer*>(&m)) f(*layer);
  });
}

/// He's initialisation of all convolutions, whose biases become 0.
inline void init_convolutions(nn::Module& model, nn::init::Fan fan) {
  for_each<nn::Conv2d>(model, [fan](nn::Conv2d& conv) {
    nn::init::kaiming_normal_(conv.weight, 0, fan);
    if (conv.bias.defined()) nn::init::zeros_(conv.bias);
  });
}
/// All linear layers normally distributed, with biases of 0.
inline void init_linears(nn::Module& model, double std) {
  for_each<nn::Linear>(model, [std](nn::Linear& linear) {
    nn::init::normal_(linear.weight, 0, std);
    nn::init::zeros_(linear.bias);
  });
}

}  // namespace rw::models::detail
