#include <rewind/io/save.h>

#include <rewind/io/safetensors.h>
#include <rewind/optim/optim.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using rw::test::Folder;
using rw::test::saying;

BOOST_FIXTURE_TEST_SUITE(save_and_load, Folder)

BOOST_AUTO_TEST_CASE(tensors) {
  save(arange(6).view({2, 3}), path / "a");
  Tensor t;
  load(t, path / "a");
  BOOST_TEST(equal(t, arange(6).view({2, 3})));
  BOOST_TEST(equal(load(path / "a")["tensor"], t));
  save({{"x", ones({2})}, {"y", zeros({}, int64)}}, path / "b");
  BOOST_TEST(equal(load(path / "b")["y"], zeros({}, int64)));
  BOOST_CHECK_EXCEPTION(
      load(t, path / "b"), Error,
      saying("load: expected one tensor in " + (path / "b").string() + ", there are 2"));
  BOOST_TEST(t.dim() == 2);
  BOOST_CHECK_EXCEPTION(load("/nowhere/a"), IOError, saying("load: cannot open /nowhere/a: No"));
  BOOST_CHECK_EXCEPTION(save(Tensor(), path / "c"), Error, saying("save: 'tensor' is undefined"));
}

BOOST_AUTO_TEST_CASE(modules) {
  nn::Sequential a(nn::Linear(3, 4), nn::BatchNorm1d(4)), b(nn::Linear(3, 4), nn::BatchNorm1d(4));
  save(a, path / "a");
  const nn::LoadReport report = load(b, path / "a");
  BOOST_TEST((report.missing.empty() && report.unknown.empty()));
  for (const auto& [name, t] : a.state_dict()) BOOST_TEST(equal(t, b.state_dict()[name]), name);
  // Its memory is its own: the file may go.
  std::filesystem::resize_file(path / "a", 0);
  BOOST_TEST(equal(a.state_dict()["0.weight"], b.state_dict()["0.weight"]));
}

BOOST_AUTO_TEST_CASE(loaded_tensors_are_no_part_of_the_file) {
  save(arange(6), path / "a");
  Tensor t;
  load(t, path / "a");
  const StateDict all = load(path / "a");
  std::filesystem::resize_file(path / "a", 0);
  BOOST_TEST(equal(t, arange(6)));
  BOOST_TEST(equal(all["tensor"], arange(6)));
}

BOOST_AUTO_TEST_CASE(files_of_any_name) {
  for (const char* name : {"w.json", "w.index.json", "w.safetensors.index.json"}) {
    save(arange(6), path / name);
    BOOST_TEST(equal(load(path / name)["tensor"], arange(6)), name);
  }
  write("index.json", R"({"weight_map":{"tensor":"w.json"}})");
  BOOST_TEST(equal(load(path / "index.json")["tensor"], arange(6)));
}

BOOST_AUTO_TEST_CASE(other_dtypes_are_converted) {
  nn::Linear a(3, 2), b(3, 2);
  StateDict half = a.state_dict().clone();
  half["weight"] = half["weight"].to(float16);
  half["bias"] = half["bias"].to(bfloat16);
  save(half, path / "a");
  BOOST_TEST(load(path / "a")["weight"].dtype() == float16);
  load(b, path / "a");
  BOOST_TEST(b.weight.dtype() == float32);
  BOOST_TEST(equal(b.weight, a.weight.to(float16).to(float32)));
  BOOST_TEST(equal(b.bias, a.bias.to(bfloat16).to(float32)));
}

BOOST_AUTO_TEST_CASE(names_that_differ) {
  nn::Linear a(3, 2), b(3, 2);
  StateDict state;
  for (const auto& [name, t] : a.state_dict()) state.emplace_back("module." + name, t);
  state.emplace_back("head.weight", ones({1}));
  save(state, path / "a");
  const std::string file = path / "a";
  BOOST_CHECK_EXCEPTION(
      load(b, file), Error,
      saying("load: " + file +
             ": load_state_dict: the state does not fit Linear: missing: weight bias; unknown: "
             "head.weight module.bias module.weight"));
  const nn::LoadReport report = load(b, file, {.strict = false, .prefix = "module."});
  BOOST_TEST(report.missing.empty());
  BOOST_TEST(report.unknown == std::vector<std::string>{"head.weight"});
  BOOST_TEST(equal(a.weight, b.weight));
  nn::Linear c(3, 2);
  load(c, file, {.prefix = "module.", .rename = [](const std::string& name) {
                   return name.starts_with("head.") ? "" : name;
                 }});
  BOOST_TEST(equal(a.weight, c.weight));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_changes_nothing) {
  nn::Linear a(3, 2), b(3, 4);
  const StateDict before = b.state_dict().clone();
  save(a, path / "a");
  BOOST_CHECK_EXCEPTION(load(b, path / "a"), ShapeError,
                        saying("load: " + (path / "a").string() + ": load_state_dict: "));
  BOOST_CHECK_EXCEPTION(load(b, path / "a"), ShapeError,
                        saying("'weight' has shape [2, 3] in the state and [4, 3] in Linear"));
  for (const auto& [name, t] : before) BOOST_TEST(equal(t, b.state_dict()[name]));
}

BOOST_AUTO_TEST_CASE(optimizers) {
  nn::Linear a(3, 2), b(3, 2);
  b.load_state_dict(a.state_dict());
  optim::Adam first(a.parameters(), {.lr = 0.1}), second(b.parameters(), {});
  const Tensor x = randn({5, 3});
  const auto step = [&](nn::Linear& model, optim::Adam& adam) {
    adam.zero_grad();
    model(x).square().mean().backward();
    adam.step();
  };
  step(a, first);
  step(a, first);
  save(first, path / "optimizer");
  save(a, path / "model");
  load(b, path / "model");
  load(second, path / "optimizer");
  BOOST_TEST(second.lr() == 0.1);
  step(a, first);
  step(b, second);
  BOOST_TEST(equal(a.weight, b.weight));
  optim::SGD sgd({ones({2}).requires_grad_()}, {});
  BOOST_CHECK_EXCEPTION(load(sgd, path / "optimizer"), Error,
                        saying("load: " + (path / "optimizer").string() + ": "));
}

BOOST_AUTO_TEST_SUITE_END()
