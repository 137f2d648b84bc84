// The words that the tool understands, and what --help says of them.

#include "arguments.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <functional>
#include <memory>

#include <rewind/models/registry.h>

namespace rw::cli {

namespace {

constexpr const char* about =
    R"(Looks into files of tensors, converts them, and trains and runs networks that tell classes of
images apart. `rewind COMMAND --help` explains a command with examples.)";

constexpr const char* exit_codes =
    R"(Ends with 0 if all went well, 1 if something failed, 2 for wrong usage, and 130 where Ctrl-C ended a
training, whose state is saved then. Errors are on standard error, results on standard output.

Examples:
  rewind inspect model.safetensors
  rewind convert resnet18.pth resnet18.safetensors
  rewind train --model lenet --data fashion-mnist --save clothes.safetensors
  rewind predict clothes.safetensors shoe.png)";

using Checked = CLI::IsMember;

// A finite number that a condition holds for, which is told as `expected`.
CLI::Validator number(const std::string& expected, bool (*fits)(double)) {
  const auto check = [expected, fits](std::string& text) -> std::string {
    double value = 0;
    const bool right =
        CLI::detail::lexical_cast(text, value) && std::isfinite(value) && fits(value);
    return right ? "" : "expected " + expected + ", got " + text;
  };
  return CLI::Validator(check, "NUMBER");
}

CLI::Validator positive() {
  return number("a positive number", [](double x) { return x > 0; });
}
CLI::Validator not_negative() {
  return number("a number from 0 on", [](double x) { return x >= 0; });
}
CLI::Validator threads() {
  return number("a number of threads from 0 to 256", [](double x) { return x >= 0 && x <= 256; });
}

// Names of models, which are too many to be told with each option.
CLI::Validator model_name() { return Checked(models::list_models()).description("NAME"); }

std::string model_names() {
  std::string all = "\n\nModels are";
  size_t column = 0;
  for (const std::string& name : models::list_models()) {
    if (column + name.size() > 90) column = 0;
    all += (column == 0 ? "\n  " : " ") + name;
    column += name.size() + 1;
  }
  return all;
}

// A command whose arguments are of this type; they live as long as the app does.
template <class Arguments>
std::pair<CLI::App*, std::shared_ptr<Arguments>> add_command(CLI::App& app, ExitCode& code,
                                                             const char* name, const char* what,
                                                             const char* examples,
                                                             ExitCode (*run)(const Arguments&)) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer(std::string("Examples:\n") + examples);
  auto arguments = std::make_shared<Arguments>();
  command->callback([&code, arguments, run] { code = run(*arguments); });
  return {command, arguments};
}

void add_inspect(CLI::App& app, ExitCode& code) {
  const auto [command, a] = add_command<InspectArguments>(
      app, code, "inspect", "Tell what a file has: tensors, shapes, types, texts",
      R"(
  rewind inspect model.safetensors
  rewind inspect --json checkpoint.pt | jq '.tensors[].name'

Takes safetensors, their index (.json), files of torch.save (.pt, .pth), NumPy's .npy and .npz, ONNX
and states of trainings. The numbers are not read: a file of 10 GB takes no longer than a small one.)" +
          1,
      inspect);
  command->add_option("FILE", a->file, "what to look into")->required();
  command->add_flag("--json", a->json, "print JSON, with the texts in full");
}

void add_convert(CLI::App& app, ExitCode& code) {
  const auto [command, a] = add_command<ConvertArguments>(
      app, code, "convert", "Write the tensors of a file to one of another format",
      R"(
  rewind convert resnet18.pth resnet18.safetensors
  rewind convert model.safetensors.index.json model.safetensors
  rewind convert --dtype bfloat16 model.safetensors half.safetensors
  rewind convert --only model. --strip model. checkpoint.pt model.safetensors
  rewind convert --strip module. wrapped.pt model.npz

IN is any file that `rewind inspect` takes, but ONNX; the ending of OUT says what is written:
.safetensors, .pt, .pth, .npz, or .npy (of one tensor). Numbers stay bit for bit what they are unless
--dtype changes them. OUT is written aside and renamed: what was there stays until it is whole.)" +
          1,
      convert);
  command->add_option("IN", a->from, "what to read")->required();
  command->add_option("OUT", a->to, "what to write")->required();
  command->add_option("--dtype", a->dtype, "of all floating tensors")
      ->check(Checked({"float16", "bfloat16", "float32", "float64"}));
  command->add_option("--only", a->only, "leave out tensors whose names begin otherwise");
  command->add_option("--strip", a->strip, "take this off the names that begin with it");
  command->add_option("--prefix", a->add, "put this before all names, once --strip is done");
}

