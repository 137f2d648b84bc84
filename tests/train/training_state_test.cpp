#include <rewind/train/training_state.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <rewind/data/data_loader.h>
#include <rewind/io/safetensors.h>
#include <rewind/optim/averaging.h>
#include <rewind/optim/optim.h>

#include "../check.h"
#include "../folder.h"
#include "../io/system_calls.h"

using namespace rw;
using rw::test::Folder;
using rw::test::saying;
using training::TrainingState;

namespace {

struct Net : nn::Module {
  nn::Linear in = add("in", nn::Linear(6, 16));
  nn::BatchNorm1d norm = add("norm", nn::BatchNorm1d(16));
  nn::Dropout drop = add("drop", nn::Dropout(0.3));
  nn::Linear out = add("out", nn::Linear(16, 1));
  Tensor forward(const Tensor& x) override { return out(drop(relu(norm(in(x))))); }
};

// All that a training consists of, and its state.
struct Training {
  Net model;
  optim::AveragedModel<Net> average{model, Net(), {.avg_fn = optim::get_ema_avg_fn(0.9)}};
  optim::Adam adam{model.parameters(), {.lr = 1e-2}};
  optim::StepLR schedule{adam, 7, {.gamma = 0.5}};
  int64_t steps = 0;
  double best = std::numeric_limits<double>::infinity();
  std::string log;
  Tensor last = zeros({});
  TrainingState state;

