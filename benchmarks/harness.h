#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Sets everything up and returns what is timed.
using Prepare = std::function<std::function<void()>()>;

struct Case {
  std::string name;
  Prepare prepare;
};

/// Runs the cases that the command line asks for and prints `name median_ms` for each, then the
/// process's peak memory, and this without what it held at the start, which is its libraries.
///   [substring]   cases whose name contains it
///   --exact NAME  this case alone
///   --list        names only
///   --json        one JSON object instead of lines
int run(const std::vector<Case>& cases, int argc, char** argv);

}  // namespace bench
