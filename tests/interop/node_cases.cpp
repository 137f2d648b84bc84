// ONNX's own cases: a folder with model.onnx and test_data_set_0 for each, as libonnx-testdata has
// in data/node, or NAME.onnx and NAME_output_0.pb, as in data/light. What differs and what is
// refused is printed.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <rewind/io/onnx_file.h>

#include "interop.h"

using namespace rw;
namespace fs = std::filesystem;

namespace {

// Cases that can't agree, each for a reason of its own.
const std::map<std::string, std::set<std::string>> apart = {
    {"random numbers of NumPy's",
     {"test_training_dropout", "test_training_dropout_default",
      "test_training_dropout_default_mask", "test_training_dropout_mask"}},
    {"corners of a length that is not rounded; ONNX Runtime differs as well",
     {"test_resize_downsample_scales_cubic_align_corners",
      "test_resize_downsample_scales_linear_align_corners"}},
    {"NaN where the norm is zero, which is 0 here and in ONNX Runtime",
     {"test_l2normalization_axis_0"}},
    {"stored in ONNX 1.12 with other sizes than its model has",
     {"test_castlike_BFLOAT16_to_FLOAT", "test_castlike_BFLOAT16_to_FLOAT_expanded",
      "test_castlike_FLOAT_to_BFLOAT16", "test_castlike_FLOAT_to_BFLOAT16_expanded"}},
    {"slopes by channel, as before version 7; the converter leaves them",
     {"test_PReLU_1d_multiparam", "test_PReLU_2d_multiparam", "test_PReLU_3d_multiparam"}},
};

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Tensor stored(const fs::path& path) {
  constexpr int64_t uint16 = 4, as_bfloat16 = 16;
  const std::string bytes = content(path);
  onnx::StoredTensor t = onnx::parse_tensor(path, bytes);
  if (t.type == uint16) t.type = as_bfloat16;  // so are these stored up to ONNX 1.12
  return onnx::load_tensor(path, t, "");
}

onnx::Tensors stored(const fs::path& folder, const std::string& what) {
  onnx::Tensors all;
  for (int i = 0;; ++i) {
    const fs::path path = folder / (what + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(path)) return all;
    all.push_back(stored(path));
  }
}

// Empty where the results are what they should be.
std::string unlike_expected(const onnx::Tensors& got, const onnx::Tensors& expected) {
  if (got.size() < expected.size()) return "results are missing";
  for (size_t i = 0; i < expected.size(); ++i) {
    const Tensor &a = got[i], &b = expected[i];
    if (a.dtype() != b.dtype())
      return std::string(name(a.dtype())) + ", expected " + name(b.dtype());
    if (a.shape() != b.shape()) return a.shape().str() + ", expected " + b.shape().str();
    const double tolerance = is_reduced_floating(a.dtype()) ? 1e-2 : 1e-3;
    if (!allclose(a.to(float64), b.to(float64), tolerance, 1e-5, true)) return "values differ";
  }
  return "";
}

struct Case {
  std::string name;
  fs::path model;
};

std::vector<Case> cases_of(const std::string& folder) {
  std::vector<Case> cases;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".onnx") cases.push_back({path.stem(), path});
    if (fs::exists(path / "model.onnx")) cases.push_back({path.filename(), path / "model.onnx"});
  }
  std::sort(cases.begin(), cases.end(), [](auto& a, auto& b) { return a.name < b.name; });
  return cases;
}

std::string run(const Case& c, onnx::Model& model) {
  const fs::path data = c.model.parent_path() / "test_data_set_0";
  if (fs::exists(data))
    return unlike_expected(model(stored(data, "input")), stored(data, "output"));
  // A picture of all greys, as ONNX's own runner of these makes it.
  const Tensor x = (arange(3 * 224 * 224).to(float64) / (3 * 224 * 224)).to(float32);
  return unlike_expected(model(onnx::Tensors{x.view({1, 3, 224, 224})}),
                         {stored(c.model.parent_path() / (c.name + "_output_0.pb"))});
}

}  // namespace

int interop::node_cases(const std::string& folder) {
  const no_grad guard;
  int agree = 0, differ = 0, refused = 0, expected = 0;
  for (const Case& c : cases_of(folder)) {
    std::optional<onnx::Model> model;
    try {
      model.emplace(onnx::import_model(c.model));
    } catch (const Error& e) {
      ++refused;
      const std::string text = e.what();
      std::printf("%s: refused: %s\n", c.name.c_str(),
                  text.substr(text.find(": ", 14) + 2).c_str());
      continue;
    }
    std::string text;
    try {
      text = run(c, *model);
    } catch (const Error& e) {
      text = e.what();
    }
    const auto reason = std::find_if(apart.begin(), apart.end(), [&](const auto& entry) {
      return entry.second.contains(c.name);
    });
    if (text.empty()) {
      ++agree;
    } else if (reason != apart.end()) {
      ++expected;
      std::printf("%s: differs, as expected: %s\n", c.name.c_str(), reason->first.c_str());
    } else {
      ++differ;
      std::printf("%s: FAILED: %s\n", c.name.c_str(), text.c_str());
    }
  }
  std::printf("%s: %d agree, %d differ, %d as expected; %d are refused\n", folder.c_str(), agree,
              differ, expected, refused);
  return differ + (agree + refused == 0 ? 1 : 0);
}