  Training() {
    state.add("model", model);
    state.add("ema", average);
    state.add("optimizer", adam);
    state.add("schedule", schedule);
    state.add("generator", default_generator());
    state.add("steps", steps);
    state.add("best", best);
    state.add("log", log);
    state.add("last", last);
  }
  void step() {
    const Tensor x = randn({8, 6}), y = x.sum({1}, true).square();
    adam.zero_grad();
    const Tensor loss = mse_loss(model(x), y);
    loss.backward();
    adam.step();
    schedule.step();
    average.update_parameters(model);
    best = std::min(best, loss.item<double>());
    last = loss.detach().clone();
    ++steps;
    log +=
        std::to_string(steps) + " " + std::to_string(std::bit_cast<uint32_t>(loss.item())) + "\n";
  }
};

// The log of a training, and sums over its weights.
std::string outcome(const Training& t) {
  std::string text = t.log;
  for (const StateDict& state : {t.model.state_dict(), t.average.state_dict(), t.adam.state_dict()})
    for (const auto& [name, tensor] : state)
      text +=
          std::to_string(std::bit_cast<uint64_t>(tensor.to(float64).sum().item<double>())) + " ";
  return text;
}

// Trains in this process, from the file on where there is one, and writes a byte for each step.
void train(const std::string& file, const std::string& result, int steps, int pipe) {
  manual_seed(1);
  Training t;
  t.state.resume(file);
  while (t.steps < steps) {
    t.step();
    t.state.save(file);
    if (write(pipe, ".", 1) != 1) return;
  }
  std::ofstream(result) << outcome(t);
}

// A child that runs f; -1 in the child never comes back.
pid_t child_of(const std::function<void()>& f) {
  const pid_t child = fork();
  if (child != 0) return child;
  alarm(120);
  bool ok = false;
  try {
    f();
    ok = true;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
  _exit(ok ? 0 : 1);
}

// How a child ended.
int end_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(training_state, Folder)

// First, as children of processes with threads have less.
BOOST_AUTO_TEST_CASE(killed_at_random_moments_it_goes_on_bit_for_bit) {
  constexpr int steps = 60;
  int fds[2];
  BOOST_REQUIRE(pipe(fds) == 0);
  const auto start = [&](const std::string& name) {
    return child_of([&, name] { train(path / name, path / (name + ".log"), steps, fds[1]); });
  };
  const auto await_steps = [&](int n) {
    for (char c = 0; n > 0; --n) BOOST_REQUIRE(::read(fds[0], &c, 1) == 1);
  };
  BOOST_REQUIRE(end_of(start("whole")) == 0);
  await_steps(steps);

  std::mt19937 random(3);
  for (int kill_number = 0; kill_number < 10; ++kill_number) {
    const pid_t child = start("killed");
    await_steps(1 + static_cast<int>(random() % 4));
    usleep(static_cast<useconds_t>(random() % 3000));
    BOOST_REQUIRE(kill(child, SIGKILL) == 0);
    const int status = end_of(child);
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  }
  BOOST_REQUIRE(end_of(start("killed")) == 0);
  BOOST_TEST(read("whole.log").size() > 1000u);
  BOOST_TEST(read("killed.log") == read("whole.log"));
  close(fds[0]);
  close(fds[1]);
}

BOOST_AUTO_TEST_CASE(killed_at_any_call_of_saving_there_is_the_old_state_or_the_new_one) {
  bool found_old = false, found_new = false, ended = false;
  for (int call = 0; !ended; ++call) {
    const int status = end_of(child_of([&] {
      Training t;
      t.state.save(path / "a");
      t.step();
      system_calls::kill_at(call);
      t.state.save(path / "a");
      system_calls::reset();
    }));
    ended = WIFEXITED(status);
    BOOST_TEST_REQUIRE((ended ? status == 0 : WTERMSIG(status) == SIGKILL));
    Training t;
    t.state.load(path / "a");
    BOOST_TEST_REQUIRE((t.steps == 0 || t.steps == 1));
    found_old = found_old || t.steps == 0;
    found_new = found_new || (!ended && t.steps == 1);
    BOOST_TEST_REQUIRE(call < 500);
  }
  BOOST_TEST(found_old);
  BOOST_TEST(found_new);
}

BOOST_AUTO_TEST_CASE(all_kinds_of_values) {
  bool b = true;
  int i = -7;
  int8_t small = -128;
  uint64_t large = std::numeric_limits<uint64_t>::max();
  int64_t least = std::numeric_limits<int64_t>::min();
  float f = 0.1f;
  double values[] = {0.1,
                     -0.0,
                     5e-324,
                     1.7976931348623157e308,
                     std::nan(""),
                     -std::numeric_limits<double>::infinity(),
                     3};
  std::string text = "\"quoted\" \\ \n\x01 é";
  Tensor t = arange(6).view({2, 3}).t(), number = full({}, 2.5, bfloat16);
  Generator generator(std::numeric_limits<uint64_t>::max());
  generator.set_counter(12);
  TrainingState state;
  const auto add = [&](TrainingState& s) {
    s.add("b", b), s.add("i", i), s.add("small", small), s.add("large", large);
    s.add("least", least), s.add("f", f), s.add("text", text), s.add("t", t);
    s.add("number", number), s.add("generator", generator);
    for (size_t k = 0; k < std::size(values); ++k) s.add("v" + std::to_string(k), values[k]);
  };
  add(state);
  state.save(path / "a");
  const auto before = std::to_array(values);
  const std::string text_before = text;
  b = false, i = 0, small = 0, large = 0, least = 0, f = 0, text = "", t = Tensor(), number = t;
  for (double& v : values) v = 17;
  generator = Generator(1);
  BOOST_TEST(state.resume(path / "a"));
  BOOST_TEST((b && i == -7 && small == -128 && f == 0.1f && text == text_before));
  BOOST_TEST((large == std::numeric_limits<uint64_t>::max()));
  BOOST_TEST((least == std::numeric_limits<int64_t>::min()));
  for (size_t k = 0; k < std::size(values); ++k)
    if (std::isnan(before[k]))
      BOOST_TEST(std::isnan(values[k]));
    else
      BOOST_TEST(std::bit_cast<uint64_t>(values[k]) == std::bit_cast<uint64_t>(before[k]));
  BOOST_TEST(t.to_vector<int>() == (std::vector<int>{0, 3, 1, 4, 2, 5}));
  BOOST_TEST((number.dtype() == bfloat16 && number.item() == 2.5f));
  BOOST_TEST(
      (generator.seed() == std::numeric_limits<uint64_t>::max() && generator.counter() == 12));
  const StateDict tensors = io::read_safetensors(path / "a");
  BOOST_TEST(tensors["t"].shape() == (Shape{3, 2}));
}

BOOST_AUTO_TEST_CASE(a_file_is_one_of_safetensors) {
  Training t;
  t.step();
  t.state.save(path / "a");
  const io::SafetensorsFile file(path / "a");
  BOOST_TEST(equal(file.get_tensor("model.in.weight"), t.model.in.weight));
  BOOST_TEST(equal(file.get_tensor("ema.module.in.weight"), t.model.in.weight));
  BOOST_TEST(file.contains("optimizer.state.0.exp_avg"));
  BOOST_TEST(file.get_tensor("optimizer.param_groups.0.lr").item<double>() == 1e-2);
  BOOST_TEST(file.metadata().at("parts") == R"(["model","ema","optimizer","schedule","last"])");
  BOOST_TEST(file.metadata().at("values").starts_with(R"({"generator":"5489 )"));
}

BOOST_AUTO_TEST_CASE(a_single_bit_is_found) {
  nn::Linear model(3, 2);
  int64_t step = 4;
  TrainingState state;
  state.add("model", model);
  state.add("step", step);
  state.save(path / "a");
  const std::string good = read("a"), name = path / "b";
  const StateDict before = model.state_dict().clone();
  const size_t header = 8 + static_cast<unsigned char>(good[0]) +
                        256 * static_cast<size_t>(static_cast<unsigned char>(good[1]));
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    write("b", bad);
    step = 5;
    const auto tells = [&](const IOError& e) {
      const std::string text = e.what();
      const bool tells_tensor = text.find("tensor 'model.weight' is damaged") != text.npos ||
                                text.find("tensor 'model.bias' is damaged") != text.npos;
      return text.starts_with("TrainingState::load: " + name + ": ") &&
             tells_tensor == (bit / 8 >= header);
    };
    BOOST_CHECK_EXCEPTION(state.load(name), IOError, tells);
    BOOST_TEST_REQUIRE(step == 5);
  }
  for (size_t size = 0; size < good.size(); ++size) {
    write("b", good.substr(0, size));
    BOOST_CHECK_THROW(state.load(name), IOError);
  }
  for (const auto& [key, t] : before) BOOST_TEST(equal(t, model.state_dict()[key]));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_changes_nothing) {
  nn::Linear model(3, 2), wider(4, 2);
  int64_t step = 4, count = 1;
  int8_t small = 1;
  std::string word = "x";
  const auto file = [&](const auto& add) {
    TrainingState state;
    add(state);
    state.save(path / "a");
  };
  const auto refuses = [&](const auto& add, const std::string& part) {
    TrainingState state;
    add(state);
    BOOST_CHECK_EXCEPTION(state.load(path / "a"), Error, saying(part));
    BOOST_CHECK_EXCEPTION(state.load(path / "a"), Error,
                          saying("TrainingState::load: " + (path / "a").string() + ": "));
  };
  file([&](auto& s) { s.add("first", model), s.add("second", model), s.add("step", step); });
  step = 5;
  nn::Linear other(3, 2);
  const Tensor weight = other.weight.clone();
  refuses([&](auto& s) { s.add("first", other), s.add("second", wider), s.add("step", step); },
          "second: load_state_dict: 'weight' has shape [2, 3] in the state and [2, 4] in Linear");
  BOOST_TEST(equal(other.weight, weight));
  BOOST_TEST(step == 5);
  refuses([&](auto& s) { s.add("first", other), s.add("step", step); },
          R"(expected the parts ["first"], got ["first","second"])");
  refuses([&](auto& s) { s.add("first", other), s.add("second", other); },
          R"(expected the values [], got {"step":4})");
  refuses([&](auto& s) { s.add("first", other), s.add("second", other), s.add("count", count); },
          "there is no value 'count'");
  refuses([&](auto& s) { s.add("first", other), s.add("second", other), s.add("step", word); },
          "the variable of 'step' can't hold 4");
  step = 300;
  file([&](auto& s) { s.add("step", step); });
  refuses([&](auto& s) { s.add("step", small); }, "the variable of 'step' can't hold 300");
  refuses([&](auto& s) { s.add("step", default_generator()); }, "'step' can't hold 300");
  io::write_safetensors(path / "a", {{"x", ones({2})}});
  refuses([&](auto& s) { s.add("step", step); }, "no training state, or its header is damaged");

  TrainingState state;
  BOOST_TEST(!state.resume(path / "none"));
  BOOST_CHECK_EXCEPTION(state.load(path / "none"), IOError, saying("No such file or directory"));
  BOOST_CHECK_EXCEPTION(state.add("a.b", step), Error,
                        saying("TrainingState::add: expected a name without dots, got 'a.b'"));
  BOOST_CHECK_THROW(state.add("", step), Error);
  state.add("step", step);
  BOOST_CHECK_EXCEPTION(state.add("step", model), Error, saying("'step' is there already"));
}

BOOST_AUTO_TEST_CASE(texts_that_are_not_utf8_are_not_saved) {
  std::string text = "good";
  TrainingState state;
  state.add("text", text);
  state.save(path / "a");
  text = "bad\xff";
  BOOST_CHECK_EXCEPTION(state.save(path / "a"), Error,
                        saying("TrainingState::save: the text of 'text' is not UTF-8"));
  state.load(path / "a");
  BOOST_TEST(text == "good");
  BOOST_CHECK_EXCEPTION(state.add("\xc0", text), Error,
                        saying("TrainingState::add: expected a name in UTF-8"));
  text.assign(100'000'000, 'x');  // a header that no reader takes
  BOOST_CHECK_EXCEPTION(state.save(path / "a"), Error, saying("bytes, of at most 100000000"));
  state.load(path / "a");
  BOOST_TEST(text == "good");
}

BOOST_AUTO_TEST_CASE(tensors_are_loaded_in_place) {
  Tensor t = ones({2}).requires_grad_();
  const Tensor handle = t;
  TrainingState state;
  state.add("t", t);
  state.save(path / "a");
  {
    const no_grad guard;
    t.zero_();
  }
  state.load(path / "a");
  BOOST_TEST(equal(handle, ones({2})));
  BOOST_TEST((t.is_leaf() && t.requires_grad()));
  const auto refuses = [&](Tensor other, const std::string& part) {
    TrainingState wrong;
    wrong.add("t", other);
    BOOST_CHECK_EXCEPTION(wrong.load(path / "a"), Error, saying(part));
  };
  refuses(zeros({3}), ": t: expected a tensor of shape [3], got [2]");
  refuses(zeros({2}, float64), ": t: expected a tensor of float64, got float32");
}

// A part that takes no state, and throws what is no Error.
struct Stubborn {
  StateDict state_dict() const { return {}; }
  void load_state_dict(const StateDict&) { throw std::bad_alloc(); }
};

BOOST_AUTO_TEST_CASE(whatever_is_thrown_changes_nothing) {
  Tensor t = ones({2}), none;
  Stubborn stubborn;
  TrainingState state;
  state.add("t", t), state.add("none", none), state.add("stubborn", stubborn);
  none = ones({1});
  state.save(path / "a");
  t.zero_();
  none = Tensor();
  const Tensor handle = t;
  BOOST_CHECK_THROW(state.load(path / "a"), std::bad_alloc);
  BOOST_TEST(equal(handle, zeros({2})));
  BOOST_TEST(t.raw_data() == handle.raw_data());
  BOOST_TEST(!none.defined());
}

BOOST_AUTO_TEST_CASE(numbers_are_exact) {
  double wide = 0.1;
  float narrow = 2;
  TrainingState state, other;
  state.add("x", wide), other.add("x", narrow);
  state.save(path / "a");
  BOOST_CHECK_EXCEPTION(other.load(path / "a"), Error, saying("the variable of 'x' can't hold"));
  BOOST_TEST(narrow == 2);
  for (const double v : {0.5, std::numeric_limits<double>::infinity(), std::nan("")}) {
    wide = v;
    state.save(path / "a");
    other.load(path / "a");
    BOOST_TEST((narrow == v || (std::isnan(narrow) && std::isnan(v))));
  }
}

BOOST_AUTO_TEST_CASE(the_state_of_an_optimizer_that_made_no_step) {
  nn::Linear model(3, 2);
  optim::Adam adam(model.parameters(), {});
  TrainingState state;
  state.add("optimizer", adam);
  state.save(path / "a");
  model(ones({1, 3})).sum().backward();
  adam.step();
  BOOST_TEST(adam.state_dict().contains("state.0.exp_avg"));
  state.load(path / "a");
  BOOST_TEST(!adam.state_dict().contains("state.0.exp_avg"));
}

BOOST_AUTO_TEST_CASE(a_full_disk) {
  int64_t step = 4;
  TrainingState state;
  state.add("step", step);
  BOOST_CHECK_EXCEPTION(
      state.save("/dev/full"), IOError,
      saying("TrainingState::save: /dev/full can't be written: No space left on device"));
}

BOOST_AUTO_TEST_SUITE_END()
