#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rewind/io/drawing.h>
#include <rewind/nn/module.h>
#include <rewind/tensor/tensor.h>
#include <rewind/train/callbacks.h>

#pragma GCC visibility push(default)

namespace rw::training {

/// What Report::mistakes takes by name.
struct MistakesOptions {
  std::vector<std::string> classes = {};  ///< their names; numbers, where there are none
  int64_t count = 24;                     ///< how many, at most
  /// What black and white stand for in floating pictures; their least and greatest number, if
  /// unset.
  std::optional<std::pair<double, double>> value_range = {};
};

/// A page about a training, in one file that needs no other and no network: legible on light and on
/// dark screens, wide ones and phones.
///
///     training::Report report("Clothes");
///     report.history(history);
///     report.confusion_matrix(confusion.compute(), classes);
///     report.write("report.html");
///
/// Parts come in the order in which they are added. Texts may have any characters.
class Report {
 public:
  /// With this heading, and nothing else.
  explicit Report(std::string title);

  /// Paragraphs, which empty lines separate.
  Report& text(const std::string& heading, const std::string& text);
  /// Names and what belongs to them.
  Report& table(const std::string& heading,
                const std::vector<std::pair<std::string, std::string>>& rows);
  /// Charts of what fit returned: each number next to that of validation, by epochs, and the last
  /// and the best ones.
  Report& history(const History& history, const std::string& heading = "Training");
  /// A chart. Of curves of more than 500 points means of neighbours are shown.
  Report& curves(const std::string& heading, const std::vector<io::Series>& series,
                 const io::ChartOptions& options = {});
  /// The weights of a convolution, [O, I, H, W]: in color for three inputs, otherwise each by
  /// itself, 64 of them at most.
  Report& filters(const std::string& heading, const Tensor& weight);
  /// What a layer makes of a picture, [C, H, W], or of the first of several, [N, C, H, W]: 64
  /// channels at most.
  Report& activations(const std::string& heading, const Tensor& maps);
  /// Counts [C, C], as metrics::ConfusionMatrix gives them. Throws unless there is a name for each
  /// class, or none.
  Report& confusion_matrix(const Tensor& counts, const std::vector<std::string>& classes = {});
  /// Pictures [N, H, W] or [N, C, H, W] of which the scores [N, classes] (logits) are greatest for
  /// another class than the target [N], the surest first.
  Report& mistakes(const Tensor& images, const Tensor& scores, const Tensor& target,
                   const MistakesOptions& options = {});
  /// How large the gradients of each parameter are now: after backward, before they are dropped.
  Report& gradients(const nn::Module& model);

  /// The page.
  std::string html() const;
  /// Writes the file; what was there before stays until it is whole. Throws IOError.
  void write(const std::string& path) const;

 private:
  void part(const std::string& heading, const std::string& content);

  std::string title_, content_;
};

}  // namespace rw::training

#pragma GCC visibility pop
