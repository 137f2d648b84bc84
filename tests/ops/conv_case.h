#pragma once
// A convolution for tests: its name, what it takes, and how.

#include <ostream>

#include <rewind/ops/conv.h>

namespace rw::test {

struct ConvCase {
  const char* name;
  Shape x, weight;
  Conv2dOptions options = {};
};

inline std::ostream& operator<<(std::ostream& os, const ConvCase& c) { return os << c.name; }

}  // namespace rw::test
