// rewind train: a network on a folder of images.

#include <fmt/format.h>

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

// A state that is there is gone on from, or begun anew from, only by request.
void check_state(const TrainArguments& arguments, const std::string& state) {
  if (arguments.resume && arguments.overwrite)
    throw UsageError("--resume and --overwrite are not for one call");
  if (!fs::exists(state) || arguments.resume) return;
  if (!arguments.overwrite)
    throw Error(state + " holds a training: --resume goes on with it, --overwrite begins anew");
  fs::remove(state);
}

// Where it is told how to go on, the options are those of before.
ExitCode tell_interruption(const TrainArguments& arguments, const std::string& state) {
  const std::string again = arguments.resume ? "" : " --resume";
  fmt::print(stderr, "The training is saved in {} and goes on by\n  {}{}\n", state,
             arguments.command, again);
  return interrupted;
}

void write_report(const TrainArguments& arguments, const Recipe& recipe, const PictureSets& sets,
                  int64_t images, const training::History& history, const Evaluation& evaluation) {
  training::Report report(recipe.model + " on " + sets.name);
  report.table("Training",
               {{"command", arguments.command},
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
  check_state(arguments, state);
  const PictureSets sets = open_pictures(arguments.data, true);
  const int64_t images = sets.training.size();
  const auto held = static_cast<int64_t>(static_cast<double>(images) * arguments.hold_out);
  if (images - held == 0 || sets.test.size() == 0)
    throw Error("there are too few images in " + arguments.data);

  manual_seed(arguments.seed);
  const auto parts = data::random_split(sets.training, {images - held, held});
  const Recipe recipe = recipe_of(arguments, sets);
  const std::shared_ptr<nn::Module> model = new_model(arguments, recipe);
  data::DataLoader loader(
      data::map(parts[0], augmented_preparation(recipe, arguments.augment, sets.may_mirror)),
      {.batch_size = arguments.batch,
       .shuffle = true,
       .seed = arguments.seed,
       .workers = arguments.workers});
  data::DataLoader held_out(data::map(parts[1], preparation(recipe)),
                            {.batch_size = arguments.batch, .workers = arguments.workers});
  const auto optimizer = optimizer_of(arguments, *model);
  const auto schedule = schedule_of(arguments, *optimizer, arguments.epochs * loader.size());

  training::BestModel best({.monitor = "val_accuracy", .mode = "max"});
  training::Callbacks callbacks;
  training::Loader validation;
  if (held > 0) {
    callbacks.emplace_back(best);
    validation = held_out;
  }
  std::optional<io::SummaryWriter> writer;
  std::optional<training::TensorBoard> board;
  if (!arguments.tensorboard.empty())
    callbacks.emplace_back(board.emplace(writer.emplace(arguments.tensorboard)));

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

  if (held > 0) model->load_state_dict(best.state());
  const Evaluation evaluation =
      evaluate(*model, recipe, sets.test, arguments.batch, arguments.workers);
  if (!arguments.report.empty())
    write_report(arguments, recipe, sets, images - held, history, evaluation);
  save_model(arguments.save, recipe, model->state_dict());
  fs::remove(state);  // only once the model is there
  print_result(arguments, history, held > 0 ? best.best_epoch() : arguments.epochs - 1, evaluation);
  return ok;
}

}  // namespace rw::cli
