#pragma once
// How good a model is.

#include <cstdint>
#include <string>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/tensor/tensor.h>
#include <rewind/train/report.h>

#include "picture_sets.h"

namespace rw::cli {

struct Recipe;

struct Evaluation {
  double loss = 0, accuracy = 0;
  Tensor confusion;  // counts [C, C], a row for each class that pictures have
  // Pictures that are taken for something else, at most 1000: [N, C, H, W], normalized; scores
  // [N, classes]; labels [N]. Undefined where there are none.
  Tensor images, scores, labels;
};

/// Of pictures, in evaluation mode.
Evaluation evaluate(nn::Module& model, const Recipe& recipe, const Pictures& pictures,
                    int64_t batch, int workers);

/// Which classes are taken for which, and the surest mistakes.
void add_evaluation(training::Report& report, const Evaluation& evaluation, const Recipe& recipe);

/// The share of right answers for each class; NaN where there is no picture of it.
std::vector<double> accuracies(const Evaluation& evaluation);

}  // namespace rw::cli
