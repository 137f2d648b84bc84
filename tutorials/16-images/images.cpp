// Images from nothing: a variational autoencoder (variational.cpp), and a generator that is trained
// against a discriminator (adversarial.cpp), on the same pictures of clothes.

#include "images.h"

#include <cstdio>
#include <filesystem>

#include <rewind/io/pictures.h>
#include <rewind/io/png.h>

using namespace rw;

namespace {

data::Batch some(const data::FashionMNIST& all, int64_t n) {
  return {all.images().narrow(0, 0, n).unsqueeze(1).to(float32) / 255,
          all.labels().narrow(0, 0, n)};
}

}  // namespace

void write_pictures(const Tutorial& tutorial, const std::string& name, const Tensor& pictures,
                    int64_t across) {
  const Tensor large = interpolate(pictures, {.scale_factor = {2.0}});
  io::write_png(tutorial.picture(name), io::make_grid(large, {.nrow = across}));
}

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  const Clothes clothes{some(data::FashionMNIST(), tutorial.full_or_quick(60000, 2000)),
                        some(data::FashionMNIST(folder, false), tutorial.full_or_quick(5000, 300))};
  variational(tutorial, clothes);
  adversarial(tutorial, clothes);
}
