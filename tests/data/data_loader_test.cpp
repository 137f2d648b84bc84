#include <rewind/data/data_loader.h>

#include <ranges>
#include <set>

#include <rewind/tensor/check.h>

#include "loading.h"

using namespace rw;
using namespace rw::data;
using namespace rw::test;

namespace {

using Seen = std::vector<std::pair<std::vector<int64_t>, std::vector<float>>>;
template <class L>
void collect(L& loader, Seen& seen, int64_t most = 1000) {
  for (auto& [i, x] : loader) {
    seen.emplace_back(i.template to_vector<int64_t>(), x.to_vector());
    if (--most == 0) break;
  }
}
template <class L>
Seen rest_of(L& loader) {
  Seen seen;
  collect(loader, seen);
  return seen;
}

// Stops in the midst of the second epoch and goes on in another loader.
template <class Make>
void check_resumes(const Make& make) {
  for (const int64_t stop : {1, 4, 7}) {
    auto whole = make(0);
    rest_of(whole);
    const Seen second = rest_of(whole), third = rest_of(whole);
    for (const int workers : {0, 1, 3}) {
      auto first = make(workers);
      rest_of(first);
      Seen seen;
      collect(first, seen, stop);
      const StateDict state = first.state_dict();
      BOOST_TEST(state["epoch"].template item<int>() == 1);
      BOOST_TEST(state["position"].template item<int>() == stop);
      auto resumed = make(3 - workers);
      resumed.load_state_dict(state);
      BOOST_TEST(resumed.epoch() == 1u);
      collect(resumed, seen);
      BOOST_TEST((seen == second));
      BOOST_TEST((rest_of(resumed) == third));
      // Whoever goes on in the same program begins another epoch.
      BOOST_TEST((rest_of(first) == third));
    }
  }
}

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
  BOOST_CHECK_EXCEPTION(loads({.workers = 1 << 30, .prefetch = 1 << 30}), Error,
                        saying("DataLoader: expected workers times prefetch of at most 65536 "
                               "batches, got 1073741824 times 1073741824"));
}

BOOST_AUTO_TEST_CASE(an_epoch_resumes_anywhere) {
  check_resumes([](int workers) {
    return DataLoader(Drawn{20}, {.batch_size = 3, .shuffle = true, .seed = 4, .workers = workers});
  });
  check_resumes([](int workers) {
    return DataLoader(
        Drawn{40},
        {.batch_size = 3, .sampler = WeightedRandomSampler(ones({40}), 21), .workers = workers});
  });
  check_resumes([](int workers) {
    return DataLoader(map(Counting{20}, [](int64_t i) { return std::tuple(i, rand({2})); }),
                      {.batch_size = 3, .workers = workers});
  });
}

BOOST_AUTO_TEST_CASE(states_of_the_ends) {
  DataLoader loader(Numbers{6}, {.batch_size = 2, .seed = 9});
  const auto place = [&] {
    const StateDict s = loader.state_dict();
    return std::pair(s["epoch"].item<int>(), s["position"].item<int>());
  };
  BOOST_TEST((place() == std::pair(0, 0)));
  BOOST_TEST(loader.state_dict()["seed"].item<int>() == 9);
  int seen = 0;
  for ([[maybe_unused]] auto& batch : loader) BOOST_TEST((place() == std::pair(0, ++seen)));
  BOOST_TEST((place() == std::pair(1, 0)));
  loader.set_epoch(5);
  BOOST_TEST((place() == std::pair(5, 0)));

  StateDict end = loader.state_dict();
  end["position"] = scalar_tensor(3, int64);
  loader.load_state_dict(end);
  BOOST_TEST(epoch_of(loader).empty());
  BOOST_TEST(loader.epoch() == 6u);
  end["position"] = scalar_tensor(4, int64);
  BOOST_CHECK_EXCEPTION(loader.load_state_dict(end), Error,
                        saying("DataLoader::load_state_dict: batch 4 is beyond an epoch of 3 "
                               "batches, so that the state is of another data set or batch_size"));
  BOOST_CHECK_EXCEPTION(loader.load_state_dict({}), Error, saying("the state has no \"epoch\""));
  BOOST_TEST(loader.epoch() == 6u);
}

BOOST_AUTO_TEST_CASE(streams) {
  for (const int workers : {0, 1, 3}) {
    DataLoader loader(Counting{7}, {.batch_size = 3, .workers = workers, .prefetch = 2});
    std::vector<std::vector<int64_t>> seen;
    for (int epoch = 0; epoch < 2; ++epoch)
      for (const Tensor& batch : loader) seen.push_back(batch.to_vector<int64_t>());
    BOOST_TEST(
        (seen ==
         Batches{{0, 1, 2}, {3, 4, 5}, {6}, {1000, 1001, 1002}, {1003, 1004, 1005}, {1006}}));
    DataLoader full(Counting{7}, {.batch_size = 3, .drop_last = true, .workers = workers});
    BOOST_TEST(std::ranges::distance(full) == 2);
    BOOST_TEST(std::ranges::distance(DataLoader(
                   Counting{6}, {.batch_size = 3, .drop_last = true, .workers = workers})) == 2);
    BOOST_TEST(std::ranges::distance(DataLoader(Counting{0}, {.workers = workers})) == 0);
  }
  BOOST_CHECK_EXCEPTION(DataLoader(Counting{7}, {.shuffle = true}), Error,
                        saying("DataLoader: expected no shuffle, sampler or batch_sampler for a "
                               "stream, whose samples have no indices"));
}

