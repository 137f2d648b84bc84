// rewind summary: what a model is made of.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include <rewind/models/registry.h>
#include <rewind/nn/summary.h>

#include "model_file.h"
#include "printing.h"

namespace rw::cli {

namespace {

std::vector<int64_t> sizes(const Shape& shape) { return {shape.begin(), shape.end()}; }

void print_json(const std::string& name, const nn::Summary& summary) {
  io::Json::Array rows;
  for (const nn::SummaryRow& row : summary.rows) {
    io::Json::Array outputs;
    for (const Shape& shape : row.outputs) outputs.push_back(json(sizes(shape)));
    rows.push_back({io::Json::Object{{"path", json(row.path)},
                                     {"layer", json(row.layer)},
                                     {"outputs", {std::move(outputs)}},
                                     {"parameters", json(row.parameters)},
                                     {"multiply_adds", json(row.multiply_adds)},
                                     {"activation_bytes", json(row.activation_bytes)}}});
  }
  print({io::Json::Object{{"model", json(name)},
                          {"parameters", json(summary.total().parameters)},
                          {"trainable_parameters", json(summary.trainable_parameters)},
                          {"multiply_adds", json(summary.total().multiply_adds)},
                          {"activation_bytes", json(summary.total().activation_bytes)},
                          {"modules", {std::move(rows)}}}});
}

// A file, or a new network of this name, for images of --input where that is given.
ModelFile model_of(const SummaryArguments& arguments) {
  const std::optional<Shape> input = parse_input(arguments.input);
  if (!input && !arguments.input.empty())
    throw UsageError("--input: expected channels, rows and columns as 3x224x224, got " +
                     arguments.input);
  ModelFile file;
  if (std::filesystem::exists(arguments.model)) {
    if (arguments.classes > 0)
      throw UsageError("--classes is for models by name: files have their own");
    file = open_model({.file = arguments.model, .model = arguments.network, .classes = ""});
    if (input) file.recipe.input = *input;
    return file;
  }
  const std::vector<std::string> names = models::list_models();
  if (std::find(names.begin(), names.end(), arguments.model) == names.end())
    throw UsageError(arguments.model + " is neither a file nor a model");
  if (!arguments.network.empty())
    throw UsageError("--model is for plain weights, and there is no file " + arguments.model);
  file.recipe.model = arguments.model;
  file.recipe.input = input ? *input : models::model_input(arguments.model);
  file.recipe.classes.resize(static_cast<size_t>(arguments.classes > 0 ? arguments.classes : 1000));
  file.model = new_network(file.recipe);
  return file;
}

}  // namespace

ExitCode summary(const SummaryArguments& arguments) {
  const ModelFile file = model_of(arguments);
  const Shape& input = file.recipe.input;
  nn::Summary summary =
      nn::summary(*file.model, Shape{arguments.batch, input[0], input[1], input[2]});
  if (arguments.depth >= 0) summary = summary.to_depth(arguments.depth);
  if (arguments.json)
    print_json(arguments.model, summary);
  else
    fmt::print("{}", nn::to_string(summary));
  return ok;
}

}  // namespace rw::cli
