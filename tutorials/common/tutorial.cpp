#include "tutorial.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

Tutorial::Tutorial(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--quick") {
      quick_ = true;
    } else if (option == "--pictures" && i + 1 < argc) {
      pictures_ = argv[++i];
    } else {
      std::fprintf(stderr, "usage: %s [--quick] [--pictures FOLDER]\n", argv[0]);
      std::exit(2);
    }
  }
  std::filesystem::create_directories(pictures_);
}

std::string Tutorial::picture(const std::string& name) const {
  const std::string path = pictures_ + "/" + name;
  std::printf("picture: %s\n", path.c_str());
  return path;
}

void Tutorial::expect(const std::string& what, double value, double low, double high) const {
  std::printf("%s: %.4g (expected %.4g to %.4g)\n", what.c_str(), value, low, high);
  if (value >= low && value <= high) return;
  std::printf("That is not what the text says.\n");
  std::exit(1);
}

void Tutorial::expect(const std::string& what, bool holds) const {
  std::printf("%s: %s\n", what.c_str(), holds ? "yes" : "no");
  if (holds) return;
  std::printf("That is not what the text says.\n");
  std::exit(1);
}
