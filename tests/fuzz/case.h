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

/// Whether that is a failure that we know and have not mended yet; `known.cpp` lists them.
bool is_known(const Verdict& verdict);
/// Whether an op may not be called at all in a wild case: it would not come back.
bool is_left_out(const std::string& function, bool wild);

}  // namespace rw::fuzz
