// Exchanges beside backward, over a simulated link and with layers that only wait, so that times
// don't depend on what else the machine does.

#include <chrono>
#include <thread>

#include <rewind/distributed/distributed.h>

#include "check.h"

using namespace rw;
using namespace rw::test;

namespace {

constexpr int layers = 8;
constexpr double layer_time = 0.06;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The identity, whose pullback takes its time.
Tensor slow(const Tensor& x) {
  return record("slow", x.detach().clone(), {x}, [](const Tensor& g, Needs) -> Grads {
    std::this_thread::sleep_for(std::chrono::duration<double>(layer_time));
    return g;
  });
}

struct Net : nn::Module {
  std::vector<nn::Linear> all;
  Net() {
    for (int i = 0; i < layers; ++i)
      all.push_back(add(std::to_string(i), nn::Linear(64, 64, {.bias = false})));
  }
  Tensor forward(const Tensor& input) override {
    Tensor x = input;
    for (nn::Linear& layer : all) x = slow(layer(x));
    return x;
  }
};

constexpr double backward_time = layers * layer_time;
constexpr double bucket_bytes = 64 * 64 * 4;

distributed::InitOptions link(double exchange) {
  const double bandwidth = layers * bucket_bytes / exchange;
  return {.backend = [bandwidth] {
    return distributed::simulated_link(distributed::local_backend(),
                                       {.bandwidth = bandwidth, .latency = 0});
  }};
}

// The shortest of some steps, after one that makes the buckets.
template <class F>
double fastest(F&& step, int steps = 2) {
  step();
  double best = 1e9;
  for (int i = 0; i < steps; ++i) {
    const double start = now();
    step();
    best = std::min(best, now() - start);
  }
  return best;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(overlap)

// Others that use the machine only make a step longer, compute and exchange alike: what holds once
// holds. Where it does not, all is measured again, at most three times.
BOOST_AUTO_TEST_CASE(exchange_beside_backward) {
  for (const double share : {0.2, 0.5, 0.9}) {
    const double exchange = share * backward_time;
    const distributed::init world(link(exchange));
    Net net;
    distributed::DistributedDataParallel model(net,
                                               {.bucket_cap_mb = 0.01, .first_bucket_mb = 0.01});
    BOOST_TEST(model.buckets().size() == size_t{layers});
    const auto pass = [&] {
      net.zero_grad();
      model(ones({1, 64})).sum().backward();
    };
    double limit = 0, beside = 1;
    for (int attempt = 0; attempt < 3 && beside > limit; ++attempt) {
      const double compute = fastest([&] {
        const auto none = model.no_sync();
        pass();
      });
      limit = 1.1 * std::max(compute, exchange) + exchange / layers;
      beside = fastest(pass);
    }
    BOOST_TEST_MESSAGE("exchange " << share << " of backward: " << beside << " s, at most "
                                   << limit);
    BOOST_TEST(beside <= limit, share << ": " << beside << " s of " << limit);
    BOOST_TEST(beside >= backward_time);
    // The same after backward takes the sum of both.
    if (share < 0.5) continue;
    const double after = fastest(
        [&] {
          const auto none = model.no_sync();
          pass();
          for (const Tensor& p : net.parameters()) distributed::all_reduce(p.grad());
        },
        1);
    BOOST_TEST_MESSAGE("after backward: " << after << " s");
    BOOST_TEST(after > limit, share << ": " << after << " s of " << limit);
  }
}

BOOST_AUTO_TEST_CASE(waiting_is_in_the_profile) {
  const distributed::init world(link(0.4));
  Net net;
  distributed::DistributedDataParallel model(net);
  profile p;
  model(ones({1, 64})).sum().backward();
  BOOST_TEST_MESSAGE(p.table());
  says(p.table(), "distributed_wait");
  says(p.table(), "distributed_bucket");
}

BOOST_AUTO_TEST_CASE(links_are_checked) {
  BOOST_CHECK_EXCEPTION(distributed::simulated_link(distributed::local_backend(), {.bandwidth = 0}),
                        Error, saying("simulated_link: expected a bandwidth above 0, got 0"));
  BOOST_CHECK_EXCEPTION(distributed::simulated_link(nullptr, {}), Error,
                        saying("simulated_link: expected a backend, got none"));
}

BOOST_AUTO_TEST_CASE(without_a_world) {
  BOOST_CHECK_EXCEPTION(distributed::all_reduce(ones({2})), Error,
                        saying("all_reduce: there is no distributed::init"));
  BOOST_CHECK_EXCEPTION(distributed::init({.timeout = 0}), Error,
                        saying("distributed::init: expected a timeout above 0 s, got 0"));
  BOOST_TEST(!distributed::is_initialized());
}

BOOST_AUTO_TEST_SUITE_END()
