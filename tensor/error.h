#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#pragma GCC visibility push(default)

namespace rw {

/// Everything Rewind throws. The message names the op, the argument, what came and what was
/// expected.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  /// Puts where it happened in front of the message, as "layer2.0.conv1: …". Only the first call
  /// does: those who pass an error on know the place less well than the one who met it first.
  void set_place(const std::string& place) {
    if (std::exchange(has_place_, true)) return;
    std::runtime_error::operator=(std::runtime_error(place + ": " + std::runtime_error::what()));
  }

 private:
  bool has_place_ = false;
};
/// Sizes or ranks do not fit.
class ShapeError : public Error {
  using Error::Error;
};
/// An element type does not fit.
class DTypeError : public Error {
  using Error::Error;
};
/// An index, label or dimension is out of range.
class IndexError : public Error {
  using Error::Error;
};
/// The tape can't do what was asked: no graph, freed buffers, an illegal in-place change.
class AutogradError : public Error {
  using Error::Error;
};
/// A file is missing, truncated or not what it should be.
class IOError : public Error {
  using Error::Error;
};

}  // namespace rw

#pragma GCC visibility pop
