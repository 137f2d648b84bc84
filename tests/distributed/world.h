#pragma once
// What tests of several processes share: each process runs all cases of its program.

#include <cstdlib>
#include <string>

#include <rewind/distributed/distributed.h>

#include "check.h"

namespace rw::test {

/// One world for all cases of a program.
struct World {
  distributed::init world{{.timeout = 20}};
  World() {
    const char* ranks = std::getenv("REWIND_RANKS");
    if (ranks && std::stoi(ranks) != distributed::size())
      throw Error("expected a world of " + std::string(ranks) + " ranks");
  }
};

/// Whether all ranks have the same, to the last bit.
inline bool same_on_all(const Tensor& t) {
  std::vector<Tensor> all;
  for (int r = 0; r < distributed::size(); ++r) all.push_back(empty_like(t.detach()));
  distributed::all_gather(all, t.detach());
  for (const Tensor& other : all)
    if (other.to_vector<double>() != t.detach().to_vector<double>()) return false;
  return true;
}

}  // namespace rw::test
