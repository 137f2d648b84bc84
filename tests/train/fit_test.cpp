#include <rewind/train/fit.h>

#include <cmath>
#include <filesystem>
#include <sstream>

#include <rewind/io/tensorboard.h>

#include "../folder.h"
#include "fitting.h"

using namespace rw;
using namespace rw::test;
using namespace rw::training;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(fitting)

BOOST_AUTO_TEST_CASE(it_is_the_plain_loop) {
  Setting a, b;
  manual_seed(1);
  for (int epoch = 0; epoch < 4; ++epoch)
    for (auto& [x, y] : a.loader) {
      a.net.train();
      a.adam.zero_grad();
      cross_entropy(a.net(x), y).backward();
      a.adam.step();
      a.schedule.step();
    }
  manual_seed(1);
  const History history = fit(b.net, b.loader, b.adam, b.options());
  BOOST_TEST(numbers_of(a.net) == numbers_of(b.net), per_element());
  BOOST_TEST(history.epochs.size() == 4u);
  BOOST_TEST(!history.interrupted);
  const std::vector<double> loss = history["loss"], accuracy = history["val_accuracy"];
  BOOST_TEST(loss.back() < loss.front());
  BOOST_TEST(accuracy.back() > 0.7);
  BOOST_TEST(b.net.is_training());
  const std::vector<std::string> names = {"loss",         "accuracy", "f1", "val_loss",
                                          "val_accuracy", "val_f1",   "lr", "seconds"};
  BOOST_TEST(history.names() == names, per_element());
  // The best epoch's state is kept.
  const std::vector<double> val = history["val_loss"];
  BOOST_TEST(b.best.best() == *std::min_element(val.begin(), val.end()));
  b.net.load_state_dict(b.best.state());
  b.net.eval();
  const no_grad guard;
  const auto [x, y] = *b.validation.begin();
  BOOST_TEST(std::abs(cross_entropy(b.net(x), y).item<double>() - b.best.best()) < 1e-6);
  BOOST_CHECK_EXCEPTION(history["none"], IndexError, saying("History: there is no 'none'"));
}

BOOST_AUTO_TEST_CASE(metrics_begin_with_nothing) {
  metrics::Accuracy used;
  used.update(from<int64_t>({0, 0, 0, 0}), from<int64_t>({1, 1, 1, 1}));
  const NamedMetric named("accuracy", used);
  BOOST_TEST(std::isnan(named.make()->value()));
  BOOST_TEST(used.value() == 0);
}

BOOST_AUTO_TEST_CASE(modes_of_modules) {
  Setting s;
  s.net.norm.eval();
  const Tensor mean = s.net.norm.state_dict()["running_mean"].clone();
  FitOptions options = s.options();
  options.epochs = 1;
  fit(s.net, s.loader, s.adam, options);
  BOOST_TEST(equal(s.net.norm.state_dict()["running_mean"], mean));
  BOOST_TEST((s.net.is_training() && s.net.dropout.is_training() && !s.net.norm.is_training()));
  // All of it in evaluation mode: trained as a whole.
  s.net.eval();
  fit(s.net, s.loader, s.adam, options);
  BOOST_TEST(!equal(s.net.norm.state_dict()["running_mean"], mean));
  BOOST_TEST((!s.net.is_training() && !s.net.dropout.is_training()));
}

BOOST_AUTO_TEST_CASE(accumulation_of_unequal_batches) {
  const auto trained = [](const std::vector<int64_t>& sizes, int64_t accumulate) {
    manual_seed(1);
    nn::Linear net(3, 2);
    data::DataLoader all(points(12, 1), {.batch_size = 12});
    const auto [x, y] = *all.begin();
    std::vector<data::Batch> loader;
    int64_t at = 0;
    for (const int64_t n : sizes) {
      loader.emplace_back(x.narrow(0, at, n), y.narrow(0, at, n));
      at += n;
    }
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    FitOptions options{.loss = loss_of, .clip_grad_norm = 0.1, .accumulate = accumulate};
    options.show_progress = false;
    fit(net, loader, sgd, options);
    return numbers_of(net);
  };
  const std::vector<float> whole = trained({12}, 1), parts = trained({4, 1, 5, 2}, 4);
  for (size_t i = 0; i < whole.size(); ++i) BOOST_TEST(std::abs(whole[i] - parts[i]) < 1e-6);
}

// Gradients of parts of a batch, as those of the batch.
BOOST_AUTO_TEST_CASE(accumulation) {
  const auto trained = [](int64_t batch_size, int64_t accumulate) {
    manual_seed(1);
    nn::Linear net(3, 2);
    data::DataLoader loader(points(40, 1), {.batch_size = batch_size});
    optim::SGD sgd(net.parameters(), {.lr = 0.1, .momentum = 0.9});
    Log log;
    FitOptions options{.loss = loss_of, .epochs = 2, .accumulate = accumulate, .callbacks = {log}};
    options.show_progress = false;
    fit(net, loader, sgd, options);
    return std::pair{numbers_of(net), log.text};
  };
  const auto [whole, steps] = trained(16, 1);
  const auto [parts, steps_of_parts] = trained(4, 4);  // the last step has two of them
  BOOST_TEST(steps == "([sss][sss])");
  BOOST_TEST(steps_of_parts == steps);
  for (size_t i = 0; i < whole.size(); ++i) BOOST_TEST(std::abs(whole[i] - parts[i]) < 1e-5);
}