BOOST_AUTO_TEST_CASE(repeated_samples_draw_anew) {
  const auto epoch = [](int workers, const DataLoaderOptions& options) {
    DataLoaderOptions all = options;
    all.workers = workers;
    DataLoader loader(Drawn{4}, all);
    Seen seen = rest_of(loader);
    std::vector<std::pair<int64_t, float>> samples;
    for (const auto& [indices, numbers] : seen)
      for (size_t i = 0; i < indices.size(); ++i) samples.emplace_back(indices[i], numbers[2 * i]);
    return samples;
  };
  const auto once = epoch(0, {.batch_size = 2, .seed = 3});
  for (const int64_t drawn : {1, 3, 50}) {
    const DataLoaderOptions options{
        .batch_size = 3, .sampler = WeightedRandomSampler(ones({4}), drawn), .seed = 3};
    const auto samples = epoch(0, options);
    BOOST_TEST((epoch(2, options) == samples));
    BOOST_TEST((std::set(samples.begin(), samples.end()).size() == samples.size()));
    // The first time it is what it is without repeats.
    for (const auto& sample : once) {
      const auto first =
          std::ranges::find(samples, sample.first, &std::pair<int64_t, float>::first);
      BOOST_TEST((first == samples.end() || *first == sample));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_collate_function_gets_all_samples) {
  const auto longest = [](std::vector<std::tuple<int64_t, Tensor>> samples) {
    int64_t most = 0;
    for (const auto& [i, x] : samples) most = std::max(most, i);
    return std::pair(most, samples.size());
  };
  for (const int workers : {0, 2}) {
    DataLoader loader(Drawn{7}, {.batch_size = 3, .workers = workers}, longest);
    std::vector<std::pair<int64_t, size_t>> seen;
    for (auto& batch : loader) seen.push_back(batch);
    BOOST_TEST((seen == std::vector<std::pair<int64_t, size_t>>{{2, 3}, {5, 3}, {6, 1}}));
  }
  // Also where the data set has a batch of its own.
  const TensorDataset set(arange(6, float32), arange(6));
  DataLoader loader(set, {.batch_size = 4}, [](const std::vector<Batch>& s) { return s.size(); });
  BOOST_TEST((epoch_of(loader) == std::vector<size_t>{4, 2}));
}

BOOST_AUTO_TEST_CASE(samplers) {
  const auto batches = [](const DataLoaderOptions& options) { return epoch_of(10, options); };
  BOOST_TEST((batches({.batch_size = 2,
                       .sampler = DistributedSampler(
                           10, {.num_replicas = 3, .rank = 1, .shuffle = false})}) ==
              Batches{{1, 4}, {7, 0}}));
  BOOST_TEST((batches({.batch_sampler = BatchSampler(SequentialSampler(5), 2), .workers = 2}) ==
              Batches{{0, 1}, {2, 3}, {4}}));
  // shuffle is a RandomSampler with the loader's seed.
  BOOST_TEST((batches({.batch_size = 4, .shuffle = true, .seed = 3}) ==
              batches({.batch_size = 4, .sampler = RandomSampler(10, {.seed = 3})})));
  BOOST_CHECK_EXCEPTION(
      batches({.sampler = SequentialSampler(11)}), IndexError,
      saying("DataLoader: the sampler drew index 10, out of range for 10 samples"));
  BOOST_CHECK_EXCEPTION(batches({.shuffle = true, .sampler = SequentialSampler(5)}), Error,
                        saying("DataLoader: expected a sampler or shuffle, got both"));
  BOOST_CHECK_EXCEPTION(
      batches({.batch_size = 2, .batch_sampler = BatchSampler(SequentialSampler(5), 2)}), Error,
      saying("expected no batch_size, shuffle, sampler or drop_last beside a batch_sampler"));
  struct Gap : BasicBatchSampler {
    int64_t size() const override { return 2; }
    Batches draw(uint64_t) const override { return {{1}, {}}; }
  };
  BOOST_CHECK_EXCEPTION(batches({.batch_sampler = Gap()}), Error,
                        saying("DataLoader: batch 1 of the batch_sampler has no samples"));
}

BOOST_AUTO_TEST_CASE(the_next_epoch_can_be_saved) {
  DataLoader loader(Numbers{10}, {.batch_size = 2});
  for ([[maybe_unused]] auto& batch : loader) break;
  BOOST_TEST(loader.state_dict()["position"].item<int>() == 1);
  loader.set_epoch(loader.epoch());
  BOOST_TEST(loader.state_dict()["epoch"].item<int>() == 1);
  BOOST_TEST(loader.state_dict()["position"].item<int>() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
