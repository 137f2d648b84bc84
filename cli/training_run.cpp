#include "training_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>

#include <rewind/io/inspect.h>
#include <rewind/io/json.h>
#include <rewind/io/safetensors.h>
#include <rewind/io/save.h>
#include <rewind/models/registry.h>
#include <rewind/optim/optim.h>
#include <rewind/tensor/error.h>
#include <rewind/tensor/from.h>

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
  std::shared_ptr<nn::Module> model = new_network(recipe);
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

double decay_of(const TrainArguments& arguments) {
  if (arguments.weight_decay >= 0) return arguments.weight_decay;
  return arguments.optimizer == "adamw" ? 1e-2 : 5e-4;
}

}  // namespace

std::unique_ptr<optim::Optimizer> optimizer_of(const TrainArguments& arguments, nn::Module& model) {
  if (arguments.optimizer == "adamw")
    return std::make_unique<optim::AdamW>(
        model.parameters(),
        optim::AdamWOptions{.lr = rate_of(arguments), .weight_decay = decay_of(arguments)});
  return std::make_unique<optim::SGD>(model.parameters(),
                                      optim::SGDOptions{.lr = rate_of(arguments),
                                                        .momentum = 0.9,
                                                        .weight_decay = decay_of(arguments),
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

// --- Settings -----------------------------------------------------------------------------------

Settings::Settings(const TrainArguments& a) {
  const auto add = [&](const char* option, const auto& value) {
    lines_.push_back(fmt::format("with {} {}", option, value));
  };
  add("--model", a.model);
  add("--data", io::json_string(std::filesystem::weakly_canonical(a.data).string()));
  if (a.size > 0)
    add("--size", a.size);
  else
    lines_.emplace_back("without --size");
  add("--batch", a.batch);
  add("--seed", a.seed);
  add("--hold-out", a.hold_out);
  add("--optimizer", a.optimizer);
  add("--lr", rate_of(a));
  add("--weight-decay", decay_of(a));
  add("--schedule", a.schedule);
  // Only a constant rate is the same however many epochs there are to be.
  if (a.schedule != "constant") add("--epochs", a.epochs);
  add("--augment", a.augment);
  add("--label-smoothing", a.label_smoothing);
  lines_.emplace_back(a.bfloat16 ? "with --bfloat16" : "without --bfloat16");
}

StateDict Settings::state_dict() const {
  const std::string text = fmt::format("{}", fmt::join(lines_, "\n"));
  return {{"settings", from(std::vector<uint8_t>(text.begin(), text.end()))}};
}

void Settings::check(const std::string& path) const {
  constexpr const char* name = "callback0.settings";
  const io::SafetensorsFile file(path);
  if (!file.contains(name)) throw Error(path + " is no state of rewind train");
  const Tensor saved = file.get_tensor(name);
  if (saved.dtype() != uint8) throw IOError(path + ": its settings are damaged");
  const std::vector<uint8_t> bytes = saved.to_vector<uint8_t>();
  std::istringstream before(std::string(bytes.begin(), bytes.end()));
  for (const std::string& now : lines_) {
    std::string line;
    std::getline(before, line);
    if (line != now) throw Error(fmt::format("{} was begun {}, not {}", path, line, now));
  }
}

std::string state_path(const std::string& save) {
  static constexpr std::string_view ending = ".safetensors";
  if (!save.ends_with(ending) || save.size() == ending.size())
    throw UsageError("--save has to end in .safetensors, got " + save);
  return save.substr(0, save.size() - ending.size()) + ".state";
}

}  // namespace rw::cli
