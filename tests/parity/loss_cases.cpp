#include "cases.h"

namespace rw::test {
namespace {

Cases losses(const std::string& reduction_name, Reduction r) {
  const auto named = [&](const std::string& loss) { return loss + "_" + reduction_name; };
  return {
      {named("nll_loss"), [r](In x, In t) { return nll_loss(x, t, {.reduction = r}); }},
      {named("nll_loss_weight"),
       [r](In x, In t, In w) {
         return nll_loss(x, t, {.weight = w, .ignore_index = 2, .reduction = r});
       }},
      {named("cross_entropy"), [r](In x, In t) { return cross_entropy(x, t, {.reduction = r}); }},
      {named("cross_entropy_weight"),
       [r](In x, In t, In w) { return cross_entropy(x, t, {.weight = w, .reduction = r}); }},
      {named("cross_entropy_ignore"),
       [r](In x, In t) { return cross_entropy(x, t, {.ignore_index = 2, .reduction = r}); }},
      {named("cross_entropy_smooth"),
       [r](In x, In t) { return cross_entropy(x, t, {.reduction = r, .label_smoothing = 0.2}); }},
      {named("cross_entropy_all"),
       [r](In x, In t, In w) {
         return cross_entropy(x, t, {w, 2, r, 0.3});
       }},
      {named("cross_entropy_images"),
       [r](In x, In t, In w) {
         return cross_entropy(x, t, {w, 1, r, 0.1});
       }},
      {named("cross_entropy_probabilities"),
       [r](In x, In t, In w) {
         return cross_entropy(x, t, {w, -100, r, 0.2});
       }},
      {named("mse_loss"), [r](In x, In t) { return mse_loss(x, t, r); }},
      {named("l1_loss"), [r](In x, In t) { return l1_loss(x, t, r); }},
      {named("bce_with_logits"),
       [r](In x, In t) { return binary_cross_entropy_with_logits(x, t, r); }},
  };
}

Cases other_losses() {
  return {
      {"nll_loss_images", [](In x, In t) { return nll_loss(x, t, {.ignore_index = 1}); }},
      {"nll_loss_of_one", [](In x, In t) { return nll_loss(x, t); }},
      {"cross_entropy_of_one",
       [](In x, In t) { return cross_entropy(x, t, {.label_smoothing = 0.1}); }},
      {"cross_entropy_image_probabilities", [](In x, In t) { return cross_entropy(x, t); }},
      {"cross_entropy_of_large", [](In x, In t) { return cross_entropy(x, t); }},
      {"cross_entropy_all_ignored", [](In x, In t) { return cross_entropy(x, t); }},
      {"l1_loss_of_equal", [](In x, In t) { return l1_loss(x, t); }},
      {"bce_with_logits_of_large",
       [](In x, In t) { return binary_cross_entropy_with_logits(x, t); }},
  };
}

}  // namespace

static Cases loss_cases() {
  return joined({losses("none", Reduction::none), losses("mean", Reduction::mean),
                 losses("sum", Reduction::sum), other_losses()});
}

static const Family loss_family(loss_cases);

}  // namespace rw::test
