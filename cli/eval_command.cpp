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

// The pictures of a class, and how many of them are told right.
struct OfClass {
  std::string name;
  int64_t pictures;
  double accuracy;
};

std::vector<OfClass> by_class(const Evaluation& evaluation, const Recipe& recipe) {
  const std::vector<double> shares = accuracies(evaluation);
  const std::vector<int64_t> counts = evaluation.confusion.sum(1).to_vector<int64_t>();
  std::vector<OfClass> all;
  for (size_t i = 0; i < shares.size(); ++i)
    all.push_back({recipe.classes[i], counts[i], shares[i]});
  return all;
}

void print_json(const Evaluation& evaluation, const std::vector<OfClass>& classes,
                int64_t pictures) {
  io::Json::Array rows;
  for (const OfClass& c : classes)
    rows.push_back({io::Json::Object{
        {"class", json(c.name)}, {"pictures", json(c.pictures)}, {"accuracy", json(c.accuracy)}}});
  print({io::Json::Object{{"pictures", json(pictures)},
                          {"accuracy", json(evaluation.accuracy)},
                          {"loss", json(evaluation.loss)},
                          {"classes", {std::move(rows)}}}});
}

void print_table(const Evaluation& evaluation, const std::vector<OfClass>& classes,
                 int64_t pictures) {
  const auto percent = [](double share) {
    return std::isnan(share) ? "" : fmt::format("{:.2f} %", 100 * share);
  };
  Table table({1, 2});
  table.add({"class", "pictures", "right"});
  for (const OfClass& c : classes)
    table.add({c.name, std::to_string(c.pictures), percent(c.accuracy)});
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
  show(evaluation, by_class(evaluation, file.recipe), sets.test.size());
  return ok;
}

}  // namespace rw::cli
