// A small training three times: by hand, by fit, and by fit that is killed and gone on with.

#include "loops.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace {

void train_by_hand(Training& t) {
  for (int64_t epoch = 1; epoch <= t.plan.epochs; ++epoch) {
    metrics::Accuracy right;
    t.net.train();
    for (const auto& [images, labels] : t.clothes) {
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
      t.average.update_parameters(t.net);  // the average follows
      right.update(scores, labels);
    }
    std::printf("by hand, epoch %d: right %.3f, held out %.3f, by the average %.3f\n",
                static_cast<int>(epoch), right.value(), accuracy(t.net, t.held_out, t.plan.lower),
                accuracy(t.average.module, t.held_out, t.plan.lower));
  }
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

}  // namespace

void small_trainings(const Tutorial& tutorial, const data::ImageDataset& all) {
  const Plan plan{tutorial.full_or_quick(4000, 320), tutorial.full_or_quick(500, 200), 2, false,
                  tutorial.full_or_quick(128, 32)};
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
