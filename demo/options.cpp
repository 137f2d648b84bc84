#include "options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <rewind/data/mnist.h>
#include <rewind/data/shapes.h>
#include <rewind/tensor/error.h>

namespace {

constexpr const char* usage_text = "usage: %s [options]\n";

constexpr const char* options_text = R"(
Trains a small convolutional network on Fashion-MNIST, 60,000 grey pictures of clothing of ten
kinds, and prints its accuracy on the 10,000 test images for each kind.

  --data FOLDER   where the data set lies, in MNIST's format, plain or .gz; without it Debian's
                  (package dataset-fashion-mnist) or, where that is missing, generated shapes
  --epochs N      how often to go through all training images (default 5); the accuracy that is
                  demanded at the end is for 5 or more
  --seed N        of the weights, the order of images and dropout (default 1)
  --width N       so many times the channels (default 1)
  --autocast      compute convolutions and products in bfloat16
  --no-winograd   convolve without Winograd's algorithm
  --fuse          fold batch norms into convolutions before the test
  --help          this text
)";

[[noreturn]] void wrong_usage(const char* program, const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::fprintf(stderr, usage_text, program);
  std::fprintf(stderr, "--help explains the options.\n");
  std::exit(2);
}

[[noreturn]] void help(const char* program) {
  std::printf(usage_text, program);
  std::fputs(options_text, stdout);
  std::exit(0);
}

template <class T>
bool number(const char* text, T least, T& out) {
  const char* end = text + std::strlen(text);
  T value{};
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stop != end || value < least) return false;
  out = value;
  return true;
}

}  // namespace

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || name == "-h") help(argv[0]);
    if (name == "--autocast") {
      o.autocast = true;
    } else if (name == "--no-winograd") {
      o.winograd = false;
    } else if (name == "--fuse") {
      o.fuse = true;
    } else {
      const char* value = i + 1 < argc ? argv[++i] : "";
      bool ok = *value != 0;
      if (name == "--data")
        o.folder = value;
      else if (name == "--epochs")
        ok = number(value, 1, o.epochs);
      else if (name == "--seed")
        ok = number<uint64_t>(value, 0, o.seed);
      else if (name == "--width")
        ok = number<int64_t>(value, 1, o.width);
      else
        wrong_usage(argv[0], "unknown option " + name);
      if (!ok) wrong_usage(argv[0], name + " can't be '" + value + "'");
    }
  }
  return o;
}

Images load_images(const Options& options) {
  using rw::data::FashionMNIST;
  const std::string folder = options.folder.empty() ? FashionMNIST::default_folder : options.folder;
  const double goal = options.epochs >= Options().epochs ? 0.90 : 0;
  try {
    return {FashionMNIST(folder, true).normalized(0.286, 0.353),
            FashionMNIST(folder, false).normalized(0.286, 0.353), goal};
  } catch (const rw::IOError& e) {
    std::printf("%s\n", e.what());
    if (!options.folder.empty()) std::exit(1);
    std::printf("Training on generated shapes instead.\n\n");
    return {rw::data::make_shapes(20000, 1), rw::data::make_shapes(5000, 2), goal};
  }
}
