#pragma once
// The functions that are compared with PyTorch's, under their names in families/*.py.

#include "../case.h"

namespace rw::test {

using Cases = std::vector<Case>;

/// Joins the cases of a family to those compared: a family is a file.
struct Family {
  explicit Family(Cases (*cases)()) { all().push_back(cases); }
  static std::vector<Cases (*)()>& all() {
    static std::vector<Cases (*)()> families;
    return families;
  }
};

inline std::vector<Case> joined(const std::vector<std::vector<Case>>& families) {
  std::vector<Case> all;
  for (const auto& family : families) all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::test
