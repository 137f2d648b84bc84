#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/tensor/state_dict.h>

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

// --- Reading ------------------------------------------------------------------------------------

struct Plan;

/// A model that was read from an ONNX file: a module like any other, whose forward computes the
/// graph. What the graph is trained by are parameters, under the file's names (those with dots are
/// layers inside each other): initializers of floating numbers, of one dimension at least and
/// finite, where a gradient means something. Other floating ones, such as a batch norm's
/// statistics, are buffers; integers are constants.
///
/// In training mode, dropout drops, and batch norms go by the batch and keep the running
/// statistics.
class Model : public nn::Module {
 public:
  /// Made by import_model and decode_model.
  explicit Model(std::unique_ptr<Plan> plan);
  /// Moves the model; `other` is of no use then.
  Model(Model&& other) noexcept;
  ~Model() override;

  ///@{
  /// The names that the graph has for what it takes and gives, in order.
  const std::vector<std::string>& input_names() const;
  const std::vector<std::string>& output_names() const;
  ///@}

  ///@{
  /// All results for all inputs, in the order of their names, or by these; and for a graph of one
  /// input, its first result. Throws Error where inputs are missing, ShapeError and DTypeError
  /// where one is not as the file declares it (any floating type stands for another), and what the
  /// ops throw, with the node in front.
  Tensors operator()(const Tensors& inputs);
  StateDict operator()(const StateDict& inputs);
  Tensor operator()(const Tensor& x) { return nn::Module::operator()(x); }
  ///@}
  ///@{
  /// What the calls come to.
  Tensors forward(const Tensors& inputs);
  Tensor forward(const Tensor& x) override;
  ///@}

 private:
  std::unique_ptr<Plan> plan_;
};

///@{
/// Reads a model, in evaluation mode, from an ONNX file or its bytes. Versions 7 to 23 of ONNX's
/// operators, of those that docs/onnx.md lists. Tensors in other files are read where these lie in
/// the folder of the file. Throws IOError where the file is not what the format asks for; and
/// where it has operators, attributes or types that there are none of here, all of which it names.
///
///     onnx::Model net = onnx::import_model("resnet18.onnx");
///     const Tensor scores = net(images);
Model import_model(const std::string& path);
Model decode_model(std::string_view bytes);
///@}

}  // namespace rw::onnx

#pragma GCC visibility pop
