#pragma once
// Models in files that say what they are, and what images they take.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/tensor/shape.h>
#include <rewind/tensor/state_dict.h>

#include "arguments.h"

namespace rw::cli {

/// What a model has to be told of images, and what its scores are of. In files it stands in the
/// metadata: "rewind.model", "rewind.input" (as "1x28x28"), "rewind.classes", "rewind.mean" and
/// "rewind.std" (lists of JSON).
struct Recipe {
  std::string model;
  std::vector<std::string> classes;
  Shape input;  // [C, H, W]
  std::vector<double> mean, std;
};

struct ModelFile {
  Recipe recipe;
  std::shared_ptr<nn::Module> model;  // in evaluation mode
};

/// "1x28x28", three positive sizes; none for another text.
std::optional<Shape> parse_input(const std::string& text);
/// A new network for the images of a recipe that options chose. Throws UsageError where it does not
/// take them.
std::shared_ptr<nn::Module> new_network(const Recipe& recipe);
/// A file that save_model has written, or weights of a model that the arguments name.
ModelFile open_model(const ModelArguments& arguments);
/// Writes a file, whole or not at all.
void save_model(const std::string& path, const Recipe& recipe, const StateDict& state);

}  // namespace rw::cli
