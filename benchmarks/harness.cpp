#include "harness.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

namespace bench {
namespace {

constexpr double seconds_per_case = 0.7;
constexpr size_t least_runs = 7;

double run_once(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median_ms(const std::function<void()>& body) {
  for (double warm = 0; warm < seconds_per_case / 5;) warm += run_once(body);
  std::vector<double> times;
  for (double total = 0; total < seconds_per_case || times.size() < least_runs;) {
    times.push_back(run_once(body));
    total += times.back();
  }
  const auto middle = times.begin() + static_cast<ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle * 1e3;
}

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// What the process holds now.
double rss_mb() {
  long pages = 0;
  if (std::FILE* statm = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(statm, "%*s %ld", &pages) != 1) pages = 0;
    std::fclose(statm);
  }
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

struct Request {
  std::string substring, exact;
  bool list = false, json = false, understood = true;

  bool wants(const std::string& name) const {
    return exact.empty() ? name.find(substring) != std::string::npos : name == exact;
  }
};

Request parse(int argc, char** argv) {
  Request r;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--list"))
      r.list = true;
    else if (!std::strcmp(argv[i], "--json"))
      r.json = true;
    else if (!std::strcmp(argv[i], "--exact") && i + 1 < argc)
      r.exact = argv[++i];
    else if (argv[i][0] != '-' && r.substring.empty())
      r.substring = argv[i];
    else
      r.understood = false;
  }
  return r;
}

}  // namespace

int run(const std::vector<Case>& cases, int argc, char** argv) {
  const Request request = parse(argc, argv);
  if (!request.understood) {
    std::fprintf(stderr, "usage: %s [substring] [--exact NAME] [--list] [--json] [--batches]\n",
                 argv[0]);
    return 2;
  }
  const double loaded = rss_mb();  // the libraries
  const char* separator = "{";
  const auto print = [&](const std::string& name, double value) {
    if (request.json)
      std::printf("%s\"%s\": %.6g", std::exchange(separator, ",\n "), name.c_str(), value);
    else
      std::printf("%-28s %.6g\n", name.c_str(), value);
    std::fflush(stdout);
  };
  bool any = false;
  for (const Case& c : cases) {
    if (!request.wants(c.name)) continue;
    any = true;
    if (request.list)
      std::puts(c.name.c_str());
    else
      print(c.name, median_ms(c.prepare()));
  }
  if (!any) {
    std::fprintf(stderr, "no case matches; --list names them all\n");
    return 1;
  }
  if (request.list) return 0;
  print("peak_rss_mb", peak_rss_mb());
  print("peak_use_mb", peak_rss_mb() - loaded);
  if (request.json) std::puts("}");
  return 0;
}

}  // namespace bench
