// What this machine can do at best, for comparison: multiply-adds of float32 numbers in registers,
// and copies of a tensor of the cases' size, each with OMP_NUM_THREADS threads.

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "benchmarks/machine.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bench::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t chains = 12;  // independent ones, to hide what a multiply-add takes to finish

// Returns the number of operations, two to a multiply-add.
double multiply_add(long rounds, float* result) {
  const hn::ScalableTag<float> d;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 1e-3f);
  hn::Vec<decltype(d)> sums[chains];
  for (auto& s : sums) s = hn::Iota(d, 0);
  for (long i = 0; i < rounds; ++i)
    for (auto& s : sums) s = hn::MulAdd(s, factor, term);
  auto total = hn::Zero(d);
  for (const auto& s : sums) total = hn::Add(total, s);
  *result = hn::GetLane(hn::SumOfLanes(d, total));
  return 2.0 * static_cast<double>(rounds) * static_cast<double>(chains * hn::Lanes(d));
}

}  // namespace
}  // namespace bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {

HWY_EXPORT(multiply_add);

namespace {

// The shortest time of several, in seconds.
template <class F>
double shortest(int runs, F&& f) {
  double best = 1e9;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

double gflops() {
  double operations = 0;
  std::vector<float> results(static_cast<size_t>(omp_get_max_threads()));
  const double seconds = shortest(20, [&] {
    operations = 0;
#pragma omp parallel reduction(+ : operations)
    {
      float& result = results[static_cast<size_t>(omp_get_thread_num())];
      operations += HWY_DYNAMIC_DISPATCH(multiply_add)(2'000'000, &result);
    }
  });
  return operations / seconds * 1e-9;
}

// Bytes read and written, of a tensor of 64 x 64 x 32 x 32 over and over: as warm as the cases are.
double copied_gigabytes() {
  constexpr size_t n = 64 * 64 * 32 * 32;
  std::vector<float> from(n, 1), to(n);
  const double seconds = shortest(50, [&] {
#pragma omp parallel
    {
      const auto threads = static_cast<size_t>(omp_get_num_threads());
      const auto thread = static_cast<size_t>(omp_get_thread_num());
      const size_t begin = n * thread / threads, end = n * (thread + 1) / threads;
      std::memcpy(to.data() + begin, from.data() + begin, (end - begin) * sizeof(float));
    }
  });
  return 2.0 * n * sizeof(float) / seconds * 1e-9;
}

}  // namespace
}  // namespace bench

int main() {
  std::printf("gflops %.4g\ngigabytes %.4g\n", bench::gflops(), bench::copied_gigabytes());
}
#endif
