// The schedule of the tutorial next to a rate that stays, with and without averages.

#include <cstdio>
#include <filesystem>

#include "../setup.h"
#include "tutorial.h"

namespace {

struct Rights {
  double own, by_average;
};

Rights train(Training& t, bool constant) {
  Averaging averaging(t);
  training::FitOptions how = options(t, {averaging});
  how.show_progress = false;
  if (constant) {
    how.scheduler = nullptr;
    t.sgd.set_lr(0.2);  // not the first rate of the warm-up
  }
  const training::History log = training::fit(t.net, t.clothes, t.sgd, how);
  const Rights rights{log["val_accuracy"].back(), log["val_by_average"].back()};
  std::printf("%s: held out %.3f, by the average %.3f\n", constant ? "constant" : "scheduled",
              rights.own, rights.by_average);
  return rights;
}

void compare(const Tutorial& tutorial, const data::ImageDataset& all) {
  const int64_t batch = tutorial.full_or_quick(128, 32);
  const Plan plan{tutorial.full_or_quick(10000, 500), tutorial.full_or_quick(2000, 500),
                  tutorial.full_or_quick(5, 2), false, batch};
  Training a(all, plan), b(all, plan);
  const Rights scheduled = train(a, false), constant = train(b, true);
  const auto at_least = [&](double x) { return tutorial.full_or_quick(x, -1.0); };
  tutorial.expect("the schedule is ahead by", scheduled.own - constant.own, at_least(0), 1);
  tutorial.expect("at a constant rate the average is ahead by", constant.by_average - constant.own,
                  at_least(0), 1);
  tutorial.expect("averages of both differ by", scheduled.by_average - constant.by_average,
                  at_least(-0.02), tutorial.full_or_quick(0.05, 1.0));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::filesystem::path folder = data::FashionMNIST::default_folder;
  if (!exists(folder) || is_empty(folder)) {
    std::printf("skipped: no data in %s (package dataset-fashion-mnist)\n", folder.c_str());
    return 0;
  }
  compare(tutorial, data::FashionMNIST());
}
