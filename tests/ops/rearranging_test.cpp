#include <vector>

#include <rewind/autograd/inplace.h>
#include <rewind/testing/gradcheck.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(rearranging)

namespace {

Tensor counted(const Shape& shape, DType dtype = float32) {
  return arange(shape.numel()).to(dtype).view(shape);
}

// Element by element, by indices along the last two dims.
template <class From>
void check_elements(const Tensor& got, const Tensor& x, From place) {
  for (int64_t i = 0; i < got.size(0); ++i)
    for (int64_t j = 0; j < got.size(1); ++j) {
      const std::pair<int64_t, int64_t> at = place(i, j);
      BOOST_TEST_REQUIRE(got[i][j].template item<double>() ==
                         x[at.first][at.second].template item<double>());
    }
}

}  // namespace

// Rows of all lengths, for what is left beside whole vectors, in elements of each size.
BOOST_AUTO_TEST_CASE(flip_of_rows) {
  for (const DType dtype : {uint8, int16, float32, float64})
    for (const int64_t n : {1, 2, 3, 7, 15, 16, 17, 33, 64, 65, 130}) {
      const Tensor x = remainder(counted({3, n}), 100).to(dtype), y = flip(x, 1);
      BOOST_TEST(y.dtype() == dtype);
      const auto back = [n](int64_t i, int64_t j) { return std::pair(i, n - 1 - j); };
      check_elements(y, x, back);
      check_elements(flip(x.t(), 0).t(), x, back);
      BOOST_TEST(equal(flip(flip(x, {0, 1}), {0, 1}), x));
    }
}

BOOST_AUTO_TEST_CASE(flip_of_long_rows) {
  const Tensor x = counted({3, 20000}), wide = counted({20000, 3});
  BOOST_TEST(equal(flip(x, 1), index_select(x, 1, arange(19999, -1, -1))));
  BOOST_TEST(equal(flip(wide, 1), index_select(wide, 1, from<int64_t>({2, 1, 0}))));
  BOOST_TEST(equal(flip(wide, 0), index_select(wide, 0, arange(19999, -1, -1))));
}

