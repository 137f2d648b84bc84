// Exercise 3: the formula's parameters, measured on this machine, and what they say of larger ones.
// Of two ranks: mpirun -n 2.

#include <chrono>
#include <cstdio>
#include <limits>

#include <rewind/distributed/distributed.h>
#include <rewind/rewind.h>

#include "../scaling.h"
#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

// The shortest of some runs, of the slowest rank.
template <class F>
double fastest(F&& f, int runs) {
  f();
  double best = std::numeric_limits<double>::max();
  for (int i = 0; i < runs; ++i) {
    distributed::barrier();
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  const Tensor slowest = full({1}, best, float64);
  distributed::all_reduce(slowest, {.op = distributed::ReduceOp::max});
  return slowest.item<double>();
}

double all_reduce_time(int64_t bytes, int runs) {
  const Tensor t = zeros({bytes / 4});
  return fastest([&] { distributed::all_reduce(t); }, runs);
}

void predict(const Tutorial& tutorial, Scaling here) {
  std::vector<Series> lines;
  for (const double gbit : {10., 25., 100.}) {
    here.bandwidth = gbit / 8 * 1e9;
    Series line{std::to_string(static_cast<int>(gbit)) + " Gbit/s", {}};
    std::printf("%.0f Gbit/s:", gbit);
    for (int k = 1; k <= 10; ++k) {
      line.points.push_back({1. * k, here.efficiency(1 << k)});
      std::printf(" %.2f", here.efficiency(1 << k));
    }
    std::printf(" with 2 to 1024 nodes\n");
    lines.push_back(line);
  }
  Drawing(640, 360)
      .chart(lines,
             {.title = "share of the time in which nodes compute", .x = "nodes, as a power of 2"})
      .write(tutorial.picture("link.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const distributed::init world;
  if (distributed::rank() != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) return 1;
  const int runs = tutorial.full_or_quick(20, 2);
  const int64_t width = tutorial.full_or_quick(1024, 64);
  nn::Sequential net;
  for (int i = 0; i < 4; ++i) net.append(nn::Linear(width, width)), net.append(nn::ReLU());
  distributed::DistributedDataParallel model(net, {.bucket_cap_mb = 4, .first_bucket_mb = 4});
  const Tensor x = randn({512, width});
  const auto pass = [&] {
    net.zero_grad();
    model(x).square().mean().backward();
  };
  const auto apart = [&] {
    const auto none = model.no_sync();
    pass();
  };
  pass();  // which makes the buckets

  Scaling here;
  here.forward = fastest([&] { model(x); }, runs);
  here.backward = fastest(apart, runs) - here.forward;
  here.buckets = static_cast<int>(model.buckets().size());
  here.bytes = 0;
  for (const Tensor& p : net.parameters()) here.bytes += static_cast<double>(p.nbytes());
  // Two ranks: 2 (latency + bytes / 2 per_byte).
  constexpr int64_t small = 4096, large = 16 << 20;
  const double a = all_reduce_time(small, 5 * runs), b = all_reduce_time(large, runs);
  here.per_byte = std::max(0., (b - a) / static_cast<double>(large - small));
  here.latency = a / 2;
  std::printf("forward %.1f ms, backward %.1f ms, %.1f MB of gradients in %d buckets\n",
              1e3 * here.forward, 1e3 * here.backward, here.bytes / 1e6, here.buckets);
  std::printf("latency %.0f us, %.2f GB/s between processes\n", 1e6 * here.latency,
              1e-9 / std::max(here.per_byte, 1e-15));
  here.bandwidth = std::numeric_limits<double>::infinity();  // there is no link
  const double step = fastest(pass, runs);
  std::printf("a step takes %.1f ms, by the formula %.1f ms\n", 1e3 * step,
              1e3 * here.step(distributed::size()));
  predict(tutorial, here);
}
