#include <rewind/data/sampler.h>

#include <algorithm>
#include <ranges>

#include "../check.h"

using namespace rw;
using namespace rw::data;
using rw::test::saying;

namespace {

using Indices = std::vector<int64_t>;

template <class S>
auto epoch_of(S& sampler) {
  std::vector<std::remove_cvref_t<decltype(*sampler.begin())>> items;
  for (const auto& item : sampler) items.push_back(item);
  return items;
}

Indices sorted(Indices v) {
  std::ranges::sort(v);
  return v;
}

// In the midst of an epoch, the state goes on with exactly what is left.
template <class S>
void check_resumes(const S& fresh) {
  S sampler = fresh;
  epoch_of(sampler);
  sampler.next();
  const StateDict state = sampler.state_dict();
  const auto rest = epoch_of(sampler);
  BOOST_TEST(static_cast<int64_t>(rest.size()) == fresh.size() - 1);
  const auto after = epoch_of(sampler);
  S other = fresh;
  other.load_state_dict(state);
  BOOST_TEST(other.epoch() == 1u);
  BOOST_TEST((epoch_of(other) == rest));
  BOOST_TEST((epoch_of(other) == after));
}

struct Evens : Sampler {
  int64_t size() const override { return 3; }
  Indices draw(uint64_t epoch) const override {
    return {0, 2, static_cast<int64_t>(4 + 2 * epoch)};
  }
};
static_assert(std::ranges::input_range<RandomSampler>);

}  // namespace

BOOST_AUTO_TEST_SUITE(sampler)

BOOST_AUTO_TEST_CASE(in_order) {
  SequentialSampler s(3);
  BOOST_TEST(epoch_of(s) == (Indices{0, 1, 2}));
  BOOST_TEST(epoch_of(s) == (Indices{0, 1, 2}));
  BOOST_TEST(s.epoch() == 2u);
  SequentialSampler none(0);
  BOOST_TEST(epoch_of(none).empty());
  BOOST_CHECK_THROW(SequentialSampler(-1), Error);
  Evens evens;
  BOOST_TEST(epoch_of(evens) == (Indices{0, 2, 4}));
  BOOST_TEST(epoch_of(evens) == (Indices{0, 2, 6}));
}

BOOST_AUTO_TEST_CASE(in_random_order) {
  RandomSampler s(50, {.seed = 3}), same(50, {.seed = 3}), other(50, {.seed = 4});
  const Indices first = epoch_of(s), second = epoch_of(s);
  BOOST_TEST(sorted(first) == arange(50).to_vector<int64_t>());
  BOOST_TEST(!std::ranges::is_sorted(first));
  BOOST_TEST(first != second);
  BOOST_TEST(epoch_of(same) == first);
  BOOST_TEST(same.draw(1) == second);
  BOOST_TEST(epoch_of(other) != first);

  // As PyTorch: whole permutations, and a piece of one.
  const Indices more = RandomSampler(10, {.num_samples = 25}).draw(0);
  BOOST_TEST(more.size() == 25u);
  for (const int64_t begin : {0, 10})
    BOOST_TEST(sorted({more.begin() + begin, more.begin() + begin + 10}) ==
               arange(10).to_vector<int64_t>());
  const Indices rest = sorted({more.begin() + 20, more.end()});
  BOOST_TEST((std::ranges::adjacent_find(rest) == rest.end()));
  BOOST_TEST(RandomSampler(10, {.num_samples = 4}).draw(0).size() == 4u);

  RandomSampler again(5, {.replacement = true, .num_samples = 1000});
  const Indices drawn = epoch_of(again);
  BOOST_TEST(again.size() == 1000);
  for (int64_t i = 0; i < 5; ++i) {
    const auto times = std::ranges::count(drawn, i);
    BOOST_TEST(150 < times);
    BOOST_TEST(times < 250);
  }
  BOOST_TEST(RandomSampler(0).draw(0).empty());
  BOOST_CHECK_EXCEPTION(RandomSampler(5, {.num_samples = 0}), Error,
                        saying("RandomSampler: expected num_samples to be positive, got 0"));
  BOOST_CHECK_THROW(RandomSampler(0, {.num_samples = 2}), Error);
}

BOOST_AUTO_TEST_CASE(some_in_random_order) {
  const SubsetRandomSampler s({5, 7, 7, 1}, 3);
  BOOST_TEST(s.size() == 4);
  BOOST_TEST(sorted(s.draw(0)) == (Indices{1, 5, 7, 7}));
  BOOST_TEST(SubsetRandomSampler({}).draw(0).empty());
}