void add_summary(CLI::App& app, ExitCode& code) {
  const auto [command, a] = add_command<SummaryArguments>(
      app, code, "summary", "Tell the layers of a model, their sizes and what they cost", R"(
  rewind summary resnet18
  rewind summary vit_b_16 --depth 2
  rewind summary resnet18 --input 3x32x32 --classes 10 --json
  rewind summary clothes.safetensors
  rewind summary --model resnet18 resnet18.pth)" + 1,
      summary);
  command->footer(command->get_footer() + model_names());
  command->add_option("MODEL", a->model, "a name, or a file of `rewind train`")->required();
  command->add_option("--model", a->network, "the network that plain weights are of")
      ->check(model_name());
  command->add_option("--input", a->input, "an image, as 3x224x224; by default the model's own");
  command->add_option("--batch", a->batch, "images")->check(positive());
  command->add_option("--classes", a->classes, "how many the model tells apart (1000)")
      ->check(positive());
  command->add_option("--depth", a->depth, "levels below the model; by default all")
      ->check(not_negative());
  command->add_flag("--json", a->json, "print JSON");
}

void add_model(CLI::App& command, ModelArguments& a) {
  command.add_option("MODEL", a.file, "a file of `rewind train`, or weights")->required();
  command.add_option("--model", a.model, "the network that plain weights are of")
      ->check(model_name());
  command.add_option("--class-names", a.classes,
                     "a file with the name of a class in each line, for plain weights");
}

void add_train_data(CLI::App& command, TrainArguments& a) {
  command.add_option("--model", a.model, "the network")->required()->check(model_name());
  command.add_option("--data", a.data, "the folder of the data set")->required();
  command.add_option("--save", a.save, "the file to write, .safetensors")->required();
  command.add_option("--size", a.size, "rows and columns of images; by default the data set's own")
      ->check(positive());
  command
      .add_option("--hold-out", a.hold_out,
                  "share of the training images to choose the epoch by; 0: keep the last epoch")
      ->capture_default_str()
      ->check(number("a number from 0 to 0.9", [](double x) { return x >= 0 && x <= 0.9; }));
  command.add_option("--augment", a.augment, "how images are changed at random")
      ->capture_default_str()
      ->check(Checked({"none", "light", "strong"}));
  command.add_option("--workers", a.workers, "threads that read images")
      ->capture_default_str()
      ->check(threads());
}

void add_train_steps(CLI::App& command, TrainArguments& a) {
  command.add_option("--epochs", a.epochs, "times to go through all images")
      ->capture_default_str()
      ->check(positive());
  command.add_option("--batch", a.batch, "images in a step")
      ->capture_default_str()
      ->check(positive());
  command.add_option("--optimizer", a.optimizer, "what makes the steps")
      ->capture_default_str()
      ->check(Checked({"sgd", "adamw"}));
  command.add_option("--lr", a.lr, "learning rate (0.05 for sgd, 0.001 for adamw)")
      ->check(positive());
  command.add_option("--weight-decay", a.weight_decay, "(0.0005 for sgd, 0.01 for adamw)")
      ->check(not_negative());
  command.add_option("--schedule", a.schedule, "of the learning rate")
      ->capture_default_str()
      ->check(Checked({"constant", "cosine", "onecycle", "step"}));
  command.add_option("--label-smoothing", a.label_smoothing, "share of the label for all classes")
      ->check(number("a number from 0 to 1", [](double x) { return x >= 0 && x <= 1; }));
  command.add_option("--seed", a.seed, "of weights, order and changes")
      ->capture_default_str()
      ->check(not_negative());
  command.add_option("--weights", a.weights, "a file to begin with: what fits in name and shape");
  command.add_flag("--bfloat16", a.bfloat16, "compute convolutions and products in bfloat16");
}