// Gradients of rows as well, which come twice where two batches name a row.
BOOST_AUTO_TEST_CASE(accumulation_of_gradients_of_rows) {
  const auto trained = [](bool sparse, int64_t accumulate) {
    manual_seed(1);
    nn::Sequential net(nn::Embedding(5, 3, {.sparse = sparse}), nn::Linear(3, 2));
    const Tensor ids = from<int64_t>({0, 3, 3, 1, 0, 4}),
                 target = from<int64_t>({0, 1, 1, 0, 1, 0});
    std::vector<data::Batch> loader;
    for (int64_t at = 0; at < 6; at += 6 / accumulate)
      loader.emplace_back(ids.narrow(0, at, 6 / accumulate), target.narrow(0, at, 6 / accumulate));
    optim::SGD sgd(net.parameters(), {.lr = 0.5});
    FitOptions options{.loss = loss_of, .epochs = 2, .clip_grad_norm = 0.3};
    options.accumulate = accumulate;
    options.show_progress = false;
    fit(net, loader, sgd, options);
    return numbers_of(net);
  };
  const std::vector<float> whole = trained(false, 1);
  for (const int64_t accumulate : {1, 2, 3}) {
    const std::vector<float> parts = trained(true, accumulate);
    for (size_t i = 0; i < whole.size(); ++i) BOOST_TEST(std::abs(whole[i] - parts[i]) < 1e-6);
  }
}

// Parameters that the loss has, not the model, are the optimizer's all the same.
BOOST_AUTO_TEST_CASE(accumulation_and_clipping_of_parameters_beside_the_model) {
  const auto trained = [](int64_t accumulate) {
    manual_seed(1);
    nn::Linear net(3, 2);
    const Tensor scale = ones({2}).requires_grad_();
    const Tensor x = randn({6, 3}), target = from<int64_t>({0, 1, 1, 0, 1, 0});
    std::vector<data::Batch> loader;
    for (int64_t at = 0; at < 6; at += 6 / accumulate)
      loader.emplace_back(x.narrow(0, at, 6 / accumulate), target.narrow(0, at, 6 / accumulate));
    std::vector<Tensor> parameters = net.parameters();
    parameters.push_back(scale);
    optim::SGD sgd(parameters, {.lr = 0.5});
    FitOptions options{
        .loss = [&](const Tensor& y, const Tensor& t) { return cross_entropy(y * scale, t); },
        .epochs = 3,
        .clip_grad_norm = 0.2};
    options.accumulate = accumulate;
    options.show_progress = false;
    fit(net, loader, sgd, options);
    return scale.detach().to_vector<float>();
  };
  const std::vector<float> whole = trained(1), parts = trained(3);
  BOOST_TEST(whole[0] != 1);
  for (size_t i = 0; i < whole.size(); ++i) BOOST_TEST(std::abs(whole[i] - parts[i]) < 1e-6);
}

BOOST_AUTO_TEST_CASE(clipping) {
  nn::Linear net(3, 2);
  std::vector<data::Batch> batches = {{full({4, 3}, 100.0), zeros({4}, int64)}};
  optim::SGD sgd(net.parameters(), {.lr = 1});
  const std::vector<float> before = numbers_of(net);
  FitOptions options{.loss = [](const Tensor& y, const Tensor&) { return y.sum(); },
                     .clip_grad_norm = 0.5};
  options.show_progress = false;
  fit(net, batches, sgd, options);
  const std::vector<float> after = numbers_of(net);
  double norm = 0;
  for (size_t i = 0; i < before.size(); ++i) norm += std::pow(before[i] - after[i], 2);
  BOOST_TEST(std::abs(std::sqrt(norm) - 0.5) < 1e-3);
  options.clip_grad_norm = {};
  options.clip_grad_value = 0.25;
  fit(net, batches, sgd, options);
  const std::vector<float> last = numbers_of(net);
  for (size_t i = 0; i < last.size(); ++i) BOOST_TEST(std::abs(after[i] - last[i] - 0.25) < 1e-5);
}

