// Models in several threads: docs/threads.md.

#include <boost/test/data/test_case.hpp>

#include <rewind/nn/fuse.h>
#include <rewind/tensor/allocator.h>
#include "../check.h"
#include "../on_threads.h"

using namespace rw;
using namespace rw::test;
namespace data = boost::unit_test::data;

namespace {

template <class Optimizer>
Values training() {
  nn::Sequential net(nn::Conv2d(3, 16, 3, {.padding = 1}), nn::BatchNorm2d(16), nn::ReLU(),
                     nn::MaxPool2d(2), nn::Flatten(), nn::Dropout(0.2), nn::Linear(16 * 36, 5));
  Optimizer optimizer(net.parameters());
  std::vector<Tensor> all;
  for (int step = 0; step < 3; ++step) {
    net.zero_grad();
    const Tensor loss = cross_entropy(net(randn({4, 3, 12, 12})), randint(0, 5, {4}));
    loss.backward();
    optimizer.step();
    all.push_back(loss);
  }
  for (const auto& [name, t] : net.state_dict()) all.push_back(t);
  return values(all);
}

// Convolutions by Winograd's algorithm and others, with weights that are packed.
nn::Sequential make_model() {
  nn::Sequential net(nn::Conv2d(3, 32, 3, {.padding = 1}), nn::BatchNorm2d(32), nn::ReLU(),
                     nn::Conv2d(32, 32, 3, {.padding = 1, .bias = false}), nn::BatchNorm2d(32),
                     nn::ReLU(), nn::MaxPool2d(2), nn::Conv2d(32, 64, 3, {.stride = 2}),
                     nn::Flatten(), nn::Linear(64 * 9, 10));
  net.eval();
  return net;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_DATA_TEST_CASE(train_models_of_their_own, data::make({false, true}), adam) {
  const auto seeded = [&](int k) {
    manual_seed(static_cast<uint64_t>(k));
    return adam ? training<optim::Adam>() : training<optim::SGD>();
  };
  std::vector<Values> expected, got(4);
  for (int k = 0; k < 4; ++k) expected.push_back(seeded(k));
  on_threads(4, [&](int k) { got[static_cast<size_t>(k)] = seeded(k); });
  BOOST_TEST((got == expected));
}

BOOST_DATA_TEST_CASE(gather_the_gradients_of_a_model, data::make({2, 4}), n) {
  // Small integers: sums are exact in any order.
  nn::Sequential net(nn::Conv2d(4, 8, 1), nn::ReLU(), nn::Flatten(), nn::Linear(8 * 9, 3));
  {
    const no_grad guard;
    for (Tensor& p : net.parameters()) p.copy_(randint(-2, 3, p.shape()).to(float32));
  }
  std::vector<Tensor> inputs;
  for (int k = 0; k < n; ++k) inputs.push_back(randint(-3, 4, {2, 4, 3, 3}).to(float32));
  const auto gradients = [&](auto&& run_all) {
    net.zero_grad();
    run_all([&](int k) {
      for (int i = 0; i < 20; ++i) net(inputs[static_cast<size_t>(k)]).sum().backward();
    });
    std::vector<Tensor> grads;
    for (const Tensor& p : net.parameters()) grads.push_back(p.grad());
    return values(grads);
  };
  const Values expected = gradients([&](const auto& f) {
    for (int k = 0; k < n; ++k) f(k);
  });
  BOOST_TEST((gradients([&](const auto& f) { on_threads(n, f); }) == expected));
}

BOOST_DATA_TEST_CASE(infer_by_one_model, data::make({false, true}), fused) {
  nn::Sequential net = make_model();
  const Tensor x = randn({2, 3, 16, 16});
  if (fused) BOOST_TEST(nn::fuse(net, x) == 2);
  std::vector<float> before;
  for (int round = 0; round < 4; ++round) {
    {  // new weights, between rounds
      const no_grad guard;
      for (Tensor& p : net.parameters()) p.add_(randn(p.shape()) * 0.1);
    }
    std::vector<std::vector<float>> got(4);
    on_threads(4, [&](int k) {
      const no_grad guard;
      for (int i = 0; i < 4; ++i) got[static_cast<size_t>(k)] = net(x).to_vector();
    });
    const no_grad guard;
    const auto expected = net(x).to_vector();
    for (const auto& y : got) BOOST_TEST(y == expected);
    BOOST_TEST(expected != before);
    before = expected;
  }
}

BOOST_AUTO_TEST_CASE(hand_back_their_memory_when_they_end) {
  const auto work = [](int) {
    // Made before this thread's caches are, so that it goes after them.
    thread_local std::vector<Tensor> kept;
    kept.assign(3, Tensor());
    for (Tensor& t : kept) t = randn({100});
    nn::Sequential net = make_model();
    const no_grad guard;
    for (int i = 0; i < 3; ++i) net(randn({2, 3, 16, 16}));
  };
  on_threads(2, work);
  empty_cache();
  const MemoryStats before = memory_stats();
  BOOST_TEST(before.cached == 0);
  for (int i = 0; i < 3; ++i) on_threads(3, work);
  empty_cache();
  BOOST_TEST(memory_stats().current == before.current);
  BOOST_TEST(memory_stats().cached == 0);
}

BOOST_AUTO_TEST_SUITE_END()
