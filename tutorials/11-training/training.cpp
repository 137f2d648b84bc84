// A small residual network, trained as one does it: pictures that change, a rate that rises and
// falls, bfloat16 where it is faster, averaged weights, and a file to go on from.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <rewind/train/report.h>

#include "setup.h"
#include "tutorial.h"

namespace {

Tensor step(Training& t, const Tensor& images, const Tensor& labels) {
  t.sgd.zero_grad();
  Tensor scores, loss;
  {
    const autocast lowered(t.plan.lower);  // bfloat16, if it is to be
    scores = t.net(images);
    loss = cross_entropy(scores, labels);
  }
  loss.backward();
  t.sgd.step();
  t.schedule.step();                   // the rate of the next step
  t.average.update_parameters(t.net);  // average = decay average + (1 - decay) net
  return scores.detach();
}

void train_by_hand(Training& t) {
  for (int64_t epoch = 1; epoch <= t.plan.epochs; ++epoch) {
    metrics::Accuracy right;
    t.net.train();
    for (const auto& [images, labels] : t.clothes) right.update(step(t, images, labels), labels);
    std::printf("by hand, epoch %d: right %.3f, held out %.3f, by the average %.3f\n",
                static_cast<int>(epoch), right.value(), accuracy(t.net, t.held_out, t.plan.lower),
                accuracy(t.average.module, t.held_out, t.plan.lower));
  }
}

// How much faster a step is in bfloat16, by the fastest of several.
double gain_of_bfloat16(const data::ImageDataset& all, int rounds) {
  Training full(all, {128, 500, 40}), low(all, {128, 500, 40, true});
  const auto [images, labels] = *full.clothes.begin();
  double seconds[2] = {1e9, 1e9};
  for (int i = 0; i < 2 * rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    step(i % 2 ? low : full, images, labels);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    seconds[i % 2] = std::min(seconds[i % 2], took.count());
  }
  return seconds[0] / seconds[1];
}

// Ends the process at once, in the midst of an epoch: nothing more is written.
struct PowerCut : training::Callback {
  explicit PowerCut(int64_t after = -1) : steps(after) {}
  void on_train_begin(training::Run& run) override { begun = run.step; }
  void on_step_end(training::Run& run) override {
    if (run.step == steps) raise(SIGKILL);
  }
  int64_t steps, begun = 0;
};

training::History fit(Training& t, const std::string& file, PowerCut& power_cut) {
  Averaging averaging(t);
  training::FitOptions how = options(t, {averaging, power_cut});
  how.save_to = file, how.save_every = 3, how.show_progress = false;
  const training::History log = training::fit(t.net, t.clothes, t.sgd, how);
  for (size_t i = 0; i < log.epochs.size(); ++i)
    std::printf("%s, epoch %zu: right %.3f, held out %.3f, by the average %.3f\n",
                power_cut.begun == 0 ? "fit" : "gone on with", i + 1, log["accuracy"][i],
                log["val_accuracy"][i], log["val_by_average"][i]);
  return log;
}

bool same(const nn::Module& a, const nn::Module& b) {
  const StateDict x = a.state_dict(), y = b.state_dict();
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& p, const auto& q) {
    return p.first == q.first && p.second.equal(q.second);
  });
}

