#pragma once

#include <hwy/targets.h>

#include <cstdint>
#include <vector>

namespace rw::test {

/// The vector targets that this processor runs.
inline const std::vector<int64_t>& targets() {
  static const std::vector<int64_t> all = [] {
    std::vector<int64_t> found;
    for (const int64_t t : {HWY_STATIC_TARGET, HWY_AVX2, HWY_AVX3})
      if (hwy::SupportedTargets() & t) found.push_back(t);
    return found;
  }();
  return all;
}

/// Kernels run on this target from here on.
inline void choose(int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(target);
}

}  // namespace rw::test
