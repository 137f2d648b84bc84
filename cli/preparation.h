#pragma once
// What is done to pictures before a model sees them.

#include <string>

#include <rewind/data/transforms/transform.h>

#include "model_file.h"

namespace rw::cli {

/// A picture, uint8 [C, H, W] of 1 to 4 channels, as the recipe's model takes it: without alpha,
/// the middle of the right size, normalized.
data::transforms::Transform preparation(const Recipe& recipe);
/// The same with changes at random: "light" are small moves or crops, and mirroring where pictures
/// may be, "strong" others of colors and shapes as well. "none" is preparation(recipe).
data::transforms::Transform augmented_preparation(const Recipe& recipe, const std::string& how,
                                                  bool may_mirror);

}  // namespace rw::cli
