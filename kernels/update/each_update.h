#pragma once
// What the kernels of optimizers share.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <rewind/tensor/parallel.h>

namespace rw::kernels {

/// Calls f(update, begin, end) on pieces of all updates, each with its number `n` of elements: one
/// parallel pass over the elements of all of them.
template <class Update, class F>
void for_each_update(const std::vector<Update>& updates, const F& f) {
  std::vector<int64_t> ends;  // of each parameter in the run of all elements
  int64_t total = 0;
  for (const Update& u : updates) ends.push_back(total += u.n);
  constexpr int64_t grain = 1 << 15;
  parallel_for(0, total, grain, [&](int64_t begin, int64_t end) {
    auto k = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin());
    for (; begin < end; ++k) {
      const int64_t start = ends[k] - updates[k].n, stop = std::min(end, ends[k]);
      f(updates[k], begin - start, stop - start);
      begin = stop;
    }
  });
}

}  // namespace rw::kernels
