#pragma once
// One case: an op drawn, its arguments drawn, and all that is asked of it.

#include "check.h"

namespace rw::fuzz {

struct Verdict {
  std::string op;
  std::string arguments;
  std::optional<Failure> failure;
};

/// Runs case `number` of the run with that seed. Tells `at` the op before it is called, so that
/// one knows which if it never comes back.
Verdict run_case(uint64_t seed, uint64_t number, Skips& skips,
                 const std::function<void(const std::string& op)>& at);

/// The op that this is about.
std::string op_of_case(uint64_t seed, uint64_t number);

}  // namespace rw::fuzz
