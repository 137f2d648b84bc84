#pragma once
// What the commands of the tool are asked for, and the commands themselves.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rw::cli {

/// How the tool ends.
enum ExitCode : int {
  ok = 0,
  failed = 1,         ///< a file is missing or damaged, a disk is full, …
  wrong_usage = 2,    ///< an option or argument that there is not, or that does not fit others
  interrupted = 130,  ///< Ctrl-C ended a training, whose state is saved
};

/// Arguments that each by itself are right, but not together.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct InspectArguments {
  std::string file;
  bool json = false;
};

struct ConvertArguments {
  std::string from, to;
  std::string dtype;             // of floating tensors; empty: as they are
  std::string only, strip, add;  // beginnings of names
};

struct SummaryArguments {
  std::string model;    // a name or a file
  std::string network;  // that plain weights are of; empty: the file says
  std::string input;    // "3x224x224"; empty: the model's own
  int64_t batch = 1, classes = 0;
  int depth = -1;
  bool json = false;
};

/// What tells a model that a file does not describe itself.
struct ModelArguments {
  std::string file;
  std::string model;    // a name; empty: the file says
  std::string classes;  // a file with a name in each line
};

struct TrainArguments {
  std::string model, data, save;
  int64_t epochs = 10, batch = 128, size = 0;
  int workers = 2;
  std::string optimizer = "sgd", schedule = "cosine", augment = "light";
  double lr = 0, weight_decay = -1, label_smoothing = 0;  // 0 and -1: as the optimizer is used to
  double hold_out = 0.1;  // share of the images to train on by which the epoch is chosen
  uint64_t seed = 1;
  bool bfloat16 = false, resume = false, overwrite = false, quiet = false, json = false;
  std::string weights, tensorboard, report;
  std::vector<std::string> command;  // its words as it was called, for what to call to go on
};

struct EvalArguments {
  ModelArguments model;
  std::string data, report;
  int64_t batch = 256;
  int workers = 2;
  bool json = false;
};

struct PredictArguments {
  ModelArguments model;
  std::vector<std::string> pictures;
  int64_t top = 3;
  bool json = false;
};

struct ExportArguments {
  ModelArguments model;
  std::string onnx;
  int64_t batch = 0;  // 0: any
  int64_t opset = 17;
};

///@{
/// The commands. They throw Error for what fails, and UsageError.
ExitCode inspect(const InspectArguments& arguments);
ExitCode convert(const ConvertArguments& arguments);
ExitCode summary(const SummaryArguments& arguments);
ExitCode train(const TrainArguments& arguments);
ExitCode eval(const EvalArguments& arguments);
ExitCode predict(const PredictArguments& arguments);
ExitCode export_model(const ExportArguments& arguments);
///@}

/// Describes all commands to `app`. The one that is called leaves in `code` how it ended. `command`
/// is what was typed, in words as a shell takes them.
void add_commands(CLI::App& app, ExitCode& code, const std::vector<std::string>& command);

/// What bash has to know to complete words of the tool.
std::string bash_completion(const CLI::App& app);

}  // namespace rw::cli
