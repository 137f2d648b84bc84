// What exports.py has exported by PyTorch, with inputs, results and gradients.

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <rewind/io/safetensors.h>

#include "interop.h"

using namespace rw;

namespace interop {

namespace {

struct Off {
  double results = 0, gradients = 0;
};

// Gradients are those of a sum of the results, each element of another weight. They are compared in
// float64: in float32, whether a ReLU lets its gradient pass can depend on the last bit of its
// input.
Off import_case(std::filesystem::path file) {
  onnx::Model model = onnx::import_model(file);
  const StateDict theirs = io::read_safetensors(file.replace_extension(".safetensors"));
  onnx::Tensors inputs = numbered(theirs, "input");
  Off off = {.results = difference(model(inputs), numbered(theirs, "result"))};
  const onnx::Tensors gradients = numbered(theirs, "gradient");
  if (gradients.empty()) return off;
  model.to(float64);
  for (size_t i = 0; i < gradients.size(); ++i) inputs[i] = inputs[i].to(float64).requires_grad_();
  const onnx::Tensors results = model(inputs);
  Tensor loss = zeros({}, float64);
  for (const Tensor& y : results)
    if (y.is_floating_point() && y.requires_grad())
      loss = loss + (y.to(float64) * arange(y.numel()).to(float64).cos().reshape(y.shape())).sum();
  loss.backward();
  onnx::Tensors got;
  for (size_t i = 0; i < gradients.size(); ++i) got.push_back(inputs[i].grad());
  off.gradients = difference(got, gradients);
  return off;
}

}  // namespace

int import_cases(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".onnx") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  size_t agree = 0;
  for (const std::filesystem::path& file : files) {
    const std::string name = file.stem();
    try {
      const Off off = import_case(file);
      const bool same = off.results <= most_off && off.gradients <= most_off;
      std::printf("%s: %sresults %.1e, gradients %.1e\n", name.c_str(),
                  same ? "" : "FAILED: ", off.results, off.gradients);
      agree += same ? 1 : 0;
    } catch (const Error& e) {
      std::printf("%s: FAILED: %s\n", name.c_str(), e.what());
    }
  }
  std::printf("%zu of %zu exported by PyTorch compute the same here\n", agree, files.size());
  return files.empty() || agree < files.size();
}

}  // namespace interop
