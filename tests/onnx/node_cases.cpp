// Runs ONNX's own cases: node_cases FOLDER, which has a folder with model.onnx and test_data_set_0
// for each, as Debian's libonnx-testdata has at data/node. Prints what differs and what is refused.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <rewind/io/onnx.h>
#include <rewind/io/onnx_file.h>
#include <rewind/rewind.h>

using namespace rw;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

onnx::Tensors stored(const fs::path& folder, const std::string& what) {
  onnx::Tensors all;
  for (int i = 0;; ++i) {
    const fs::path path = folder / (what + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(path)) return all;
    const std::string bytes = content(path);
    all.push_back(onnx::load_tensor(path, onnx::parse_tensor(path, bytes), ""));
  }
}

// Empty where the results are what they should be.
std::string difference(const onnx::Tensors& got, const onnx::Tensors& expected) {
  if (got.size() < expected.size()) return "results are missing";
  for (size_t i = 0; i < expected.size(); ++i) {
    const Tensor &a = got[i], &b = expected[i];
    if (a.dtype() != b.dtype())
      return std::string(name(a.dtype())) + ", expected " + name(b.dtype());
    if (a.shape() != b.shape()) return a.shape().str() + ", expected " + b.shape().str();
    const double tolerance = a.dtype() == float16 || a.dtype() == bfloat16 ? 1e-2 : 1e-3;
    if (!allclose(a.to(float64), b.to(float64), tolerance, 1e-5, true)) return "values differ";
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "node_cases FOLDER\n"), 2;
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(argv[1])) cases.push_back(entry.path());
  std::sort(cases.begin(), cases.end());
  int agree = 0, differ = 0, refused = 0;
  for (const fs::path& path : cases) {
    const std::string name = path.filename();
    try {
      onnx::Model model = onnx::import_model(path / "model.onnx");
      try {
        const onnx::Tensors inputs = stored(path / "test_data_set_0", "input");
        const std::string text =
            difference(model(inputs), stored(path / "test_data_set_0", "output"));
        text.empty() ? ++agree : ++differ;
        if (!text.empty()) std::printf("%s: DIFFERS: %s\n", name.c_str(), text.c_str());
      } catch (const Error& e) {
        ++differ;
        std::printf("%s: FAILS: %s\n", name.c_str(), e.what());
      }
    } catch (const Error& e) {
      ++refused;
      const std::string text = e.what();
      std::printf("%s: refused%s\n", name.c_str(), text.substr(text.find("here: ") + 5).c_str());
    }
  }
  std::printf("%d agree, %d do not, %d are refused\n", agree, differ, refused);
  return differ > 0;
}