BOOST_AUTO_TEST_CASE(schedules_and_stopping) {
  Setting s;
  FitOptions options = s.options();
  optim::StepLR by_epoch(s.adam, 1, {.gamma = 0.5});
  options.scheduler = &by_epoch;
  options.schedule_steps = false;
  options.epochs = 3;
  s.adam.set_lr(1);
  const std::vector<double> lr = fit(s.net, s.loader, s.adam, options)["lr"];
  BOOST_TEST(lr == (std::vector<double>{1, 0.5, 0.25}), per_element());

  EarlyStopping early(2, {.monitor = "accuracy", .mode = "max", .min_delta = 1});
  optim::ReduceLROnPlateau plateau(s.adam, {.factor = 0.1, .patience = 0, .threshold = 100});
  FitOptions until{.loss = loss_of, .epochs = 9, .metrics = options.metrics};
  until.plateau = &plateau;
  until.callbacks = {early};
  until.show_progress = false;
  s.adam.set_lr(1);
  const History history = fit(s.net, s.loader, s.adam, until);
  // The first is better than none, by any min_delta; two more are not.
  BOOST_TEST(history.epochs.size() == 3u);
  BOOST_TEST(early.best_epoch() == 0);
  BOOST_TEST(history["lr"].back() < 1);
  BOOST_TEST(history.epochs[0].size() == 5u);
}

BOOST_AUTO_TEST_CASE(tensorboard_gets_everything) {
  const Folder folder;
  io::SummaryWriter writer(folder.path);
  TensorBoard board(writer);
  Setting s;
  FitOptions options = s.options();
  options.callbacks = {board};
  fit(s.net, s.loader, s.adam, options);
  const std::string file = folder.read(std::filesystem::path(writer.path()).filename());
  for (const char* tag : {"loss/step", "lr/step", "loss/train", "loss/val", "accuracy/val"})
    BOOST_TEST(file.find(tag) != std::string::npos, tag);
}

BOOST_AUTO_TEST_CASE(lines_of_epochs) {
  std::ostringstream out;
  Setting s;
  FitOptions options = s.options();
  options.show_progress = true;
  options.progress.out = &out;
  options.epochs = 2;
  fit(s.net, s.loader, s.adam, options);
  BOOST_TEST(out.str().starts_with("epoch 1/2  100 %  loss "));
  BOOST_TEST(out.str().find("\nepoch 2/2  100 %  loss ") != std::string::npos);
  BOOST_TEST(out.str().find("val_accuracy 0.") != std::string::npos);
  BOOST_TEST(out.str().find("img/s") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(fit_refuses) {
  Setting s;
  const auto run = [&](const std::function<void(FitOptions&)>& change) {
    FitOptions options = s.options();
    change(options);
    fit(s.net, s.loader, s.adam, options);
  };
  BOOST_CHECK_EXCEPTION(run([](FitOptions& o) { o.loss = {}; }), Error,
                        saying("fit: expected options.loss, a function of output and target"));
  BOOST_CHECK_EXCEPTION(run([](FitOptions& o) { o.epochs = -1; }), Error,
                        saying("fit: expected epochs >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(run([](FitOptions& o) { o.accumulate = 0; }), Error,
                        saying("fit: expected accumulate > 0, got 0"));
  BOOST_CHECK_EXCEPTION(run([](FitOptions& o) { o.save_every = -1; }), Error,
                        saying("fit: expected save_every >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(run([](FitOptions& o) { o.clip_grad_norm = -1; }), Error,
                        saying("fit: expected clip_grad_norm >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(EarlyStopping(0), Error,
                        saying("EarlyStopping: expected patience > 0, got 0"));
  BOOST_CHECK_EXCEPTION(BestModel({.mode = "most"}), Error,
                        saying("BestModel: expected mode \"min\" or \"max\", got \"most\""));
  const auto refuses_metrics = [&](const std::vector<NamedMetric>& metrics,
                                   const std::string& part) {
    const std::vector<float> before = numbers_of(s.net);
    BOOST_CHECK_EXCEPTION(run([&](FitOptions& o) { o.metrics = metrics, o.callbacks = {}; }), Error,
                          saying(part));
    BOOST_TEST(numbers_of(s.net) == before, per_element());
  };
  for (const char* name : {"", "loss", "lr", "seconds", "val_loss", "val_x"})
    refuses_metrics({{name, metrics::Accuracy()}}, std::string("got \"") + name + "\"");
  refuses_metrics({{"\xff", metrics::Accuracy()}}, "fit: expected a name in UTF-8");
  refuses_metrics({{"a", metrics::Accuracy()}, {"a", metrics::F1Score(2)}},
                  "fit: there are two metrics of the name 'a'");
  refuses_metrics({{"matrix", metrics::ConfusionMatrix(2)}},
                  "fit: metric 'matrix': ConfusionMatrix: expected one number");
  EarlyStopping early(2);
  BOOST_CHECK_EXCEPTION(
      run([&](FitOptions& o) { o.validation = {}, o.callbacks = {early}; }), IndexError,
      saying("EarlyStopping: there is no 'val_loss' among loss, accuracy, f1, lr, seconds"));
  BestModel unknown({.monitor = "auc"});
  BOOST_CHECK_EXCEPTION(run([&](FitOptions& o) { o.callbacks = {unknown}; }), IndexError,
                        saying("BestModel: there is no 'auc' among loss, accuracy, f1, val_loss"));
}

BOOST_AUTO_TEST_SUITE_END()
