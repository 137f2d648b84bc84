// Tensors and a model in files: safetensors, PyTorch's and NumPy's.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <rewind/io/numpy.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>

#include "interop.h"

using namespace rw;

namespace {

// As files.py has it.
nn::Sequential network() {
  return nn::Sequential(nn::Conv2d(2, 4, 3), nn::BatchNorm2d(4), nn::ReLU(), nn::Flatten(),
                        nn::Linear(4 * 9, 5));
}
Tensor image() { return (arange(2 * 2 * 25) * 7 % 23).to(float32).view({2, 2, 5, 5}) / 10 - 1; }

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// NumPy has no bfloat16.
NamedTensors of_numpy() {
  NamedTensors all = interop::tensors();
  std::erase_if(all, [](const auto& entry) { return entry.second.dtype() == bfloat16; });
  return all;
}

int failures = 0;

void report(const std::string& what, const std::string& problem) {
  if (problem.empty()) return;
  ++failures;
  std::printf("%s: FAILED: %s\n", what.c_str(), problem.c_str());
}

void check_state(const std::string& what, const std::function<StateDict()>& read,
                 const NamedTensors& expected) {
  try {
    const StateDict got = read();
    if (got.size() != expected.size())
      report(what,
             std::to_string(got.size()) + " tensors, expected " + std::to_string(expected.size()));
    for (const auto& [name, t] : expected)
      report(what + "'s " + name,
             got.contains(name) ? interop::unlike(got[name], t) : "it is not there");
    std::printf("%s: %zu tensors\n", what.c_str(), got.size());
  } catch (const Error& e) {
    report(what, e.what());
  }
}

void check_arrays(const std::string& folder) {
  const auto read = [&](const std::string& kind) {
    return [&folder, kind] {
      StateDict all;
      for (const auto& [name, t] : of_numpy())
        all.emplace_back(name, io::load_npy(folder + "/npy/" + kind + name + ".npy"));
      return all;
    };
  };
  for (const char* kind : {"theirs.", "fortran.", "swapped."})
    check_state(std::string(kind) + "npy", read(kind), of_numpy());
  for (const auto& [name, t] : of_numpy()) {
    const auto path = [&](const char* whose) { return folder + "/npy/" + whose + name + ".npy"; };
    if (content(path("ours.")) != content(path("theirs.")))
      report(name + ".npy", "other bytes than numpy.save writes");
  }
}

void check_models(const std::string& folder) {
  const StateDict results = io::read_safetensors(folder + "/results.safetensors");
  for (const char* file : {"model.safetensors", "model.pt", "model_legacy.pt", "checkpoint.pt"}) {
    try {
      nn::Sequential net = network();
      load(net, folder + "/theirs_" + file,
           {.strict = std::string(file) != "checkpoint.pt", .prefix = "model."});
      net.eval();
      const no_grad guard;
      const double off = interop::difference({net(image())}, {results["result"]});
      report(file, off <= 1e-6 ? "" : "its results differ by " + std::to_string(off));
      std::printf("theirs_%s: results differ by %.1e\n", file, off);
    } catch (const Error& e) {
      report(file, e.what());
    }
  }
}

}  // namespace

namespace interop {

void write_files(const std::string& folder) {
  const NamedTensors all = tensors();
  io::write_safetensors(folder + "/ours.safetensors", all);
  io::write_safetensors(folder + "/ours_texts.safetensors", {{"x", ones({2})}},
                        {{"format", "pt"}, {"note", "é\n\"\\"}});
  io::save_pytorch(all, folder + "/ours.pt");
  io::save_npz(of_numpy(), folder + "/ours.npz");
  std::filesystem::create_directories(folder + "/npy");
  for (const auto& [name, t] : of_numpy()) io::save_npy(t, folder + "/npy/ours." + name + ".npy");

  manual_seed(1);
  nn::Sequential net = network();
  for (int i = 0; i < 3; ++i) net(image() + i);  // running statistics
  net.eval();
  save(net, folder + "/ours_model.safetensors");
  io::save_pytorch(net.state_dict(), folder + "/ours_model.pt");
  const no_grad guard;
  save(net(image()), folder + "/ours_result.safetensors");
}

int check_files(const std::string& folder) {
  const NamedTensors all = tensors();
  check_state(
      "theirs.safetensors", [&] { return io::read_safetensors(folder + "/theirs.safetensors"); },
      all);
  for (const char* file : {"theirs.pt", "theirs_legacy.pt"})
    check_state(
        file, [&] { return io::load_pytorch(folder + "/" + file); }, all);
  for (const char* file : {"theirs.npz", "theirs_compressed.npz"})
    check_state(
        file, [&] { return io::load_npz(folder + "/" + file); }, of_numpy());
  if (content(folder + "/ours.safetensors") != content(folder + "/theirs.safetensors"))
    report("ours.safetensors", "other bytes than theirs");
  const io::SafetensorsFile texts(folder + "/theirs_texts.safetensors");
  if (texts.metadata().at("note") != "é\n\"\\") report("theirs_texts.safetensors", "another text");
  check_arrays(folder);
  check_models(folder);
  return failures;
}

}  // namespace interop
