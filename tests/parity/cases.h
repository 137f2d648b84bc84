#pragma once
// The functions that are compared with PyTorch's, under their names in families/*.py.

#include "../case.h"

namespace rw::test {

std::vector<Case> pointwise_cases();
std::vector<Case> reduction_cases();
std::vector<Case> product_cases();
std::vector<Case> view_cases();
std::vector<Case> indexing_cases();
std::vector<Case> loss_cases();
std::vector<Case> convolution_cases();
std::vector<Case> pooling_cases();
std::vector<Case> normalization_cases();
std::vector<Case> graph_cases();
std::vector<Case> training_cases();

inline std::vector<Case> joined(const std::vector<std::vector<Case>>& families) {
  std::vector<Case> all;
  for (const auto& family : families) all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::test
