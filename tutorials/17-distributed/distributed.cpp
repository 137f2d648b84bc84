// One training by several processes, whose gradients are averaged while backward still runs, and
// how far that goes.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

#include <rewind/distributed/distributed.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "scaling.h"
#include "tutorial.h"

using namespace rw;

namespace {

nn::Sequential network() {
  manual_seed(1);
  return nn::Sequential(nn::Linear(2, 64), nn::Tanh(), nn::Linear(64, 64), nn::Tanh(),
                        nn::Linear(64, 1));
}

// Points of the plane, and what is to be learned of them.
std::pair<Tensor, Tensor> points(int64_t n) {
  Generator generator(7);
  const Tensor x = rand({n, 2}, float32, generator) * 4 - 2;
  return {x, sin(2 * x.narrow(1, 0, 1)) * x.narrow(1, 1, 1)};
}

double train(const Tutorial& tutorial, int64_t batch) {
  const auto [x, y] = points(1024);
  nn::Sequential net = network();
  distributed::DistributedDataParallel model(net);
  optim::Adam adam(model.parameters(), {.lr = 3e-3});
  distributed::ShardSampler sampler(
      x.size(0), {.num_replicas = distributed::size(), .rank = distributed::rank()});
  const int64_t share = batch / distributed::size();
  for (int epoch = 0; epoch < tutorial.full_or_quick(60, 4); ++epoch)
    while (const auto indices = sampler.next_batch(share)) {
      const Tensor mine = from(*indices);
      adam.zero_grad();
      mse_loss(model(x.index_select(0, mine)), y.index_select(0, mine)).backward();
      adam.step();
    }
  const no_grad guard;
  return mse_loss(net(x), y).item<double>();
}

// A layer that only takes time, most of it in backward.
Tensor slow(const Tensor& x) {
  return record("slow", x.detach().clone(), {x}, [](const Tensor& g, Needs) -> Grads {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return g;
  });
}

struct SlowNet : nn::Module {
  std::vector<nn::Linear> layers;
  SlowNet() {
    for (int i = 0; i < 8; ++i) layers.push_back(add(std::to_string(i), nn::Linear(128, 128)));
  }
  Tensor forward(const Tensor& input) override {
    Tensor x = input;
    for (nn::Linear& layer : layers) x = slow(layer(x));
    return x;
  }
};

// The time of a step over a link of so many bytes per second, the best of some.
double measured(double bandwidth) {
  const auto link = [bandwidth] {
    return distributed::simulated_link(distributed::local_backend(),
                                       {.bandwidth = bandwidth, .latency = 0});
  };
  const distributed::init alone({.backend = link});
  SlowNet net;
  distributed::DistributedDataParallel model(net, {.bucket_cap_mb = 0.06, .first_bucket_mb = 0.06});
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    net.zero_grad();
    model(ones({1, 128})).sum().backward();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

void draw(const std::string& path) {
  std::vector<Series> lines;
  for (const double gbit : {10., 25., 100.}) {
    Series line{std::to_string(static_cast<int>(gbit)) + " Gbit/s", {}};
    const Scaling resnet{.bandwidth = gbit / 8 * 1e9};
    for (int k = 1; k <= 10; ++k) line.points.push_back({1. * k, resnet.efficiency(1 << k)});
    lines.push_back(line);
  }
  Drawing(640, 360)
      .chart(lines,
             {.title = "share of the time in which nodes compute", .x = "nodes, as a power of 2"})
      .write(path);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  {
    const distributed::init world;
    if (distributed::rank() != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) return 1;
    tutorial.expect("error after the training", train(tutorial, 64), 0,
                    tutorial.full_or_quick(0.02, 2.0));
  }
  const double bytes = 8 * (128 * 128 + 128) * 4;
  for (const double share : {0.5, 2.0}) {
    const Scaling model{.forward = 0,
                        .backward = 0.08,
                        .bytes = bytes,
                        .buckets = 8,
                        .latency = 0,
                        .bandwidth = bytes / (share * 0.08)};
    const double predicted = model.step(2);
    tutorial.expect("the link takes " + std::string(share < 1 ? "half" : "twice") +
                        " of backward: step over prediction",
                    measured(model.bandwidth) / predicted, 0.95, 3);
  }
  draw(tutorial.picture("distributed.svg"));
  const Scaling resnet;
  std::printf("10 Gbit/s: %.2f with 2 nodes, %.2f with 64, %.2f with 1024\n", resnet.efficiency(2),
              resnet.efficiency(64), resnet.efficiency(1024));
}
