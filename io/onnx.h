#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::onnx {

/// What export_model takes by name.
struct ExportOptions {
  int64_t opset = 17;  ///< the version of ONNX's operators, 17 or 18
  /// Names of the graph's inputs; "input", "input_1", … where there are none.
  std::vector<std::string> input_names = {};
  /// Names of its results; "output", "output_1", … where there are none.
  std::vector<std::string> output_names = {};
  /// The first dimension of all inputs becomes "batch", of any size; otherwise sizes are those of
  /// the example.
  bool dynamic_batch = false;
};

/// Tensors that a graph takes or gives.
using Tensors = std::vector<Tensor>;
/// What is exported of a model that takes or gives several tensors, or calls more than its forward.
using Function = std::function<Tensors(const Tensors& inputs)>;

///@{
/// Writes what the model computes of inputs like this example as an ONNX file, in evaluation mode;
/// the model is left as it was. Parameters and buffers are stored under their names in
/// `state_dict`, those that are shared once. The second form exports what `run` computes.
///
/// The forward is run on the example, and once more on its values in another order (with
/// `dynamic_batch`, on one sample more), and the ops that it calls are written. A loop or branch of
/// C++ stands as the example takes it, as in torch.onnx.export. Where the two runs differ in more
/// than the size of the batch, because the forward branches on its input or computes with numbers
/// taken out of it, this throws.
///
/// Throws Error where an op has no ONNX form, and names it; IOError where the file can't be written
/// or would have more than 2 GB. The file is written as a whole or not at all.
///
///     onnx::export_model(net, zeros({1, 3, 224, 224}), "net.onnx", {.dynamic_batch = true});
void export_model(nn::Module& model, const Tensor& example, const std::string& path,
                  const ExportOptions& options = {});
void export_model(nn::Module& model, const Function& run, const Tensors& examples,
                  const std::string& path, const ExportOptions& options = {});
///@}

}  // namespace rw::onnx

#pragma GCC visibility pop
