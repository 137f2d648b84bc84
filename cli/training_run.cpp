#include "training_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <set>

#include <rewind/io/inspect.h>
#include <rewind/io/save.h>
#include <rewind/models/registry.h>
#include <rewind/optim/optim.h>
#include <rewind/tensor/error.h>

namespace rw::cli {

Recipe recipe_of(const TrainArguments& arguments, const PictureSets& sets) {
  const Shape own = models::model_input(arguments.model);
  Recipe recipe;
  recipe.model = arguments.model;
  recipe.classes = sets.classes;
  recipe.input = sets.size;
  if (arguments.size > 0) recipe.input = {sets.size[0], arguments.size, arguments.size};
  recipe.mean = sets.mean;
  recipe.std = sets.std;
  // LeNet takes one size, and images of any channels; all others take colors.
  if (arguments.model == "lenet") {
    recipe.input = {sets.size[0], own[1], own[2]};
  } else if (recipe.input[0] == 1) {
    recipe.input[0] = own[0];
    recipe.mean.resize(static_cast<size_t>(own[0]), sets.mean[0]);
    recipe.std.resize(static_cast<size_t>(own[0]), sets.std[0]);
  }
  return recipe;
}

std::shared_ptr<nn::Module> new_model(const TrainArguments& arguments, const Recipe& recipe) {
  std::shared_ptr<nn::Module> model = make_model(recipe);
  if (arguments.weights.empty()) return model;
  const StateDict state = model->state_dict();
  std::set<std::string> fitting;
  for (const io::TensorInfo& t : io::inspect(arguments.weights).tensors)
    if (state.contains(t.name) && state[t.name].shape() == Shape(t.shape)) fitting.insert(t.name);
  if (fitting.empty())
    throw Error(fmt::format("no tensor in {} is one of {}", arguments.weights, arguments.model));
  load(*model, arguments.weights, {.strict = false, .rename = [&](const std::string& name) {
                                     return fitting.contains(name) ? name : "";
                                   }});
  fmt::print(stderr, "{} of {} tensors are from {}\n", fitting.size(), state.size(),
             arguments.weights);
  return model;
}

namespace {

double rate_of(const TrainArguments& arguments) {
  if (arguments.lr > 0) return arguments.lr;
  return arguments.optimizer == "adamw" ? 1e-3 : 0.05;
}

}  // namespace

std::unique_ptr<optim::Optimizer> optimizer_of(const TrainArguments& arguments, nn::Module& model) {
  const auto decay = [&](double usual) {
    return arguments.weight_decay >= 0 ? arguments.weight_decay : usual;
  };
  if (arguments.optimizer == "adamw")
    return std::make_unique<optim::AdamW>(
        model.parameters(),
        optim::AdamWOptions{.lr = rate_of(arguments), .weight_decay = decay(1e-2)});
  return std::make_unique<optim::SGD>(model.parameters(),
                                      optim::SGDOptions{.lr = rate_of(arguments),
                                                        .momentum = 0.9,
                                                        .weight_decay = decay(5e-4),
                                                        .nesterov = true});
}

std::unique_ptr<optim::LRScheduler> schedule_of(const TrainArguments& arguments,
                                                optim::Optimizer& optimizer, int64_t steps) {
  if (arguments.schedule == "cosine")
    return std::make_unique<optim::CosineAnnealingLR>(optimizer, steps);
  if (arguments.schedule == "step")  // a tenth after each third
    return std::make_unique<optim::StepLR>(optimizer, std::max<int64_t>((steps + 2) / 3, 1));
  if (arguments.schedule == "onecycle")
    return std::make_unique<optim::OneCycleLR>(optimizer, rate_of(arguments),
                                               optim::OneCycleLROptions{.total_steps = steps + 1});
  return nullptr;
}

std::string state_path(const std::string& save) {
  static constexpr std::string_view ending = ".safetensors";
  if (!save.ends_with(ending) || save.size() == ending.size())
    throw UsageError("--save has to end in .safetensors, got " + save);
  return save.substr(0, save.size() - ending.size()) + ".state";
}

}  // namespace rw::cli