void add_train(CLI::App& app, ExitCode& code, const std::vector<std::string>& command_line) {
  const auto [command, a] =
      add_command<TrainArguments>(app, code, "train", "Train a network on a folder of images", R"(
  rewind train --model lenet --data /usr/share/datasets/fashion-mnist --save clothes.safetensors
  rewind train --model resnet20 --data cifar-10-batches-bin --epochs 100 --schedule onecycle \
    --save things.safetensors --tensorboard runs/things --report things.html
  rewind train --model resnet18 --weights resnet18.pth --data flowers --lr 0.01 --save flowers.safetensors
  rewind train … --resume    # goes on after Ctrl-C, or after a crash

The folder has the files of MNIST, Fashion-MNIST or KMNIST (told apart by its name), of CIFAR-10 or
CIFAR-100 (binary version), or photographs: train/CLASS/*.jpg and val/CLASS/*.jpg (or test/), or
CLASS/*.jpg, of which every tenth of a class is kept to test with. With both val/ and test/ the epoch
is chosen by val/, not by images held out.

The model of the epoch that is best on images held out is saved, with names of classes and what images have to be like. Until
then a state lies beside it, as clothes.state, from which --resume goes on to the same result. Ctrl-C
ends after the step of now and saves.)" + 1,
                                  train);
  a->command = command_line;
  command->footer(command->get_footer() + model_names());
  add_train_data(*command, *a);
  add_train_steps(*command, *a);
  command->add_flag("--resume", a->resume, "go on from the state, where there is one");
  command->add_flag("--overwrite", a->overwrite, "begin anew, though there is a state or a model");
  command->add_option("--tensorboard", a->tensorboard, "a folder for what TensorBoard shows");
  command->add_option("--report", a->report, "a page about the training to write, .html");
  command->add_flag("--quiet", a->quiet, "print no progress");
  command->add_flag("--json", a->json, "print what came of it as JSON, progress on standard error");
}

void add_eval(CLI::App& app, ExitCode& code) {
  const auto [command, a] = add_command<EvalArguments>(
      app, code, "eval", "Tell how often a model is right on the images to test with", R"(
  rewind eval clothes.safetensors --data /usr/share/datasets/fashion-mnist
  rewind eval clothes.safetensors --data fashion-mnist --json | jq .accuracy
  rewind eval flowers.safetensors --data flowers --report mistakes.html)" + 1,
      eval);
  add_model(*command, a->model);
  command->add_option("--data", a->data, "the folder of the data set")->required();
  command->add_option("--batch", a->batch, "images at once")
      ->capture_default_str()
      ->check(positive());
  command->add_option("--workers", a->workers, "threads that read images")
      ->capture_default_str()
      ->check(threads());
  command->add_option("--report", a->report, "a page with confusions and mistakes, .html");
  command->add_flag("--json", a->json, "print JSON");
}

void add_predict(CLI::App& app, ExitCode& code) {
  const auto [command, a] =
      add_command<PredictArguments>(app, code, "predict", "Tell what is in pictures", R"(
  rewind predict clothes.safetensors shoe.png
  rewind predict --top 5 --json flowers.safetensors *.jpg
  rewind predict --model resnet18 --class-names imagenet.txt resnet18.pth cat.jpg)" + 1,
                                    predict);
  add_model(*command, a->model);
  command->add_option("PICTURE", a->pictures, "PNG or JPEG files")->required();
  command->add_option("--top", a->top, "how many classes to tell")
      ->capture_default_str()
      ->check(positive());
  command->add_flag("--json", a->json, "print JSON, a line for each picture");
}

void add_export(CLI::App& app, ExitCode& code) {
  const auto [command, a] = add_command<ExportArguments>(
      app, code, "export", "Write a model for ONNX Runtime and others", R"(
  rewind export clothes.safetensors --onnx clothes.onnx
  rewind export --model resnet18 resnet18.pth --onnx resnet18.onnx --batch 1

The graph takes images as `rewind predict` prepares them, and gives scores; names of classes, means
and deviations are not in it: see `rewind inspect` of MODEL.)" + 1,
      export_model);
  add_model(*command, a->model);
  command->add_option("--onnx", a->onnx, "the file to write")->required();
  command->add_option("--batch", a->batch, "images that it takes; by default any number")
      ->check(positive());
  command->add_option("--opset", a->opset, "version of ONNX's operators")
      ->capture_default_str()
      ->check(CLI::Range(17, 18));
}

}  // namespace

void add_commands(CLI::App& app, ExitCode& code, const std::vector<std::string>& command) {
  app.name("rewind");
  app.description(about);
  app.footer(exit_codes);
  app.set_version_flag("--version", "rewind " REWIND_VERSION, "print the version and end");
  app.set_help_flag("-h,--help", "print this text and end");
  app.require_subcommand(1);
  app.get_formatter()->column_width(26);
  add_inspect(app, code);
  add_convert(app, code);
  add_summary(app, code);
  add_train(app, code, command);
  add_eval(app, code);
  add_predict(app, code);
  add_export(app, code);
  app.add_subcommand("completion",
                     "Print what bash needs to complete commands: "
                     "source <(rewind completion)")
      ->callback([&app] { std::fputs(bash_completion(app).c_str(), stdout); });
}

}  // namespace rw::cli
