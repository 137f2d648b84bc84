// rewind eval: how often a model is right.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <rewind/tensor/error.h>

#include "arguments.h"
#include "model_evaluation.h"
#include "model_file.h"
#include "printing.h"

namespace rw::cli {

namespace {

// The pictures of each class.
std::vector<int64_t> counts(const Evaluation& evaluation) {
  return evaluation.confusion.sum(1).to_vector<int64_t>();
}

void print_json(const Evaluation& evaluation, const Recipe& recipe, int64_t pictures) {
  const std::vector<double> shares = accuracies(evaluation);
  const std::vector<int64_t> of = counts(evaluation);
  io::Json::Array classes;
  for (size_t i = 0; i < shares.size(); ++i)
    classes.push_back({io::Json::Object{{"class", json(recipe.classes[i])},
                                        {"pictures", json(of[i])},
                                        {"accuracy", json(shares[i])}}});
  print({io::Json::Object{{"pictures", json(pictures)},
                          {"accuracy", json(evaluation.accuracy)},
                          {"loss", json(evaluation.loss)},
                          {"classes", {std::move(classes)}}}});
}

void print_table(const Evaluation& evaluation, const Recipe& recipe, int64_t pictures) {
  const std::vector<double> shares = accuracies(evaluation);
  const std::vector<int64_t> of = counts(evaluation);
  const auto percent = [](double share) {
    return std::isnan(share) ? "" : fmt::format("{:.2f} %", 100 * share);
  };
  Table table({1, 2});
  table.add({"class", "pictures", "right"});
  for (size_t i = 0; i < shares.size(); ++i)
    table.add({recipe.classes[i], std::to_string(of[i]), percent(shares[i])});
  table.add({"all", std::to_string(pictures), percent(evaluation.accuracy)});
  table.print();
  fmt::print("\nloss {:.4f}\n", evaluation.loss);
}

}  // namespace

ExitCode eval(const EvalArguments& arguments) {
  const ModelFile file = open_model(arguments.model);
  const PictureSets sets = open_pictures(arguments.data, false);
  if (sets.classes != file.recipe.classes)
    throw Error(fmt::format("{} tells other classes apart than there are in {}",
                            arguments.model.file, sets.name));
  if (sets.test.size() == 0) throw Error("there are no images to test with in " + arguments.data);
  const Evaluation evaluation =
      evaluate(*file.model, file.recipe, sets.test, arguments.batch, arguments.workers);
  if (!arguments.report.empty()) {
    training::Report report(arguments.model.file + " on " + sets.name);
    report.table("Test", {{"accuracy", fmt::format("{:.2f} %", 100 * evaluation.accuracy)},
                          {"loss", fmt::format("{:.4f}", evaluation.loss)},
                          {"images", std::to_string(sets.test.size())}});
    add_evaluation(report, evaluation, file.recipe);
    report.write(arguments.report);
  }
  const auto show = arguments.json ? print_json : print_table;
  show(evaluation, file.recipe, sets.test.size());
  return ok;
}

}  // namespace rw::cli