BOOST_AUTO_TEST_CASE(by_weight) {
  const WeightedRandomSampler s(from<float>({0, 1, 3}), 4000);
  const Indices drawn = s.draw(0);
  BOOST_TEST(drawn.size() == 4000u);
  BOOST_TEST(std::ranges::count(drawn, 0) == 0);
  BOOST_TEST(std::abs(std::ranges::count(drawn, 1) - 1000) < 120);
  const WeightedRandomSampler once(from<double>({1, 0, 2, 5}), 3, {.replacement = false});
  BOOST_TEST(sorted(once.draw(7)) == (Indices{0, 2, 3}));

  const Tensor weights = from<float>({1, 2});
  BOOST_CHECK_EXCEPTION(WeightedRandomSampler(weights.view({1, 2}), 2), ShapeError,
                        saying("WeightedRandomSampler: expected weights of shape [N], got shape "
                               "[1, 2]"));
  BOOST_CHECK_EXCEPTION(WeightedRandomSampler(weights, 0), Error,
                        saying("expected num_samples to be positive, got 0"));
  BOOST_CHECK_THROW(WeightedRandomSampler(from<float>({1, -2}), 2), Error);
  BOOST_CHECK_THROW(WeightedRandomSampler(weights, 3, {.replacement = false}), Error);
  BOOST_CHECK_THROW(WeightedRandomSampler(Tensor(), 3), Error);
}

BOOST_AUTO_TEST_CASE(in_batches) {
  BatchSampler s(SequentialSampler(5), 2);
  BOOST_TEST(s.size() == 3);
  BOOST_TEST((epoch_of(s) == std::vector<Indices>{{0, 1}, {2, 3}, {4}}));
  BatchSampler full(SequentialSampler(5), 2, true);
  BOOST_TEST((epoch_of(full) == std::vector<Indices>{{0, 1}, {2, 3}}));
  BOOST_CHECK_EXCEPTION(BatchSampler(SequentialSampler(5), 0), Error,
                        saying("BatchSampler: expected a batch_size of at least 1, got 0"));
}

// Against torch.utils.data.DistributedSampler(range(n), replicas, rank, shuffle=False,
// drop_last=drop), which tests/data/distributed_sampler.py prints.
BOOST_AUTO_TEST_CASE(shares_of_processes) {
  const auto share = [](int64_t n, int64_t replicas, int64_t rank, bool drop) {
    const DistributedSampler s(
        n, {.num_replicas = replicas, .rank = rank, .shuffle = false, .drop_last = drop});
    const Indices indices = s.draw(0);
    BOOST_TEST(static_cast<int64_t>(indices.size()) == s.size());
    return indices;
  };
  BOOST_TEST(share(10, 3, 0, false) == (Indices{0, 3, 6, 9}));
  BOOST_TEST(share(10, 3, 1, false) == (Indices{1, 4, 7, 0}));
  BOOST_TEST(share(10, 3, 2, false) == (Indices{2, 5, 8, 1}));
  BOOST_TEST(share(10, 3, 2, true) == (Indices{2, 5, 8}));
  BOOST_TEST(share(9, 3, 1, true) == (Indices{1, 4, 7}));
  BOOST_TEST(share(2, 5, 4, false) == (Indices{0}));
  BOOST_TEST(share(2, 5, 3, false) == (Indices{1}));
  BOOST_TEST(share(2, 5, 1, true).empty());
  BOOST_TEST(share(0, 2, 1, false).empty());

  Indices all;
  for (int64_t rank = 0; rank < 4; ++rank) {
    const Indices mine =
        DistributedSampler(12, {.num_replicas = 4, .rank = rank, .seed = 5}).draw(2);
    all.insert(all.end(), mine.begin(), mine.end());
  }
  BOOST_TEST(!std::ranges::is_sorted(all));
  BOOST_TEST(sorted(all) == arange(12).to_vector<int64_t>());
  BOOST_CHECK_EXCEPTION(DistributedSampler(9, {.num_replicas = 3, .rank = 3}), Error,
                        saying("DistributedSampler: expected a rank from 0 to 2, got 3"));
  BOOST_CHECK_THROW(DistributedSampler(9, {.num_replicas = 0}), Error);
}

BOOST_AUTO_TEST_CASE(states) {
  check_resumes(SequentialSampler(7));
  check_resumes(RandomSampler(20, {.seed = 2}));
  check_resumes(RandomSampler(20, {.replacement = true, .num_samples = 30}));
  check_resumes(SubsetRandomSampler({4, 2, 9, 1}));
  check_resumes(WeightedRandomSampler(ones({5}), 12));
  check_resumes(DistributedSampler(21, {.num_replicas = 2, .rank = 1}));
  check_resumes(BatchSampler(RandomSampler(20), 3));

  RandomSampler s(5);
  BOOST_CHECK_EXCEPTION(s.load_state_dict({}), Error,
                        saying("load_state_dict: the state has no \"epoch\""));
  const StateDict beyond = {{"epoch", scalar_tensor(3, int64)},
                            {"position", scalar_tensor(6, int64)}};
  BOOST_CHECK_EXCEPTION(s.load_state_dict(beyond), Error,
                        saying("position 6 is beyond an epoch of 5 items"));
  const StateDict floats = {{"epoch", ones({})}, {"position", ones({})}};
  BOOST_CHECK_EXCEPTION(s.load_state_dict(floats), Error,
                        saying("expected \"epoch\" to be one number of int64"));
  BOOST_TEST(s.epoch() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
