#pragma once
// A model in training, for tests of fit.

#include <rewind/data/data_loader.h>
#include <rewind/optim/optim.h>
#include <rewind/train/fit.h>
#include <rewind/train/metrics.h>

#include "../check.h"

namespace rw::test {

using namespace rw::training;

struct Net : nn::Module {
  nn::Linear hidden = add("hidden", nn::Linear(3, 8));
  nn::BatchNorm1d norm = add("norm", nn::BatchNorm1d(8));
  nn::Dropout dropout = add("dropout", nn::Dropout(0.2));
  nn::Linear out = add("out", nn::Linear(8, 2));
  Tensor forward(const Tensor& x) override { return out(dropout(relu(norm(hidden(x))))); }
};

inline data::TensorDataset points(int64_t count, uint64_t seed) {
  Generator generator(seed);
  const Tensor x = randn({count, 3}, {}, generator);
  return {x, (x.sum({1}) > 0).to(int64)};
}

inline Tensor loss_of(const Tensor& y, const Tensor& target) { return cross_entropy(y, target); }

inline std::vector<float> numbers_of(const nn::Module& model) {
  std::vector<float> out;
  for (const auto& [name, t] : model.state_dict())
    for (const float v : t.to(float32).to_vector()) out.push_back(v);
  return out;
}

// A model in training, with everything that has a state.
struct Setting {
  const bool seeded = (manual_seed(7), true);  // before the weights are drawn
  Net net;
  data::DataLoader<data::TensorDataset> loader{points(50, 1),
                                               {.batch_size = 8, .shuffle = true, .seed = 3}};
  data::DataLoader<data::TensorDataset> validation{points(20, 2), {.batch_size = 20}};
  optim::Adam adam{net.parameters(), {.lr = 0.02}};
  optim::OneCycleLR schedule{adam, 0.05, {.total_steps = 40}};
  BestModel best;

  FitOptions options() {
    FitOptions o;
    o.loss = loss_of;
    o.epochs = 4;
    o.validation = validation;
    o.metrics = {{"accuracy", metrics::Accuracy()}, {"f1", metrics::F1Score(2)}};
    o.scheduler = &schedule;
    o.schedule_steps = true;
    o.callbacks = {best};
    o.show_progress = false;
    return o;
  }
};

struct Log : Callback {
  std::string text;
  void on_train_begin(Run&) override { text += "("; }
  void on_epoch_begin(Run&) override { text += "["; }
  void on_step_end(Run& run) override {
    text += run.model.is_training() ? "s" : "?";
    BOOST_TEST(run.values[0].first == "loss");
  }
  void on_epoch_end(Run& run) override {
    text += "]";
    BOOST_TEST(run.values.back().first == "seconds");
  }
  void on_train_end(Run&) override { text += ")"; }
};

}  // namespace rw::test
