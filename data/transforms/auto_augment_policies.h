#pragma once
// Private to the library's sources: what AutoAugment found.

#include <array>

#include <rewind/data/transforms/augment.h>
#include <rewind/data/transforms/augment_changes.h>

namespace rw::data::transforms::detail {

struct PolicyStep {
  Change change;
  double probability;
  int64_t magnitude = 0;  // of ten
};
using PolicyPair = std::array<PolicyStep, 2>;

const std::array<PolicyPair, 25>& auto_augment_pairs(AutoAugmentPolicy policy);

}  // namespace rw::data::transforms::detail
