// Samples one by one, or all at once.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  set_num_threads(1);
  manual_seed(1);
  nn::Sequential net(nn::Linear(64, 64), nn::ReLU(), nn::Linear(64, 10));
  const Tensor x = randn({256, 64});
  const auto run = [&](int64_t size) {
    for (int repeat = 0; repeat < 20; ++repeat)
      for (int64_t i = 0; i < 256; i += size) net(x.narrow(0, i, size)).sum().backward();
  };
  const auto profiled = [&](int64_t size) {
    run(size);
    profile p;
    run(size);
    p.stop();
    p.print();
    return p.milliseconds();
  };
  const double one_by_one = profiled(1), at_once = profiled(256);
  // 256 times the calls. Each takes some time however small it is, and a product of matrices reads
  // the weights once for all samples.
  tutorial.expect("one by one takes longer by a factor of", one_by_one / at_once, 3, 1000);
}
