// What `export_model` writes: for checked.py and ONNX Runtime, and read back.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <rewind/io/safetensors.h>

#include "../onnx/cases.h"
#include "interop.h"

using namespace rw;

namespace interop {

namespace {

std::vector<OnnxCase> small() {
  std::vector<OnnxCase> all = layer_cases();
  for (OnnxCase& c : small_model_cases()) all.push_back(std::move(c));
  return all;
}

onnx::Tensors leaves_of(const onnx::Tensors& inputs) {
  onnx::Tensors leaves;
  for (const Tensor& x : inputs) {
    leaves.push_back(x.detach().clone());
    if (x.is_floating_point()) leaves.back().requires_grad_();
  }
  return leaves;
}

// Goes back from a sum of all results, each element of another weight.
void go_back(const onnx::Tensors& results) {
  Tensor loss = zeros({}, float64);
  for (const Tensor& y : results)
    if (y.is_floating_point() && y.requires_grad())
      loss = loss + (y.to(float64) * arange(y.numel()).to(float64).cos().reshape(y.shape())).sum();
  if (loss.requires_grad()) loss.backward();
}

void check_that(bool holds, const std::string& text) {
  if (!holds) throw Error(text);
}

// Of inputs and parameters, by name.
StateDict gradients(const onnx::Tensors& inputs, const NamedTensors& parameters) {
  StateDict all;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].grad().defined()) all.emplace_back("input" + std::to_string(i), inputs[i].grad());
  for (const auto& [name, p] : parameters)
    if (p.grad().defined()) all.emplace_back(name, p.grad());
  return all;
}

// Relative to the greatest number of each: some gradients are zero but for rounding, so that a
// trifle of the greatest of all counts for nothing.
void check_gradients(const StateDict& got, const StateDict& expected) {
  double greatest = 0;
  const auto size = [](const Tensor& t) {
    return t.numel() == 0 ? 0 : t.to(float64).abs().max().item<double>();
  };
  for (const auto& [name, g] : expected) greatest = std::max(greatest, size(g));
  for (const auto& [name, g] : expected) {
    check_that(got.contains(name), "read back, '" + name + "' has no gradient");
    const double scale = std::max({size(g), 1e-4 * greatest, 1e-30});
    const double off = size(got[name].to(float64) - g.to(float64)) / scale;
    check_that(off <= most_off, "read back, the gradient of '" + name + "' differs by " +
                                    std::to_string(off) + " of " + std::to_string(size(g)));
  }
}

// ONNX's Gather knows no row that is left alone, and its softmax of a row of -infinity has NaN for
// a gradient.
bool has_gradients_of_its_own(const std::string& name) {
  return name == "embedding_padding" || name == "attention_mask";
}

void check_read_back(const OnnxCase& c, onnx::Model& back) {
  if (has_gradients_of_its_own(c.name)) return;
  const onnx::Tensors given = leaves_of(c.inputs), again = leaves_of(c.inputs);
  c.model->zero_grad();
  go_back(c.run(given));
  go_back(back(again));
  check_gradients(gradients(again, back.named_parameters()),
                  gradients(given, c.model->named_parameters()));
  c.model->zero_grad();
}

// The samples turned about, themselves, and one more, so that the size of the batch is seen to be
// open.
onnx::Tensors other_inputs(const OnnxCase& c) {
  onnx::Tensors others;
  for (const Tensor& x : c.inputs) {
    std::vector<int64_t> dims;
    for (int64_t d = 1; d < x.dim(); ++d) dims.push_back(d);
    others.push_back(c.options.dynamic_batch ? cat({x.flip(dims), x, x.narrow(0, 0, 1)}, 0)
                                             : x.clone());
  }
  return others;
}

