// Run by mpirun: statistics, optimizer states and samples that ranks share.

#include <filesystem>
#include <numeric>

#include <rewind/distributed/distributed.h>
#include <rewind/train/training_state.h>

#include "world.h"

using namespace rw;
using namespace rw::test;
using distributed::rank;
using distributed::ShardSampler;
using distributed::size;
using distributed::ZeroRedundancyOptimizer;

BOOST_GLOBAL_FIXTURE(World);

namespace {

// The batch of all ranks, of which rank r has r + 2 samples.
std::pair<Tensor, Tensor> whole_and_share(DType dtype) {
  manual_seed(3);
  const int64_t n = int64_t{size()} * (size() + 3) / 2, first = int64_t{rank()} * (rank() + 3) / 2;
  const Tensor all = randn({n, 3, 4}, dtype) * 2 + 1;
  return {all, all.narrow(0, first, rank() + 2)};
}

std::unique_ptr<optim::Optimizer> adam(const std::vector<Tensor>& p) {
  return std::make_unique<optim::Adam>(p, optim::AdamOptions{.lr = 0.01});
}

struct Net : nn::Module {
  nn::Linear a = add("a", nn::Linear(5, 7)), b = add("b", nn::Linear(7, 2));
  Tensor forward(const Tensor& x) override { return b(tanh(a(x))); }
};

void train(nn::Module& net, const std::function<void()>& step, int first, int last) {
  for (int k = first; k < last; ++k) {
    Generator g(static_cast<uint64_t>(k));
    net.zero_grad();
    net(randn({4, 5}, float64, g)).square().sum().backward();
    step();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sharing)

BOOST_AUTO_TEST_CASE(statistics_of_all_ranks) {
  for (const DType dtype : {float32, float64}) {
    const double eps = dtype == float64 ? 1e-12 : 1e-5;
    auto [all, own] = whole_and_share(dtype);
    all = all.clone().requires_grad_(), own = own.clone().requires_grad_();
    nn::BatchNorm1d alone(3);
    distributed::SyncBatchNorm sync(3);
    alone.to(dtype), sync.to(dtype);
    const Tensor whole = alone(all), part = sync(own);
    const int64_t first = int64_t{rank()} * (rank() + 3) / 2;
    BOOST_TEST(relative_error(part, whole.narrow(0, first, rank() + 2)) < eps);
    whole.pow(3).sum().backward();
    part.pow(3).sum().backward();
    BOOST_TEST(relative_error(own.grad(), all.grad().narrow(0, first, rank() + 2)) < 20 * eps);
    const Tensor weight_grad = sync.weight.grad().clone();
    distributed::all_reduce(weight_grad);
    BOOST_TEST(relative_error(weight_grad, alone.weight.grad()) < 20 * eps);
    BOOST_TEST(relative_error(sync.running_mean, alone.running_mean) < eps);
    BOOST_TEST(relative_error(sync.running_var, alone.running_var) < eps);
    BOOST_TEST(sync.num_batches_tracked.item<int64_t>() == 1);
    alone.eval(), sync.eval();
    BOOST_TEST(relative_error(sync(own), alone(own)) < eps);
  }
  distributed::SyncBatchNorm sync(3);
  BOOST_CHECK_EXCEPTION(sync(ones({2, 4})), ShapeError,
                        saying("SyncBatchNorm: expected an input [N, 3, ...], got shape [2, 4]"));
}

BOOST_AUTO_TEST_CASE(optimizer_states_are_shared_out) {
  manual_seed(5);
  Net one, many;
  one.to(float64), many.to(float64);
  many.load_state_dict(one.state_dict());
  const auto alone = adam(one.parameters());
  ZeroRedundancyOptimizer zero(many.parameters(), adam);
  train(
      one, [&] { alone->step(); }, 0, 5);
  train(
      many, [&] { zero.step(); }, 0, 5);
  for (size_t i = 0; i < 4; ++i) {
    BOOST_TEST(relative_error(many.parameters()[i], one.parameters()[i]) < 1e-14);
    BOOST_TEST(same_on_all(many.parameters()[i]));
  }
  if (size() > 1) BOOST_TEST(zero.local().parameters().size() < 4u);

  // Its state is that of one optimizer, and back.
  zero.consolidate_state_dict(size() - 1);
  if (rank() != size() - 1) {
    const StateDict part = zero.state_dict();
    BOOST_TEST(part.size() < alone->state_dict().size());
  } else {
    const auto collected = adam(many.parameters());
    collected->load_state_dict(zero.state_dict());
    const StateDict a = collected->state_dict(), b = alone->state_dict();
    StateDict part = b;
    part["param_groups.0.params"] = zeros({0}, int64);
    BOOST_CHECK_EXCEPTION(
        zero.load_state_dict(part), Error,
        saying("ZeroRedundancyOptimizer: load_state_dict: the state is that of one "
               "rank, without parameter"));
    BOOST_TEST_REQUIRE(a.size() == b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      BOOST_TEST(a[i].first == b[i].first);
      BOOST_TEST(relative_error(a[i].second.to(float64), b[i].second.to(float64)) < 1e-13,
                 a[i].first);
    }
  }
  ZeroRedundancyOptimizer again(many.parameters(), adam);
  again.load_state_dict(alone->state_dict());
  train(
      one, [&] { alone->step(); }, 5, 8);
  train(
      many, [&] { again.step(); }, 5, 8);
  for (size_t i = 0; i < 4; ++i)
    BOOST_TEST(relative_error(many.parameters()[i], one.parameters()[i]) < 1e-13);
}

BOOST_AUTO_TEST_CASE(every_sample_once_over_other_numbers_of_ranks) {
  for (const int before : {1, 2, 3})
    for (const int after : {1, 2, 4, 5}) {
      std::vector<int64_t> seen;
      StateDict state;
      for (int r = 0; r < before; ++r) {
        ShardSampler sampler(103, {.num_replicas = before, .rank = r, .seed = 9});
        sampler.set_epoch(2);
        for (int k = 0; k < 2; ++k) {
          const auto batch = sampler.next_batch(5);
          seen.insert(seen.end(), batch->begin(), batch->end());
        }
        state = sampler.state_dict();
      }
      BOOST_TEST(state["taken"].item<int64_t>() == 10 * before);
      for (int r = 0; r < after; ++r) {
        ShardSampler sampler(103, {.num_replicas = after, .rank = r, .seed = 9});
        sampler.load_state_dict(state);
        const auto size = sampler.size();
        int64_t count = 0;
        while (const auto batch = sampler.next_batch(4))
          for (const int64_t i : *batch) seen.push_back(i), ++count;
        BOOST_TEST(count == size);
        BOOST_TEST(sampler.epoch() == 3u);
        BOOST_TEST(sampler.size() == 103 / after + (r < 103 % after));
      }
      std::sort(seen.begin(), seen.end());
      std::vector<int64_t> all(103);
      std::iota(all.begin(), all.end(), 0);
      BOOST_TEST(seen == all, boost::test_tools::per_element());
    }
  BOOST_CHECK_EXCEPTION(ShardSampler(3, {.num_replicas = 2, .rank = 2}), Error,
                        saying("ShardSampler: expected a rank from 0 to 1, got 2"));
}

BOOST_AUTO_TEST_CASE(saved_by_one_and_loaded_by_all) {
  const std::string path =
      (std::filesystem::temp_directory_path() / "rewind_distributed_state.safetensors").string();
  const auto state_of = [](Net& net, ZeroRedundancyOptimizer& zero, ShardSampler& sampler) {
    auto state = std::make_unique<training::TrainingState>();
    state->add("model", net), state->add("optimizer", zero), state->add("sampler", sampler);
    return state;
  };
  manual_seed(7);
  Net net, loaded;
  net.to(float64), loaded.to(float64);
  const data::DistributedSamplerOptions shares = {.num_replicas = size(), .rank = rank()};
  ShardSampler sampler(50, shares), other(50, shares);
  ZeroRedundancyOptimizer zero(net.parameters(), adam), fresh(loaded.parameters(), adam);
  train(
      net, [&] { zero.step(); }, 0, 3);
  sampler.next_batch(4);
  zero.consolidate_state_dict();
  if (rank() == 0) state_of(net, zero, sampler)->save(path);
  distributed::barrier();
  state_of(loaded, fresh, other)->load(path);
  distributed::barrier();
  if (rank() == 0) std::filesystem::remove(path);
  train(
      net, [&] { zero.step(); }, 3, 5);
  train(
      loaded, [&] { fresh.step(); }, 3, 5);
  for (size_t i = 0; i < 4; ++i)
    BOOST_TEST(relative_error(loaded.parameters()[i], net.parameters()[i]) == 0);
  BOOST_TEST(*other.next_batch(3) == *sampler.next_batch(3), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
