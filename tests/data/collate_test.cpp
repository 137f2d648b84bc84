#include <rewind/data/collate.h>

#include "../check.h"

using namespace rw;
using namespace rw::data;
using rw::test::saying;

namespace {

struct Example {
  Tensor image;
  std::vector<Tensor> boxes;
  std::pair<Tensor, Tensor> pair;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(collate)

BOOST_AUTO_TEST_CASE(tensors_are_stacked) {
  const Tensor batch = default_collate(std::vector{arange(1, 3, int8), arange(3, 5, int8)});
  BOOST_TEST(batch.shape() == (Shape{2, 2}));
  BOOST_TEST(batch.dtype() == int8);
  BOOST_TEST(batch.to_vector<int>() == (std::vector<int>{1, 2, 3, 4}));
  const Tensor numbers = default_collate(std::vector{scalar_tensor(1.5), scalar_tensor(2.5)});
  BOOST_TEST(numbers.shape() == (Shape{2}));
  const Tensor none = default_collate(std::vector{ones({0, 3}), ones({0, 3})});
  BOOST_TEST(none.shape() == (Shape{2, 0, 3}));
}

BOOST_AUTO_TEST_CASE(memory_order_does_not_matter) {
  const Tensor x = arange(6, float32).view({2, 3});
  const Tensor batch = default_collate(std::vector{x.t(), x.t()});
  BOOST_TEST(batch.is_contiguous());
  BOOST_TEST(batch[1].equal(x.t()));
  const Tensor wide = ones({3, 1}).expand({3, 2});
  BOOST_TEST(default_collate(std::vector{wide}).equal(ones({1, 3, 2})));
}

BOOST_AUTO_TEST_CASE(batches_are_off_the_tape) {
  const Tensor x = ones({2}).requires_grad_();
  BOOST_TEST(!default_collate(std::vector{x * 2, x}).requires_grad());
  const Tensor y = ones({2, 2}).requires_grad_();
  BOOST_TEST(!default_collate(std::vector{y.t()}).requires_grad());
}

BOOST_AUTO_TEST_CASE(numbers_become_tensors_as_in_pytorch) {
  const auto [i, f, d, b, u] = default_collate(std::vector{
      std::tuple(1, 1.5f, 2.5, true, uint8_t{7}), std::tuple(2, 0.5f, 0.1, false, uint8_t{8})});
  BOOST_TEST(i.dtype() == int64);
  BOOST_TEST(f.dtype() == float32);
  BOOST_TEST(d.dtype() == float64);
  BOOST_TEST(b.dtype() == DType::boolean);
  BOOST_TEST(u.dtype() == int64);
  BOOST_TEST(i.to_vector<int>() == (std::vector<int>{1, 2}));
  BOOST_TEST(d.to_vector<double>() == (std::vector<double>{2.5, 0.1}));
  BOOST_TEST(b.to_vector<bool>() == (std::vector<bool>{true, false}));
}

BOOST_AUTO_TEST_CASE(structures_stay) {
  using Pair = std::pair<std::string, std::array<Tensor, 2>>;
  const auto [texts, both] = default_collate(
      std::vector{Pair{"a", {ones({1}), zeros({2})}}, Pair{"b", {ones({1}), ones({2})}}});
  BOOST_TEST(texts == (std::vector<std::string>{"a", "b"}));
  BOOST_TEST(both[1].to_vector() == (std::vector<float>{0, 0, 1, 1}));

  const Example e{ones({3}), {ones({1}), zeros({2})}, {ones({1}), zeros({1})}};
  const Example batch = default_collate(std::vector{e, e, e});
  BOOST_TEST(batch.image.shape() == (Shape{3, 3}));
  BOOST_TEST(batch.boxes.size() == 2u);
  BOOST_TEST(batch.boxes[1].shape() == (Shape{3, 2}));
  BOOST_TEST(batch.pair.second.shape() == (Shape{3, 1}));
}

BOOST_AUTO_TEST_CASE(lists_of_numbers) {
  using Ints = std::vector<int>;
  const auto lists = default_collate(std::vector<Ints>{{1, 2, 3}, {4, 5, 6}});
  BOOST_TEST(lists.size() == 3u);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(lists[static_cast<size_t>(i)].to_vector<int>() == (Ints{1 + i, 4 + i}));
  const auto [first, second] =
      default_collate(std::vector<std::array<float, 2>>{{1, 2}, {3, 4}, {5, 6}});
  BOOST_TEST(first.to_vector() == (std::vector<float>{1, 3, 5}));
  BOOST_TEST(second.to_vector() == (std::vector<float>{2, 4, 6}));
  const auto bits = default_collate(std::vector<std::vector<bool>>{{true, false}, {true, true}});
  BOOST_TEST(bits[0].to_vector<bool>() == (std::vector<bool>{true, true}));
  BOOST_TEST(bits[1].to_vector<bool>() == (std::vector<bool>{false, true}));
}

BOOST_AUTO_TEST_CASE(lists_of_structures) {
  using Pairs = std::vector<std::pair<int, Tensor>>;
  const auto pairs = default_collate(
      std::vector<Pairs>{{{1, ones({1})}, {2, zeros({2})}}, {{3, zeros({1})}, {4, ones({2})}}});
  BOOST_TEST(pairs[0].first.to_vector<int>() == (std::vector<int>{1, 3}));
  BOOST_TEST(pairs[0].second.to_vector() == (std::vector<float>{1, 0}));
  BOOST_TEST(pairs[1].first.to_vector<int>() == (std::vector<int>{2, 4}));
  BOOST_TEST(pairs[1].second.to_vector() == (std::vector<float>{0, 0, 1, 1}));

  using Deep = std::array<std::vector<std::tuple<double>>, 2>;
  const auto deep = default_collate(std::vector<Deep>{{{{{1.0}}, {{2.0}}}}, {{{{3.0}}, {{4.0}}}}});
  BOOST_TEST(std::get<0>(deep[0][0]).to_vector<double>() == (std::vector<double>{1, 3}));
  BOOST_TEST(std::get<0>(deep[1][0]).to_vector<double>() == (std::vector<double>{2, 4}));

  const auto example = [](float v) {
    return Example{full({1}, v), {full({2}, v + 1)}, {full({1}, v + 2), full({1}, v + 3)}};
  };
  const std::vector<Example> batch = default_collate(
      std::vector<std::vector<Example>>{{example(0), example(10)}, {example(20), example(30)}});
  BOOST_TEST(batch[0].image.to_vector() == (std::vector<float>{0, 20}));
  BOOST_TEST(batch[1].image.to_vector() == (std::vector<float>{10, 30}));
  BOOST_TEST(batch[1].boxes[0].to_vector() == (std::vector<float>{11, 11, 31, 31}));
  BOOST_TEST(batch[1].pair.second.to_vector() == (std::vector<float>{13, 33}));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const auto stack = [](const Tensor& a, const Tensor& b) {
    return default_collate(std::vector{a, b});
  };
  BOOST_CHECK_EXCEPTION(
      stack(ones({3, 2}), ones({3, 1})), ShapeError,
      saying(
          "default_collate: a tensor of the sample has shape [3, 1], but [3, 2] in the first one "
          "of the batch: make them of one size, or give the DataLoader a collate function"));
  BOOST_CHECK_EXCEPTION(stack(ones({3, 2}), ones({3})), ShapeError, saying("has shape [3], but"));
  BOOST_CHECK_EXCEPTION(stack(ones({3}), ones({3}, int64)), DTypeError,
                        saying("has dtype int64, but float32"));
  BOOST_CHECK_EXCEPTION(stack(ones({3}), Tensor()), Error, saying("undefined"));
  BOOST_CHECK_EXCEPTION(default_collate(std::vector{std::vector{ones({1})}, std::vector<Tensor>{}}),
                        ShapeError, saying("a list of the sample has 0 entries, but 1"));
}

BOOST_AUTO_TEST_SUITE_END()
