#include <rewind/data/data_loader.h>

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <ranges>
#include <set>
#include <thread>

#include <rewind/tensor/check.h>

#include "../check.h"

namespace {
int threads_left = -1;  // that may be started; any number where it is negative
}

// Stands in for the C library's, to fail where a test asks for it.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*run)(void*), void* argument) {
  if (threads_left == 0) return EAGAIN;
  if (threads_left > 0) --threads_left;
  static const auto start =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return start(thread, attributes, run, argument);
}

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

template <class D, class C>
auto epoch_of(DataLoader<D, C>& loader) {
  std::vector<typename DataLoader<D, C>::Batch> batches;
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

BOOST_AUTO_TEST_CASE(threads_that_can_not_be_started) {
  DataLoader loader(Numbers{100}, {.batch_size = 2, .workers = 6, .prefetch = 1});
  for (int repeat = 0; repeat < 40; ++repeat)
    for (const int started : {0, 1, 3, 5}) {
      threads_left = started;
      BOOST_CHECK_EXCEPTION(
          loader.begin(), Error,
          saying(fmt::format("DataLoader: worker {} of 6 could not be started: ", started)));
      threads_left = -1;
    }
  BOOST_TEST(loader.epoch() == 0u);
  BOOST_TEST(epoch_of(loader).size() == 50u);
}

BOOST_AUTO_TEST_CASE(many_batches_fail_at_once) {
  struct Failing : Numbers {
    std::vector<int64_t> batch(std::span<const int64_t> indices) const {
      if (indices[0] >= 20) throw std::runtime_error("it is late");
      return Numbers::batch(indices);
    }
  };
  for (int repeat = 0; repeat < 100; ++repeat) {
    DataLoader loader(Failing{{60}}, {.workers = 4});
    int seen = 0;
    const auto run = [&] {
      for ([[maybe_unused]] auto& batch : loader) ++seen;
    };
    BOOST_CHECK_EXCEPTION(run(), Error, saying("DataLoader: batch 20: it is late"));
    BOOST_TEST(seen == 20);
  }
}

BOOST_AUTO_TEST_CASE(a_failed_start_uses_up_no_epoch) {
  struct Moody : Numbers {
    std::shared_ptr<std::atomic<bool>> is_bad = std::make_shared<std::atomic<bool>>(false);
    std::vector<int64_t> batch(std::span<const int64_t> indices) const {
      check<IOError>(!*is_bad, "not now");
      return Numbers::batch(indices);
    }
  };
  for (const int workers : {0, 2}) {
    const Moody set{{10}};
    DataLoader loader(set, {.batch_size = 2, .shuffle = true, .workers = workers});
    const Batches first = epoch_of(loader), second = epoch_of(loader);
    loader.set_epoch(1);
    *set.is_bad = true;
    BOOST_CHECK_EXCEPTION(loader.begin(), IOError, saying("DataLoader: batch 0: not now"));
    *set.is_bad = false;
    BOOST_TEST(loader.epoch() == 1u);
    BOOST_TEST(loader.state_dict()["epoch"].item<int>() == 1);
    BOOST_TEST((epoch_of(loader) == second));
  }
}

BOOST_AUTO_TEST_CASE(modes_are_the_same_for_all_workers) {
  struct Modes {
    int64_t size() const { return 6; }
    std::pair<bool, bool> get(int64_t) const { return {is_grad_enabled(), is_autocast_enabled()}; }
  };
  const auto any_on = [](std::vector<std::pair<bool, bool>> samples) {
    bool any = is_grad_enabled() || is_autocast_enabled();
    for (const auto& [grad, low] : samples) any |= grad || low;
    return any;
  };
  const autocast low;
  for (const int workers : {0, 2}) {
    DataLoader loader(Modes{}, {.batch_size = 2, .workers = workers}, any_on);
    for (const bool any : loader) {
      BOOST_TEST(!any);
      BOOST_TEST(is_grad_enabled());
      BOOST_TEST(is_autocast_enabled());
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
  BOOST_CHECK_EXCEPTION(loads({.workers = 1 << 30, .prefetch = 1 << 30}), Error,
                        saying("DataLoader: expected workers times prefetch of at most 65536 "
                               "batches, got 1073741824 times 1073741824"));
}

namespace {

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

BOOST_AUTO_TEST_CASE(streams_fail_in_their_place) {
  struct Broken {
    auto stream(uint64_t) const {
      return [i = 0]() mutable -> std::optional<int> {
        if (i == 7) throw IOError("the line is dead");
        return i++;
      };
    }
  };
  const auto refuse_5 = [](int64_t i) {
    check(i != 5, "five is refused");
    return i;
  };
  for (const int workers : {0, 2}) {
    int seen = 0;
    DataLoader broken(Broken{}, {.batch_size = 3, .workers = workers});
    const auto run = [&](auto& loader) {
      for ([[maybe_unused]] auto& batch : loader) ++seen;
    };
    BOOST_CHECK_EXCEPTION(run(broken), IOError, saying("the line is dead"));
    BOOST_TEST(seen == 2);
    DataLoader refused(map(Counting{9}, refuse_5), {.batch_size = 3, .workers = workers});
    BOOST_CHECK_EXCEPTION(run(refused), Error, saying("DataLoader: sample 5: five is refused"));
    BOOST_TEST(seen == 3);
  }
}

BOOST_AUTO_TEST_CASE(errors_name_the_sample) {
  struct Bad {
    int kind = 0;
    int64_t size() const { return 20; }
    Tensor get(int64_t i) const {
      if (i == 13 && kind == 0) throw ShapeError("it is bent");
      if (i == 13 && kind == 1) throw std::out_of_range("it is gone");
      return ones({i == 13 ? 3 : 2});
    }
  };
  const auto run = [](int kind, int workers) {
    for ([[maybe_unused]] auto& batch :
         DataLoader(Bad{kind}, {.batch_size = 4, .shuffle = true, .workers = workers}))
      continue;
  };
  for (const int workers : {0, 2}) {
    BOOST_CHECK_EXCEPTION(run(0, workers), ShapeError, saying("DataLoader: sample 13: it is bent"));
    BOOST_CHECK_EXCEPTION(run(1, workers), Error, saying("DataLoader: sample 13: it is gone"));
    BOOST_CHECK_THROW(run(2, workers), ShapeError);
    try {
      run(1, workers);
    } catch (const Error& e) {
      BOOST_CHECK_THROW(std::rethrow_if_nested(e), std::out_of_range);
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_name_the_batch) {
  const auto collate = [](std::vector<int64_t> samples) -> int64_t {
    check<ShapeError>(samples[0] != 6, "they are uneven");
    if (samples[0] == 9) throw std::out_of_range("they are gone");
    return samples[0];
  };
  struct Single {
    int64_t size() const { return 20; }
    int64_t get(int64_t i) const { return i; }
  };
  for (const int workers : {0, 2}) {
    DataLoader loader(Single{}, {.batch_size = 3, .workers = workers}, collate);
    const auto run = [](auto& batches) {
      for ([[maybe_unused]] auto& batch : batches) continue;
    };
    BOOST_CHECK_EXCEPTION(run(loader), ShapeError, saying("DataLoader: batch 2: they are uneven"));
    StateDict state = loader.state_dict();
    state["position"] = scalar_tensor(3, int64);
    loader.load_state_dict(state);
    BOOST_CHECK_EXCEPTION(run(loader), Error, saying("DataLoader: batch 3: they are gone"));
    DataLoader stream(Counting{20}, {.batch_size = 3, .workers = workers}, collate);
    BOOST_CHECK_EXCEPTION(run(stream), ShapeError, saying("DataLoader: batch 2: they are uneven"));
  }
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
