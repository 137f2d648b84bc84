// rewind predict: what is in pictures.

#include <fmt/format.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/jpeg.h>
#include <rewind/ops/softmax.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/error.h>

#include "model_file.h"
#include "preparation.h"
#include "printing.h"

namespace rw::cli {

namespace {

struct Guess {
  std::string name;
  double probability;
};

// The likeliest classes, the first one first.
std::vector<Guess> guesses(const ModelFile& file, const std::string& picture, int64_t top) {
  const Tensor image = preparation(file.recipe)(io::read_image(picture));
  const Tensor chances = softmax((*file.model)(image.unsqueeze(0)).to(float64), 1).flatten();
  const auto [values, places] = topk(chances, std::min(top, chances.size(0)));
  std::vector<Guess> all;
  for (int64_t i = 0; i < values.size(0); ++i)
    all.push_back({file.recipe.classes.at(static_cast<size_t>(places[i].item<int64_t>())),
                   values[i].item<double>()});
  return all;
}

void print_json(const std::string& picture, const std::vector<Guess>& all) {
  io::Json::Array classes;
  for (const Guess& guess : all)
    classes.push_back(
        {io::Json::Object{{"class", json(guess.name)}, {"probability", json(guess.probability)}}});
  print({io::Json::Object{{"picture", json(picture)}, {"classes", {std::move(classes)}}}});
}

}  // namespace

ExitCode predict(const PredictArguments& arguments) {
  const no_grad guard;
  const ModelFile file = open_model(arguments.model);
  ExitCode code = ok;
  Table table({2});
  for (const std::string& picture : arguments.pictures) {
    std::vector<Guess> all;
    try {
      all = guesses(file, picture, arguments.top);
    } catch (const Error& e) {  // the others are told
      fmt::print(stderr, "rewind: {}\n", e.what());
      code = failed;
      continue;
    }
    if (arguments.json) print_json(picture, all);
    for (size_t i = 0; i < all.size(); ++i)
      table.add(
          {i == 0 ? picture : "", all[i].name, fmt::format("{:.1f} %", 100 * all[i].probability)});
  }
  if (!arguments.json) table.print();
  return code;
}

}  // namespace rw::cli
