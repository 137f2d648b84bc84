// A small residual network, trained as one does it: pictures that change, a rate that rises and
// falls, bfloat16 where it is faster, averaged weights; loops.cpp has its loop.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <rewind/train/report.h>

#include "loops.h"

namespace {

// How much faster forward and backward are in bfloat16, by the fastest of several.
double gain_of_bfloat16(int64_t width, int64_t batch, int rounds) {
  nn::Sequential net = make_net(width);
  const Tensor images = randn({batch, 1, 28, 28}), labels = zeros({batch}, int64);
  double seconds[2] = {1e9, 1e9};
  for (int i = 0; i < 2 * rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Tensor loss;
    {
      const autocast lowered(i % 2 == 1);
      loss = cross_entropy(net(images), labels);
    }
    loss.backward();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    seconds[i % 2] = std::min(seconds[i % 2], took.count());
  }
  return seconds[0] / seconds[1];
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
  const int64_t n = tutorial.full_or_quick(55000, 1200), m = tutorial.full_or_quick(5000, 300),
                batch = tutorial.full_or_quick(128, 32);
  Training t(all, {n, m, tutorial.full_or_quick(5, 2), lower, batch});
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
  Plain test = unchanged(part(rest, 0, tutorial.full_or_quick(10000, 300)));
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
  const int rounds = tutorial.full_or_quick(20, 2);
  const double gain = gain_of_bfloat16(16, 128, rounds), wide = gain_of_bfloat16(64, 32, rounds);
  tutorial.expect("bfloat16 is faster by", gain, 0.1, 10);
  tutorial.expect("in a network four times as wide by", wide, 0.1, 10);
  large_training(tutorial, all, gain > 1.1);
}
