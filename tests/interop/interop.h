#pragma once
// What the C++ side of `./dev interop` does; tests/interop/run says in which order. Each throws, or
// returns how many failures it has printed.

#include <string>
#include <vector>

#include <rewind/io/onnx.h>
#include <rewind/rewind.h>

namespace interop {

using Names = std::vector<std::string>;

/// The tensors that go from one side to the other, as tensors.py has them.
rw::NamedTensors tensors();
/// Whether both are of one type and shape and have the same bits; otherwise what differs.
std::string unlike(const rw::Tensor& got, const rw::Tensor& expected);
/// Tensors, and a model, in all kinds of files.
void write_files(const std::string& folder);
/// Those that Python has written.
int check_files(const std::string& folder);

/// How far off results may be, relative to the greatest number of each.
constexpr double most_off = 1e-4;
/// The difference of results, relative to the greatest number of each.
double difference(const rw::onnx::Tensors& got, const rw::onnx::Tensors& expected);
/// "input0", "input1", … of a state.
rw::onnx::Tensors numbered(const rw::StateDict& all, const std::string& prefix);

/// Names of what is exported: cases of layers and small models, or known models.
Names small_cases();
Names large_cases();
/// Exports cases, with inputs and results of two batches as NAME.safetensors, and reads them back.
int export_cases(const std::string& folder, const Names& names);
/// Holds NAME.runtime.safetensors, which ONNX Runtime has computed, to these results.
int compare_results(const std::string& folder);
/// Reads what PyTorch has exported, and holds results and gradients to its own.
int import_cases(const std::string& folder);
/// ONNX's own cases in a folder.
int node_cases(const std::string& folder);

}  // namespace interop
