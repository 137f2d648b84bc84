#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/tensor/shape.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// The names of all networks that tell classes of images apart, as "resnet18": those of the
/// functions that make them.
std::vector<std::string> list_models();

/// The shape [C, H, W] of an image as the network of this name was made for. Throws Error, which
/// lists the names, where there is none.
Shape model_input(const std::string& name);

/// What get_model takes by name.
struct GetModelOptions {
  int64_t num_classes = 1000;       ///< scores of each image
  std::optional<Shape> input = {};  ///< of an image, [C, H, W]; that of model_input, if unset
};
/// A network by its name, with new weights: from images [N, C, H, W] to scores [N, num_classes].
/// ResNets begin without pooling where images have up to 64 rows (`small_images`), vision
/// transformers are made for the size. Throws Error for names that there are not, and for images
/// that the network does not take: all but LeNet take those of three channels.
///
///     const auto net = models::get_model("resnet18", {.num_classes = 10});
///     (*net)(images);
std::shared_ptr<nn::Module> get_model(const std::string& name, const GetModelOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
