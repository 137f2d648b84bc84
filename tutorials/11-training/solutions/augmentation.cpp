// The same training on pictures that change and on pictures that don't.

#include <cstdio>
#include <filesystem>

#include "../setup.h"
#include "tutorial.h"

namespace {

struct Rights {
  double learned, held_out;
};

// `clothes` are what to learn from, of the training or others.
template <class Loader>
Rights train(Training& t, Loader& clothes, const char* name) {
  Averaging averaging(t);
  training::FitOptions how = options(t, {averaging});
  how.show_progress = false;
  const training::History log = training::fit(t.net, clothes, t.sgd, how);
  const Rights rights{log["accuracy"].back(), log["val_by_average"].back()};
  std::printf("%s: right in training %.3f, held out %.3f\n", name, rights.learned, rights.held_out);
  return rights;
}

void compare(const Tutorial& tutorial, const data::ImageDataset& all) {
  const int64_t n = tutorial.full_or_quick(5000, 500);
  const int64_t batch = tutorial.full_or_quick(128, 32);
  const Plan plan{n, tutorial.full_or_quick(2000, 500), tutorial.full_or_quick(10, 2), false,
                  batch};
  Training a(all, plan), b(all, plan);
  data::DataLoader same(part(all, 0, n).normalized(0.2860, 0.3530),
                        {.batch_size = batch, .shuffle = true, .seed = 11, .workers = 1});
  const Rights changed = train(a, a.clothes, "pictures that change");
  const Rights unchanged = train(b, same, "pictures that don't");
  // What was learned by heart does not help with others: of pictures that change, it is hardly more
  // right than of those held out. Ten epochs are few to tell which network is ahead on these.
  tutorial.expect("unchanged, in training ahead of held out by",
                  unchanged.learned - unchanged.held_out, tutorial.full_or_quick(0.01, -1.0), 1);
  tutorial.expect("changed, in training ahead of held out by", changed.learned - changed.held_out,
                  tutorial.full_or_quick(-0.05, -1.0), tutorial.full_or_quick(0.03, 1.0));
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
