#include <rewind/io/inspect.h>

#include <rewind/io/numpy.h>
#include <rewind/io/onnx.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>
#include <rewind/io/save.h>
#include <rewind/nn/nn.h>
#include <rewind/train/training_state.h>

#include "../check.h"
#include "../folder.h"
#include "mutations.h"

using namespace rw;
using io::FileFormat;
using io::FileInfo;
using io::inspect;
using io::TensorInfo;
using rw::test::Folder;
using rw::test::Mutations;
using rw::test::saying;

namespace {

// What inspect says of the tensors, and what those are that a reader gives.
void check_same(const FileInfo& info, const StateDict& state) {
  BOOST_TEST_REQUIRE(info.tensors.size() == state.size());
  uint64_t bytes = 0;
  for (size_t i = 0; i < state.size(); ++i) {
    const auto& [name, t] = *(state.begin() + static_cast<std::ptrdiff_t>(i));
    BOOST_TEST(info.tensors[i].name == name);
    BOOST_TEST(info.tensors[i].dtype == rw::name(t.dtype()));
    BOOST_TEST(Shape(info.tensors[i].shape) == t.shape());
    BOOST_TEST(info.tensors[i].bytes == t.nbytes());
    bytes += t.nbytes();
  }
  BOOST_TEST(info.bytes() == bytes);
}

struct Files : Folder {
  NamedTensors tensors = {{"a.weight", randn({3, 4})},
                          {"a.bias", zeros({4}, bfloat16)},
                          {"steps", full({}, 7, int64)},
                          {"none", zeros({0, 2}, boolean)}};
  std::string at(const std::string& name) const { return path / name; }

