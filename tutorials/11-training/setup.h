#pragma once
// What takes part in a training of the network.

#include <vector>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/data/transforms/transforms.h>
#include <rewind/optim/optim.h>
#include <rewind/train/fit.h>
#include <rewind/train/metrics.h>

#include "drawing.h"
#include "resnet.h"

using namespace rw;
namespace T = rw::data::transforms;

inline auto augmented(const data::ImageDataset& clothes) {
  const T::Compose change(
      {T::RandomCrop(28, {.padding = 2, .padding_mode = T::BorderMode::reflect}),
       T::RandomHorizontalFlip(), T::ToDtype(float32, {.scale = true}),
       T::Normalize({0.2860}, {0.3530})});
  return data::map(clothes.bytes(), change);
}

inline data::ImageDataset part(const data::ImageDataset& all, int64_t start, int64_t count) {
  return data::ImageDataset(all.images().narrow(0, start, count),
                            all.labels().narrow(0, start, count), all.classes());
}

using Changed = data::DataLoader<decltype(augmented(std::declval<data::ImageDataset>()))>;
using Plain = data::DataLoader<data::ImageDataset>;

inline Plain unchanged(const data::ImageDataset& clothes) {
  return Plain(clothes.normalized(0.2860, 0.3530), {.batch_size = 500});
}

// The scores of all pictures, in their order.
inline Tensor scores_of(nn::Sequential& net, Plain& clothes, bool lower) {
  const no_grad guard;
  const autocast lowered(lower);
  net.eval();
  std::vector<Tensor> scores;
  for (const auto& [images, labels] : clothes) scores.push_back(net(images).to(float32));
  return cat(scores);
}
inline double accuracy(nn::Sequential& net, Plain& clothes, bool lower) {
  metrics::Accuracy right;
  right.update(scores_of(net, clothes, lower), clothes.dataset().labels());
  return right.value();
}

struct Plan {
  int64_t count;       // pictures to learn from
  int64_t held_out;    // pictures to choose by, the first ones of the last 5,000
  int64_t epochs;      // passes over the former
  bool lower = false;  // whether to compute in bfloat16
  int64_t batch = 128;
};

// A training at its beginning. Two of the same plan are equal.
struct Training {
  Training(const data::ImageDataset& all, const Plan& how)
      : plan(how),
        clothes(augmented(part(all, 0, plan.count)),
                {.batch_size = plan.batch, .shuffle = true, .seed = 11, .workers = 1}),
        held_out(unchanged(part(all, 55000, plan.held_out))) {}

  const Plan plan;
  Changed clothes;
  Plain held_out;
  nn::Sequential net = (manual_seed(11), make_net());

  int64_t steps = plan.epochs * clothes.size();
  optim::SGD sgd{net.parameters(),
                 {.lr = 0.2, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true}};
  optim::LinearLR warm_up{sgd, {.start_factor = 0.01, .total_iters = steps / 10}};
  optim::CosineAnnealingLR cosine{sgd, steps - steps / 10};
  optim::SequentialLR schedule{sgd, {warm_up, cosine}, {steps / 10}};

  double decay = 1 - 1 / (1 + static_cast<double>(steps) / 20);
  optim::AveragedModel<nn::Sequential> average{
      net, make_net(), {.avg_fn = optim::get_ema_avg_fn(decay), .use_buffers = true}};
};

// What fit has to do beside: averages the weights after each step, and tries the average after
// each epoch.
struct Averaging : training::Callback {
  explicit Averaging(Training& training) : t(training) {}
  void on_step_end(training::Run& run) override {
    t.average.update_parameters(t.net);
    rates.push_back({static_cast<double>(run.step), run.value("Averaging", "lr")});
  }
  void on_epoch_end(training::Run& run) override {
    const double right = accuracy(t.average.module, t.held_out, t.plan.lower);
    run.history.epochs.back().emplace_back("val_by_average", right);
  }
  StateDict state_dict() const override { return t.average.state_dict(); }
  void load_state_dict(const StateDict& state) override { t.average.load_state_dict(state); }

  Training& t;
  std::vector<Point> rates;  // by steps
};

inline training::FitOptions options(Training& t, const training::Callbacks& callbacks) {
  return {.loss = [](const Tensor& y, const Tensor& target) { return cross_entropy(y, target); },
          .epochs = t.plan.epochs,
          .validation = t.held_out,
          .metrics = {{"accuracy", metrics::Accuracy()}},
          .scheduler = &t.schedule,
          .schedule_steps = true,
          .autocast = t.plan.lower,
          .callbacks = callbacks};
}
