// Loops over a loader that end early, batches that fail, and the threads that make them.

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>

#include <rewind/tensor/check.h>

#include "loading.h"

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
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(loader_failures)

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

BOOST_AUTO_TEST_SUITE_END()
