// Finding out what is slow, where a NaN comes from, and which parameters learn nothing.

#include "debugging.h"

#include <cstdio>

#include <rewind/nn/module_debug.h>
#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;

namespace {

// Cross entropy by its formula, and in a form that is safe.
Tensor by_formula(const Tensor& logits, const Tensor& one_hot) {
  const Tensor p = softmax(logits, 1);
  return -(one_hot * p.log()).sum() / logits.size(0);
}
Tensor safe(const Tensor& logits, const Tensor& one_hot) {
  return -(one_hot * log_softmax(logits, 1)).sum() / logits.size(0);
}

// Trains for 200 steps, or until the loss is no number.
void train(Tensor (*loss_of)(const Tensor&, const Tensor&), Series& losses) {
  manual_seed(1);
  const Tensor labels = randint(0, 10, 200), centers = randn({10, 20});
  const Tensor x = 4 * (centers.index_select(0, labels) + 1.5 * randn({200, 20}));
  const Tensor one_hot = (labels.unsqueeze(1) == arange(10)).to(float32);
  nn::Sequential net(nn::Linear(20, 64), nn::ReLU(), nn::Linear(64, 10));
  optim::SGD sgd(net.parameters(), {.lr = 0.1, .momentum = 0.9});
  for (int step = 0; step < 200; ++step) {
    sgd.zero_grad();
    const Tensor loss = loss_of(net(x), one_hot);
    if (loss.isnan().item<bool>()) break;
    losses.points.push_back({static_cast<double>(step), loss.item<double>()});
    loss.backward();
    sgd.step();
  }
}

// What the error says that f throws.
template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const AutogradError& e) {
    std::printf("%s\n", e.what());
    return e.what();
  }
  return "";
}

bool contains(const std::string& text, const char* part) { return text.find(part) != text.npos; }

struct Patchy : nn::Module {
  nn::Linear in = add("in", nn::Linear(8, 16)), out = add("out", nn::Linear(16, 4));
  nn::Linear extra = add("extra", nn::Linear(16, 4));  // was to be used one day
  nn::Linear scale = add("scale", nn::Linear(8, 4));
  nn::Linear dead = add("dead", nn::Linear(8, 16));

  Tensor forward(const Tensor& x) override {
    const Tensor hidden = relu(in(x)) + relu(dead(x) - 100);
    return out(hidden) * scale(x).detach();
  }
};

}  // namespace

void find_nan(const Tutorial& tutorial) {
  Series naive{"by its formula", {}}, good{"by log_softmax", {}}, watched;
  train(by_formula, naive);
  train(safe, good);
  tutorial.expect("the first step whose loss is NaN", static_cast<double>(naive.points.size()), 10,
                  150);
  tutorial.expect("steps with log_softmax", static_cast<double>(good.points.size()), 200, 200);
  const Series end{"NaN in the next step", {naive.points.back()}, true};
  Drawing(640, 360)
      .chart({good, naive, end},
             {.title = "loss: cross entropy, written in two ways", .x = "step", .log_y = true})
      .write(tutorial.picture("nan.svg"));

  const std::string late = message_of([&] {
    const detect_anomaly guard;
    train(by_formula, watched);
  });
  tutorial.expect("it names log", contains(late, "the result of 'log'"));
  tutorial.expect("in the same step", watched.points.size() == naive.points.size());

  // log is left out where x is 0, but its derivative is not.
  const std::string hidden = message_of([] {
    const detect_anomaly guard(Anomaly::nan);
    const Tensor x = from<float>({0.5, 0}).requires_grad_();
    const Tensor y = where(x > 0, x.log(), 0).sum();
    std::printf("forward gives %.4f\n", y.item<double>());
    y.backward();
  });
  tutorial.expect("it names the gradient of log", contains(hidden, "backward of 'log'"));
}

void find_lost_gradients(const Tutorial& tutorial) {
  Patchy net;
  const Tensor loss = net(randn({32, 8})).square().mean();
  const std::vector<std::string> unused = nn::unused_parameters(loss, net);
  for (const std::string& name : unused) std::printf("not used: %s\n", name.c_str());
  tutorial.expect("these are extra and scale",
                  unused == std::vector<std::string>{"extra.weight", "extra.bias", "scale.weight",
                                                     "scale.bias"});

  loss.backward();
  const GradReport report = nn::grad_report(net);
  std::printf("%s", report.table().c_str());
  for (const GradReport::Row& row : report.rows)
    if (row.name == "dead.weight")
      tutorial.expect("share of zeros in dead.weight", row.zeros, 1, 1);
}

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  find_slow(tutorial);
  find_nan(tutorial);
  find_lost_gradients(tutorial);
}
