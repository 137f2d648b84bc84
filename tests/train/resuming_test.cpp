// Trainings that end early, by an exception, a signal or the end of the process, and go on.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <sstream>

#include "../folder.h"
#include "fitting.h"

using namespace rw;
using namespace rw::test;
using namespace rw::training;
using boost::test_tools::per_element;

namespace {

// Throws once a number of steps is made: as being killed, as nothing is saved after.
struct Killed {};
struct Killer : Callback {
  int64_t steps;
  explicit Killer(int64_t steps) : steps(steps) {}
  void on_step_end(Run& run) override {
    if (run.step == steps) throw Killed();
  }
};

// Throws at the end of an epoch, before that is saved: all batches are seen, and no more is done.
struct KillerAtEnd : Callback {
  int64_t epoch;
  explicit KillerAtEnd(int64_t epoch) : epoch(epoch) {}
  void on_epoch_end(Run& run) override {
    if (run.epoch == epoch) throw Killed();
  }
};

// A loader that goes on by itself: what was seen is not made again.
struct Resuming {
  std::vector<std::pair<Tensor, Tensor>> all;
  size_t place = 0, made = 0;
  struct Iterator {
    Resuming* self;
    std::pair<Tensor, Tensor> operator*() const {
      ++self->made;
      return self->all[self->place++];
    }
    void operator++() const {}
    bool operator==(std::default_sentinel_t) const {
      if (self->place < self->all.size()) return false;
      self->place = 0;
      return true;
    }
  };
  Iterator begin() { return {this}; }
  std::default_sentinel_t end() const { return {}; }
  size_t size() const { return all.size(); }
  StateDict state_dict() const { return {{"place", full({}, static_cast<int64_t>(place), int64)}}; }
  void load_state_dict(const StateDict& state) { place = state["place"].item<size_t>(); }
};

// Points that are noisy in another way in each epoch; counts how many were made.
struct Noisy {
  data::TensorDataset set;
  std::atomic<int64_t>* made;
  int64_t size() const { return set.size(); }
  data::Batch get(int64_t i) const {
    ++*made;
    const auto [x, y] = set.get(i);
    return {x + 0.1 * randn_like(x), y};
  }
};

// Ctrl-C at a moment of an epoch's end.
struct Interrupt : Callback {
  bool at_end;
  explicit Interrupt(bool at_end) : at_end(at_end) {}
  void on_epoch_end(Run& run) override {
    if (at_end && run.epoch == 1) raise(SIGINT);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(resuming)

BOOST_AUTO_TEST_CASE(killed_anywhere_it_goes_on_to_the_same_end) {
  Setting whole;
  manual_seed(1);
  const History expected = fit(whole.net, whole.loader, whole.adam, whole.options());
  const std::vector<float> numbers = numbers_of(whole.net);
  for (const int64_t killed_at : {1, 5, 7, 8, 13, 27}) {
    const Folder folder;
    const auto go = [&](Setting& s, Killer& killer) {
      FitOptions options = s.options();
      options.save_to = folder.path / "run.state";
      options.save_every = 3;
      options.callbacks.push_back(killer);
      return fit(s.net, s.loader, s.adam, options);
    };
    {
      Setting s;
      Killer killer(killed_at);
      manual_seed(1);
      BOOST_CHECK_THROW(go(s, killer), Killed);
    }
    Setting s;
    Killer none(-1);
    manual_seed(1);  // for when nothing was saved yet
    const History history = go(s, none);
    BOOST_TEST(numbers_of(s.net) == numbers, per_element());
    for (const char* name : {"loss", "accuracy", "f1", "val_loss", "val_accuracy", "lr"})
      BOOST_TEST(history[name] == expected[name], per_element());
    BOOST_TEST(s.best.best() == whole.best.best());
    BOOST_TEST(s.best.best_epoch() == whole.best.best_epoch());
    // All is done: the same call does no more.
    Setting again;
    BOOST_TEST(go(again, none)["loss"] == expected["loss"], per_element());
    BOOST_TEST(numbers_of(again.net) == numbers, per_element());
  }
}

BOOST_AUTO_TEST_CASE(loaders_with_a_state) {
  const Folder folder;
  const auto go = [&](int64_t kill_at, size_t& made) {
    manual_seed(1);
    Resuming loader;
    for (int i = 0; i < 6; ++i)
      loader.all.emplace_back(full({2, 3}, i, float32), from<int64_t>({0, 1}));
    nn::Linear net(3, 2);
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    Killer killer(kill_at);
    FitOptions options{.loss = loss_of, .epochs = 2, .callbacks = {killer}};
    options.save_to = folder.path / (made == 0 ? "a" : "b");
    options.save_every = 1;
    options.show_progress = false;
    try {
      fit(net, loader, sgd, options);
    } catch (const Killed&) {
    }
    made += loader.made;
    return numbers_of(net);
  };
  size_t made = 0, again = 1;
  const std::vector<float> expected = go(-1, made);
  go(9, again);
  const std::vector<float> numbers = go(-1, again);
  BOOST_TEST(numbers == expected, per_element());
  BOOST_TEST(made == 12u);
  BOOST_TEST(again == 1 + 12 + 1u);  // the one in which it was killed
}

BOOST_AUTO_TEST_CASE(a_data_loader_goes_on_directly) {
  // 5 batches of 8 in each of 3 epochs; those of the validation are shuffled and noisy as well.
  const auto go = [](const std::string& file, Callback& killer, int workers, uint64_t seed,
                     History* history = nullptr) {
    manual_seed(1);
    std::atomic<int64_t> made = 0, made_for_validation = 0;
    data::DataLoader loader(
        data::map(Noisy{points(40, 1), &made}, [](const Tensor& x) { return x * rand({3}); }),
        {.batch_size = 8, .shuffle = true, .seed = seed, .workers = workers});
    data::DataLoader validation(Noisy{points(20, 2), &made_for_validation},
                                {.batch_size = 5, .shuffle = true, .workers = workers});
    Net net;
    optim::Adam adam(net.parameters(), {.lr = 0.02});
    FitOptions options{.loss = loss_of, .epochs = 3, .validation = validation};
    options.callbacks = {killer};
    options.save_to = file;
    options.save_every = 1;
    options.show_progress = false;
    try {
      const History h = fit(net, loader, adam, options);
      if (history) *history = h;
    } catch (const Killed&) {
    }
    return std::pair(numbers_of(net), made.load());
  };
  const Folder folder;
  Killer none(-1);
  History expected;
  const auto [numbers, all] = go(folder.path / "whole", none, 0, 3, &expected);
  BOOST_TEST(all == 3 * 40);

  Killer early(1), amid(8);
  KillerAtEnd end(1);
  const std::vector<std::pair<Callback*, int64_t>> killers = {{&early, 15}, {&amid, 8}, {&end, 5}};
  for (const auto& [killer, batches_left] : killers)
    for (const int workers : {0, 2}) {
      const std::string file = folder.path / "killed";
      std::filesystem::remove(file);
      go(file, *killer, workers, 3);
      // Goes on with another number of workers; the seed is the file's where there is one.
      History history;
      const uint64_t seed = std::filesystem::exists(file) ? 4 : 3;
      const auto [again, made] = go(file, none, 2 - workers, seed, &history);
      BOOST_TEST(again == numbers, per_element());
      BOOST_TEST(made == batches_left * 8);
      BOOST_TEST(history["val_loss"] == expected["val_loss"], per_element());
    }
}

BOOST_AUTO_TEST_CASE(ctrl_c_saves_and_says_how_to_go_on) {
  Setting whole;
  manual_seed(1);
  fit(whole.net, whole.loader, whole.adam, whole.options());
  struct Interrupt : Callback {
    void on_step_end(Run& run) override {
      if (run.step == 10) raise(SIGINT);
    }
  };
  const Folder folder;
  std::ostringstream out;
  Setting s;
  FitOptions options = s.options();
  Interrupt interrupt;
  options.callbacks.push_back(interrupt);
  options.progress.out = &out;
  options.show_progress = true;
  options.save_to = folder.path / "run.state";
  manual_seed(1);
  const History history = fit(s.net, s.loader, s.adam, options);
  BOOST_TEST(history.interrupted);
  BOOST_TEST(history.epochs.size() == 1u);
  BOOST_TEST(out.str().find("Interrupted in epoch 2 of 4, after 3 of 7 batches. What it goes on "
                            "from is in " +
                            options.save_to) != std::string::npos,
             out.str());
  Setting later;
  FitOptions rest = later.options();
  Log log;
  rest.callbacks.push_back(log);
  rest.save_to = options.save_to;
  const History all = fit(later.net, later.loader, later.adam, rest);
  BOOST_TEST(!all.interrupted);
  BOOST_TEST(all.epochs.size() == 4u);
  BOOST_TEST(log.text == "([ssss][sssssss][sssssss])");
  BOOST_TEST(numbers_of(later.net) == numbers_of(whole.net), per_element());
  // Without a file it says so.
  Setting unsaved;
  FitOptions plain = unsaved.options();
  plain.callbacks = {interrupt};
  plain.progress.out = &out;
  plain.show_progress = true;
  BOOST_TEST(fit(unsaved.net, unsaved.loader, unsaved.adam, plain).interrupted);
  BOOST_TEST(out.str().find("Nothing was saved: that takes a file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_second_ctrl_c_ends_the_program) {
  const pid_t child = fork();
  if (child == 0) {
    struct Twice : Callback {
      void on_step_end(Run&) override { raise(SIGTERM), raise(SIGTERM); }
    } twice;
    nn::Linear net(3, 2);
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    std::vector<data::Batch> batches = {{zeros({1, 3}), zeros({1}, int64)}};
    signal(SIGTERM, SIG_DFL);  // the test framework has a handler of its own
    try {
      fit(net, batches, sgd, {.loss = loss_of, .callbacks = {twice}, .show_progress = false});
    } catch (...) {
    }
    _exit(0);
  }
  int status = 0;
  BOOST_TEST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(WIFSIGNALED(status));
  BOOST_TEST(WTERMSIG(status) == SIGTERM);
}

BOOST_AUTO_TEST_CASE(signals_are_given_back) {
  struct sigaction before = {}, after = {};
  sigaction(SIGINT, nullptr, &before);
  Setting s;
  fit(s.net, s.loader, s.adam, s.options());
  sigaction(SIGINT, nullptr, &after);
  BOOST_TEST((before.sa_handler == after.sa_handler));
}

BOOST_AUTO_TEST_CASE(ctrl_c_after_the_last_step) {
  // Noisy in validation too, which is made anew where it was cut short; loaders with a state.
  std::ostringstream out;
  const auto go = [&](const std::string& file, int64_t stop_at, Callback& callback) {
    manual_seed(1);
    std::atomic<int64_t> made = 0, seen = 0;
    data::DataLoader loader(Noisy{points(40, 1), &made}, {.batch_size = 8, .shuffle = true});
    data::DataLoader validation(Noisy{points(20, 2), &made}, {.batch_size = 5, .shuffle = true});
    Net net;
    optim::Adam adam(net.parameters(), {.lr = 0.02});
    FitOptions options{.loss = {}, .epochs = 3, .validation = validation, .callbacks = {callback}};
    options.loss = [&](const Tensor& y, const Tensor& target) {
      if (!net.is_training() && ++seen == stop_at) raise(SIGINT);
      return cross_entropy(y + 0.1 * randn_like(y), target);
    };
    options.save_to = file;
    options.show_progress = false;
    options.progress.out = &out;
    const History history = fit(net, loader, adam, options);
    return std::tuple(history, numbers_of(net), seen.load());
  };
  const Folder folder;
  Interrupt none(false), end(true);
  const auto [expected, numbers, all] = go(folder.path / "whole", -1, none);
  BOOST_TEST(all == 12);
  {
    const auto [history, unused, seen] = go(folder.path / "a", 6, none);
    BOOST_TEST((history.interrupted && history.epochs.size() == 1u && seen == 6));
    BOOST_TEST(out.str().find("epoch 2 of 3, after 5 of 5 batches") != std::string::npos);
  }
  {
    const auto [history, unused, seen] = go(folder.path / "b", -1, end);
    BOOST_TEST((history.interrupted && history.epochs.size() == 2u && seen == 8));
    BOOST_TEST(out.str().find("epoch 3 of 3, after 0 of 5 batches") != std::string::npos);
  }
  for (const char* name : {"a", "b"}) {
    const auto [history, again, seen] = go(folder.path / name, -1, none);
    BOOST_TEST(again == numbers, per_element());
    BOOST_TEST(history["val_loss"] == expected["val_loss"], per_element());
    BOOST_TEST(!history.interrupted);
  }
  // In the last validation of all.
  const auto [history, unused, seen] = go(folder.path / "c", 12, none);
  BOOST_TEST((history.interrupted && history.epochs.size() == 2u));
}

BOOST_AUTO_TEST_CASE(what_throws_at_the_end_costs_no_epoch) {
  const Folder folder;
  int steps = 0;
  const auto go = [&](bool fails) {
    Setting s;
    FitOptions options = s.options();
    KillerAtEnd killer(fails ? 0 : -1);
    struct Count : Callback {
      int* steps;
      void on_step_end(Run&) override { ++*steps; }
    } count;
    count.steps = &steps;
    options.callbacks = {s.best, killer, count};
    options.epochs = 1;
    options.save_to = folder.path / "run.state";
    return fit(s.net, s.loader, s.adam, options);
  };
  BOOST_CHECK_THROW(go(true), Killed);
  BOOST_TEST(steps == 7);
  BOOST_TEST(go(false).epochs.size() == 1u);
  BOOST_TEST(steps == 7);
}

BOOST_AUTO_TEST_CASE(loaders_of_another_size) {
  const Folder folder;
  const auto go = [&](size_t batches, int64_t stop_at, const NamedMetric& metric) {
    manual_seed(1);
    nn::Linear net(3, 2);
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    std::vector<data::Batch> loader(batches, {ones({2, 3}), from<int64_t>({0, 1})});
    Killer killer(stop_at);
    FitOptions options{.loss = loss_of, .epochs = 2, .metrics = {metric}, .callbacks = {killer}};
    options.save_to = folder.path / "run.state";
    options.save_every = 1;
    options.show_progress = false;
    return fit(net, loader, sgd, options).epochs.size();
  };
  BOOST_CHECK_THROW(go(6, 5, {"top", metrics::TopKAccuracy(1)}), Killed);
  BOOST_CHECK_EXCEPTION(go(3, -1, {"top", metrics::TopKAccuracy(1)}), Error,
                        saying("setup: fit: the file is of another training: expected 3 batches of "
                               "0 samples; top: TopKAccuracy(k = 1), got 6 batches"));
  BOOST_CHECK_EXCEPTION(go(6, -1, {"top", metrics::TopKAccuracy(2)}), Error,
                        saying("top: TopKAccuracy(k = 1)"));
  BOOST_TEST(go(6, -1, {"top", metrics::TopKAccuracy(1)}) == 2u);
}

BOOST_AUTO_TEST_CASE(files_of_other_trainings) {
  const Folder folder;
  Setting s;
  FitOptions options = s.options();
  options.save_to = folder.path / "run.state";
  options.epochs = 1;
  fit(s.net, s.loader, s.adam, options);
  Setting other;
  optim::SGD sgd(other.net.parameters(), {.lr = 0.1});
  FitOptions wrong = other.options();
  wrong.save_to = options.save_to;
  const std::vector<float> before = numbers_of(other.net);
  BOOST_CHECK_THROW(fit(other.net, other.loader, sgd, wrong), Error);
  BOOST_TEST(numbers_of(other.net) == before, per_element());
  wrong.save_to = folder.write("text", "no state");
  BOOST_CHECK_THROW(fit(other.net, other.loader, other.adam, wrong), IOError);
}

BOOST_AUTO_TEST_SUITE_END()
