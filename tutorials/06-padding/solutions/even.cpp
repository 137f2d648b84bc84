// A filter of even size keeps the size of a picture only where one side is padded more.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor x = ones({1, 1, 20, 30});
  for (const int64_t k : {2, 3, 4, 5, 6}) {
    const int64_t all = k - 1, before = all / 2, after = all - before;
    const Tensor y = conv2d(pad(x, {before, after, before, after}), ones({1, 1, k, k}));
    tutorial.expect("kernel " + std::to_string(k) + " keeps the size", y.shape() == x.shape());
    // The same number on both sides gives one pixel too few or too many where k is even.
    const bool same = conv2d(x, ones({1, 1, k, k}), {}, {.padding = before}).shape() == x.shape();
    tutorial.expect("one number for both sides does so for odd sizes alone", same == (k % 2 == 1));
  }
}
