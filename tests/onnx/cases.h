#pragma once
// What is exported to ONNX in tests: layers and ops, small models, and known models at full size.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rewind/io/onnx.h>

struct OnnxCase {
  std::string name;
  std::shared_ptr<rw::nn::Module> model;  ///< in evaluation mode
  rw::onnx::Function run;
  rw::onnx::Tensors inputs;
  rw::onnx::ExportOptions options = {};
};

/// Of one layer, or a few ops, each.
std::vector<OnnxCase> layer_cases();
/// Of models of the least width.
std::vector<OnnxCase> small_model_cases();
/// Makes a case of a known model with all its layers.
using MakeCase = std::function<OnnxCase()>;
std::vector<std::pair<std::string, MakeCase>> model_cases();

/// Draws all parameters and buffers such that no part of the model does nothing.
void randomize(rw::nn::Module& model);
