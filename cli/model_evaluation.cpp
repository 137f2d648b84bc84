#include "model_evaluation.h"

#include <rewind/data/combine.h>
#include <rewind/data/data_loader.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/loss.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/from.h>
#include <rewind/train/metrics.h>

#include "preparation.h"

namespace rw::cli {

Evaluation evaluate(nn::Module& model, const Recipe& recipe, const Pictures& pictures,
                    int64_t batch, int workers) {
  constexpr int64_t most_mistakes = 1000;
  const no_grad guard;
  model.eval();
  data::DataLoader loader(data::map(pictures, preparation(recipe)),
                          {.batch_size = batch, .workers = workers});
  metrics::Mean loss;
  metrics::ConfusionMatrix confusion(static_cast<int64_t>(recipe.classes.size()));
  std::vector<Tensor> images, scores, labels;
  int64_t mistakes = 0;
  for (const auto& [x, target] : loader) {
    const Tensor y = model(x);
    loss.update(cross_entropy(y, target).item<double>(), static_cast<double>(x.size(0)));
    confusion.update(y, target);
    const Tensor wrong = (y.argmax(1) != target).nonzero().flatten();
    if (wrong.numel() == 0 || mistakes >= most_mistakes) continue;
    mistakes += wrong.numel();
    images.push_back(x.index_select(0, wrong));
    scores.push_back(y.index_select(0, wrong));
    labels.push_back(target.index_select(0, wrong));
  }
  Evaluation result;
  result.loss = loss.value();
  result.confusion = confusion.compute();
  const Tensor right = result.confusion.diagonal().sum();
  result.accuracy = right.item<double>() / static_cast<double>(pictures.size());
  if (mistakes > 0) {
    result.images = cat(images);
    result.scores = cat(scores);
    result.labels = cat(labels);
  }
  return result;
}

void add_evaluation(training::Report& report, const Evaluation& evaluation, const Recipe& recipe) {
  report.confusion_matrix(evaluation.confusion, recipe.classes);
  if (!evaluation.images.defined()) return;
  const auto channels = static_cast<int64_t>(recipe.mean.size());
  const Tensor mean = from(recipe.mean).to(float32).view({channels, 1, 1}),
               std = from(recipe.std).to(float32).view({channels, 1, 1});
  report.mistakes(evaluation.images * std + mean, evaluation.scores, evaluation.labels,
                  {.classes = recipe.classes, .value_range = std::pair(0.0, 1.0)});
}

std::vector<double> accuracies(const Evaluation& evaluation) {
  const Tensor counts = evaluation.confusion.to(float64);
  return (counts.diagonal() / counts.sum(1)).to_vector<double>();
}

}  // namespace rw::cli