  // One file of each format.
  std::vector<std::string> all() const {
    NamedTensors numpy = tensors;
    numpy[1].second = numpy[1].second.to(float32);
    io::write_safetensors(at("x.safetensors"), tensors, {{"format", "pt"}});
    io::save_pytorch(tensors, at("x.pt"));
    io::save_npz(numpy, at("x.npz"));
    io::save_npy(numpy[0].second, at("x.npy"));
    nn::Sequential net(nn::Linear(4, 3), nn::ReLU());
    onnx::export_model(net, zeros({2, 4}), at("x.onnx"), {.dynamic_batch = true});
    return {at("x.safetensors"), at("x.pt"), at("x.npz"), at("x.npy"), at("x.onnx")};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(inspecting, Files)

BOOST_AUTO_TEST_CASE(of_what_was_written) {
  const std::vector<std::string> paths = all();
  const FileInfo safe = inspect(paths[0]);
  BOOST_TEST(to_string(safe.format) == "safetensors");
  check_same(safe, io::read_safetensors(paths[0]));
  BOOST_TEST(safe.metadata.at("format") == "pt");

  const FileInfo torch = inspect(paths[1]);
  BOOST_TEST(to_string(torch.format) == "torch.save");
  check_same(torch, io::load_pytorch(paths[1]));

  const FileInfo npz = inspect(paths[2]);
  BOOST_TEST(to_string(npz.format) == "npz");
  check_same(npz, io::load_npz(paths[2]));

  const FileInfo npy = inspect(paths[3]);
  BOOST_TEST(to_string(npy.format) == "npy");
  check_same(npy, {{"tensor", io::load_npy(paths[3])}});

  const FileInfo onnx = inspect(paths[4]);
  BOOST_TEST(to_string(onnx.format) == "onnx");
  BOOST_TEST_REQUIRE(onnx.tensors.size() == 2u);
  BOOST_TEST(onnx.tensors[0].name == "0.weight");
  BOOST_TEST(onnx.tensors[0].dtype == "float32");
  BOOST_TEST(Shape(onnx.tensors[0].shape) == (Shape{3, 4}));
  BOOST_TEST(onnx.bytes() == 4u * 15);
  BOOST_TEST(onnx.metadata.at("input input") == "float32 [batch, 4]");
  BOOST_TEST(onnx.metadata.at("output output") == "float32 [batch, 3]");
  BOOST_TEST(onnx.metadata.at("opset") == "17");
  BOOST_TEST(onnx.metadata.at("producer") == "rewind");
}

BOOST_AUTO_TEST_CASE(of_files_from_python) {
  for (const char* name : {"tensors.pt", "tensors_legacy.pt", "nested.pt", "nested_legacy.pt",
                           "views.pt", "deflated.pt", "tensor.pt", "model_legacy.pt"}) {
    const std::string file = REWIND_STORED "/pytorch/" + std::string(name);
    BOOST_TEST_CONTEXT(name) { check_same(inspect(file), io::load_pytorch(file)); }
  }
  for (const char* name : {"arrays.npz", "compressed.npz"}) {
    const std::string file = REWIND_STORED "/numpy/" + std::string(name);
    BOOST_TEST_CONTEXT(name) { check_same(inspect(file), io::load_npz(file)); }
  }
  for (const char* name : {"fortran.npy", "big_f8.npy", "version3.npy", "empty.npy"}) {
    const std::string file = REWIND_STORED "/numpy/" + std::string(name);
    BOOST_TEST_CONTEXT(name) { check_same(inspect(file), {{"tensor", io::load_npy(file)}}); }
  }
}

BOOST_AUTO_TEST_CASE(of_types_that_are_not_here) {
  const std::string header = R"({"a":{"dtype":"U16","shape":[3],"data_offsets":[0,6]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  const FileInfo info = inspect(write("u16.safetensors", bytes + header + "123456"));
  BOOST_TEST(info.tensors[0].dtype == "uint16");
  BOOST_TEST(info.tensors[0].bytes == 6u);
}

BOOST_AUTO_TEST_CASE(of_a_training_and_of_parts) {
  nn::Linear layer(2, 3);
  int epoch = 4;
  training::TrainingState state;
  state.add("model", layer), state.add("epoch", epoch);
  state.save(at("run.state"));
  const FileInfo run = inspect(at("run.state"));
  BOOST_TEST(to_string(run.format) == "training state");
  BOOST_TEST(run.tensors[0].name == "model.bias");

  io::write_safetensors(at("1.safetensors"), {{"a", zeros({2})}, {"b", zeros({3})}});
  io::write_safetensors(at("2.safetensors"), {{"c", zeros({4})}});
  write("m.safetensors.index.json", R"({"weight_map":{"b":"1.safetensors","c":"2.safetensors"}})");
  const FileInfo parts = inspect(at("m.safetensors.index.json"));
  BOOST_TEST(to_string(parts.format) == "safetensors index");
  check_same(parts, io::read_safetensors(at("m.safetensors.index.json")));
}

// Damage in the numbers, which readers see by checksums, is not looked at.
BOOST_AUTO_TEST_CASE(numbers_are_not_read) {
  io::save_pytorch({{"x", full({1000}, 1.5)}}, at("x.pt"));
  std::string bytes = read("x.pt");
  bytes[bytes.find(std::string_view("\0\0\xc0\x3f\0\0\xc0\x3f", 8)) + 1] = 1;
  const std::string damaged = write("damaged.pt", bytes);
  BOOST_CHECK_THROW(io::load_pytorch(damaged), IOError);
  BOOST_TEST(inspect(damaged).tensors[0].bytes == 4000u);
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_CHECK_EXCEPTION(inspect(at("no")), IOError, saying("inspect: cannot open " + at("no")));
  for (const char* content : {"", "hello", "\x8f\x01", "PK\3\4 and no archive"})
    BOOST_CHECK_THROW(inspect(write("x", content)), IOError);
  BOOST_CHECK_EXCEPTION(inspect(write("x", "hello")), IOError,
                        saying("inspect: " + at("x") +
                               ": neither a file of safetensors nor one of torch.save, NumPy or "
                               "ONNX"));
  BOOST_CHECK_EXCEPTION(
      inspect(write("x", "\x08\x07")), IOError,
      saying("inspect: " + at("x") + ": no ONNX file, or damaged: it has no graph"));
}

BOOST_AUTO_TEST_CASE(damaged_files) {
  Mutations mutations(1);
  for (const std::string& path : all()) {
    const std::string name = std::filesystem::path(path).filename(), bytes = read(name);
    const std::string copy = "damaged_" + name;
    for (int i = 0; i < 1500; ++i) {
      const std::string changed = mutations.of(bytes);
      write(copy, changed);
      rw::test::largest_request = 0;
      try {
        inspect(at(copy));
      } catch (const IOError&) {
      }
      BOOST_TEST_REQUIRE(rw::test::largest_request < 1'000'000 + 100 * changed.size());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
