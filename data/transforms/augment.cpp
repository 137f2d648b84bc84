#include <rewind/data/transforms/augment.h>

#include <rewind/data/transforms/augment_changes.h>
#include <rewind/data/transforms/auto_augment_policies.h>
#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>

namespace rw::data::transforms {

using detail::Change;
using detail::Strengths;

namespace {

void check_bins(const char* op, int64_t bins) {
  check(bins >= 2, "{}: expected num_magnitude_bins of at least 2, got {}", op, bins);
}

// All but `invert`.
Change any_change(Generator& gen) {
  return static_cast<Change>(detail::integer(gen, 0, static_cast<int64_t>(Change::invert)));
}

bool heads(Generator& gen) { return detail::uniform(gen) < 0.5; }

// Translations are shares of the image.
Strengths usual_strengths(const Tensor& x, int64_t steps) {
  const auto share = [](int64_t size) { return 150.0 / 331 * static_cast<double>(size); };
  return {.steps = steps,
          .shear = 0.3,
          .translate_x = share(detail::width_of(x)),
          .translate_y = share(detail::height_of(x)),
          .rotate = 30,
          .factor = 0.9,
          .bits = 4};
}

}  // namespace

RandAugment::RandAugment(const RandAugmentOptions& options) : options_(options) {
  check(options.num_ops >= 0, "RandAugment: expected num_ops of at least 0, got {}",
        options.num_ops);
  check_bins("RandAugment", options.num_magnitude_bins);
  check(0 <= options.magnitude && options.magnitude < options.num_magnitude_bins,
        "RandAugment: expected a magnitude from 0 to less than num_magnitude_bins, {}, got {}",
        options.num_magnitude_bins, options.magnitude);
  detail::check_warping_mode("RandAugment", options.interpolation);
}

Tensor RandAugment::operator()(const Tensor& x, Generator& gen) const {
  detail::check_colors("RandAugment", x);
  const Strengths strengths = usual_strengths(x, options_.num_magnitude_bins);
  Tensor y = x;
  for (int64_t i = 0; i < options_.num_ops; ++i) {
    const Change change = any_change(gen);
    y = detail::changed(y, change, strengths, options_.magnitude, heads(gen),
                        {.interpolation = options_.interpolation, .fill = options_.fill});
  }
  return y;
}

TrivialAugmentWide::TrivialAugmentWide(const TrivialAugmentWideOptions& options)
    : options_(options) {
  check_bins("TrivialAugmentWide", options.num_magnitude_bins);
  detail::check_warping_mode("TrivialAugmentWide", options.interpolation);
}

Tensor TrivialAugmentWide::operator()(const Tensor& x, Generator& gen) const {
  detail::check_colors("TrivialAugmentWide", x);
  const Strengths strengths = {.steps = options_.num_magnitude_bins,
                               .shear = 0.99,
                               .translate_x = 32,
                               .translate_y = 32,
                               .rotate = 135,
                               .factor = 0.99,
                               .bits = 6};
  const Change change = any_change(gen);
  const int64_t step = detail::integer(gen, 0, strengths.steps);
  return detail::changed(x, change, strengths, step, heads(gen),
                         {.interpolation = options_.interpolation, .fill = options_.fill});
}

AutoAugment::AutoAugment(const AutoAugmentOptions& options) : options_(options) {
  detail::check_warping_mode("AutoAugment", options.interpolation);
}

Tensor AutoAugment::operator()(const Tensor& x, Generator& gen) const {
  detail::check_colors("AutoAugment", x);
  const Strengths strengths = usual_strengths(x, 10);
  const auto& pairs = detail::auto_augment_pairs(options_.policy);
  const auto& pair = pairs[static_cast<size_t>(detail::integer(gen, 0, 25))];
  Tensor y = x;
  for (const detail::PolicyStep& step : pair) {
    const bool happens = detail::uniform(gen) < step.probability, backwards = heads(gen);
    if (happens)
      y = detail::changed(y, step.change, strengths, step.magnitude, backwards,
                          {.interpolation = options_.interpolation, .fill = options_.fill});
  }
  return y;
}

}  // namespace rw::data::transforms
