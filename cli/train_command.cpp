// rewind train: a network on a folder of images.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include <rewind/data/combine.h>
#include <rewind/data/data_loader.h>
#include <rewind/io/tensorboard.h>
#include <rewind/ops/loss.h>
#include <rewind/tensor/error.h>
#include <rewind/train/fit.h>
#include <rewind/train/metrics.h>

#include "model_evaluation.h"
#include "preparation.h"
#include "printing.h"
#include "training_run.h"

namespace rw::cli {

namespace {

namespace fs = std::filesystem;

void check_options(const TrainArguments& arguments) {
  if (arguments.resume && arguments.overwrite)
    throw UsageError("--resume and --overwrite are not for one call");
  if (arguments.size > 0 && arguments.model == "lenet")
    throw UsageError("--size is not for lenet, which takes one size");
}

// What would otherwise fail once all epochs are done.
void check_folders(const TrainArguments& arguments) {
  for (const auto& [option, path] :
       {std::pair("--save", arguments.save), std::pair("--report", arguments.report)}) {
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty() && !fs::is_directory(folder))
      throw Error(fmt::format("there is no folder {} for {} {}", folder.string(), option, path));
    if (fs::is_directory(path)) throw Error(fmt::format("{}: {} is a folder", option, path));
  }
  if (fs::exists(arguments.tensorboard) && !fs::is_directory(arguments.tensorboard))
    throw Error("--tensorboard: " + arguments.tensorboard + " is no folder");
}

// A state that is there is gone on from, or begun anew from, and a model replaced, only by request.
void check_files(const TrainArguments& arguments, const std::string& state,
                 const Settings& settings) {
  if (arguments.overwrite) return;
  if (fs::exists(state)) {
    if (arguments.resume) return settings.check(state);
    throw Error(state + " holds a training: --resume goes on with it, --overwrite begins anew");
  }
  if (fs::exists(arguments.save))
    throw Error(arguments.save + " holds a model already: --overwrite replaces it");
}

// Where it is told how to go on, the options are those of before, but that nothing is begun anew.
ExitCode tell_interruption(const TrainArguments& arguments, const std::string& state) {
  std::vector<std::string> words = arguments.command;
  std::erase_if(words, [](const std::string& word) { return word.starts_with("--overwrite"); });
  if (!arguments.resume) words.emplace_back("--resume");
  fmt::print(stderr, "The training is saved in {} and goes on by\n  {}\n", state,
             fmt::join(words, " "));
  return interrupted;
}

struct Parts {
  Pictures training, held_out;  // what the weights, and the epoch, are chosen by
};

// Pictures for the choice of the epoch are those that the data set has for it, or a share at
// random.
Parts parts_of(const TrainArguments& arguments, const PictureSets& sets) {
  const int64_t images = sets.training.size();
  const bool has_own = sets.validation.size() > 0;
  if (has_own || arguments.hold_out == 0 || images < 2)
    return {sets.training, arguments.hold_out > 0 ? sets.validation : Pictures()};
  const auto share = static_cast<int64_t>(static_cast<double>(images) * arguments.hold_out);
  const int64_t held = std::max<int64_t>(share, 1);
  const auto parts = data::random_split(sets.training, {images - held, held});
  const auto part = [&](size_t i) {
    return Pictures(parts[i].size(), [part = parts[i]](int64_t at) { return part.get(at); });
  };
  return {part(0), part(1)};
}

void write_report(const TrainArguments& arguments, const Recipe& recipe, const PictureSets& sets,
                  int64_t images, const training::History& history, const Evaluation& evaluation) {
  training::Report report(recipe.model + " on " + sets.name);
  report.table("Training",
               {{"command", fmt::format("{}", fmt::join(arguments.command, " "))},
                {"images", std::to_string(images)},
                {"accuracy", fmt::format("{:.2f} % of {} images to test with",
                                         100 * evaluation.accuracy, sets.test.size())}});
  report.history(history);
  add_evaluation(report, evaluation, recipe);
  report.write(arguments.report);
}

void print_result(const TrainArguments& arguments, const training::History& history,
                  int64_t best_epoch, const Evaluation& evaluation) {
  if (!arguments.json) {
    fmt::print("{}: epoch {}, right in {:.2f} % of the images to test with\n", arguments.save,
               best_epoch + 1, 100 * evaluation.accuracy);
    return;
  }
  io::Json::Array epochs;
  for (const training::Values& values : history.epochs) {
    io::Json::Object numbers;
    for (const auto& [name, value] : values) numbers.emplace_back(name, json(value));
    epochs.push_back({std::move(numbers)});
  }
  print({io::Json::Object{{"saved", json(arguments.save)},
                          {"best_epoch", json(best_epoch + 1)},
                          {"accuracy", json(evaluation.accuracy)},
                          {"loss", json(evaluation.loss)},
                          {"epochs", {std::move(epochs)}}}});
}

}  // namespace

