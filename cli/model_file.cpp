#include "model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include <rewind/io/inspect.h>
#include <rewind/io/json.h>
#include <rewind/io/safetensors.h>
#include <rewind/io/save.h>
#include <rewind/models/registry.h>
#include <rewind/tensor/error.h>

namespace rw::cli {

namespace {

constexpr const char *model_key = "rewind.model", *input_key = "rewind.input",
                     *classes_key = "rewind.classes", *mean_key = "rewind.mean",
                     *std_key = "rewind.std";

// Those that torchvision's weights were trained with.
const std::vector<double> imagenet_mean = {0.485, 0.456, 0.406},
                          imagenet_std = {0.229, 0.224, 0.225};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw IOError("can't open " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// A list of JSON whose elements are all T; doubles that are whole are integers there.
template <class T>
std::vector<T> list(const std::string& where, const std::string& text) {
  const io::Json json = io::parse_json(where, text);
  const auto* array = json.get<io::Json::Array>();
  if (!array || array->empty()) throw IOError(where + ": expected a list, got " + text);
  std::vector<T> all;
  for (const io::Json& element : *array) {
    if (const T* value = element.get<T>()) all.push_back(*value);
    if constexpr (std::is_same_v<T, double>)
      if (const auto* whole = element.get<int64_t>()) all.push_back(static_cast<double>(*whole));
  }
  if (all.size() != array->size()) throw IOError(where + ": expected other elements in " + text);
  return all;
}

template <class T>
std::string json_list(const std::vector<T>& values) {
  io::Json::Array all;
  for (const T& value : values) all.emplace_back().value = value;
  return io::to_json({std::move(all)});
}

Recipe read_recipe(const std::string& path, const io::FileInfo& info) {
  const auto text = [&](const char* key) {
    const auto it = info.metadata.find(key);
    if (it == info.metadata.end())
      throw IOError(
          fmt::format("{}: it has no '{}', by which `rewind train` says what a model is: "
                      "--model names the network of plain weights",
                      path, key));
    return it->second;
  };
  const auto where = [&](const char* key) { return fmt::format("{}: {}", path, key); };
  Recipe recipe;
  recipe.model = text(model_key);
  const std::optional<Shape> input = parse_input(text(input_key));
  if (!input)
    throw IOError(fmt::format("{}: expected channels, rows and columns as 3x224x224, got {}",
                              where(input_key), text(input_key)));
  recipe.input = *input;
  recipe.classes = list<std::string>(where(classes_key), text(classes_key));
  recipe.mean = list<double>(where(mean_key), text(mean_key));
  recipe.std = list<double>(where(std_key), text(std_key));
  const auto channels = static_cast<size_t>(recipe.input[0]);
  if (recipe.mean.size() != channels || recipe.std.size() != channels)
    throw IOError(
        fmt::format("{}: expected a mean and a deviation for each of {} channels", path, channels));
  return recipe;
}

// As many as the network's last layer has rows in the file, whose own order may be any.
size_t count_classes(const ModelArguments& arguments, const io::FileInfo& info) {
  const std::string last = models::get_model(arguments.model)->named_parameters().back().first;
  const auto it = std::find_if(info.tensors.begin(), info.tensors.end(),
                               [&](const io::TensorInfo& t) { return t.name == last; });
  if (it == info.tensors.end() || it->shape.empty() || it->shape.front() <= 0)
    throw IOError(fmt::format("{}: no weights of {}: expected '{}', a row for each class",
                              arguments.file, arguments.model, last));
  return static_cast<size_t>(it->shape.front());
}

// Of weights of others.
Recipe plain_recipe(const ModelArguments& arguments, const io::FileInfo& info) {
  Recipe recipe;
  recipe.model = arguments.model;
  recipe.input = models::model_input(arguments.model);
  const size_t count = count_classes(arguments, info);
  if (!arguments.classes.empty())
    recipe.classes = lines_of(arguments.classes);
  else
    for (size_t i = 0; i < count; ++i) recipe.classes.push_back(std::to_string(i));
  if (recipe.classes.size() != count)
    throw Error(fmt::format("{} names {} classes, {} has {}", arguments.classes,
                            recipe.classes.size(), arguments.file, count));
  const bool grey = recipe.input[0] == 1;
  recipe.mean = grey ? std::vector{0.5} : imagenet_mean;
  recipe.std = grey ? std::vector{0.5} : imagenet_std;
  return recipe;
}

std::shared_ptr<nn::Module> make_model(const Recipe& recipe) {
  return models::get_model(
      recipe.model,
      {.num_classes = static_cast<int64_t>(recipe.classes.size()), .input = recipe.input});
}

}  // namespace

std::optional<Shape> parse_input(const std::string& text) {
  std::vector<int64_t> sizes;
  const char *at = text.data(), *end = at + text.size();
  while (sizes.size() < 3) {
    int64_t size = 0;
    const auto [stop, error] = std::from_chars(at, end, size);
    if (error != std::errc() || size <= 0 || size > 100'000) break;
    sizes.push_back(size);
    at = stop;
    if (at == end || *at != 'x') break;
    ++at;
  }
  if (sizes.size() != 3 || at != end) return {};
  return Shape(sizes);
}

std::shared_ptr<nn::Module> new_network(const Recipe& recipe) try {
  return make_model(recipe);
} catch (const Error& e) {
  throw UsageError(e.what());
}

ModelFile open_model(const ModelArguments& arguments) {
  const io::FileInfo info = io::inspect(arguments.file);
  if (arguments.model.empty() && !arguments.classes.empty())
    throw UsageError("--class-names is for plain weights, with --model");
  ModelFile file;
  file.recipe =
      arguments.model.empty() ? read_recipe(arguments.file, info) : plain_recipe(arguments, info);
  file.model = make_model(file.recipe);
  load(*file.model, arguments.file);
  file.model->eval();
  return file;
}

void save_model(const std::string& path, const Recipe& recipe, const StateDict& state) {
  io::write_safetensors(
      path, state,
      {{"format", "pt"},
       {model_key, recipe.model},
       {input_key, fmt::format("{}x{}x{}", recipe.input[0], recipe.input[1], recipe.input[2])},
       {classes_key, json_list(recipe.classes)},
       {mean_key, json_list(recipe.mean)},
       {std_key, json_list(recipe.std)}});
}

}  // namespace rw::cli
