// usage: onnx_models FOLDER: writes the networks of the cases infer_… as FOLDER/infer_….onnx, for
// benchmarks/onnxruntime.

#include <cstdio>
#include <string>

#include <rewind/io/onnx.h>
#include <rewind/models/resnet.h>
#include <rewind/ops/random.h>
#include <rewind/tensor/error.h>

namespace {

void write(rw::models::ResNet model, int64_t side, const std::string& path) {
  model.eval();
  for (const int64_t batch : {1, 32})
    rw::onnx::export_model(model, rw::randn({batch, 3, side, side}),
                           path + "_b" + std::to_string(batch) + ".onnx");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::string folder = argv[1];
  write(rw::models::resnet18({.num_classes = 10, .small_images = true}), 32,
        folder + "/infer_resnet18");
  write(rw::models::resnet50({.num_classes = 10}), 224, folder + "/infer_resnet50");
} catch (const rw::Error& e) {
  std::fprintf(stderr, "onnx_models: %s\n", e.what());
  return 1;
}
