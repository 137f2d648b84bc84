// A rank that fails: the others throw, and say which one and where.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <sstream>

#include <rewind/distributed/distributed.h>

#include "check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Outcome {
  std::string text;
  double seconds;
};

Outcome run(const std::string& arguments, int ranks = 3) {
  const auto start = std::chrono::steady_clock::now();
  const std::string command = std::string("timeout -k 5 13 ") + REWIND_MPIEXEC + " " +
                              std::to_string(ranks) + " " + REWIND_FAILING + " " + arguments +
                              " 2>&1";
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

// The samples of all ranks in steps before `end`, by lines such as "samples of step 2: 4 31".
void collect(const std::string& text, int end, std::vector<int>& samples) {
  const std::string title = "samples of step ";
  for (size_t at = 0; (at = text.find(title, at)) != std::string::npos;) {
    at += title.size();
    std::istringstream line(text.substr(at, text.find('\n', at) - at));
    int step = 0;
    char colon = 0;
    line >> step >> colon;
    for (int i = 0; line >> i;)
      if (step < end) samples.push_back(i);
  }
}

// A run of three ranks that fails in step 3. What was saved goes on with two: those steps and the
// three before take each sample of the epoch once.
Outcome run_and_go_on(const std::string& how) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("rewind_" + how + "_" + std::to_string(getpid()) + ".safetensors");
  const Outcome failed = run(how + " " + file.string());
  const Outcome rest = run("none " + file.string(), 2);
  std::filesystem::remove(file);
  for (const char* rank : {"0", "1"}) {
    says(rest.text, std::string("rank ") + rank + " goes on in step 3");
    says(rest.text, std::string("rank ") + rank + ": done");
  }
  std::vector<int> samples, all(60);
  collect(failed.text, 3, samples);
  BOOST_TEST(samples.size() == 18u);
  collect(rest.text, 1000, samples);
  std::sort(samples.begin(), samples.end());
  std::iota(all.begin(), all.end(), 0);
  BOOST_TEST(samples == all, boost::test_tools::per_element());
  return failed;
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
  check_others(run_and_go_on("kill"),
               "all_reduce: rank 0 waited 5 s for the others in step 3, bucket 0; rank "
               "1 does not answer: it has ended, was stopped or can't be reached");
}

BOOST_AUTO_TEST_CASE(stopped) {
  check_others(run_and_go_on("stop"),
               "all_reduce: rank 2 waited 5 s for the others in step 3, bucket 0; rank "
               "1 does not answer: it has ended, was stopped or can't be reached");
}

BOOST_AUTO_TEST_CASE(throws) {
  const Outcome outcome = run_and_go_on("throw");
  check_others(outcome,
               "all_reduce: rank 1 has left by an exception in step 2, bucket 0; rank 0 "
               "waited for it in step 3, bucket 0");
  says(outcome.text, "rank 1: other: rank 1 has thrown");
}

BOOST_AUTO_TEST_CASE(leaves) {
  check_others(run_and_go_on("leave"),
               "all_reduce: rank 1 has left in step 2, bucket 0; rank 0 waited for it "
               "in step 3, bucket 0");
}

// Rank 0 takes a mean that the others leave out, who exchange gradients meanwhile: in debug mode
// nobody waits for the timeout, which is a minute.
BOOST_AUTO_TEST_CASE(leaves_out_a_call) {
  const Outcome outcome = run("omit", 2);
  says(outcome.text, "all_reduce: ranks disagree, and wait for one another; rank");
  says(outcome.text, "rank 0 in all_reduce of the world in step 0");
  says(outcome.text, "rank 1 in all_reduce of group 1 in step 0, bucket 0");
  for (const char* rank : {"0", "1"}) says(outcome.text, std::string("rank ") + rank + ": caught");
  BOOST_TEST(outcome.seconds < 12);
}

BOOST_AUTO_TEST_SUITE_END()
