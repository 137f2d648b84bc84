// rewind export: a model as an ONNX file.

#include <fmt/format.h>

#include <filesystem>

#include <rewind/io/inspect.h>
#include <rewind/io/onnx.h>
#include <rewind/tensor/factories.h>

#include "model_file.h"
#include "printing.h"

namespace rw::cli {

ExitCode export_model(const ExportArguments& arguments) {
  std::error_code none;
  if (std::filesystem::equivalent(arguments.model.file, arguments.onnx, none))
    throw UsageError("--onnx is the model's own file, " + arguments.model.file);
  const ModelFile file = open_model(arguments.model);
  const Shape& input = file.recipe.input;
  const int64_t batch = arguments.batch > 0 ? arguments.batch : 1;
  onnx::export_model(*file.model, zeros({batch, input[0], input[1], input[2]}), arguments.onnx,
                     {.opset = arguments.opset,
                      .input_names = {"images"},
                      .output_names = {"scores"},
                      .dynamic_batch = arguments.batch == 0});
  const io::FileInfo info = io::inspect(arguments.onnx);
  fmt::print("{}: images {}, scores {}, {}\n", arguments.onnx, info.metadata.at("input images"),
             info.metadata.at("output scores"), bytes_text(info.bytes()));
  return ok;
}

}  // namespace rw::cli
