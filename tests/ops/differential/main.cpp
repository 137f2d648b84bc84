// Holds convolution, products, pooling, normalization and softmax to their results in float64, over
// random sizes, options, memory orders and threads. usage: differential [--cases N] [--seconds S]
// [--seed K] [--family NAME]

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <rewind/tensor/format.h>

#include "problem.h"

namespace {

using namespace rw::test::differential;

struct Family {
  const char* name;
  rw::test::differential::Problem (*make)(Dice&);
  int64_t cases = 0, failures = 0;
  double share_of_bound = 0;
};

Family families[] = {{"conv", convolution},
                     {"product", product},
                     {"pool", pooling},
                     {"norm", normalization},
                     {"softmax", softmax_of_rows}};

// What runs now, for the signal handler.
char running[4096];

void tell_and_die(int signal) {
  const char* what = signal == SIGSEGV ? "touched memory beside a block: " : "died: ";
  static_cast<void>(!write(STDOUT_FILENO, what, std::strlen(what)));
  static_cast<void>(!write(STDOUT_FILENO, running, std::strlen(running)));
  _exit(1);
}

struct Arguments {
  int64_t cases = 1000;
  double seconds = 1e9;
  uint64_t seed = 1;
  std::string_view family;
};

Arguments parse(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--cases") a.cases = std::atoll(value);
    if (name == "--seconds") a.seconds = std::atof(value), a.cases = int64_t{1} << 60;
    if (name == "--seed") a.seed = std::strtoull(value, nullptr, 10);
    if (name == "--family") a.family = value;
  }
  return a;
}

void run_one(Family& family, uint64_t seed) {
  const std::string rerun = fmt::format("--family {} --seed {} --cases 1", family.name, seed);
  const auto describe = [&](const std::string& text) {
    std::snprintf(running, sizeof running, "%s | %s\n", text.c_str(), rerun.c_str());
  };
  describe("making the case");
  ++family.cases;
  std::string failure;
  try {
    const Outcome outcome = run_case(family.make, seed, describe);
    family.share_of_bound = std::max(family.share_of_bound, outcome.share_of_bound);
    failure = outcome.failure;
  } catch (const std::exception& e) {
    failure = fmt::format("{} | {}", e.what(), running);
  }
  if (failure.empty()) return;
  ++family.failures;
  std::printf("%s | %s\n", failure.c_str(), rerun.c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  mallopt(M_PERTURB, 0x5a);  // memory that is not the allocator's
  for (const int s : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) signal(s, tell_and_die);
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  int64_t done = 0;
  for (uint64_t seed = arguments.seed; done < arguments.cases && elapsed() < arguments.seconds;
       ++seed)
    for (Family& f : families) {
      if (!arguments.family.empty() && arguments.family != f.name) continue;
      if (done++ < arguments.cases) run_one(f, seed);
    }
  int64_t failures = 0;
  for (const Family& f : families) {
    if (f.cases)
      std::printf("%s: %ld cases, %ld failures, greatest error %.2f of its bound\n", f.name,
                  static_cast<long>(f.cases), static_cast<long>(f.failures), f.share_of_bound);
    failures += f.failures;
  }
  std::printf("%.0f s\n", elapsed());
  return failures != 0;
}
