// Where the time of a training step goes.

#include <algorithm>
#include <cstdio>
#include <map>

#include <rewind/rewind.h>

#include "debugging.h"
#include "drawing.h"

using namespace rw;

namespace {

using Activation = Tensor (*)(const Tensor&);

// GELU by its formula, and the library's own.
Tensor by_formula(const Tensor& x) {
  return 0.5 * x * (1 + tanh(0.79788456 * (x + 0.044715 * pow(x, 3))));
}
Tensor by_one_op(const Tensor& x) { return gelu(x, Gelu::tanh); }

nn::Sequential make_net(Activation f) {
  return nn::Sequential(nn::Conv2d(3, 32, 3, {.padding = 1}), f, nn::MaxPool2d(2),
                        nn::Conv2d(32, 16, 3, {.padding = 1}), f, nn::Conv2d(16, 64, 1), f,
                        nn::MaxPool2d(2), nn::Flatten(), nn::Linear(64 * 8 * 8, 10));
}

// Milliseconds that each op takes in a step, forward and backward together.
using Costs = std::map<std::string, double>;

Costs costs(const Tutorial& tutorial, Activation f, const char* trace) {
  auto net = make_net(f);
  optim::SGD sgd(net.parameters(), {.lr = 0.01});
  const auto step = [&] {
    const profile_scope scope("training step");
    const Tensor images = randn({32, 3, 32, 32}), labels = randint(0, 10, 32);
    sgd.zero_grad();
    cross_entropy(net(images), labels).backward();
    sgd.step();
  };
  step();  // the first one chooses implementations and makes them ready

  constexpr int steps = 20;
  profile p;
  for (int i = 0; i < steps; ++i) step();
  p.stop();
  p.print();
  p.write_trace(tutorial.picture(trace));

  Costs result;
  for (const profile::Row& row : p.rows())
    result[row.name.substr(0, row.name.find("_backward"))] += row.self_ms / steps;
  return result;
}

double total(const Costs& costs) {
  double sum = 0;
  for (const auto& [op, ms] : costs) sum += ms;
  return sum;
}

void draw(const Tutorial& tutorial, Costs before, Costs after) {
  Drawing drawing(640, 345);
  drawing.text({20, 28}, "milliseconds of a training step", Align::left, 15);
  drawing.text({440, 270}, "GELU by formula", Align::left, 14, series(1));
  drawing.text({440, 294}, "GELU as one op", Align::left, 14, series(0));
  double y = 55;
  for (const char* op :
       {"mul", "conv2d", "gelu", "tanh", "pow", "add", "max_pool2d", "accumulate"}) {
    drawing.text({110, y + 11}, op, Align::right);
    for (const bool was : {true, false}) {
      const double ms = (was ? before : after)[op], end = 120 + 440 * ms / before["mul"];
      char text[16];
      std::snprintf(text, sizeof text, "%.1f", ms);
      if (ms > 0) drawing.line({{120, y}, {end, y}}, series(was ? 1 : 0), 10);
      if (ms > 0) drawing.text({end + 6, y + 4}, text, Align::left, 11);
      y += 12;
    }
    y += 11;
  }
  drawing.write(tutorial.picture("profile.svg"));
}

void show_implementations() {
  const std::pair<int64_t, int64_t> kinds[] = {{3, 5}, {32, 3}, {32, 1}, {32, 7}};
  for (const auto& [channels, size] : kinds) {
    const nn::Conv2d conv(channels, 32, size);
    const profile p;
    conv2d(randn({32, channels, 32, 32}), conv.weight, conv.bias);
    for (const profile::Row& row : p.rows())
      if (row.name == "conv2d")
        std::printf("%ld channels, %ldx%ld: %s\n", channels, size, size,
                    row.implementation.c_str());
  }
}

}  // namespace

void find_slow(const Tutorial& tutorial) {
  const int threads = get_num_threads();
  set_num_threads(1);  // other programs then disturb the times less
  const Costs before = costs(tutorial, by_formula, "before.json");
  const Costs after = costs(tutorial, by_one_op, "after.json");
  show_implementations();
  set_num_threads(threads);

  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto slowest = std::max_element(before.begin(), before.end(), less);
  tutorial.expect("the op that takes most is mul", slowest->first == "mul");
  tutorial.expect("gelu takes this part of the time that mul took",
                  after.at("gelu") / slowest->second, 0.01, 0.7);
  tutorial.expect("a step is faster by a factor of", total(before) / total(after), 1.3, 10);
  draw(tutorial, before, after);
}
