// A fuzzer of the API: `fuzz_ops --help`.

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "../ops/all_ops/declarations.h"
#include "../ops/all_ops/table.h"
#include "case.h"

// Sanitizers end the program themselves.
extern "C" {
void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));
const char* __asan_default_options();
const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=2048:detect_leaks=0";
}
}

namespace {

using namespace rw::fuzz;

constexpr const char* usage =
    "usage: fuzz_ops [--seconds N] [--cases N] [--seed S] [--case K] [--op NAME]\n"
    "Calls ops with random arguments, N seconds long (60) or for N cases, and checks that nothing\n"
    "comes but results and errors, that float32 and bfloat16 agree with float64, every memory\n"
    "order with row-major and two threads with one. --case runs one case alone; --op only those "
    "of\n"
    "a function.\n";

struct Options {
  double seconds = 60;
  uint64_t cases = UINT64_MAX;
  uint64_t seed = 1;
  std::optional<uint64_t> only;
  std::string op;
};

Options parsed(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc || name == "--help") {
      std::fputs(usage, name == "--help" ? stdout : stderr);
      std::exit(name == "--help" ? 0 : 2);
    }
    const char* value = argv[i + 1];
    if (name == "--seconds")
      o.seconds = std::atof(value);
    else if (name == "--cases")
      o.cases = std::strtoull(value, nullptr, 10);
    else if (name == "--seed")
      o.seed = std::strtoull(value, nullptr, 10);
    else if (name == "--case")
      o.only = std::strtoull(value, nullptr, 10);
    else if (name == "--op")
      o.op = value;
    else {
      std::fputs(usage, stderr);
      std::exit(2);
    }
  }
  return o;
}

// --- Crashes and hangs ---------------------------------------------------------------------------

char current[2000];  // the case that runs, for handlers of signals

void say_current() {
  if (write(STDERR_FILENO, current, std::strlen(current)) < 0) _exit(3);
}

void die(int signal) {
  const char* what = signal == SIGALRM ? "\nHANGS: " : "\nCRASHES: ";
  if (write(STDERR_FILENO, what, std::strlen(what)) < 0) _exit(3);
  say_current();
  _exit(1);
}

void watch() {
  for (const int s : {SIGALRM, SIGABRT, SIGFPE, SIGILL}) signal(s, die);
  if (__sanitizer_set_death_callback) {
    __sanitizer_set_death_callback(say_current);
    return;
  }
  for (const int s : {SIGSEGV, SIGBUS}) signal(s, die);
  // Requests for more memory than any case needs fail at once, rather than fill the machine.
  const rlimit memory = {rlim_t{3} << 30, rlim_t{3} << 30};
  setrlimit(RLIMIT_AS, &memory);
}

constexpr unsigned patience = 20;  // seconds for a case

// --- Every op has to be here ---------------------------------------------------------------------

std::map<std::string, int> declared() {
  std::ifstream list(REWIND_PUBLIC_HEADERS);
  std::map<std::string, int> count;
  for (std::string path; std::getline(list, path);) {
    std::ifstream file(path);
    const std::string header{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& name : rw::test::functions_returning_tensors(header)) ++count[name];
  }
  return count;
}

// How many public functions there are without as many generators, or rows in the table of all ops.
int missing_ops() {
  std::map<std::string, int> missing = declared();
  if (!missing.contains("conv2d")) {
    std::fputs("the public headers can't be read\n", stderr);
    return 1;
  }
  for (const rw::test::Exemption& e : rw::test::all_exemptions())
    if (const std::string_view reason = e.reason;
        reason.starts_with("is ") || reason == "leaves the tape" || reason == "replaces the handle")
      for (const std::string& name : e.functions) missing.erase(name);
  for (const char* name : {"from_blob", "from_dlpack"}) missing.erase(name);  // memory of others
  for (const std::string& name : fuzzed_functions()) --missing[name];
  int n = 0;
  for (const auto& [name, count] : missing)
    if (count > 0 && ++n)
      std::fprintf(stderr, "%s is not fuzzed: add a generator to tests/fuzz/\n", name.c_str());
  return n;
}

// --- The run -------------------------------------------------------------------------------------

struct Report {
  int64_t cases = 0, failures = 0;
  Skips skips;
};

void run_one(const Options& o, uint64_t number, Report& report) {
  const auto at = [&](const std::string& what) {
    std::snprintf(current, sizeof current, "--seed %llu --case %llu   # %s\n",
                  static_cast<unsigned long long>(o.seed), static_cast<unsigned long long>(number),
                  what.c_str());
  };
  alarm(patience);
  const Verdict v = run_case(o.seed, number, report.skips, at);
  alarm(0);
  ++report.cases;
  if (!v.failure) return;
  ++report.failures;
  at(v.op + " " + v.arguments);
  std::printf("FAILS (%s): %s\n    ./dev fuzz ops %s", v.failure->kind.c_str(),
              v.failure->what.c_str(), current);
  std::fflush(stdout);
}

bool passed(const Report& r) {
  int64_t skipped = 0;
  std::string reasons;
  for (const auto& [reason, n] : r.skips) {
    skipped += n;
    reasons += ", " + std::to_string(n) + " " + reason;
  }
  const double share = r.cases ? static_cast<double>(skipped) / static_cast<double>(r.cases) : 0;
  std::printf("%lld cases: %lld failed, %.2f %% not compared%s\n", static_cast<long long>(r.cases),
              static_cast<long long>(r.failures), 100 * share, reasons.c_str());
  if (share > 0.05 && r.cases > 100) std::printf("FAILS: more than 5 %% were not compared\n");
  return r.failures == 0 && (share <= 0.05 || r.cases <= 100);
}

}  // namespace

int main(int argc, char** argv) {
  const Options o = parsed(argc, argv);
  watch();
  if (missing_ops() > 0) return 1;
  Report report;
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  if (o.only) {
    run_one(o, *o.only, report);
  } else {
    for (uint64_t k = 0; k < o.cases && elapsed() < o.seconds; ++k)
      if (o.op.empty() || o.op == op_of_case(o.seed, k)) run_one(o, k, report);
  }
  return passed(report) ? 0 : 1;
}
