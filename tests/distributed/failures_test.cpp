// A rank that fails: the others throw, and say which one and where.

#include <array>
#include <chrono>
#include <cstdio>

#include <rewind/distributed/distributed.h>

#include "check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Outcome {
  std::string text;
  double seconds;
};

Outcome run(const std::string& how) {
  const auto start = std::chrono::steady_clock::now();
  const std::string command = std::string("timeout -k 5 13 ") + REWIND_MPIEXEC + " 3 " +
                              REWIND_FAILING + " " + how + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  BOOST_TEST_REQUIRE(pipe != nullptr);
  Outcome outcome{};
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), static_cast<int>(part.size()), pipe) != nullptr)
    outcome.text += part.data();
  pclose(pipe);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

void check_others(const Outcome& outcome, const std::string& message) {
  for (const std::string rank : {"0", "2"}) {
    says(outcome.text, "rank " + rank + ": caught: ");
    says(outcome.text, "rank " + rank + " waited");
  }
  says(outcome.text, message);
  says(outcome.text, "in step 3, bucket 0");
  BOOST_TEST(outcome.seconds < 25);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failures)

BOOST_AUTO_TEST_CASE(none) {
  const Outcome outcome = run("none");
  for (const char* rank : {"0", "1", "2"})
    says(outcome.text, std::string("rank ") + rank + ": done");
}

BOOST_AUTO_TEST_CASE(killed) {
  check_others(run("kill"),
               "all_reduce: rank 0 waited 5 s for the others in step 3, bucket 0; rank "
               "1 does not answer: it has ended, was stopped or can't be reached");
}

BOOST_AUTO_TEST_CASE(stopped) {
  check_others(run("stop"),
               "all_reduce: rank 2 waited 5 s for the others in step 3, bucket 0; rank "
               "1 does not answer: it has ended, was stopped or can't be reached");
}

BOOST_AUTO_TEST_CASE(throws) {
  const Outcome outcome = run("throw");
  check_others(outcome,
               "all_reduce: rank 1 has left by an exception in step 2, bucket 0; rank 0 "
               "waited for it in step 3, bucket 0");
  says(outcome.text, "rank 1: other: rank 1 has thrown");
}

BOOST_AUTO_TEST_CASE(leaves) {
  check_others(run("leave"),
               "all_reduce: rank 1 has left in step 2, bucket 0; rank 0 waited for it "
               "in step 3, bucket 0");
}

BOOST_AUTO_TEST_SUITE_END()
