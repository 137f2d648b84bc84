#pragma once
// What every tutorial shares beside its lesson: the command line, and claims that are checked.

#include <string>

/// A run of a tutorial. `--quick` asks for a short form, `--pictures FOLDER` says where pictures go
/// (the current folder otherwise).
class Tutorial {
 public:
  Tutorial(int argc, char** argv);

  bool quick() const { return quick_; }
  /// The first of both, or the second in the short form.
  template <class T>
  T full_or_quick(T full, T quick) const {
    return quick_ ? quick : full;
  }
  /// Where to write the picture of this name; says so.
  std::string picture(const std::string& name) const;

  /// Prints a number and the range that the text gives for it; ends the program where it lies
  /// outside.
  void expect(const std::string& what, double value, double low, double high) const;
  /// Prints what is claimed; ends the program where it is false.
  void expect(const std::string& what, bool holds) const;

 private:
  bool quick_ = false;
  std::string pictures_ = ".";
};
