// Run by mpirun. Each case holds the ranks to one process that has the joined batch.

#include <rewind/distributed/data_parallel.h>
#include <rewind/distributed/sync_batch_norm.h>
#include <rewind/distributed/zero_redundancy_optimizer.h>

#include "world.h"

using namespace rw;
using namespace rw::test;
using distributed::Compression;
using distributed::DataParallelOptions;
using distributed::DistributedDataParallel;
using distributed::rank;
using distributed::size;

BOOST_GLOBAL_FIXTURE(World);

namespace {

struct Net : nn::Module {
  nn::Linear a = add("a", nn::Linear(6, 16)), b = add("b", nn::Linear(16, 8)),
             c = add("c", nn::Linear(8, 3)), spare = add("spare", nn::Linear(4, 4));
  nn::Buffer calls = buffer("calls", zeros({1}));
  bool uses_spare = true;
  Net() {}
  Tensor forward(const Tensor& x) override {
    const Tensor h = tanh(a(x)), y = c(tanh(b(h)));
    return uses_spare ? y + spare(h.narrow(1, 0, 4)).narrow(1, 0, 3) : y;
  }
};

// The batch of a step, and this rank's share.
std::pair<Tensor, Tensor> batch(int step, DType dtype) {
  Generator g(static_cast<uint64_t>(100 + step));
  const Tensor x = randn({4 * size(), 6}, dtype, g);
  return {x, x.narrow(1, 0, 3).square()};
}
Tensor share(const Tensor& t) { return t.narrow(0, 4 * rank(), 4); }

std::unique_ptr<Net> make(uint64_t seed, DType dtype) {
  manual_seed(seed);
  auto net = std::make_unique<Net>();
  net->to(dtype);
  return net;
}

using Optimizer = std::function<std::unique_ptr<optim::Optimizer>(const std::vector<Tensor>&)>;
std::unique_ptr<optim::Optimizer> sgd(const std::vector<Tensor>& p) {
  return std::make_unique<optim::SGD>(p, optim::SGDOptions{.lr = 0.05, .momentum = 0.9});
}
std::unique_ptr<optim::Optimizer> adam(const std::vector<Tensor>& p) {
  return std::make_unique<optim::Adam>(p, optim::AdamOptions{.lr = 0.01});
}

// With batch norm, of this kind.
template <class Norm>
struct Normed : nn::Module {
  nn::Linear in = add("in", nn::Linear(6, 8));
  Norm norm = add("norm", Norm(8));
  nn::Linear out = add("out", nn::Linear(8, 3));
  Tensor forward(const Tensor& x) override { return out(tanh(norm(in(x)))); }
};

double difference(const nn::Module& a, const nn::Module& b) {
  double most = 0;
  const auto p = a.parameters(), q = b.parameters();
  for (size_t i = 0; i < p.size(); ++i)
    most = std::max(most, (p[i] - q[i]).detach().abs().max().item<double>());
  return most;
}

// The greatest difference of the weights after so many steps.
double after(int steps, DType dtype, const Optimizer& optimizer,
             const DataParallelOptions& options = {}, bool uses_spare = true) {
  const auto alone = make(1, dtype), net = make(static_cast<uint64_t>(1 + rank()), dtype);
  alone->uses_spare = net->uses_spare = uses_spare;
  DistributedDataParallel model(*net, options);
  const auto one = optimizer(alone->parameters()), many = optimizer(model.parameters());
  for (int step = 0; step < steps; ++step) {
    const auto [x, y] = batch(step, dtype);
    one->zero_grad(), many->zero_grad();
    mse_loss((*alone)(x), y).backward();
    mse_loss(model(share(x)), share(y)).backward();
    one->step(), many->step();
  }
  for (const Tensor& p : net->parameters()) BOOST_TEST(same_on_all(p));
  return difference(*alone, *net);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_parallel)

BOOST_AUTO_TEST_CASE(weights_are_those_of_one_process) {
  BOOST_TEST(after(20, float32, sgd) < 1e-5);
  BOOST_TEST(after(20, float64, sgd) < 1e-11);
  BOOST_TEST(after(5, float32, adam) < 1e-4);
  BOOST_TEST(after(5, float64, adam) < 1e-9);
}

BOOST_AUTO_TEST_CASE(runs_are_equal_to_the_last_bit) {
  const auto weights = [] {
    const auto net = make(1, float32);
    DistributedDataParallel model(*net, {.bucket_cap_mb = 1e-4});
    const auto optimizer = sgd(model.parameters());
    for (int step = 0; step < 5; ++step) {
      const auto [x, y] = batch(step, float32);
      optimizer->zero_grad();
      mse_loss(model(share(x)), share(y)).backward();
      optimizer->step();
    }
    return net->a.weight.to_vector();
  };
  BOOST_TEST(weights() == weights(), boost::test_tools::per_element());
}

// 20 steps with the joined batch by one process, and with shares by all.
template <class Net>
void train_beside_one(Net& net, DType dtype) {
  Normed<nn::BatchNorm1d> alone;
  alone.to(dtype), net.to(dtype);
  DistributedDataParallel model(net);
  alone.load_state_dict(net.state_dict());
  const auto one = sgd(alone.parameters()), many = sgd(model.parameters());
  for (int step = 0; step < 20; ++step) {
    const auto [x, y] = batch(step, dtype);
    one->zero_grad(), many->zero_grad();
    mse_loss(alone(x), y).backward();
    mse_loss(model(share(x)), share(y)).backward();
    one->step(), many->step();
  }
  const double eps = dtype == float32 ? 1e-5 : 1e-11;
  BOOST_TEST(difference(alone, net) < eps);
  BOOST_TEST(relative_error(net.norm.running_var, alone.norm.running_var) < eps);
}

BOOST_AUTO_TEST_CASE(batch_norm_over_ranks) {
  for (const DType dtype : {float32, float64}) {
    Normed<distributed::SyncBatchNorm> net;
    train_beside_one(net, dtype);
  }
}

BOOST_AUTO_TEST_CASE(converted_batch_norm) {
  Normed<nn::BatchNorm1d> net;
  const auto keys = net.state_dict();
  distributed::SyncBatchNorm::convert_sync_batchnorm(net);
  BOOST_TEST(net.state_dict().size() == keys.size());
  train_beside_one(net, float64);
  // In evaluation it is a layer like any other: no exchange, so that one rank can call it alone.
  net.eval();
  if (rank() == 0) BOOST_TEST(net(batch(0, float64).first).defined());
}

BOOST_AUTO_TEST_CASE(with_a_sharded_optimizer) {
  const auto steps = [](int count, const Optimizer& make_optimizer) {
    const auto alone = make(1, float64), net = make(1, float64);
    DistributedDataParallel model(*net);
    const auto one = make_optimizer(alone->parameters());
    distributed::ZeroRedundancyOptimizer many(model.parameters(), make_optimizer);
    for (int step = 0; step < count; ++step) {
      const auto [x, y] = batch(step, float64);
      one->zero_grad(), many.zero_grad();
      mse_loss((*alone)(x), y).backward();
      mse_loss(model(share(x)), share(y)).backward();
      one->step(), many.step();
    }
    return difference(*alone, *net);
  };
  BOOST_TEST(steps(20, sgd) < 1e-11);
  BOOST_TEST(steps(5, adam) < 1e-9);
}

BOOST_AUTO_TEST_CASE(buckets_of_any_size) {
  for (const double mb : {1e-6, 2e-4, 1e-3, 25.})
    BOOST_TEST(after(6, float64, sgd, {.bucket_cap_mb = mb, .first_bucket_mb = mb}) < 1e-11);
}

BOOST_AUTO_TEST_CASE(buckets_come_in_the_order_of_backward) {
  const auto net = make(1, float32);
  DistributedDataParallel model(*net, {.bucket_cap_mb = 1e-6, .first_bucket_mb = 1e-6});
  BOOST_TEST(model.buckets()[0][0] == "spare.bias");
  model(ones({2, 6})).sum().backward();
  const auto buckets = model.buckets();
  BOOST_TEST(buckets.size() == 8u);
  BOOST_TEST(buckets.back()[0].substr(0, 2) == "a.");
}

BOOST_AUTO_TEST_CASE(states_are_those_of_the_module) {
  const auto net = make(static_cast<uint64_t>(rank()), float32);
  net->calls.fill_(1 + rank());
  DistributedDataParallel model(*net);
  BOOST_TEST(model.state_dict().contains("a.weight"));
  for (const auto& [name, t] : model.state_dict()) BOOST_TEST(same_on_all(t), name);
  BOOST_TEST(net->calls.item() == 1);
  net->calls.fill_(5 + rank());
  model(ones({1, 6}));
  BOOST_TEST(net->calls.item() == 5);
  // Evaluation is each rank's own.
  net->calls.fill_(rank());
  model.eval();
  model(ones({1, 6}));
  BOOST_TEST(net->calls.item() == rank());
}

BOOST_AUTO_TEST_CASE(gradients_add_up_without_sync) {
  const auto alone = make(1, float64), net = make(1, float64);
  DistributedDataParallel model(*net, {.bucket_cap_mb = 1e-4});
  for (int round = 0; round < 3; ++round) {
    alone->zero_grad(), model.zero_grad();
    for (int part = 0; part < 3; ++part) {
      const auto [x, y] = batch(3 * round + part, float64);
      mse_loss((*alone)(x), y).backward();
      const auto pass = [&] { mse_loss(model(share(x)), share(y)).backward(); };
      if (part < 2) {
        const auto none = model.no_sync();
        pass();
      } else {
        pass();
      }
    }
    for (size_t i = 0; i < net->parameters().size(); ++i)
      BOOST_TEST(relative_error(net->parameters()[i].grad(), alone->parameters()[i].grad()) <
                 1e-13);
  }
}

BOOST_AUTO_TEST_CASE(unused_parameters) {
  BOOST_TEST(after(6, float64, sgd, {.bucket_cap_mb = 1e-4, .find_unused_parameters = true},
                   false) < 1e-11);
  // Used by rank 0 alone: all get its gradient. Used by none: none.
  const auto net = make(1, float64);
  DistributedDataParallel model(*net, {.find_unused_parameters = true});
  net->uses_spare = rank() == 0;
  model(ones({2, 6}, float64)).sum().backward();
  BOOST_TEST(net->spare.bias.grad()[0].item<double>() == 2. / size());
  model.zero_grad();
  net->uses_spare = false;
  model(ones({2, 6}, float64)).sum().backward();
  BOOST_TEST(!net->spare.bias.grad().defined());
  BOOST_TEST(net->a.bias.grad().defined());
}

BOOST_AUTO_TEST_CASE(unused_parameters_are_named) {
  const auto net = make(1, float32);
  DistributedDataParallel model(*net);
  net->uses_spare = false;
  model(ones({2, 6})).sum().backward();
  BOOST_CHECK_EXCEPTION(model(ones({2, 6})), Error,
                        saying("DistributedDataParallel: the last backward gave no gradient to "
                               "'spare.weight', 'spare.bias'; take find_unused_parameters"));
}

BOOST_AUTO_TEST_CASE(frozen_parameters_and_several_dtypes) {
  struct Mixed : nn::Module {
    nn::Linear a = add("a", nn::Linear(6, 5)), b = add("b", nn::Linear(5, 4)),
               c = add("c", nn::Linear(4, 3));
    Mixed() { b.to(float64), a.bias.requires_grad_(false); }
    Tensor forward(const Tensor& x) override { return c(b(tanh(a(x)).to(float64)).to(float32)); }
  };
  manual_seed(2);
  Mixed alone, net;
  net.load_state_dict(alone.state_dict());
  DistributedDataParallel model(net, {.bucket_cap_mb = 1e-4});
  for (int step = 0; step < 3; ++step) {
    const auto [x, y] = batch(step, float32);
    alone.zero_grad(), model.zero_grad();
    mse_loss(alone(x), y).backward();
    mse_loss(model(share(x)), share(y)).backward();
    // What is off the tape exchanges nothing, whoever calls it.
    if (rank() == 0) {
      const no_grad guard;
      model(x);
    }
    BOOST_TEST(!net.a.bias.grad().defined());
    const double one = nn::utils::clip_grad_norm_(alone.parameters(), 0.1);
    const double many = nn::utils::clip_grad_norm_(model.parameters(), 0.1);
    BOOST_TEST(std::abs(one - many) < 1e-5 * one);
    BOOST_TEST(relative_error(net.a.weight.grad(), alone.a.weight.grad()) < 1e-5);
    BOOST_TEST(relative_error(net.b.weight.grad(), alone.b.weight.grad()) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(backward_a_second_time) {
  const auto net = make(1, float64);
  DistributedDataParallel model(*net);
  const Tensor loss = model(share(batch(0, float64).first)).square().sum();
  loss.backward({}, true);
  BOOST_TEST(same_on_all(net->a.weight.grad()));
  // The pass that a forward has armed is over: what comes after it is each rank's own.
  const Tensor before = net->a.weight.grad().clone();
  loss.backward();
  BOOST_TEST(relative_error(net->a.weight.grad(), before) > 0.1);
}

BOOST_AUTO_TEST_CASE(loops_of_other_lengths) {
  const auto net = make(1, float64);
  DistributedDataParallel model(*net, {.bucket_cap_mb = 1e-4});
  const auto optimizer = sgd(model.parameters());
  int steps = 0;
  model.join([&] {
    for (; steps < 2 + 3 * rank(); ++steps) {
      optimizer->zero_grad();
      model(share(batch(steps, float64).first)).sum().backward();
      optimizer->step();
    }
  });
  BOOST_TEST(steps == 2 + 3 * rank());
  for (const auto& [name, t] : model.state_dict()) BOOST_TEST(same_on_all(t), name);
  // All go on together.
  model.zero_grad();
  model(ones({1, 6}, float64)).sum().backward();
  BOOST_TEST(same_on_all(net->a.weight.grad()));
}

BOOST_AUTO_TEST_CASE(bfloat16_with_error_feedback) {
  const auto last_loss = [&](Compression compression, double lr, double momentum) {
    const auto net = make(1, float32);
    DistributedDataParallel model(*net, {.broadcast_buffers = false, .compression = compression});
    optim::SGD optimizer(model.parameters(), {.lr = lr, .momentum = momentum});
    Tensor loss;
    for (int step = 0; step < 200; ++step) {
      const auto [x, y] = batch(step % 4, float32);
      optimizer.zero_grad();
      loss = mse_loss(model(share(x)), share(y));
      loss.backward();
      optimizer.step();
    }
    double sum = 0;
    for (int k = 0; k < 4; ++k) {
      const no_grad guard;
      const auto [x, y] = batch(k, float32);
      sum += mse_loss((*net)(x), y).item<double>();
    }
    return sum;
  };
  // Steps small enough for losses to fall steadily: with momentum and 0.05 they jump, and weights
  // that start 0.1 % away end 3 % away without any compression.
  for (const auto& [lr, momentum] : {std::pair(0.05, 0.), {0.02, 0.9}}) {
    const double exact = last_loss(Compression::none, lr, momentum);
    const double lossy = last_loss(Compression::bfloat16, lr, momentum);
    BOOST_TEST_MESSAGE("momentum " << momentum << ": " << lossy << " and " << exact << ", "
                                   << 100 * std::abs(lossy / exact - 1) << " %");
    BOOST_TEST(std::abs(lossy - exact) < 0.01 * exact, lossy << " and " << exact);
  }
}

BOOST_AUTO_TEST_CASE(other_models_are_refused) {
  nn::Linear net(3, 2 + rank());
  if (size() > 1)
    BOOST_CHECK_EXCEPTION(DistributedDataParallel{net}, Error,
                          saying("DistributedDataParallel: ranks have other models: rank 0 has 2"));
  nn::ReLU none;
  BOOST_CHECK_EXCEPTION(DistributedDataParallel{none}, Error,
                        saying("expected a module with parameters that require a gradient"));
}

BOOST_AUTO_TEST_SUITE_END()
