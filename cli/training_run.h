#pragma once
// The parts of a training that the command's options choose.

#include <memory>
#include <string>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/optim/optimizer.h>
#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/train/callbacks.h>

#include "arguments.h"
#include "model_file.h"
#include "picture_sets.h"

namespace rw::cli {

/// What the model is to be.
Recipe recipe_of(const TrainArguments& arguments, const PictureSets& sets);
/// The network, new, or with those weights of `--weights` that fit; says on standard error how
/// many.
std::shared_ptr<nn::Module> new_model(const TrainArguments& arguments, const Recipe& recipe);
std::unique_ptr<optim::Optimizer> optimizer_of(const TrainArguments& arguments, nn::Module& model);
/// Stepped after each of `steps` steps; null for "constant".
std::unique_ptr<optim::LRScheduler> schedule_of(const TrainArguments& arguments,
                                                optim::Optimizer& optimizer, int64_t steps);
/// Keeps in a training's state the options that it depends on.
class Settings : public training::Callback {
 public:
  explicit Settings(const TrainArguments& arguments);
  StateDict state_dict() const override;
  /// Throws Error where the state at `path` is of a training with other options. It has to be the
  /// first of its callbacks.
  void check(const std::string& path) const;

 private:
  std::vector<std::string> lines_;
};
/// "clothes.state" for "clothes.safetensors".
std::string state_path(const std::string& save);

}  // namespace rw::cli
