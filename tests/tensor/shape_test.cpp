#include <rewind/tensor/shape.h>

#include <rewind/tensor/error.h>
#include <boost/test/unit_test.hpp>

using namespace rw;

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(sizes_and_strides) {
  const Shape s{2, 3, 4, 5};
  BOOST_TEST(s.numel() == 120);
  BOOST_TEST((contiguous_strides(s) == Strides{60, 20, 5, 1}));
  BOOST_TEST((channels_last_strides(s) == Strides{60, 1, 15, 3}));
  BOOST_TEST(s.str() == "[2, 3, 4, 5]");
  BOOST_TEST(Shape{}.numel() == 1);
  BOOST_TEST((Shape{0, 3}.numel()) == 0);
}

BOOST_AUTO_TEST_CASE(too_large_shapes_are_errors) {
  constexpr int64_t large = int64_t{1} << 40;
  const auto too_large = [](const ShapeError& e) {
    return std::string(e.what()).find("a tensor can't have the shape [") == 0;
  };
  BOOST_CHECK_EXCEPTION((Shape{large, large}.numel()), ShapeError, too_large);
  BOOST_CHECK_EXCEPTION(contiguous_strides({0, large, large}), ShapeError, too_large);
  BOOST_CHECK_EXCEPTION(channels_last_strides({1, large, large, 1}), ShapeError, too_large);
  BOOST_TEST((Shape{0, large, large}.numel()) == 0);
}

BOOST_AUTO_TEST_CASE(every_rank_there_is) {
  for (int rank = 0; rank <= Shape::max_rank; ++rank) {
    Shape s;
    for (int i = 0; i < rank; ++i) s.push_back(i + 1);
    const Shape copy = s;
    Shape assigned = Shape::filled(Shape::max_rank - rank, 7);
    assigned = s;
    BOOST_TEST((copy == s && assigned == s && Shape(s.vec()) == s));
    for (int i = 0; i < rank; ++i) BOOST_TEST(assigned[i] == i + 1);
  }
  const auto too_many = [](const ShapeError& e) {
    return std::string(e.what()) == "at most 16 dimensions are supported, got 17";
  };
  BOOST_CHECK_EXCEPTION(Shape(std::vector<int64_t>(17, 1)), ShapeError, too_many);
  BOOST_CHECK_EXCEPTION(Shape::filled(17, 1), ShapeError, too_many);
}

BOOST_AUTO_TEST_CASE(edits) {
  Shape s{2, 4};
  s.insert(1, 3);
  BOOST_TEST((s == Shape{2, 3, 4}));
  s.erase(0);
  BOOST_TEST((s == Shape{3, 4}));
  s.insert(2, 9);
  BOOST_TEST((s == Shape{3, 4, 9}));
}

BOOST_AUTO_TEST_CASE(broadcasting) {
  BOOST_TEST((broadcast_shapes({2, 1, 4}, {3, 1}, "op") == Shape{2, 3, 4}));
  BOOST_TEST((broadcast_shapes({}, {3, 1}, "op") == Shape{3, 1}));
  BOOST_TEST((broadcast_shapes({0}, {1}, "op") == Shape{0}));
  BOOST_CHECK_EXCEPTION(broadcast_shapes({2, 3}, {2, 4}, "add"), ShapeError, [](const Error& e) {
    return std::string(e.what()).find("add: shapes [2, 3] and [2, 4] do not broadcast") == 0;
  });
}

BOOST_AUTO_TEST_CASE(dims) {
  BOOST_TEST(normalize_dim(-1, 3, "sum") == 2);
  BOOST_TEST(normalize_dim(0, 0, "sum") == 0);
  BOOST_CHECK_EXCEPTION(normalize_dim(3, 3, "sum"), IndexError, [](const Error& e) {
    return std::string(e.what()) == "sum: dimension 3 is out of range for a tensor of rank 3";
  });
}

BOOST_AUTO_TEST_SUITE_END()
