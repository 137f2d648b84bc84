#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// A module in a Summary. Numbers are its own and those of all modules below it.
struct SummaryRow {
  std::string path;              ///< as of Module::named_modules: "layer2.0.conv1"
  std::string layer;             ///< its class
  std::vector<Shape> outputs;    ///< what its last call gave; empty where it was not called
  int64_t parameters = 0;        ///< numbers, each once
  int64_t multiply_adds = 0;     ///< of all calls; see Module::multiply_adds
  int64_t activation_bytes = 0;  ///< what all calls of modules with none below them gave
};
/// What a model has and does, as summary() finds it.
struct Summary {
  std::vector<SummaryRow> rows;      ///< the model, and all modules below it
  int64_t trainable_parameters = 0;  ///< those that require gradients

  /// The row of the model itself.
  const SummaryRow& total() const { return rows.front(); }
  /// The row of this path. Throws Error where there is none.
  const SummaryRow& operator[](const std::string& path) const;
  /// The same down to so many levels below the model.
  Summary to_depth(int depth) const;
};

///@{
/// Runs the model, in evaluation mode and without gradients, on zeros of this shape (of the dtype
/// of its first floating parameter), on this input, or as `run` does; the model is left as it was.
/// Ops that are called by functions, not by layers, are not seen, nor modules that are not members,
/// nor parametrizations.
///
///     std::cout << nn::summary(net, Shape{1, 3, 224, 224}).to_depth(1);
Summary summary(Module& model, const Shape& input);
Summary summary(Module& model, const Tensor& input);
Summary summary(Module& model, const std::function<void()>& run);
///@}

///@{
/// A table: a line for each module, and the sums.
std::string to_string(const Summary& s);
std::ostream& operator<<(std::ostream& os, const Summary& s);
///@}

}  // namespace rw::nn

#pragma GCC visibility pop
