#include "harness.h"
#include "library.h"

namespace {

using namespace bench;

Case training(const std::string& name, Net net, const std::vector<int64_t>& shape) {
  return {"train_" + name,
          [=] { return training_step(net, constant(shape), labels(shape[0], 10)); }};
}

void add_op(std::vector<Case>& cases, const std::string& name, const std::vector<int64_t>& shape) {
  const auto f = op(name);
  if (!f) return;
  cases.push_back({"fwd_" + name, [=] {
                     const ValuePtr x = leaf(shape);
                     return [=] { f(x); };
                   }});
  cases.push_back({"fwdbwd_" + name, [=] {
                     const ValuePtr x = leaf(shape);
                     const ValuePtr g = constant(bench::shape(f(x)));
                     return [=] { backward(x, f(x), g); };
                   }});
}

std::vector<Case> all_cases() {
  std::vector<Case> cases = {
      {"chain1000_elems10", [] { return chain(10, 1000); }},
      training("mlp32_b8", Net::mlp32, {8, 32}),
      training("mlp512_b128", Net::mlp512, {128, 784}),
      training("lenet_b64", Net::lenet, {64, 1, 28, 28}),
      training("resnet18_b32", Net::resnet18, {32, 3, 32, 32}),
      {"infer_resnet18_b32",
       [] {
         return inference(Net::resnet18, constant({32, 3, 32, 32}));
       }},
      {"infer_resnet18_b1",
       [] {
         return inference(Net::resnet18, constant({1, 3, 32, 32}));
       }},
  };
  for (const char* name : {"conv3x3_64", "conv_depthwise", "maxpool2", "avgpool2", "batchnorm",
                           "groupnorm", "instancenorm", "relu", "gelu", "tanh", "add", "sum_nhw"})
    add_op(cases, name, {64, 64, 32, 32});
  for (const char* name : {"layernorm", "softmax"}) add_op(cases, name, {4096, 512});
  add_op(cases, "matmul1024", {1024, 1024});
  return cases;
}

}  // namespace

int main(int argc, char** argv) { return bench::run(all_cases(), argc, argv); }
