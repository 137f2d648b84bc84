#pragma once

#include <rewind/data/mnist.h>
#include <rewind/rewind.h>

#include "tutorial.h"

/// Pictures of clothes, [N, 1, 28, 28] in [0, 1].
struct Clothes {
  rw::data::Batch train, test;
};

/// Trains an autoencoder, and draws what it makes.
void variational(const Tutorial& tutorial, const Clothes& clothes);
/// Trains a generator against a discriminator, and looks at what it makes through the eyes of
/// another network.
void adversarial(const Tutorial& tutorial, const Clothes& clothes);
/// Pictures side by side, `across` in a row, as a PNG.
void write_pictures(const Tutorial& tutorial, const std::string& name, const rw::Tensor& pictures,
                    int64_t across);
