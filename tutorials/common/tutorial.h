#pragma once
// What every tutorial shares beside its lesson: the command line, and claims that are checked.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

/// A run of a tutorial. `--quick` asks for a short form, `--pictures FOLDER` says where pictures go
/// (the current folder otherwise).
class Tutorial {
 public:
  Tutorial(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string option = argv[i];
      if (option == "--quick")
        quick_ = true;
      else if (option == "--pictures" && i + 1 < argc)
        pictures_ = argv[++i];
      else
        std::printf("usage: %s [--quick] [--pictures FOLDER]\n", argv[0]), std::exit(2);
    }
    std::filesystem::create_directories(pictures_);
  }

  /// The first of both, or the second in the short form.
  template <class T>
  T full_or_quick(T full, T quick) const {
    return quick_ ? quick : full;
  }
  /// Where to write the picture of this name; says so.
  std::string picture(const std::string& name) const {
    std::printf("picture: %s/%s\n", pictures_.c_str(), name.c_str());
    return pictures_ + "/" + name;
  }
  /// Prints a number and the range that the text gives for it, or what is claimed; ends the program
  /// where that does not hold.
  void expect(const std::string& what, double value, double low, double high) const {
    std::printf("%s: %.4g (expected %.4g to %.4g)\n", what.c_str(), value, low, high);
    end_unless(value >= low && value <= high);
  }
  void expect(const std::string& what, bool holds) const {
    std::printf("%s: %s\n", what.c_str(), holds ? "yes" : "no");
    end_unless(holds);
  }

 private:
  static void end_unless(bool holds) {
    if (!holds) std::printf("That is not what the text says.\n"), std::exit(1);
  }

  bool quick_ = false;
  std::string pictures_ = ".";
};