void export_case(const std::string& folder, const OnnxCase& c, bool is_model) {
  const std::string path = folder + "/" + c.name;
  onnx::export_model(*c.model, c.run, c.inputs, path + ".onnx", c.options);
  onnx::Model back = onnx::import_model(path + ".onnx");
  check_read_back(c, back);
  NamedTensors tensors;
  const no_grad guard;
  const auto enter = [&](const std::string& prefix, const onnx::Tensors& inputs) {
    const onnx::Tensors results = c.run(inputs);
    const double error = difference(back(inputs), results);
    check_that(error <= most_off, "read back, its results differ by " + std::to_string(error));
    for (size_t i = 0; i < inputs.size(); ++i)
      tensors.emplace_back(prefix + "input" + std::to_string(i), inputs[i].contiguous().clone());
    for (size_t i = 0; i < results.size(); ++i)
      tensors.emplace_back(prefix + "result" + std::to_string(i), results[i].contiguous().clone());
    return results;
  };
  const Tensor first = enter("", c.inputs)[0], other = enter("other.", other_inputs(c))[0];
  // A network that says the same of everything would agree with any.
  if (is_model) {
    const double change = difference({other.narrow(0, 0, first.size(0))}, {first});
    check_that(change > 0.01,
               "results of two inputs differ by " + std::to_string(change) + " only");
  }
  save(tensors, path + ".safetensors");
}

}  // namespace

double difference(const onnx::Tensors& got, const onnx::Tensors& expected) {
  double most = got.size() == expected.size() ? 0 : 1e30;
  for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    if (got[i].shape() != expected[i].shape() || got[i].dtype() != expected[i].dtype()) return 1e30;
    if (got[i].numel() == 0) continue;
    const Tensor a = got[i].detach().to(float64), b = expected[i].detach().to(float64);
    const Tensor same = a == b;  // infinities among them
    const Tensor finite = where(same, 0.0, b);
    const double scale = std::max(where(isfinite(b), b, 0.0).abs().max().item<double>(), 1e-30);
    const double off = (where(same, 0.0, a) - finite).abs().max().item<double>() / scale;
    most = std::isnan(off) ? 1e30 : std::max(most, off);
  }
  return most;
}

onnx::Tensors numbered(const StateDict& all, const std::string& prefix) {
  onnx::Tensors found;
  while (all.contains(prefix + std::to_string(found.size())))
    found.push_back(all[prefix + std::to_string(found.size())]);
  return found;
}

Names small_cases() {
  Names names;
  for (const OnnxCase& c : small()) names.push_back(c.name);
  return names;
}

Names large_cases() {
  Names names;
  for (const auto& [name, make] : model_cases()) names.push_back(name);
  return names;
}

int export_cases(const std::string& folder, const Names& names) {
  int failures = 0;
  const auto attempt = [&](const std::string& name, bool is_model, const auto& make) {
    if (std::find(names.begin(), names.end(), name) == names.end()) return;
    try {
      export_case(folder, make(), is_model);
    } catch (const std::exception& e) {
      ++failures;
      std::printf("%s: FAILED: %s\n", name.c_str(), e.what());
    }
  };
  for (const OnnxCase& c : small()) attempt(c.name, false, [&]() -> const OnnxCase& { return c; });
  manual_seed(3);
  for (const auto& [name, make] : model_cases()) attempt(name, true, make);
  return failures;
}

int compare_results(const std::string& folder) {
  int failures = 0, agree = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".onnx") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (std::filesystem::path& file : files) {
    const std::string name = file.stem();
    try {
      const StateDict ours = io::read_safetensors(file.replace_extension(".safetensors"));
      const StateDict theirs = io::read_safetensors(file.replace_extension(".runtime.safetensors"));
      double off = 0;
      for (const std::string prefix : {"result", "other.result"})
        off = std::max(off, difference(numbered(theirs, prefix), numbered(ours, prefix)));
      std::printf("%s: %.1e\n", name.c_str(), off);
      check_that(off <= most_off, "ONNX Runtime's results differ by " + std::to_string(off));
      ++agree;
    } catch (const Error& e) {
      ++failures;
      std::printf("%s: FAILED: %s\n", name.c_str(), e.what());
    }
  }
  std::printf("ONNX Runtime agrees with %d of %zu exported\n", agree, files.size());
  return failures + (files.empty() ? 1 : 0);
}

}  // namespace interop
