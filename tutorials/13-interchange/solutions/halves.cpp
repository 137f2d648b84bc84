// A file of half the size: what it costs the network.

#include <cstdio>
#include <filesystem>

#include <rewind/io/numpy.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::string folder = TUTORIAL_FOLDER;
  const Tensor x = io::load_npz(folder + "/curve.npz")["x"];
  nn::Sequential net(nn::Linear(1, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                     nn::Linear(32, 1));
  load(net, folder + "/curve.pt", {.strict = false, .prefix = "model."});
  const Tensor whole = net(x).detach();
  const std::string path = std::filesystem::temp_directory_path() / "rewind_tutorial_halves";
  for (const DType dtype : {float16, bfloat16}) {
    StateDict state = net.state_dict();
    for (auto& entry : state) entry.second = entry.second.to(dtype);
    save(state, path);
    nn::Sequential other(nn::Linear(1, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                         nn::Linear(32, 1));
    load(other, path);  // converts to float32
    std::printf("%s: ", name(dtype));
    tutorial.expect("the curve moves by", (other(x) - whole).abs().max().item<double>(), 0,
                    dtype == float16 ? 0.005 : 0.04);
  }
  std::filesystem::remove(path);
  return 0;
}
