#pragma once
// What surrounds the first tutorial: its command line and its data.

#include <cstdint>
#include <string>

#include <rewind/data/images.h>

struct Options {
  std::string folder;  ///< of the data set; Debian's when empty
  int epochs = 5;
  uint64_t seed = 1;
  int64_t width = 1;      ///< so many times the channels
  bool autocast = false;  ///< train in bfloat16
  bool winograd = true;   ///< let convolutions use Winograd's algorithm
  bool fuse = false;      ///< fold batch norms into convolutions before the test
};

/// Explains the options and exits where asked to; exits with a message where one is not understood.
Options parse(int argc, char** argv);

struct Images {
  rw::data::ImageDataset train, test;
  double goal;  ///< accuracy that training is expected to reach on `test`; 0 for a shorter one than
                ///< usual
};

/// Fashion-MNIST, or, where it can't be had and no folder was asked for, generated shapes.
Images load_images(const Options& options);
