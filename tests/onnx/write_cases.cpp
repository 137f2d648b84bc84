// Writes what check.py runs: write_cases FOLDER [name…] exports the cases, all by default, each
// with its inputs and results as NAME.safetensors, and inputs and results of another batch. Reads
// each file back as well, and tells how far off what it computes is.

#include <algorithm>
#include <cstdio>
#include <set>

#include <rewind/rewind.h>

#include "cases.h"

using namespace rw;

namespace {

// Relative to the greatest number of each result.
double difference(const onnx::Tensors& got, const onnx::Tensors& expected) {
  double most = got.size() == expected.size() ? 0 : 1e30;
  for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    const Tensor a = got[i].to(float64), b = expected[i].to(float64);
    const double scale = std::max(b.abs().max().item<double>(), 1e-30);
    most = std::max(most, (a - b).abs().max().item<double>() / scale);
  }
  return most;
}

void write(const std::string& folder, const OnnxCase& c) {
  const std::string path = folder + "/" + c.name;
  onnx::export_model(*c.model, c.run, c.inputs, path + ".onnx", c.options);
  onnx::Model back = onnx::import_model(path + ".onnx");
  NamedTensors tensors;
  const no_grad guard;
  const auto enter = [&](const std::string& prefix, const onnx::Tensors& inputs) {
    const onnx::Tensors results = c.run(inputs);
    const double off = difference(back(inputs), results);
    if (off > 1e-5) throw Error("read back, its results differ by " + std::to_string(off));
    for (size_t i = 0; i < inputs.size(); ++i)
      tensors.emplace_back(prefix + "input" + std::to_string(i), inputs[i].contiguous().clone());
    for (size_t i = 0; i < results.size(); ++i)
      tensors.emplace_back(prefix + "result" + std::to_string(i), results[i].contiguous().clone());
  };
  enter("", c.inputs);
  onnx::Tensors others;
  for (const Tensor& x : c.inputs)
    others.push_back(c.options.dynamic_batch ? cat({x.flip({-1}), x, x.narrow(0, 0, 1)}, 0)
                                             : x.clone());
  enter("other.", others);
  save(tensors, path + ".safetensors");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "write_cases FOLDER [name...]\n"), 2;
  const std::set<std::string> names(argv + 2, argv + argc);
  const auto wanted = [&](const std::string& name) {
    return names.empty() || names.contains(name);
  };
  int failed = 0;
  const auto attempt = [&](const std::string& name, const auto& make) {
    try {
      write(argv[1], make());
    } catch (const std::exception& e) {
      ++failed;
      std::fprintf(stderr, "%s: %s\n", name.c_str(), e.what());
    }
  };
  for (const auto& cases : {layer_cases(), small_model_cases()})
    for (const OnnxCase& c : cases)
      if (wanted(c.name)) attempt(c.name, [&]() -> const OnnxCase& { return c; });
  manual_seed(3);
  for (const auto& [name, make] : model_cases())
    if (wanted(name)) attempt(name, make);
  return failed ? 1 : 0;
}
