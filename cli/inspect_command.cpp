// rewind inspect: what a file has.

#include <fmt/format.h>

#include <rewind/io/inspect.h>

#include "arguments.h"
#include "printing.h"

namespace rw::cli {

namespace {

void print_json(const std::string& path, const io::FileInfo& info) {
  io::Json::Array tensors;
  for (const io::TensorInfo& t : info.tensors)
    tensors.push_back({io::Json::Object{{"name", json(t.name)},
                                        {"dtype", json(t.dtype)},
                                        {"shape", json(t.shape)},
                                        {"bytes", json(static_cast<int64_t>(t.bytes))}}});
  io::Json::Object metadata;
  for (const auto& [name, text] : info.metadata) metadata.emplace_back(name, json(text));
  print({io::Json::Object{{"file", json(path)},
                          {"format", json(std::string(to_string(info.format)))},
                          {"bytes", json(static_cast<int64_t>(info.bytes()))},
                          {"tensors", {std::move(tensors)}},
                          {"metadata", {std::move(metadata)}}}});
}

// At most so many bytes, in whole characters.
std::string shortened(const std::string& text) {
  size_t most = 100;
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) --most;
  return text.substr(0, most) + "…";
}

}  // namespace

ExitCode inspect(const InspectArguments& arguments) {
  const io::FileInfo info = io::inspect(arguments.file);
  if (arguments.json) {
    print_json(arguments.file, info);
    return ok;
  }
  fmt::print("{}: {}, {}, {}\n", arguments.file, to_string(info.format),
             count_text(info.tensors.size(), "tensor"), bytes_text(info.bytes()));
  if (!info.metadata.empty()) {
    std::puts("");
    Table texts;
    for (const auto& [name, text] : info.metadata) texts.add({name, shortened(text)});
    texts.print();
  }
  if (info.tensors.empty()) return ok;
  std::puts("");
  Table table({3});
  table.add({"tensor", "dtype", "shape", "bytes"});
  for (const io::TensorInfo& t : info.tensors)
    table.add({t.name, t.dtype, shape_text(t.shape), std::to_string(t.bytes)});
  table.print();
  return ok;
}

}  // namespace rw::cli