ExitCode train(const TrainArguments& arguments) {
  const std::string state = state_path(arguments.save);
  Settings settings(arguments);
  check_options(arguments);
  check_folders(arguments);
  check_files(arguments, state, settings);
  const PictureSets sets = open_pictures(arguments.data, true);
  if (sets.training.size() == 0 || sets.test.size() == 0)
    throw Error("there are too few images in " + arguments.data);

  manual_seed(arguments.seed);
  const auto [images, held] = parts_of(arguments, sets);
  const Recipe recipe = recipe_of(arguments, sets);
  const std::shared_ptr<nn::Module> model = new_model(arguments, recipe);
  // Of a single image there is no variance, which networks with batch_norm take.
  const bool ends_with_one =
      images.size() > arguments.batch && images.size() % arguments.batch == 1;
  data::DataLoader loader(
      data::map(images, augmented_preparation(recipe, arguments.augment, sets.may_mirror)),
      {.batch_size = arguments.batch,
       .shuffle = true,
       .seed = arguments.seed,
       .drop_last = ends_with_one,
       .workers = arguments.workers});
  data::DataLoader held_out(data::map(held, preparation(recipe)),
                            {.batch_size = arguments.batch, .workers = arguments.workers});
  const auto optimizer = optimizer_of(arguments, *model);
  const auto schedule = schedule_of(arguments, *optimizer, arguments.epochs * loader.size());

  training::BestModel best({.monitor = "val_accuracy", .mode = "max"});
  training::Callbacks callbacks = {settings};
  training::Loader validation;
  if (held.size() > 0) {
    callbacks.emplace_back(best);
    validation = held_out;
  }
  std::optional<io::SummaryWriter> writer;
  std::optional<training::TensorBoard> board;
  if (!arguments.tensorboard.empty())
    callbacks.emplace_back(board.emplace(writer.emplace(arguments.tensorboard)));

  if (arguments.overwrite) fs::remove(state);
  const double smoothing = arguments.label_smoothing;
  const training::History history = training::fit(
      *model, loader, *optimizer,
      {.loss = [=](const Tensor& y,
                   const Tensor& t) { return cross_entropy(y, t, {.label_smoothing = smoothing}); },
       .epochs = arguments.epochs,
       .validation = validation,
       .metrics = {{"accuracy", metrics::Accuracy()}},
       .scheduler = schedule.get(),
       .schedule_steps = true,
       .autocast = arguments.bfloat16,
       .callbacks = callbacks,
       .save_to = state,
       .show_progress = !arguments.quiet,
       .progress = {.out = arguments.json ? &std::cerr : nullptr}});
  if (history.interrupted) return tell_interruption(arguments, state);

  if (held.size() > 0) model->load_state_dict(best.state());
  save_model(arguments.save, recipe, model->state_dict());
  const Evaluation evaluation =
      evaluate(*model, recipe, sets.test, arguments.batch, arguments.workers);
  if (!arguments.report.empty())
    write_report(arguments, recipe, sets, images.size(), history, evaluation);
  fs::remove(state);  // only once all is there
  print_result(arguments, history, held.size() > 0 ? best.best_epoch() : arguments.epochs - 1,
               evaluation);
  return ok;
}

}  // namespace rw::cli
