// rewind summary: what a model is made of.

#include <fmt/format.h>

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

// A file, or a new network of this name.
ModelFile model_of(const SummaryArguments& arguments) {
  if (std::filesystem::exists(arguments.model)) {
    if (arguments.classes > 0)
      throw UsageError("--classes is for models by name: files have their own");
    return open_model({.file = arguments.model, .model = "", .classes = ""});
  }
  ModelFile file;
  file.recipe.model = arguments.model;
  file.recipe.input = arguments.input.empty() ? models::model_input(arguments.model)
                                              : parse_input("--input", arguments.input);
  file.model = models::get_model(arguments.model,
                                 {.num_classes = arguments.classes > 0 ? arguments.classes : 1000,
                                  .input = file.recipe.input});
  return file;
}

}  // namespace

ExitCode summary(const SummaryArguments& arguments) {
  const ModelFile file = model_of(arguments);
  const Shape input =
      arguments.input.empty() ? file.recipe.input : parse_input("--input", arguments.input);
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