BOOST_AUTO_TEST_CASE(flip_keeps_memory_order) {
  const Tensor x = randn({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last);
  BOOST_TEST(flip(x, {2, 3}).is_contiguous(MemoryFormat::channels_last));
  BOOST_TEST(roll(x, {1, 1}, {2, 3}).is_contiguous(MemoryFormat::channels_last));
  BOOST_TEST(equal(flip(x, {1, 3}), flip(x.contiguous(), {1, 3})));
}

BOOST_AUTO_TEST_CASE(roll_of_large_tensors) {
  const Tensor x = counted({300, 400});
  check_elements(roll(x, {7, -11}, {0, 1}), x, [](int64_t i, int64_t j) {
    return std::pair((i - 7 + 300) % 300, (j + 11) % 400);
  });
}

BOOST_AUTO_TEST_CASE(repeat_of_many_dimensions) {
  const Shape twos = Shape::filled(10, 2);
  const Tensor x = counted(twos);
  const Tensor y = repeat(x, twos);
  BOOST_TEST(y.shape() == Shape::filled(10, 4));
  Tensor expected = x;
  for (int64_t d = 0; d < 10; ++d) expected = cat({expected, expected}, d);
  BOOST_TEST(equal(y, expected));
}

BOOST_AUTO_TEST_CASE(views_share_memory) {
  Tensor x = counted({3, 4});
  for (const Tensor& view : {movedim(x, 0, 1), swapaxes(x, 0, 1), unfold(x, 1, 2, 1), ravel(x),
                             as_strided(x, {2, 2}, {1, 4}), atleast_3d(x), squeeze(x, {0})})
    BOOST_TEST((view.impl()->storage == x.impl()->storage));
  unfold(x, 1, 2, 2).select(2, 0).fill_(-1);
  BOOST_TEST(x.sum().item<double>() == 1 + 3 + 5 + 7 + 9 + 11 - 6);
}

BOOST_AUTO_TEST_CASE(overlapping_views_are_not_changed) {
  const Tensor x = counted({8});
  for (Tensor view : {unfold(x, 0, 3, 1), as_strided(x, {3, 3}, {1, 1})})
    BOOST_CHECK_EXCEPTION(view.add_(1), AutogradError, saying("whose elements share memory"));
  Tensor apart = unfold(x, 0, 2, 3);
  apart.mul_(0);
  BOOST_TEST(x.sum().item<double>() == 2 + 5);
}

BOOST_AUTO_TEST_CASE(changes_through_strided_views_reach_the_base) {
  const auto f = [](const Tensor& t) {
    Tensor y = t * 1;
    as_strided(y, {3}, {5}).mul_(t.select(1, 0));
    return y.square();
  };
  const Tensor x = randn({3, 4}, float64).requires_grad_();
  BOOST_TEST(rw::testing::gradcheck(f, x));
}

BOOST_AUTO_TEST_CASE(windows_of_reduced_types_are_rounded_once) {
  const Tensor x = randn({400}, bfloat16).requires_grad_();
  const Tensor weight = randn({201, 200}, bfloat16);
  (unfold(x, 0, 200, 1) * weight).sum().backward();
  const Tensor y = x.detach().to(float64).requires_grad_();
  (unfold(y, 0, 200, 1) * weight.to(float64)).sum().backward();
  BOOST_TEST(allclose(x.grad().to(float64), y.grad(), 1e-2, 1e-2));
}

BOOST_AUTO_TEST_CASE(filling_diagonals) {
  Tensor x = zeros({5, 2});
  detail::fill_diagonal_in_place(x, 1, true);
  const std::vector<float> wrapped = {1, 0, 0, 1, 0, 0, 1, 0, 0, 1};
  BOOST_TEST(x.to_vector() == wrapped, per_element());
  for (const Shape& shape : {Shape{5, 2}, Shape{6, 2}, Shape{7, 2}, Shape{9, 1}, Shape{8, 3}}) {
    Tensor rows = zeros(shape), columns = zeros({shape[1], shape[0]}).t();
    detail::fill_diagonal_in_place(rows, 1, true);
    detail::fill_diagonal_in_place(columns, 1, true);
    BOOST_TEST(rows.equal(columns));
  }
  const auto filled = [](const Tensor& t) {
    Tensor y = t * 2;
    detail::fill_diagonal_in_place(y, 5, true);
    return y.square();
  };
  for (const Shape& shape : {Shape{7, 2}, Shape{2, 5}, Shape{3, 3}}) {
    const GradcheckResult r = gradcheck(filled, randn(shape, float64).requires_grad_());
    BOOST_TEST(r.ok, r.message);
    BOOST_TEST(gradgradcheck(filled, randn(shape, float64).requires_grad_()).ok);
  }
  Tensor none = zeros({1 << 20, 0});
  detail::fill_diagonal_in_place(none, 1, true);
  BOOST_CHECK_EXCEPTION((x = zeros({3}), detail::fill_diagonal_in_place(x, 1, false)), ShapeError,
                        saying("fill_diagonal_: expected at least 2 dimensions, got shape [3]"));
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = counted({2, 3});
  BOOST_CHECK_EXCEPTION(flip(x, {0, 0}), ShapeError,
                        saying("flip: dimension 0 appears twice in [0, 0]"));
  BOOST_CHECK_EXCEPTION(roll(x, {1, 2}, 0), ShapeError,
                        saying("roll: expected as many shifts as dimensions, got [1, 2] and [0]"));
  BOOST_CHECK_EXCEPTION(roll(scalar_tensor(1), 0, 0), ShapeError,
                        saying("roll: a tensor of rank 0 has no dimension [0]"));
  BOOST_CHECK_EXCEPTION(repeat(x, 2), ShapeError,
                        saying("repeat: expected a number for each dimension of shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(repeat_interleave(x, -1), Error,
                        saying("repeat_interleave: expected repeats >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(unfold(x, 1, 4, 1), ShapeError,
                        saying("unfold: windows of 4 elements do not fit into the 3"));
  BOOST_CHECK_EXCEPTION(as_strided(x, {3, 3}, {3, 1}), ShapeError,
                        saying("leaves the memory of 6 elements"));
  BOOST_CHECK_EXCEPTION(slice_scatter(x, x, 1, 1), ShapeError,
                        saying("slice_scatter: expected a source of shape [2, 2]"));
  BOOST_CHECK_EXCEPTION(hsplit(x, 2), ShapeError,
                        saying("hsplit: 2 pieces do not divide the 3 of dimension 1"));
  BOOST_CHECK_EXCEPTION(meshgrid({x}), ShapeError, saying("meshgrid: expected vectors"));
  BOOST_CHECK_EXCEPTION(repeat(x, {int64_t{1} << 40, int64_t{1} << 40}), ShapeError,
                        saying("repeat: out of memory"));
}

BOOST_AUTO_TEST_CASE(all_of_sixteen_dimensions_are_repeated) {
  const Shape twos = Shape::filled(11, 2), many = Shape::filled(16, 1);
  const Tensor x = arange(64).view({1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2});
  BOOST_TEST(repeat(x, twos).numel() == 64 * 2048);
  Shape last = many;
  last[15] = 3;
  BOOST_TEST(repeat(ones(Shape::filled(16, 2)), last).shape()[15] == 6);
}

BOOST_AUTO_TEST_CASE(views_that_show_again_are_taken_again_after_a_change) {
  const Tensor x = ones({4}).requires_grad_();
  Tensor b = x * 1;
  const Tensor u = unfold(b, 0, 2, 1);
  b.mul_(2);
  BOOST_CHECK_THROW(u.sum().backward(), AutogradError);
  unfold(b, 0, 2, 1).sum().backward();
  BOOST_TEST(equal(x.grad(), from<float>({2, 4, 4, 2})));
}

BOOST_AUTO_TEST_CASE(a_view_beyond_its_base_is_not_changed_on_the_tape) {
  const Tensor p = ones({4}).requires_grad_();
  const Tensor base = zeros({4}).narrow(0, 2, 2).detach();
  Tensor beyond = as_strided(base, {4}, {1}, 0);
  BOOST_CHECK_THROW(beyond.mul_(p), AutogradError);
}

BOOST_AUTO_TEST_SUITE_END()
