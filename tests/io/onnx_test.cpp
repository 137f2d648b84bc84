#include <rewind/io/onnx.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string_view>

#include <rewind/rewind.h>

#include "../check.h"
#include "../folder.h"
#include "../onnx/cases.h"
#include "protobuf.h"

using namespace rw;
using rw::test::contains;
using rw::test::Fields;
using rw::test::Folder;

namespace {

std::string value_of(const Fields& attribute) {
  const uint64_t type = attribute.integer(20);
  if (type == 1) {
    char text[32];
    std::snprintf(text, sizeof(text), "%g", static_cast<double>(attribute.small(2)));
    return text;
  }
  if (type == 2) return std::to_string(attribute.integers(3).at(0));
  if (type == 3) return attribute.text(4);
  std::string all;
  for (const int64_t n : attribute.integers(8)) all += (all.empty() ? "" : ",") + std::to_string(n);
  return "[" + all + "]";
}

Fields graph_of(const std::string& bytes) { return Fields(bytes).below(7); }

// Nodes with their attributes, as structure.py prints them.
std::string structure(const std::string& bytes) {
  std::string text;
  const Fields graph = graph_of(bytes);
  for (const std::string& node_bytes : graph.texts(1)) {
    const Fields node(node_bytes);
    text += (text.empty() ? "" : "; ") + node.text(4);
    for (const std::string& attribute_bytes : node.texts(5)) {
      const Fields attribute(attribute_bytes);
      text += ' ' + attribute.text(1) + '=' + value_of(attribute);
    }
  }
  return text;
}

std::map<std::string, std::string> stored_structures() {
  std::map<std::string, std::string> all;
  std::ifstream file(REWIND_ONNX_STRUCTURES);
  for (std::string line; std::getline(file, line);)
    all[line.substr(0, line.find(':'))] = line.substr(line.find(':') + 2);
  return all;
}

std::vector<std::string> names_of(const std::vector<std::string>& messages, uint64_t field) {
  std::vector<std::string> names;
  for (const std::string& m : messages) names.push_back(Fields(m).text(field));
  return names;
}

std::string exported(const OnnxCase& c) {
  const Folder folder;
  onnx::export_model(*c.model, c.run, c.inputs, folder.path / "model.onnx", c.options);
  return folder.read("model.onnx");
}

// The message of what exporting a function throws.
template <class F>
std::string refusal(const F& f, const onnx::ExportOptions& options = {}) {
  const Folder folder;
  nn::Sequential none;
  try {
    onnx::export_model(
        none, [&](const onnx::Tensors& in) { return onnx::Tensors{f(in[0])}; },
        {arange(12).to(float32).view({3, 4})}, folder.path / "model.onnx", options);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(onnx_files)

// `./dev interop` has held these to ONNX's checker and to ONNX Runtime.
BOOST_AUTO_TEST_CASE(nodes_are_those_that_were_checked) {
  const auto stored = stored_structures();
  size_t seen = 0;
  for (const auto& cases : {layer_cases(), small_model_cases()})
    for (const OnnxCase& c : cases) {
      const auto expected = stored.find(c.name);
      BOOST_REQUIRE_MESSAGE(expected != stored.end(), c.name << " is not in structures.txt");
      BOOST_TEST(structure(exported(c)) == expected->second, c.name);
      ++seen;
    }
  BOOST_TEST(seen == stored.size());
}

BOOST_AUTO_TEST_CASE(a_state_is_stored_by_its_names_and_once) {
  struct Tied : nn::Module {
    nn::Linear a = add("a", nn::Linear(4, 4)), b = add("b", nn::Linear(4, 4, {.bias = false}));
    Tied() { b.weight = a.weight; }
    Tensor forward(const Tensor& x) override { return b(relu(a(x))); }
  };
  Tied model;
  const Folder folder;
  onnx::export_model(model, zeros({2, 4}), folder.path / "tied.onnx");
  const Fields graph = graph_of(folder.read("tied.onnx"));
  const std::vector<std::string> expected = {"a.weight", "a.bias"};
  BOOST_TEST(names_of(graph.texts(5), 8) == expected, boost::test_tools::per_element());
  const Fields weight(graph.texts(5).at(0));
  const std::vector<int64_t> dims = {4, 4};
  BOOST_TEST(weight.integers(1) == dims, boost::test_tools::per_element());
  BOOST_TEST(weight.text(9).size() == 64);
  BOOST_TEST(model.is_training());
}

BOOST_AUTO_TEST_CASE(inputs_and_results_have_names_and_a_batch) {
  nn::Sequential model(nn::Linear(4, 3));
  const Folder folder;
  const std::string path = folder.path / "names.onnx";
  onnx::export_model(model, zeros({2, 4}), path,
                     {.input_names = {"x"}, .output_names = {"y"}, .dynamic_batch = true});
  const Fields whole(folder.read("names.onnx")), graph = whole.below(7);
  BOOST_TEST(whole.integer(1) == 8u);
  BOOST_TEST(whole.below(8).integer(2) == 17u);
  BOOST_TEST(names_of(graph.texts(11), 1) == std::vector<std::string>{"x"});
  BOOST_TEST(names_of(graph.texts(12), 1) == std::vector<std::string>{"y"});
  BOOST_TEST(contains(graph.text(11), "batch"));
  BOOST_TEST(contains(graph.text(12), "batch"));
  onnx::export_model(model, zeros({2, 4}), path);
  BOOST_TEST(!contains(graph_of(folder.read("names.onnx")).text(11), "batch"));
}

BOOST_AUTO_TEST_CASE(what_has_no_form_is_told) {
  BOOST_TEST(refusal([](const Tensor& x) { return cumprod(x, 1); }) ==
             "export_model: 'cumprod' has no ONNX form; write it with other ops, or compute it "
             "outside of what is exported");
  BOOST_TEST(contains(
      refusal([](const Tensor& x) { return x * bucketize(x, arange(6).to(float32)).to(float32); }),
      "depends on the values"));
  BOOST_TEST(contains(refusal([](const Tensor& x) { return x[0][0].item<float>() > 0 ? x : -x; }),
                      "can't branch on values"));
  BOOST_TEST(contains(refusal([](const Tensor& x) {
                        Tensor y = x * 2;
                        y.select(1, 0).fill_(0);
                        return y + 1;
                      }),
                      "changed in place"));
  BOOST_TEST(contains(refusal([](const Tensor&) { return ones({3}); }), "would be a constant"));
  BOOST_TEST(contains(refusal([](const Tensor& x) { return argsort(x > 0).to(float32) * x; }),
                      "ONNX has no order of truth values"));
}

BOOST_AUTO_TEST_CASE(arguments_are_checked) {
  const auto twice = [](const Tensor& x) { return x * 2; };
  BOOST_TEST(refusal(twice, {.opset = 9}) == "export_model: expected an opset of 17 or 18, got 9");
  BOOST_TEST(refusal(twice, {.input_names = {"a", "b"}}) ==
             "export_model: expected 1 input_names, got 2");
  BOOST_TEST(
      contains(refusal(twice, {.input_names = {"a"}, .output_names = {"a"}}), "have the name 'a'"));
  BOOST_TEST(refusal(twice) == "");
}

BOOST_AUTO_TEST_SUITE_END()
