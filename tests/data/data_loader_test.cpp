#include <rewind/data/data_loader.h>

#include <atomic>
#include <chrono>
#include <ranges>
#include <thread>

#include "../check.h"

using namespace rw;
using namespace rw::data;
using rw::test::saying;

namespace {

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

template <class D>
auto epoch_of(DataLoader<D>& loader) {
  std::vector<typename DataLoader<D>::Batch> batches;
  for (auto& batch : loader) batches.push_back(batch);
  return batches;
}
Batches epoch_of(int64_t n, const DataLoaderOptions& options) {
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

}  // namespace

BOOST_AUTO_TEST_SUITE(data_loader)

BOOST_AUTO_TEST_CASE(in_order) {
  for (const int workers : {0, 1, 3}) {
    const DataLoaderOptions all{.batch_size = 3, .workers = workers};
    BOOST_TEST((epoch_of(7, all) == Batches{{0, 1, 2}, {3, 4, 5}, {6}}));
    BOOST_TEST((epoch_of(6, all) == Batches{{0, 1, 2}, {3, 4, 5}}));
    BOOST_TEST((epoch_of(2, all) == Batches{{0, 1}}));
    BOOST_TEST(epoch_of(0, all).empty());
    const DataLoaderOptions full{.batch_size = 3, .drop_last = true, .workers = workers};
    BOOST_TEST((epoch_of(7, full) == Batches{{0, 1, 2}, {3, 4, 5}}));
    BOOST_TEST((epoch_of(6, full) == Batches{{0, 1, 2}, {3, 4, 5}}));
    BOOST_TEST(epoch_of(2, full).empty());
  }
}

BOOST_AUTO_TEST_CASE(shuffles_by_seed_and_epoch_alone) {
  const auto two_epochs = [](int workers, uint64_t seed) {
    DataLoader loader(
        Faulty{{101}},
        {.batch_size = 4, .shuffle = true, .seed = seed, .workers = workers, .prefetch = 3});
    return std::pair{epoch_of(loader), epoch_of(loader)};
  };
  const auto expected = two_epochs(0, 1);
  for (const int workers : {1, 2, 5}) BOOST_TEST((two_epochs(workers, 1) == expected));
  BOOST_TEST((expected.first != expected.second));
  BOOST_TEST((two_epochs(0, 2).first != expected.first));

  for (const Batches& batches : {expected.first, expected.second}) {
    std::vector<int64_t> seen;
    for (const auto& batch : batches) seen.insert(seen.end(), batch.begin(), batch.end());
    BOOST_TEST(!std::ranges::is_sorted(seen));
    std::ranges::sort(seen);
    BOOST_TEST(seen == arange(101).to_vector<int64_t>());
  }

  DataLoader resumed(Numbers{101}, {.batch_size = 4, .shuffle = true, .seed = 1});
  resumed.set_epoch(1);
  BOOST_TEST((epoch_of(resumed) == expected.second));
  BOOST_TEST(resumed.epoch() == 2u);
}

BOOST_AUTO_TEST_CASE(random_augmentation_does_not_depend_on_the_workers) {
  struct Noisy : Numbers {
    std::vector<float> batch(std::span<const int64_t> indices) const {
      return rand(static_cast<int64_t>(indices.size())).to_vector();
    }
  };
  const auto two_epochs = [](int workers) {
    DataLoader loader(Noisy{{20}}, {.batch_size = 4, .workers = workers});
    return std::pair{epoch_of(loader), epoch_of(loader)};
  };
  manual_seed(5);
  const auto expected = two_epochs(0);
  BOOST_TEST((two_epochs(3) == expected));
  BOOST_TEST((expected.first[0] != expected.first[1]));
  BOOST_TEST((expected.first[0] != expected.second[0]));
  // The caller's own numbers go on as if nothing had been.
  const auto after = rand({3}).to_vector();
  manual_seed(5);
  BOOST_TEST(after == rand({3}).to_vector());
}

BOOST_AUTO_TEST_CASE(exceptions_come_in_their_place) {
  for (const int workers : {0, 1, 4}) {
    DataLoader loader(Faulty{{100}, 57}, {.batch_size = 5, .workers = workers});
    for (int repeat = 0; repeat < 5; ++repeat) {
      Batches before;
      const auto run = [&] {
        for (auto& batch : loader) before.push_back(batch);
      };
      BOOST_CHECK_EXCEPTION(run(), std::runtime_error, saying("sample 57"));
      BOOST_TEST(before.size() == 11u);
      BOOST_TEST(before.back().back() == 54);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_epoch_ends_with_its_exception) {
  for (const int workers : {0, 2}) {
    DataLoader loader(Faulty{{100}, 7}, {.batch_size = 5, .workers = workers});
    auto it = loader.begin();
    BOOST_CHECK_THROW(++it, std::runtime_error);
    ++it;
    BOOST_TEST((it == loader.end()));
  }
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_left_early) {
  for (const int workers : {0, 1, 3})
    for (int64_t at = 0; at < 12; ++at) {
      DataLoader loader(Faulty{{200}}, {.batch_size = 2, .workers = workers, .prefetch = 4});
      int64_t seen = 0;
      for (auto& batch : loader) {
        BOOST_TEST(batch[0] == 2 * seen);
        if (seen++ == at) break;
      }
      BOOST_TEST(seen == at + 1);
    }
}

BOOST_AUTO_TEST_CASE(workers_stay_within_their_lead) {
  struct Counted : Numbers {
    std::shared_ptr<std::atomic<int64_t>> made = std::make_shared<std::atomic<int64_t>>(0);
    std::vector<int64_t> batch(std::span<const int64_t> indices) const {
      ++*made;
      return Numbers::batch(indices);
    }
  };
  const Counted set{{100}};
  DataLoader loader(set, {.batch_size = 1, .workers = 2, .prefetch = 3});
  int64_t seen = 0, most_ahead = 0;
  for ([[maybe_unused]] auto& batch : loader) {
    ++seen;
    if (seen == 20) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    most_ahead = std::max(most_ahead, *set.made - seen);
  }
  BOOST_TEST(most_ahead == 6);
  BOOST_TEST(*set.made == 100);
}

BOOST_AUTO_TEST_CASE(iterators_move) {
  DataLoader loader(Numbers{10}, {.batch_size = 2, .workers = 2});
  auto first = loader.begin();
  auto it = std::move(first);
  ++it;
  BOOST_TEST(*it == (std::vector<int64_t>{2, 3}));
  BOOST_TEST(it->size() == 2u);
}

BOOST_AUTO_TEST_CASE(tensors) {
  const Tensor x = arange(24, float32).reshape({4, 2, 3});
  const TensorDataset set(x.transpose(1, 2), from<int64_t>({3, 2, 1, 0}));
  BOOST_TEST(set.size() == 4);
  BOOST_TEST(set.get(1).data.to_vector() == (std::vector<float>{6, 9, 7, 10, 8, 11}));
  BOOST_TEST(set.get(1).target.item<int64_t>() == 2);
  DataLoader loader(set, {.batch_size = 3, .workers = 1});
  std::vector<Shape> shapes;
  for (auto& [data, target] : loader) {
    shapes.push_back(data.shape());
    BOOST_TEST(target.size(0) == data.size(0));
  }
  BOOST_TEST((shapes == std::vector<Shape>{{3, 3, 2}, {1, 3, 2}}));
  BOOST_TEST(set.batch(std::vector<int64_t>{2, 2}).target.to_vector<int>() ==
             (std::vector<int>{1, 1}));
  BOOST_CHECK_EXCEPTION(TensorDataset(x, ones({3})), ShapeError,
                        saying("TensorDataset: expected first dimensions of equal size, got shapes "
                               "[4, 2, 3] and [3]"));
  BOOST_CHECK_EXCEPTION(TensorDataset(x, Tensor()), Error, saying("a tensor is undefined"));
  BOOST_CHECK_EXCEPTION(set.get(4), IndexError, saying("index 4 is out of range for 4 samples"));
}

BOOST_AUTO_TEST_CASE(options_are_checked) {
  const auto loads = [](const DataLoaderOptions& options) { DataLoader(Numbers{3}, options); };
  BOOST_CHECK_EXCEPTION(loads({.batch_size = 0}), Error,
                        saying("DataLoader: expected a batch_size of at least 1, got 0"));
  BOOST_CHECK_EXCEPTION(loads({.workers = -1}), Error,
                        saying("DataLoader: expected workers >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(loads({.prefetch = 0}), Error,
                        saying("DataLoader: expected a prefetch of at least 1, got 0"));
}

BOOST_AUTO_TEST_SUITE_END()