void small_trainings(const Tutorial& tutorial, const data::ImageDataset& all) {
  const Plan plan{tutorial.full_or_quick(4000, 500), 500, 2};
  Training by_hand(all, plan), whole(all, plan), killed(all, plan), resumed(all, plan);
  train_by_hand(by_hand);
  PowerCut never, late(whole.steps - 1), again;
  const training::History log = fit(whole, "", never);
  tutorial.expect("the same weights", same(by_hand.net, whole.net));
  tutorial.expect("the same averages", same(by_hand.average, whole.average));

  const std::string file =
      std::filesystem::temp_directory_path() / ("tutorial_11_" + std::to_string(getpid()));
  const pid_t child = fork();
  if (child == 0) fit(killed, file, late), _exit(0);
  int status = 0;
  waitpid(child, &status, 0);
  tutorial.expect("the child was killed", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  const training::History rest = fit(resumed, file, again);
  std::filesystem::remove(file);
  std::printf("gone on with after step %d of %d\n", static_cast<int>(again.begun),
              static_cast<int>(whole.steps));
  for (const char* name : {"loss", "accuracy", "val_loss", "val_accuracy", "val_by_average", "lr"})
    tutorial.expect(std::string("the same ") + name, log[name] == rest[name]);
  tutorial.expect("the same weights after all", same(whole.net, resumed.net));
}

// A picture as the network sees it in training, and what became of the whole.
void draw(const Tutorial& tutorial, const data::ImageDataset& all, const training::History& log,
          const std::vector<Point>& rates) {
  Drawing drawing(640, 640);
  const auto changed = augmented(all);
  for (int64_t i = 0; i < 8; ++i)
    drawing.image({20 + 76 * static_cast<double>(i), 20}, 68, 68,
                  i == 0 ? all.get(0).data : changed.get(0).data * 0.3530 + 0.2860);
  std::vector<Series> curves;
  for (const auto& [name, key] : {std::pair("in training", "accuracy"),
                                  {"held out", "val_accuracy"},
                                  {"held out, by the average", "val_by_average"}}) {
    curves.push_back({name, {}});
    for (const double y : log[key])
      curves.back().points.push_back({static_cast<double>(curves.back().points.size() + 1), y});
  }
  drawing.chart(curves, {.title = "share of right answers", .x = "epochs"}, {0, 100}, 640, 320);
  drawing.chart({{"learning rate", rates}}, {.x = "steps"}, {0, 420}, 640, 220);
  drawing.write(tutorial.picture("training.svg"));
}

void large_training(const Tutorial& tutorial, const data::ImageDataset& all, bool lower) {
  const int64_t n = tutorial.full_or_quick(55000, 1500), m = tutorial.full_or_quick(5000, 500);
  Training t(all, {n, m, tutorial.full_or_quick(5, 2), lower});
  Averaging averaging(t);
  const training::History log = training::fit(t.net, t.clothes, t.sgd, options(t, {averaging}));
  const std::vector<double> own = log["val_accuracy"], average = log["val_by_average"];
  const size_t middle = own.size() / 2;
  tutorial.expect("the average is ahead in the middle by", average[middle] - own[middle],
                  tutorial.full_or_quick(0.0, -1.0), 1);
  tutorial.expect("and at the end by", average.back() - own.back(),
                  tutorial.full_or_quick(-0.01, -1.0), tutorial.full_or_quick(0.01, 1.0));
  nn::Sequential& chosen = average.back() > own.back() ? t.average.module : t.net;
  tutorial.expect("right of those held out", std::max(average.back(), own.back()),
                  tutorial.full_or_quick(0.9, 0.2), 0.96);
  draw(tutorial, all, log, averaging.rates);

  const data::FashionMNIST rest(data::FashionMNIST::default_folder, false);
  Plain test = unchanged(part(rest, 0, tutorial.full_or_quick(10000, 500)));
  const Tensor scores = scores_of(chosen, test, lower), labels = test.dataset().labels();
  metrics::ConfusionMatrix confusion(10);
  confusion.update(scores, labels);
  const double right =
      confusion.compute().trace().item<double>() / static_cast<double>(test.dataset().size());
  tutorial.expect("right of the test", right, tutorial.full_or_quick(0.9, 0.2), 0.96);
  training::Report("Clothes")
      .text("What this is", "A residual network that tells clothes apart, of tutorial 11.")
      .history(log)
      .confusion_matrix(confusion.compute(), all.classes())
      .mistakes(test.dataset().images(), scores, labels, {.classes = all.classes()})
      .filters("First layer", chosen.at<nn::Conv2d>(0).weight)
      .write(tutorial.picture("report.html"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  const data::FashionMNIST all;
  small_trainings(tutorial, all);
  const double gain = gain_of_bfloat16(all, tutorial.full_or_quick(10, 2));
  tutorial.expect("a step in bfloat16 is faster by", gain, 0.1, 10);
  large_training(tutorial, all, gain > 1.1);
}
