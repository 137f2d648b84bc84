#include <rewind/models/dcgan.h>

#include <rewind/models/blocks.h>
#include <rewind/tensor/check.h>

namespace rw::models {

namespace {

int64_t checked(const char* name, int64_t width) {
  check(width > 0, "{}: expected a positive width, got {}", name, width);
  return width;
}

nn::Sequential make_generator(const DCGANOptions& o) {
  int64_t in = o.nz, out = 8 * checked("dcgan_generator", o.width);
  nn::Sequential layers;
  for (; out >= o.width; out /= 2) {  // to 4x4, 8x8, 16x16, 32x32
    const int64_t stride = layers.empty() ? 1 : 2;
    layers.append(
        nn::ConvTranspose2d(in, out, 4, {.stride = stride, .padding = stride - 1, .bias = false}));
    layers.append(nn::BatchNorm2d(out)).append(nn::ReLU());
    in = out;
  }
  layers.append(nn::ConvTranspose2d(in, o.nc, 4, {.stride = 2, .padding = 1, .bias = false}));
  layers.append(nn::Tanh());
  return layers;
}

nn::Sequential make_discriminator(const DCGANOptions& o) {
  int64_t in = o.nc, out = checked("dcgan_discriminator", o.width);
  nn::Sequential layers;
  for (; out <= 8 * o.width; out *= 2) {  // to 32x32, 16x16, 8x8, 4x4
    layers.append(nn::Conv2d(in, out, 4, {.stride = 2, .padding = 1, .bias = false}));
    if (out > o.width) layers.append(nn::BatchNorm2d(out));
    layers.append(nn::LeakyReLU(0.2));
    in = out;
  }
  layers.append(nn::Conv2d(in, 1, 4, {.bias = false})).append(nn::Sigmoid());
  return layers;
}

template <class Convolution>
void init_all(nn::Module& model) {
  detail::for_each<Convolution>(model,
                                [](Convolution& c) { nn::init::normal_(c.weight, 0, 0.02); });
  detail::for_each<nn::BatchNorm2d>(
      model, [](nn::BatchNorm2d& norm) { nn::init::normal_(norm.weight, 1, 0.02); });
}

}  // namespace

DCGANGenerator::DCGANGenerator(const DCGANOptions& o) : main(add("main", make_generator(o))) {
  init_all<nn::ConvTranspose2d>(*this);
}
Tensor DCGANGenerator::forward(const Tensor& x) { return main(x); }

DCGANDiscriminator::DCGANDiscriminator(const DCGANOptions& o)
    : main(add("main", make_discriminator(o))) {
  init_all<nn::Conv2d>(*this);
}
Tensor DCGANDiscriminator::forward(const Tensor& x) { return main(x).flatten(); }

DCGANGenerator dcgan_generator(const DCGANOptions& options) { return DCGANGenerator(options); }
DCGANDiscriminator dcgan_discriminator(const DCGANOptions& options) {
  return DCGANDiscriminator(options);
}

}  // namespace rw::models
