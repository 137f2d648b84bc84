// Batch, layer, instance and group normalization: what each averages over. training.cpp has what it
// is good for, and where it is not.

#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "training.h"
#include "tutorial.h"

using namespace rw;

namespace {

double most(const Tensor& t) { return t.abs().max().item<double>(); }

Tensor normalized(const Tensor& x, const Dims& dims) {
  const Tensor mean = x.mean(dims, true), var = x.var(dims, 0, true);
  return (x - mean) / (var + 1e-5).sqrt();
}

struct Result {
  const char* name;
  Tensor by_hand, by_library;
  double averaged;  // how many numbers share an average
};

std::vector<Result> methods(const Tensor& x) {    // [4, 6, 5, 5]
  const Tensor groups = x.view({4, 3, 2, 5, 5});  // three groups of two channels
  return {
      {"batch", normalized(x, {0, 2, 3}), batch_norm(x, {}, {}, {}, {}, {.training = true}), 100},
      {"layer", normalized(x, {1, 2, 3}), layer_norm(x, {6, 5, 5}), 150},
      {"instance", normalized(x, {2, 3}), instance_norm(x), 25},
      {"group", normalized(groups, {2, 3, 4}).view(x.shape()), group_norm(x, 3), 50},
  };
}

// A row of channels for each of four samples. One result, marked by a dot, depends on the numbers
// that share its mean, and on no others: its gradient tells which these are.
void show_methods(const Tutorial& tutorial) {
  Drawing drawing(940, 225);
  double left = 45;
  const Tensor x = randn({4, 6, 5, 5}, float64).requires_grad_();
  for (const auto& [kind, by_hand, by_library, averaged] : methods(x)) {
    const std::string name = std::string(kind) + " norm";
    tutorial.expect(name + " differs from the formula by", most(by_library - by_hand), 0, 1e-10);
    x.set_grad({});
    by_library[1][2][0][0].backward();
    const Tensor counts = (x.grad() != 0).to(float32);
    tutorial.expect("  numbers averaged", counts.sum().item<double>(), averaged, averaged);
    const Tensor colors = -0.12 - 0.6 * counts;
    drawing.text({left + 100, 28}, name, Align::middle, 15);
    for (int64_t n = 0; n < 4; ++n)
      for (int64_t c = 0; c < 6; ++c)
        drawing.image({left + 35 * static_cast<double>(c), 45 + 38 * static_cast<double>(n)}, 31,
                      31,
                      io::heat_map(colors[n][c], {.value_range = {{-1, 1}}, .diverging = true}));
    drawing.dot({left + 73, 86}, 3, "#d6504d");
    drawing.text({left + 100, 212}, "channels", Align::middle, 12);
    left += 226;
  }
  for (int n = 0; n < 4; ++n)
    drawing.text({38, 65 + 38.0 * n}, "n=" + std::to_string(n), Align::right, 11);
  drawing.write(tutorial.picture("methods.svg"));
}

void show_running_statistics(const Tutorial& tutorial) {
  nn::BatchNorm2d bn(6);
  bn.to(float64);
  Tensor mean = zeros({6}, float64), var = ones({6}, float64);
  for (int step = 0; step < 50; ++step) {
    const Tensor x = 3 + 2 * randn({8, 6, 5, 5}, float64);
    bn(x);
    mean = 0.9 * mean + 0.1 * x.mean({0, 2, 3});
    var = 0.9 * var + 0.1 * x.var({0, 2, 3});  // divided by n - 1
  }
  tutorial.expect("running mean differs from ours by", most(bn.running_mean - mean), 0, 1e-10);
  tutorial.expect("running variance differs from ours by", most(bn.running_var - var), 0, 1e-10);

  const Tensor x = 3 + 2 * randn({8, 6, 5, 5}, float64);
  const auto change = [&] {  // of the first sample's result where its company is another
    return most(bn(x)[0] - bn(x.narrow(0, 0, 2))[0]);
  };
  tutorial.expect("in training the company changes a result by", change(), 0.01, 5);
  bn.eval();
  tutorial.expect("in evaluation by", change(), 0, 1e-10);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(8);
  show_methods(tutorial);
  show_running_statistics(tutorial);
  compare_trainings(tutorial);
  show_small_batches(tutorial);
}
