#pragma once

#include <stdexcept>

namespace rw {

/// Everything Rewind throws. The message names the op, the argument, what came and what was
/// expected.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
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
