#pragma once
// Data sets for tests of loaders.

#include <chrono>
#include <ranges>
#include <thread>

#include <rewind/data/data_loader.h>

#include "../check.h"

namespace rw::test {

using namespace rw::data;

// Batches of a data set are whatever it likes: here the indices themselves.
struct Numbers {
  int64_t n = 0;
  int64_t size() const { return n; }
  std::vector<int64_t> batch(std::span<const int64_t> indices) const {
    return {indices.begin(), indices.end()};
  }
};
using Batches = std::vector<std::vector<int64_t>>;
static_assert(Dataset<Numbers> && Dataset<TensorDataset>);
static_assert(std::ranges::input_range<DataLoader<Numbers>>);

template <class D, class C>
auto epoch_of(DataLoader<D, C>& loader) {
  std::vector<typename DataLoader<D, C>::Batch> batches;
  for (auto& batch : loader) batches.push_back(batch);
  return batches;
}
inline Batches epoch_of(int64_t n, const DataLoaderOptions& options) {
  DataLoader loader(Numbers{n}, options);
  BOOST_TEST(loader.size() == std::ranges::distance(loader));
  loader.set_epoch(0);
  return epoch_of(loader);
}

// Fails in the batch that has sample `bad`; slow batches overtake each other.
struct Faulty : Numbers {
  int64_t bad = -1;
  std::vector<int64_t> batch(std::span<const int64_t> indices) const {
    std::this_thread::sleep_for(std::chrono::microseconds(indices[0] * 7919 % 300));
    for (const int64_t i : indices)
      if (i == bad) throw std::runtime_error("sample " + std::to_string(i));
    return Numbers::batch(indices);
  }
};

// Samples that draw and that take uneven times.
struct Drawn {
  int64_t n = 0;
  int64_t size() const { return n; }
  std::tuple<int64_t, Tensor> get(int64_t i) const {
    std::this_thread::sleep_for(std::chrono::microseconds(i * 7919 % 200));
    return {i, rand({2})};
  }
};
// 0, 1, … n - 1, as they come; later ones are slower to read.
struct Counting {
  int64_t n = 0;
  auto stream(uint64_t epoch) const {
    return [i = int64_t{0}, n = n, epoch]() mutable -> std::optional<int64_t> {
      if (i == n) return {};
      return static_cast<int64_t>(1000 * epoch) + i++;
    };
  }
};
static_assert(IterableDataset<Counting> && !Dataset<Counting> && !IterableDataset<Drawn>);

}  // namespace rw::test
