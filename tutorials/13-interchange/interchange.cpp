// Weights from Python and back, arrays of NumPy, and a graph that runs elsewhere. curve.pt and
// curve.npz were written by PyTorch and NumPy, see make_curve.py.

#include <cmath>
#include <cstdio>
#include <filesystem>

#include <rewind/io/inspect.h>
#include <rewind/io/numpy.h>
#include <rewind/io/onnx.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

const std::string folder = TUTORIAL_FOLDER;

nn::Sequential network() {
  return nn::Sequential(nn::Linear(1, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                        nn::Linear(32, 1));
}

// The same with names of its own.
struct Named : nn::Module {
  Tensor forward(const Tensor& x) override { return out(tanh(second(tanh(first(x))))); }
  nn::Linear first = add("first", nn::Linear(1, 32));
  nn::Linear second = add("second", nn::Linear(32, 32));
  nn::Linear out = add("out", nn::Linear(32, 1));
};

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

// What the noise lies around.
Tensor truth(const Tensor& x) { return sin(2 * x) * exp(-x * x / 8); }

void load_from_python(const Tutorial& tutorial, nn::Sequential& net, const StateDict& arrays) {
  for (const io::TensorInfo& t : io::inspect(folder + "/curve.pt").tensors)
    if (t.name.starts_with("model."))
      std::printf("%-16s %s %s\n", t.name.c_str(), t.dtype.c_str(), Shape(t.shape).str().c_str());

  const nn::LoadReport report =
      load(net, folder + "/curve.pt", {.strict = false, .prefix = "model."});
  tutorial.expect("all weights were there", report.missing.empty());
  tutorial.expect("Rewind and PyTorch differ by", distance(net(arrays["x"]), arrays["prediction"]),
                  0, 1e-5);

  Named named;
  load(named, folder + "/curve.pt", {.rename = [](const std::string& name) -> std::string {
         for (const auto& [theirs, ours] :
              {std::pair("model.0.", "first."), {"model.2.", "second."}, {"model.4.", "out."}})
           if (name.starts_with(theirs)) return ours + name.substr(8);
         return "";  // the optimizer's
       }});
  tutorial.expect("by other names they differ by", distance(named(arrays["x"]), net(arrays["x"])),
                  0, 0);
}

void save_for_python(const Tutorial& tutorial, const nn::Sequential& net, const std::string& to) {
  const StateDict state = net.state_dict();
  io::write_safetensors(to + "/net.safetensors", state, {{"steps", "1000"}});
  io::save_pytorch(state, to + "/net.pt");
  io::save_npz(state, to + "/net.npz");
  bool same = true;
  for (const StateDict& back : {io::read_safetensors(to + "/net.safetensors"),
                                io::load_pytorch(to + "/net.pt"), io::load_npz(to + "/net.npz")})
    for (const auto& [name, t] : state) same &= equal(back[name], t);
  tutorial.expect("three files hold the same numbers", same);
}

// Teaches the network what lies beyond the points that it knows.
void train_on(nn::Sequential& net, int steps) {
  const Tensor x = linspace(-4, 4, 300).unsqueeze(1);
  optim::Adam adam(net.parameters(), {.lr = 0.01});
  for (int step = 0; step < steps; ++step) {
    adam.zero_grad();
    mse_loss(net(x), truth(x)).backward();
    adam.step();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::string to = std::filesystem::path(tutorial.picture("interchange.svg")).parent_path();
  const StateDict arrays = io::load_npz(folder + "/curve.npz");
  nn::Sequential net = network();
  load_from_python(tutorial, net, arrays);
  save_for_python(tutorial, net, to);

  const Tensor x = linspace(-4, 4, 161).unsqueeze(1);
  const Tensor before = net(x).detach();
  tutorial.expect("farthest from the truth, by PyTorch", distance(before, truth(x)), 0.15, 2);
  train_on(net, tutorial.full_or_quick(2000, 600));
  const Tensor after = net(x).detach();
  tutorial.expect("and after some steps here", distance(after, truth(x)), 0,
                  tutorial.full_or_quick(0.12, 0.3));

  onnx::export_model(net, x, to + "/net.onnx",
                     {.input_names = {"x"}, .output_names = {"y"}, .dynamic_batch = true});
  const io::FileInfo graph = io::inspect(to + "/net.onnx");
  std::printf("%s nodes, x %s, y %s\n", graph.metadata.at("nodes").c_str(),
              graph.metadata.at("input x").c_str(), graph.metadata.at("output y").c_str());

  const auto line = [&](const char* name, const Tensor& y) {
    return curve(name, x.flatten(), y.flatten());
  };
  Drawing(640, 360)
      .chart({line("after PyTorch", before), line("after Rewind", after),
              curve("what PyTorch saw", arrays["x"].flatten(), arrays["y"].flatten(), true)},
             {.title = "A network from Python learns on", .x = "x"})
      .write(to + "/interchange.svg");
  return 0;
}
