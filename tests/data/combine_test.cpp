#include <rewind/data/combine.h>

#include <rewind/data/data_loader.h>

#include "../check.h"

using namespace rw;
using namespace rw::data;
using rw::test::saying;

namespace {

// Sample i is i; batches are indices, to see which way was taken.
struct Numbers {
  int64_t n = 0;
  int64_t size() const { return n; }
  int64_t get(int64_t i) const { return i; }
  std::vector<int64_t> batch(std::span<const int64_t> indices) const {
    return {indices.begin(), indices.end()};
  }
};
struct Hundreds {
  int64_t size() const { return 3; }
  int64_t get(int64_t i) const { return 100 * i; }
};
static_assert(Dataset<Hundreds> && Dataset<Subset<Hundreds>> && !HasBatch<Subset<Hundreds>>);
static_assert(HasBatch<Subset<Numbers>> && Dataset<ConcatDataset<int64_t>>);

template <class D>
std::vector<int64_t> all_of(const D& dataset) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < dataset.size(); ++i) all.push_back(dataset.get(i));
  return all;
}

std::vector<int64_t> sizes_of(const std::vector<Subset<Numbers>>& parts) {
  std::vector<int64_t> sizes;
  for (const auto& part : parts) sizes.push_back(part.size());
  return sizes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(combine)

BOOST_AUTO_TEST_CASE(subsets) {
  const Subset some(Numbers{10}, {7, 3, 3});
  BOOST_TEST(all_of(some) == (std::vector<int64_t>{7, 3, 3}));
  BOOST_TEST(some.batch(std::vector<int64_t>{2, 0}) == (std::vector<int64_t>{3, 7}));
  const Subset nested(some, {0, 2});
  BOOST_TEST(all_of(nested) == (std::vector<int64_t>{7, 3}));
  BOOST_TEST(Subset(Numbers{3}, {}).size() == 0);
  BOOST_CHECK_EXCEPTION(Subset(Numbers{10}, {10}), IndexError,
                        saying("Subset: index 10 is out of range for 10 samples"));
  BOOST_CHECK_THROW(some.get(3), IndexError);
  BOOST_CHECK_THROW(some.batch(std::vector<int64_t>{-1}), IndexError);
}

BOOST_AUTO_TEST_CASE(one_after_another) {
  const ConcatDataset both(Numbers{2}, Hundreds{}, Numbers{0}, Numbers{1});
  BOOST_TEST(all_of(both) == (std::vector<int64_t>{0, 1, 0, 100, 200, 0}));
  const ConcatDataset many(std::vector{Numbers{1}, Numbers{2}});
  BOOST_TEST(all_of(many) == (std::vector<int64_t>{0, 0, 1}));
  BOOST_CHECK_THROW(both.get(6), IndexError);
  BOOST_CHECK_THROW(both.get(-1), IndexError);
}

BOOST_AUTO_TEST_CASE(random_splits) {
  Generator gen(3), again(3);
  const auto parts = random_split(Numbers{10}, {7, 3}, gen);
  BOOST_TEST(sizes_of(parts) == (std::vector<int64_t>{7, 3}));
  std::vector<int64_t> seen = all_of(parts[0]);
  for (const int64_t i : all_of(parts[1])) seen.push_back(i);
  BOOST_TEST(!std::is_sorted(seen.begin(), seen.end()));
  BOOST_TEST(all_of(random_split(Numbers{10}, {7, 3}, again)[1]) == all_of(parts[1]));
  std::sort(seen.begin(), seen.end());
  BOOST_TEST(seen == all_of(Numbers{10}));
  // What torch.utils.data.random_split of 10 and 11 samples gives.
  BOOST_TEST(sizes_of(random_split(Numbers{10}, {0.33, 0.33, 0.34})) ==
             (std::vector<int64_t>{4, 3, 3}));
  BOOST_TEST(sizes_of(random_split(Numbers{11}, {0.5, 0.25, 0.25})) ==
             (std::vector<int64_t>{6, 3, 2}));
  BOOST_TEST(sizes_of(random_split(Numbers{11}, std::vector{1.0, 0.0})) ==
             (std::vector<int64_t>{11, 0}));

  const auto splits = [](auto lengths) { random_split(Numbers{10}, lengths); };
  BOOST_CHECK_EXCEPTION(
      splits(std::vector{7, 4}), Error,
      saying("random_split: the lengths add up to 11, but the data set has 10 samples"));
  BOOST_CHECK_EXCEPTION(splits(std::vector{12, -2}), Error, saying("lengths of 0 or more, got -2"));
  BOOST_CHECK_EXCEPTION(splits(std::vector{0.5, 0.4}), Error,
                        saying("random_split: the fractions add up to 0.9, expected 1"));
  BOOST_CHECK_EXCEPTION(splits(std::vector{1.5, -0.5}), Error, saying("from 0 to 1, got 1.5"));
}

BOOST_AUTO_TEST_CASE(functions_of_samples) {
  const auto squares = map(Numbers{4}, [](int64_t i) { return i * i; });
  BOOST_TEST(squares.size() == 4);
  BOOST_TEST(all_of(squares) == (std::vector<int64_t>{0, 1, 4, 9}));
  BOOST_TEST(all_of(map(squares, [](int64_t i) { return -i; })) ==
             (std::vector<int64_t>{0, -1, -4, -9}));
  static_assert(!HasBatch<decltype(squares)>);
  // A function of a tensor is one of a Batch's data.
  const auto doubled =
      map(TensorDataset(arange(3), arange(3)), [](const Tensor& x) { return x * 2; });
  BOOST_TEST(doubled.get(2).data.item<int>() == 4);
  BOOST_TEST(doubled.get(2).target.item<int>() == 2);
}

BOOST_AUTO_TEST_CASE(streams_outlive_what_they_come_of) {
  struct Counting {
    auto stream(uint64_t) const {
      return [i = 0]() mutable -> std::optional<int> {
        return i < 3 ? std::optional(i++) : std::nullopt;
      };
    }
  };
  const std::vector<int> added = {10, 20, 30};
  auto next = map(Counting(), [added](int i) { return added[size_t(i)] + i; }).stream(0);
  for (const int expected : {10, 21, 32}) BOOST_TEST(*next() == expected);
  BOOST_TEST(!next());
}

BOOST_AUTO_TEST_CASE(what_is_drawn_depends_on_seed_epoch_and_index_alone) {
  const auto noise = map(Numbers{23}, [](int64_t i) { return std::pair(i, rand({2})); });
  // By sample, as the order may differ.
  const auto epoch = [&](int64_t batch_size, int workers, bool shuffle, uint64_t number,
                         uint64_t seed = 1) {
    DataLoader loader(
        noise, {.batch_size = batch_size, .shuffle = shuffle, .seed = seed, .workers = workers});
    loader.set_epoch(number);
    std::vector<std::vector<float>> drawn(23);
    for (const auto& [i, x] : loader)
      for (int64_t k = 0; k < i.size(0); ++k)
        drawn[size_t(i[k].item<int64_t>())] = x[k].to_vector();
    return drawn;
  };
  const auto expected = epoch(4, 0, false, 0);
  for (const int workers : {0, 1, 2, 5})
    for (const int64_t size : {1, 4, 23})
      for (const bool shuffle : {false, true})
        BOOST_TEST((epoch(size, workers, shuffle, 0) == expected));
  BOOST_TEST((expected[0] != expected[1]));
  BOOST_TEST((epoch(4, 0, false, 1)[0] != expected[0]));
  BOOST_TEST((epoch(4, 0, false, 0, 2)[0] != expected[0]));
}

BOOST_AUTO_TEST_SUITE_END()
