#include <rewind/io/onnx.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <rewind/io/onnx_operators.h>
#include <rewind/io/safetensors.h>
#include <rewind/optim/optim.h>
#include <rewind/rewind.h>

#include "../check.h"
#include "../folder.h"
#include "../onnx/cases.h"
#include "mutations.h"
#include "onnx_made.h"

using namespace rw;
using namespace rw::test::made;
using rw::test::Folder;
using rw::test::Mutations;
using rw::test::saying;
using rw::test::says;

namespace {

// --- What was exported --------------------------------------------------------------------------

std::string exported(const OnnxCase& c, const Folder& folder) {
  const std::string path = folder.path / "model.onnx";
  onnx::export_model(*c.model, c.run, c.inputs, path, c.options);
  return path;
}

// The greatest difference, relative to the greatest number.
double difference(const Tensor& got, const Tensor& expected) {
  BOOST_TEST_REQUIRE((got.shape() == expected.shape()));
  if (got.numel() == 0) return 0;
  const Tensor a = got.detach().to(float64), b = expected.detach().to(float64);
  const double scale = std::max(b.abs().max().item<double>(), 1e-30);
  return (a - b).abs().max().item<double>() / scale;
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

void check_same(const std::string& name, const Tensor& got, const Tensor& expected, double most) {
  BOOST_TEST(got.defined() == expected.defined(), name << ": a gradient is missing, or too many");
  if (got.defined() && expected.defined())
    BOOST_TEST(difference(got, expected) <= most, name << ": " << difference(got, expected));
}

void check_round_trip(const OnnxCase& c) {
  const Folder folder;
  onnx::Model read = onnx::import_model(exported(c, folder));
  const onnx::Tensors given = leaves_of(c.inputs), again = leaves_of(c.inputs);
  c.model->zero_grad();
  const onnx::Tensors expected = c.run(given), got = read(again);
  BOOST_TEST_REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    BOOST_TEST((got[i].dtype() == expected[i].dtype()), c.name);
    check_same(c.name, got[i], expected[i], 1e-5);
  }
  // ONNX's Gather knows no row that is left alone; and its softmax of a row of -infinity has NaN
  // for a gradient.
  if (c.name == "embedding_padding" || c.name == "attention_mask") return;
  go_back(expected);
  go_back(got);
  for (size_t i = 0; i < given.size(); ++i)
    check_same(c.name + "'s input", again[i].grad(), given[i].grad(), 2e-5);
  const StateDict own(c.model->named_parameters());
  for (const auto& [path, p] : read.named_parameters()) {
    BOOST_TEST_REQUIRE(own.contains(path), c.name << " has no " << path);
    check_same(c.name + "'s " + path, p.grad(), own[path].grad(), 2e-5);
  }
  for (const auto& [path, p] : own)
    BOOST_TEST((!p.grad().defined() || read.state_dict().contains(path)), c.name << ": " << path);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(onnx_import)

BOOST_AUTO_TEST_CASE(what_is_exported_comes_back) {
  for (const auto& cases : {layer_cases(), small_model_cases()})
    for (const OnnxCase& c : cases) {
      BOOST_TEST_CONTEXT(c.name) {
        try {
          check_round_trip(c);
        } catch (const Error& e) {
          BOOST_ERROR(c.name << ": " << e.what());
        }
      }
    }
}

// Exported by PyTorch: see tests/interop/exports.py.
BOOST_AUTO_TEST_CASE(what_pytorch_exported_computes_the_same) {
  size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(REWIND_ONNX_FILES)) {
    if (entry.path().extension() != ".onnx") continue;
    BOOST_TEST_CONTEXT(entry.path().stem().string()) {
      auto stored = entry.path();
      onnx::Model model = onnx::import_model(entry.path());
      const StateDict tensors = io::read_safetensors(stored.replace_extension(".safetensors"));
      onnx::Tensors inputs;
      while (tensors.contains("input" + std::to_string(inputs.size())))
        inputs.push_back(tensors["input" + std::to_string(inputs.size())]);
      const onnx::Tensors results = model(inputs);
      for (size_t i = 0; i < results.size(); ++i) {
        const Tensor expected = tensors["result" + std::to_string(i)];
        BOOST_TEST((results[i].dtype() == expected.dtype()), "result " << i);
        check_same("result " + std::to_string(i), results[i], expected, 1e-5);
      }
      BOOST_TEST(!tensors.contains("result" + std::to_string(results.size())));
      ++seen;
    }
  }
  BOOST_TEST(seen >= 10u);
}

BOOST_AUTO_TEST_CASE(it_is_trained_on) {
  const Tensor w = randn({3, 4}), b = randn({3}), mean = zeros({3}), var = ones({3});
  Made m{{node("Gemm", {"x", "fc.weight", "fc.bias"}, {"h"}, {attribute("transB", int64_t{1})}),
          node("BatchNormalization", {"h", "n.weight", "n.bias", "n.mean", "n.var"}, {"y"})},
         {tensor("fc.weight", w), tensor("fc.bias", b), tensor("n.weight", ones({3})),
          tensor("n.bias", zeros({3})), tensor("n.mean", mean), tensor("n.var", var)}};
  onnx::Model model = onnx::decode_model(m.bytes());
  BOOST_TEST(!model.is_training());
  BOOST_TEST(model.named_children().size() == 2u);
  BOOST_TEST(model.parameters().size() == 4u);
  BOOST_TEST(model.named_buffers().size() == 2u);
  BOOST_TEST(model.named_parameters()[0].first == "fc.weight");
  const Tensor x = randn({8, 4}), target = randn({8, 3});
  BOOST_TEST(difference(model(x), linear(x, w, b) / std::sqrt(1 + 1e-5)) < 1e-5);
  model.train();
  optim::SGD sgd(model.parameters(), {.lr = 0.1});
  double first = 0, last = 0;
  for (int step = 0; step < 30; ++step) {
    sgd.zero_grad();
    const Tensor loss = (model(x) - target).square().mean();
    loss.backward();
    sgd.step();
    (step ? last : first) = loss.item<double>();
  }
  BOOST_TEST(last < 0.9 * first);
  BOOST_TEST(model.state_dict()["n.mean"].abs().sum().item<double>() > 0);
  // It moves as any module does, and goes into others.
  onnx::Model moved = std::move(model);
  nn::Sequential net(std::move(moved), nn::ReLU());
  BOOST_TEST(net.parameters().size() == 4u);
  BOOST_TEST((net(x).shape() == Shape{8, 3}));
}

// Whatever numbers the code of `forward` has.
BOOST_AUTO_TEST_CASE(states_fit_both_ways) {
  struct Scaled : nn::Module {
    nn::Linear fc = add("fc", nn::Linear(4, 3));
    Tensor forward(const Tensor& x) override { return (fc(x) * 1.702 + 0.5).sigmoid() / 3; }
  };
  const Folder folder;
  Scaled net;
  const std::string path = folder.path / "scaled.onnx";
  onnx::export_model(net, zeros({2, 4}), path);
  onnx::Model model = onnx::import_model(path);
  const Tensor x = randn({2, 4});
  model.load_state_dict(net.state_dict());
  BOOST_TEST(allclose(model(x), net(x), 1e-6, 1e-6));
  Scaled other;
  other.load_state_dict(model.state_dict());
  BOOST_TEST(equal(other(x), net(x)));
  model.to(float64);
  BOOST_TEST((model(x.to(float64)).dtype() == float64));
}

BOOST_AUTO_TEST_CASE(inputs_and_results_have_names) {
  Made m{{node("Sub", {"a", "b"}, {"difference"}), node("Add", {"a", "b"}, {"sum"})},
         {},
         {value("a"), value("b")},
         {value("sum"), value("difference")}};
  onnx::Model model = onnx::decode_model(m.bytes());
  BOOST_TEST(model.input_names() == (std::vector<std::string>{"a", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(model.output_names()[1] == "difference");
  const Tensor a = full({2}, 5.0), b = full({2}, 3.0);
  BOOST_TEST(model({a, b})[1].to_vector<float>()[0] == 2);
  BOOST_TEST(model(StateDict{{"b", b}, {"a", a}})["sum"].to_vector<float>()[0] == 8);
  BOOST_CHECK_EXCEPTION(model(StateDict{{"a", a}}), Error, saying("the input 'b' is missing"));
  BOOST_CHECK_EXCEPTION(model(StateDict{{"a", a}, {"c", b}}), Error,
                        saying("there is no input 'c'"));
  BOOST_CHECK_EXCEPTION(model(a), Error, saying("expected 2 inputs, got 1"));
  BOOST_CHECK_EXCEPTION(model({a, b.to(int64)}), DTypeError, saying("input 'b': expected float32"));
}

BOOST_AUTO_TEST_CASE(sizes_are_held_to_the_file) {
  const Folder folder;
  nn::Sequential net(nn::Linear(4, 3));
  onnx::export_model(net, zeros({2, 4}), folder.path / "m.onnx", {.dynamic_batch = true});
  onnx::Model model = onnx::import_model(folder.path / "m.onnx");
  BOOST_TEST((model(zeros({5, 4})).shape() == Shape{5, 3}));
  BOOST_CHECK_EXCEPTION(model(zeros({5, 6})), ShapeError,
                        saying("input 'input': expected shape [any, 4], got [5, 6]"));
  BOOST_TEST((model.to(float64)(zeros({1, 4}, float64)).dtype() == float64));
}

BOOST_AUTO_TEST_CASE(errors_name_the_node) {
  Made m{{node("MatMul", {"x", "w"}, {"y"})}, {tensor("w", ones({3, 2}))}};
  onnx::Model model = onnx::decode_model(m.bytes());
  BOOST_CHECK_EXCEPTION(model(zeros({2, 4})), Error, saying("MatMul: matmul"));
}

BOOST_AUTO_TEST_CASE(all_that_is_unknown_is_told_at_once) {
  Made m{{node("Relu", {"x"}, {"a"}), node("Foo", {"a"}, {"b"}),
          node("Bar", {"b"}, {"c"}, {}, "com.example"),
          node("Relu", {"c"}, {"d"}, {attribute("slope", 0.5f)}),
          node("Resize", {"d", "", "s"}, {"e"}, {attribute("mode", "area")}),
          node("Cast", {"e"}, {"y"}, {attribute("to", int64_t{8})})},
         {Message().number(1, 1).number(2, 8).bytes(8, "t"), tensor("s", ones({2}))}};
  BOOST_TEST(refusal(m) ==
             "decode_model: it has what can't be computed here: operator Foo; operator Bar of "
             "'com.example'; Relu: its attribute slope; Resize: its mode is 'area'; Cast: its to "
             "is string, which there is none of here; tensor 't': numbers of string");
  BOOST_TEST(refusal({{node("If", {"x"}, {"y"})}}).ends_with("operator If"));
  BOOST_TEST(
      refusal({{node("Mish", {"x"}, {"y"})}}).ends_with("there is one since version 18 only"));
  BOOST_TEST(refusal({{node("Relu", {"x", "x"}, {"y"})}}).ends_with("expected 1 inputs at most"));
  BOOST_TEST(refusal({{node("Add", {"x", ""}, {"y"})}}).ends_with("its input 1 is missing"));
  BOOST_TEST(refusal({{node("Relu", {"x"}, {"y", "z"})}}).ends_with("it has 2 results"));
  Made old{{node("Relu", {"x"}, {"y"})}};
  old.opset = 5;
  BOOST_TEST(refusal(old) == "decode_model: expected operators of the versions 7 to 23, got 5");
}

BOOST_AUTO_TEST_CASE(graphs_are_checked) {
  const auto says = [](const Made& m, const std::string& part) {
    const std::string text = refusal(m);
    BOOST_TEST(text.find(part) != text.npos, text);
  };
  says({{node("Relu", {"b"}, {"y"}), node("Relu", {"x"}, {"b"})}},
       "Relu takes 'b' before a node makes it");
  says({{node("Add", {"x", "y"}, {"y"})}}, "Add takes 'y' before a node makes it");
  says({{node("Relu", {"z"}, {"y"})}}, "Relu takes 'z', which there is none of");
  says({{node("Relu", {"x"}, {"y"}), node("Relu", {"x"}, {"y"})}}, "two values of the name 'y'");
  says({{node("Relu", {"x"}, {"x"})}}, "two values of the name 'x'");
  says({{node("Relu", {"x"}, {"z"})}}, "no node makes the result 'y'");
  Made none{{node("Relu", {"x"}, {"y"})}};
  none.outputs.clear();
  says(none, "the graph has no results");
  says({{node("Add", {"x", "w"}, {"y"})},
        {Message().number(1, 3).number(2, type_float).bytes(8, "w").bytes(9, "12345678")}},
       "'w' has 8 bytes, expected 3 of float32");
  says({{node("Add", {"x", "w"}, {"y"})},
        {Message().number(1, -3).number(2, type_float).bytes(8, "w")}},
       "'w' has impossible sizes");
  says({{node("Add", {"x", "w"}, {"y"})},
        {Message()
             .number(1, int64_t{1} << 40)
             .number(1, int64_t{1} << 40)
             .number(2, 1)
             .bytes(8, "w")}},
       "'w' has impossible sizes");
  BOOST_TEST(refusal(std::string()) == "decode_model: no ONNX file: it is empty");
  BOOST_TEST(refusal(std::string("\x08\x08")) == "decode_model: no ONNX file: it has no graph");
  BOOST_TEST(refusal(std::string("\x08\x08\x3a\x7f")).find("truncated") != std::string::npos);
}

// Tensors in another file, whose path and place come from outside.
BOOST_AUTO_TEST_CASE(tensors_lie_in_other_files_of_the_folder) {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "m" / "data");
  const Tensor w = randn({3});
  folder.write("m/data/w.bin", "1234" + std::string(raw(w)));
  folder.write("secret", std::string(64, 'x'));
  std::filesystem::create_symlink(folder.path / "secret", folder.path / "m" / "link");
  const auto entry = [](const std::string& key, const std::string& text) {
    return Message().bytes(1, key).bytes(2, text);
  };
  const auto file = [&](const std::string& location, const std::string& offset,
                        const std::string& length) {
    Message t = Message().number(1, 3).number(2, type_float).bytes(8, "w").number(14, 1);
    t.message(13, entry("location", location)).message(13, entry("offset", offset));
    if (!length.empty()) t.message(13, entry("length", length));
    return Made{{node("Add", {"x", "w"}, {"y"})}, {t}}.bytes();
  };
  const auto read = [&](const std::string& bytes) {
    return onnx::import_model(folder.write("m/m.onnx", bytes));
  };
  const auto refused = [&](const std::string& bytes, const std::string& part) {
    BOOST_CHECK_EXCEPTION(read(bytes), IOError, saying(part));
  };
  BOOST_TEST(
      read(file("data/w.bin", "4", "12"))(zeros({3})).to_vector<float>() == w.to_vector<float>(),
      boost::test_tools::per_element());
  refused(file("data/w.bin", "5", ""), "ends beyond 'data/w.bin', which has 16 bytes");
  refused(file("data/w.bin", "9223372036854775807", ""), "ends beyond");
  refused(file("data/w.bin", "-1", ""), "expected a place in a file, got '-1'");
  refused(file("data/w.bin", "4", "8"), "has 8 bytes in 'data/w.bin', expected 12");
  refused(file("../secret", "0", ""), "no path inside of the folder");
  refused(file("data/../../secret", "0", ""), "no path inside of the folder");
  refused(file(folder.path / "secret", "0", ""), "no path inside of the folder");
  refused(file("link", "0", ""), "a link that leaves the folder");
  refused(file("none", "0", ""), "can't be read");
  refused(file("", "0", ""), "no path inside of the folder");
  BOOST_TEST(refusal(file("data/w.bin", "4", "12")).find("read the file by its path") !=
             std::string::npos);
}

// Numbers of an attribute may lie there as well; whatever is wrong with them names the node.
BOOST_AUTO_TEST_CASE(constants_lie_in_other_files_too) {
  const Folder folder;
  const Tensor w = randn({3});
  folder.write("w.bin", std::string(raw(w)));
  const auto file = [](const std::string& location) {
    const Message place = Message().bytes(1, "location").bytes(2, location),
                  t = Message().number(1, 3).number(2, type_float).number(14, 1).message(13, place),
                  value = Message().bytes(1, "value").message(5, t).number(20, 4);
    return Made{{node("Constant", {}, {"w"}, {value}), node("Add", {"x", "w"}, {"y"})}}.bytes();
  };
  const auto read = [&](const std::string& location) {
    return onnx::import_model(folder.write("m.onnx", file(location)));
  };
  BOOST_TEST(read("w.bin")(zeros({3})).to_vector<float>() == w.to_vector<float>(),
             boost::test_tools::per_element());
  BOOST_CHECK_EXCEPTION(read("none"), IOError, saying("Constant: '' lies in 'none', which can't"));
  says(refusal(file("w.bin")), "read the file by its path");
}

BOOST_AUTO_TEST_CASE(numbers_to_go_by_are_not_trained) {
  const auto trained = [](const Made& m) {
    onnx::Model model = onnx::decode_model(m.bytes());
    std::string names;
    for (const auto& [name, p] : model.named_parameters()) names += name + " ";
    return names;
  };
  Made norm{{node("Cast", {"rm"}, {"a"}, {attribute("to", type_float)}),
             node("Identity", {"a"}, {"mean"}), node("Squeeze", {"rv"}, {"var"}),
             node("BatchNormalization", {"x", "w", "b", "mean", "var"}, {"y"})},
            {tensor("rm", zeros({3})), tensor("rv", ones({1, 3})), tensor("w", ones({3})),
             tensor("b", zeros({3}))}};
  BOOST_TEST(trained(norm) == "w b ");
  Made hot{{node("OneHot", {"x", "depth", "values"}, {"y"})},
           {tensor("depth", full({1}, 3.0)), tensor("values", from(std::vector<float>{0, 1}))}};
  BOOST_TEST(trained(hot) == "");
  for (const char* op : {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"})
    BOOST_TEST(trained({{node(op, {"x", "t"}, {"y"})}, {tensor("t", ones({1}))}}) == "");
}

// What is done to a result changes neither the model nor what it is given.
BOOST_AUTO_TEST_CASE(results_are_memory_of_their_own) {
  const Message value_of =
      Message().bytes(1, "value").message(5, tensor("", ones({2}))).number(20, 4);
  Made m{{node("Constant", {}, {"c"}, {value_of}), node("Identity", {"c"}, {"constant"}),
          node("Reshape", {"w", "sizes"}, {"weight"}), node("Identity", {"x"}, {"input"})},
         {tensor("w", ones({2})), tensor("sizes", from(std::vector<int64_t>{1, 2}))},
         {value("x")},
         {value("constant"), value("weight"), value("input"), value("w"), value("sizes")}};
  onnx::Model model = onnx::decode_model(m.bytes());
  const Tensor x = ones({2});
  const no_grad off;
  for (int run = 0; run < 2; ++run)
    for (Tensor& y : model(onnx::Tensors{x})) {
      const bool are_sizes = y.dtype() == int64;
      BOOST_TEST(y.sum().item<double>() == (are_sizes ? 3 : 2));
      y.zero_();
    }
}

BOOST_AUTO_TEST_CASE(names_that_can_be_no_layers_are_made_flat) {
  Made m{{node("Sum", {"x", "a", "a.b", ".", "onnx::Add_1"}, {"y"})}};
  for (const char* name : {"a", "a.b", ".", "onnx::Add_1"})
    m.tensors.push_back(tensor(name, ones({2})));
  onnx::Model model = onnx::decode_model(m.bytes());
  std::vector<std::string> names;
  for (const auto& [name, p] : model.named_parameters()) names.push_back(name);
  const std::vector<std::string> expected = {"a", "a_b", "_", "onnx::Add_1"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(model(zeros({2})).to_vector<float>()[0] == 4);
}

// Damaged files give a model or an IOError, and take no more memory than they have reason to.
BOOST_AUTO_TEST_CASE(damaged_files_are_refused) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(REWIND_ONNX_FILES))
    if (entry.path().extension() == ".onnx") {
      std::ostringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files.push_back(content.str());
    }
  Mutations mutations(1);
  size_t read = 0, most = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string bytes = mutations.of(files[mutations.below(files.size())]);
    rw::test::largest_request = 0;
    try {
      onnx::decode_model(bytes);
      ++read;
    } catch (const IOError&) {
    }
    most = std::max(most, rw::test::largest_request);
  }
  BOOST_TEST(read > 0u);
  BOOST_TEST(most < (size_t{4} << 20));
}

// The guide's table is that of the operators.
BOOST_AUTO_TEST_CASE(the_guide_lists_all_operators) {
  std::ostringstream text;
  text << std::ifstream(REWIND_ONNX_GUIDE).rdbuf();
  const std::string guide = text.str();
  std::string all;
  for (const std::string& name : onnx::operator_names())
    all += (all.empty() ? "`" : ", `") + name + "`";
  BOOST_TEST(guide.find(all + ".") != guide.npos, "docs/onnx.md has another list than " << all);
}

BOOST_AUTO_TEST_SUITE_END()
