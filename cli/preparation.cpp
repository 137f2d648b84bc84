#include "preparation.h"

#include <rewind/data/transforms/transforms.h>
#include <rewind/tensor/error.h>

namespace rw::cli {

namespace {

using namespace data::transforms;

// From so many rows on images are parts of photographs, below they are the whole.
constexpr int64_t least_of_photographs = 64;

Transform channels(int64_t wanted) {
  return [wanted](const Tensor& x) -> Tensor {
    const int64_t there = x.size(0);
    const bool has_alpha = there == 2 || there == 4;
    const Tensor colors = has_alpha ? x.slice(0, 0, there - 1) : x;
    if (colors.size(0) == wanted) return colors;
    if (colors.size(0) == 1) return colors.expand({wanted, x.size(1), x.size(2)});
    return functional::rgb_to_grayscale(colors, wanted);
  };
}

// The middle, after the shorter edge is brought to a little more for photographs.
Transform middle(const Shape& input) {
  const int64_t edge = std::max(input[1], input[2]);
  const int64_t shorter = edge >= least_of_photographs ? edge * 8 / 7 : edge;
  const Size2 size(input[1], input[2]);
  const Compose fitted({Resize(shorter), CenterCrop(size)});
  return [=](const Tensor& x) {
    return x.size(1) == input[1] && x.size(2) == input[2] ? x : fitted(x);
  };
}

void add_end(std::vector<Transform>& steps, const Recipe& recipe) {
  steps.emplace_back(ToDtype(float32, {.scale = true}));
  steps.emplace_back(Normalize(recipe.mean, recipe.std));
}

}  // namespace

Transform preparation(const Recipe& recipe) {
  std::vector<Transform> steps = {channels(recipe.input[0]), middle(recipe.input)};
  add_end(steps, recipe);
  return Compose(std::move(steps));
}

Transform augmented_preparation(const Recipe& recipe, const std::string& how, bool may_mirror) {
  if (how == "none") return preparation(recipe);
  const Size2 size(recipe.input[1], recipe.input[2]);
  std::vector<Transform> steps = {channels(recipe.input[0])};
  if (recipe.input[1] >= least_of_photographs) {
    steps.emplace_back(RandomResizedCrop(size));
  } else {
    steps.push_back(middle(recipe.input));
    steps.emplace_back(RandomCrop(size, {.padding = std::max<int64_t>(recipe.input[1] / 8, 1)}));
  }
  if (may_mirror) steps.emplace_back(RandomHorizontalFlip());
  if (how == "strong") steps.emplace_back(TrivialAugmentWide());
  add_end(steps, recipe);
  if (how == "strong") steps.emplace_back(RandomErasing({.p = 0.25}));
  return Compose(std::move(steps));
}

}  // namespace rw::cli
