#pragma once

#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace rw::nn {

/// What a state and a model do not have in common.
struct LoadReport {
  std::vector<std::string> missing;  ///< names of the model that the state does not have
  std::vector<std::string> unknown;  ///< names of the state that the model does not have
};

}  // namespace rw::nn

#pragma GCC visibility pop
