#pragma once
// Private to the library's sources: a graph that was read, as it is computed.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <rewind/io/onnx.h>
#include <rewind/io/onnx_operators.h>
#include <rewind/nn/module.h>

namespace rw::onnx {

/// What a file holds of a name with dots is in modules inside each other.
class Branch : public nn::Module {
 public:
  using nn::Module::add;
  using nn::Module::buffer;
  using nn::Module::has_member;
  using nn::Module::parameter;
};

/// A node: which values it takes (none where one is left out), makes, and is the last one to take.
struct Instruction {
  static constexpr int none = -1;

  Step step;
  std::string label;
  std::vector<int> inputs, outputs, last;
};

/// Values have numbers: the inputs, the tensors of the file, and then what nodes make.
struct Plan {
  std::vector<StoredValue> inputs;
  std::vector<std::string> input_names, output_names;
  std::vector<Instruction> instructions;
  std::vector<int> outputs;
  int values = 0;

  std::vector<const Tensor*> tensors = {};    // those of the file
  std::deque<nn::ModuleTensor> members = {};  // those among them that are the model's
  std::deque<Tensor> constants = {};          // and the others
  Branch root = {};                           // whose members become the model's

  /// Makes the tensor a member, under a name like this, and returns it.
  const Tensor& hold(const std::string& name, const Tensor& t, bool is_trained);
  /// Computes all results.
  Tensors run(const Tensors& given, bool training) const;

 private:
  std::string place_for(const std::string& name) const;
  void check_input(size_t i, const Tensor& x) const;

  std::map<std::string, std::shared_ptr<Branch>> branches_ = {};  // by their paths
};

}  // namespace rw::onnx
