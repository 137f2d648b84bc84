#include <string>
#include <vector>

#include "harness.h"
#include "library.h"

namespace {

using namespace bench;

// Only what the library has.
class Cases {
 public:
  void add(const std::string& name, const Prepare& prepare) {
    if (prepare) all_.push_back({name, prepare});
  }

  void add_training(const std::string& name, Net net, const std::vector<int64_t>& input,
                    Precision precision = Precision::float32) {
    add("train_" + name, training(net, precision, input));
  }

  void add_op(const std::string& name, const std::vector<int64_t>& input) {
    const auto f = op(name);
    if (!f) return;
    add("fwd_" + name, [=] {
      const ValuePtr x = leaf(input);
      return [=] { f(x); };
    });
    add("fwdbwd_" + name, [=] {
      const ValuePtr x = leaf(input);
      const ValuePtr g = constant(shape(f(x)));
      return [=] { backward(x, f(x), g); };
    });
  }

  const std::vector<Case>& all() const { return all_; }

 private:
  std::vector<Case> all_;
};

Cases all_cases() {
  Cases cases;
  cases.add("chain1000_elems10", chain(10, 1000));
  cases.add_training("mlp32_b8", Net::mlp32, {8, 32});
  cases.add_training("mlp512_b128", Net::mlp512, {128, 784});
  cases.add_training("lenet_b64", Net::lenet, {64, 1, 28, 28});
  cases.add_training("resnet18_b32", Net::resnet18, {32, 3, 32, 32});
  cases.add_training("resnet18_b32_bf16", Net::resnet18, {32, 3, 32, 32},
                     Precision::bfloat16_autocast);
  cases.add("train_lstm_256_b32_t100", recurrent_training(Recurrent::lstm, {100, 32, 256}));
  cases.add("train_gru_256_b32_t100", recurrent_training(Recurrent::gru, {100, 32, 256}));
  cases.add_training("resnet50_b4", Net::resnet50, {4, 3, 224, 224});
  cases.add_training("mobilenetv2_b8", Net::mobilenet_v2, {8, 3, 224, 224});
  cases.add("infer_resnet18_b32", inference(Net::resnet18, {32, 3, 32, 32}));
  cases.add("infer_resnet18_b1", inference(Net::resnet18, {1, 3, 32, 32}));
  cases.add("infer_resnet50_b32", inference(Net::resnet50, {32, 3, 224, 224}));
  cases.add("infer_resnet50_b1", inference(Net::resnet50, {1, 3, 224, 224}));
  for (const char* name : {"conv3x3_64", "conv_depthwise", "maxpool2", "avgpool2", "batchnorm",
                           "groupnorm", "instancenorm", "relu", "gelu", "tanh", "add", "sum_nhw"})
    cases.add_op(name, {64, 64, 32, 32});
  for (const char* name : {"layernorm", "softmax"}) cases.add_op(name, {4096, 512});
  cases.add_op("matmul1024", {1024, 1024});
  for (const int64_t n : {512, 2048})
    for (const std::string name : {"attention", "attention_causal"})
      cases.add_op(name + std::to_string(n), {1, 8, n, 64});
  for (const char* name : {"encoder_layer", "encoder_layer_dropout"})
    cases.add_op(name, {128, 16, 512});
  // Large tensors are bound by memory, small ones by what each of them costs.
  for (const char* name : {"copy", "SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad",
                           "Adadelta", "RMSprop", "Rprop", "ASGD", "Lion", "Adafactor", "LAMB"}) {
    const std::string step = std::string("step_") + name;
    cases.add(step + "_200x50000", optimizer_step(name, 200, 50000));
    cases.add(step + "_2000x100", optimizer_step(name, 2000, 100));
  }
  // Matrices of 512 x 512, and the products of them that Muon takes.
  for (const char* name : {"Muon", "products"})
    cases.add(std::string("step_") + name + "_8x512x512", optimizer_step(name, 8, 512 * 512));
  return cases;
}

// One net at every batch, instead of the cases above.
Cases batch_cases() {
  Cases cases;
  for (const int64_t n : {1, 2, 4, 8, 16, 32, 64, 128}) {
    const std::string name = "resnet18_b" + std::to_string(n);
    cases.add_training(name, Net::resnet18, {n, 3, 32, 32});
    cases.add_training(name + "_plain", Net::resnet18_plain, {n, 3, 32, 32});
  }
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<char*> given(argv, argv + argc);
  std::vector<char*> rest;
  for (char* argument : given)
    if (std::string(argument) != "--batches") rest.push_back(argument);
  const Cases cases = rest.size() < given.size() ? batch_cases() : all_cases();
  return bench::run(cases.all(), static_cast<int>(rest.size()), rest.data());
}
