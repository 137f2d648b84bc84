#pragma once
// Runs a sample and says how what comes of it differs from PyTorch's.

#include "forms.h"

namespace rw::test {

struct Difference {
  std::string kind;  ///< "agrees", or in one word what does not
  std::string text;
};

/// Runs it as it is; with `layouts` also on inputs in memory of reverse order, and with gaps.
Difference run(const Sample& sample, bool layouts = false);

}  // namespace rw::test
