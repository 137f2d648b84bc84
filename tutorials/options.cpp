#include "options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <rewind/data/mnist.h>
#include <rewind/data/shapes.h>
#include <rewind/tensor/error.h>

namespace {

[[noreturn]] void usage(const char* program) {
  std::fprintf(stderr,
               "usage: %s [--data FOLDER] [--epochs N] [--seed N] [--width N] [--autocast] "
               "[--no-winograd] [--fuse]\n",
               program);
  std::exit(2);
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
    if (name == "--autocast") {
      o.autocast = true;
    } else if (name == "--no-winograd") {
      o.winograd = false;
    } else if (name == "--fuse") {
      o.fuse = true;
    } else {
      if (++i == argc) usage(argv[0]);
      const char* value = argv[i];
      bool ok = true;
      if (name == "--data")
        o.folder = value;
      else if (name == "--epochs")
        ok = number(value, 1, o.epochs);
      else if (name == "--seed")
        ok = number<uint64_t>(value, 0, o.seed);
      else if (name == "--width")
        ok = number<int64_t>(value, 1, o.width);
      else
        ok = false;
      if (!ok) usage(argv[0]);
    }
  }
  return o;
}

Images load_images(const Options& options) {
  using rw::data::FashionMNIST;
  const std::string folder = options.folder.empty() ? FashionMNIST::default_folder : options.folder;
  try {
    return {FashionMNIST(folder, true).normalized(0.286, 0.353),
            FashionMNIST(folder, false).normalized(0.286, 0.353), 0.90};
  } catch (const rw::IOError& e) {
    std::printf("%s\n", e.what());
    if (!options.folder.empty()) std::exit(1);
    std::printf("Training on generated shapes instead.\n\n");
    return {rw::data::make_shapes(20000, 1), rw::data::make_shapes(5000, 2), 0.90};
  }
}
