// How fast the three ways are, for tensors from small to large.

#include "times.h"

#include <algorithm>
#include <chrono>

#include "drawing.h"
#include "swish.h"

using namespace rw;

namespace {

// Nanoseconds that an element takes, forward and backward.
double time_of(Op op, int64_t count) {
  const Tensor x = randn(count).requires_grad_(), beta = ones({}).requires_grad_(), g = ones(count);
  const int64_t repeats = std::max<int64_t>(1, 100000 / count);
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < repeats; ++i) {
    x.set_grad({}), beta.set_grad({});
    op(x, beta).backward(g);
  }
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / static_cast<double>(repeats * count);
}

}  // namespace

void measure_times(const Tutorial& tutorial) {
  const int threads = get_num_threads();
  set_num_threads(1);  // other programs then disturb the times less
  const int rounds = tutorial.full_or_quick(25, 7);
  const Op ops[] = {composed_swish, swish, fast_swish};
  std::vector<Series> times = {{"composed_swish", {}}, {"swish", {}}, {"fast_swish", {}}};
  for (int k = 4; k <= 22; k += 2) {
    double least[] = {1e300, 1e300, 1e300};  // of several rounds, each of all three
    for (int round = 0; round < rounds; ++round)
      for (size_t i = 0; i < 3; ++i)
        least[i] = std::min(least[i], time_of(ops[i], int64_t{1} << k));
    for (size_t i = 0; i < 3; ++i) times[i].points.push_back({static_cast<double>(k), least[i]});
  }
  set_num_threads(threads);
  const auto faster = [&](size_t at) { return times[0].points[at].y / times[2].points[at].y; };
  tutorial.expect("2^4 elements: fast_swish is faster, times", faster(0), 1.2, 20);
  tutorial.expect("2^22 elements: fast_swish is faster, times", faster(9), 1.2, 20);
  Drawing(640, 360)
      .chart(times, {.title = "nanoseconds for each element, forward and backward",
                     .x = "number of elements, as a power of 2",
                     .log_y = true})
      .write(tutorial.picture("times.svg"));
}
