#include <functional>
#include <vector>

#include <rewind/testing/gradcheck.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(scattering)

namespace {

const std::vector<Reduce> all_reduces = {Reduce::sum, Reduce::prod, Reduce::mean, Reduce::amax,
                                         Reduce::amin};

Tensor some_indices(const Shape& shape, int64_t below) { return randint(0, below, shape); }

}  // namespace

// As in PyTorch, truth values add up to whether there is any.
BOOST_AUTO_TEST_CASE(sums_of_truth_values) {
  const Tensor x = from({1, 0, 0}).to(boolean), s = from({0, 1}).to(boolean);
  const Tensor at = from<int64_t>({0, 1}), sum = from({1, 1, 0}).to(boolean);
  const auto in_place = [&](const auto& change) {
    Tensor y = x.clone();
    change(y);
    return y;
  };
  BOOST_TEST(index_add(x, 0, at, s).equal(sum));
  BOOST_TEST(index_add(x, 0, at, s, 2).equal(sum));
  BOOST_TEST(index_add(x, 0, at, s, 0).equal(x));
  BOOST_TEST(scatter_add(x, 0, at, s).equal(sum));
  BOOST_TEST(put(x, at, s, true).equal(sum));
  BOOST_TEST(index_put(x, {at}, s, true).equal(sum));
  BOOST_TEST(index_put(x, {Slice(0, 2)}, s, true).equal(sum));
  BOOST_TEST(in_place([&](Tensor& y) { y.index_add_(0, at, s); }).equal(sum));
  BOOST_TEST(in_place([&](Tensor& y) { y.scatter_add_(0, at, s); }).equal(sum));
  BOOST_TEST(in_place([&](Tensor& y) { y.put_(at, s, true); }).equal(sum));
  BOOST_TEST(in_place([&](Tensor& y) { y.index_put_({at}, s, true); }).equal(sum));
  const Tensor nowhere = empty({0}, int64), nothing = empty({0}, boolean);
  BOOST_TEST(index_add(x, 0, nowhere, nothing).equal(x));
  BOOST_TEST(scatter_add(x, 0, nowhere, nothing).equal(x));
  BOOST_CHECK_THROW(index_add(x, 0, at, s, 1.5), DTypeError);
  const Tensor often = zeros({512}, int64), rows = ones({512, 40}, boolean);
  BOOST_TEST(index_add(zeros({2, 40}, boolean), 0, often, rows).sum().item<int64_t>() == 40);
}

BOOST_AUTO_TEST_CASE(undefined_arguments_are_named) {
  Tensor x = zeros({3});
  const Tensor at = from<int64_t>({0, 1});
  BOOST_CHECK_EXCEPTION(x.index_add_(0, at, Tensor()), Error,
                        saying("index_add_: the source is undefined"));
  BOOST_CHECK_EXCEPTION(x.index_reduce_(0, at, Tensor(), Reduce::prod), Error,
                        saying("index_reduce_: the source is undefined"));
  BOOST_CHECK_EXCEPTION(index_put(x, {at}, Tensor()), Error,
                        saying("index_put: the tensor of values is undefined"));
}

BOOST_AUTO_TEST_CASE(reduced_types_agree_with_float64) {
  const Tensor x = rand({20, 300}, float64) + 0.5, src = rand({40, 300}, float64) + 0.5;
  const Tensor index = some_indices({40, 300}, 20), rows = some_indices({40}, 20);
  for (const Reduce reduce : all_reduces)
    for (const DType dtype : {float32, bfloat16, float16}) {
      const Tensor a = x.to(dtype), b = src.to(dtype);
      const Tensor exact = scatter_reduce(a.to(float64), 0, index, b.to(float64), reduce);
      const double eps = dtype == float32 ? 1e-5 : 1e-2;
      BOOST_TEST(allclose(scatter_reduce(a, 0, index, b, reduce).to(float64), exact, eps, 0));
      if (reduce == Reduce::sum) continue;
      BOOST_TEST(allclose(index_reduce(a, 0, rows, b, reduce).to(float64),
                          index_reduce(a.to(float64), 0, rows, b.to(float64), reduce), eps, 0));
    }
}

BOOST_AUTO_TEST_CASE(mean_of_integers_is_cut_off_downwards) {
  const Tensor x = from<int64_t>({0, 0}), src = from<int64_t>({-1, -2, 7, 0});
  const Tensor y = scatter_reduce(x, 0, from<int64_t>({0, 0, 1, 1}), src, Reduce::mean, false);
  const std::vector<int64_t> expected = {-2, 3};
  BOOST_TEST(y.to_vector<int64_t>() == expected, per_element());
}

BOOST_AUTO_TEST_CASE(excluded_values_get_no_gradient) {
  const Tensor x = from<double>({5, 5, 5}).requires_grad_();
  const Tensor src = from<double>({5, 1}).requires_grad_();
  scatter_reduce(x, 0, from<int64_t>({0, 0}), src, Reduce::amax, false).sum().backward();
  const std::vector<double> of_x = {0, 1, 1}, of_src = {1, 0};
  BOOST_TEST(x.grad().to_vector<double>() == of_x, per_element());
  BOOST_TEST(src.grad().to_vector<double>() == of_src, per_element());
}

// What is written in place is what the function of that name gives, gradients included.
BOOST_AUTO_TEST_CASE(in_place) {
  const Tensor index = from<int64_t>({{0, 2, 1, 2}, {2, 0, 0, 1}});
  const Tensor rows = from<int64_t>({2, 0}), places = from<int64_t>({3, -2});
  const Tensor mask = from<double>({1, 0, 0, 1}) > 0;
  using F = std::function<Tensor(const Tensor&, const Tensor&)>;
  using InPlace = std::function<void(Tensor&, const Tensor&)>;
  const std::vector<std::pair<F, InPlace>> pairs = {
      {[=](auto& x, auto& s) { return scatter(x, 0, index, s); },
       [=](auto& x, auto& s) { detail::scatter_in_place(x, 0, index, s); }},
      {[=](auto& x, auto&) { return scatter(x, 0, index, 1.5); },
       [=](auto& x, auto&) { detail::scatter_in_place(x, 0, index, 1.5); }},
      {[=](auto& x, auto& s) { return scatter_add(x, 0, index, s); },
       [=](auto& x, auto& s) { detail::scatter_add_in_place(x, 0, index, s); }},
      {[=](auto& x, auto& s) { return scatter_reduce(x, 0, index, s, Reduce::mean); },
       [=](auto& x, auto& s) {
         detail::scatter_reduce_in_place(x, 0, index, s, Reduce::mean, true);
       }},
      {[=](auto& x, auto&) { return index_fill(x, 0, rows, 2); },
       [=](auto& x, auto&) { detail::index_fill_in_place(x, 0, rows, 2); }},
      {[=](auto& x, auto& s) { return index_fill(x, 0, rows, s[0][0]); },
       [=](auto& x, auto& s) { detail::index_fill_in_place(x, 0, rows, s[0][0]); }},
      {[=](auto& x, auto& s) { return index_copy(x, 0, rows, s); },
       [=](auto& x, auto& s) { detail::index_copy_in_place(x, 0, rows, s); }},
      {[=](auto& x, auto& s) { return index_add(x, 0, rows, s, 3); },
       [=](auto& x, auto& s) { detail::index_add_in_place(x, 0, rows, s, 3); }},
      {[=](auto& x, auto& s) { return index_reduce(x, 0, rows, s, Reduce::amax); },
       [=](auto& x, auto& s) { detail::index_reduce_in_place(x, 0, rows, s, Reduce::amax, true); }},
      {[=](auto& x, auto& s) { return put(x, places, s[0].narrow(0, 0, 2)); },
       [=](auto& x, auto& s) { detail::put_in_place(x, places, s[0].narrow(0, 0, 2), false); }},
      {[=](auto& x, auto& s) { return masked_scatter(x, mask, s); },
       [=](auto& x, auto& s) { detail::masked_scatter_in_place(x, mask, s); }},
      {[=](auto& x, auto& s) { return masked_fill(x, mask, s[0][0]); },
       [=](auto& x, auto& s) { detail::masked_fill_in_place(x, mask, s[0][0]); }},
  };
  const Tensor x = randn({3, 4}, float64).requires_grad_();
  const Tensor s = randn({2, 4}, float64).requires_grad_();
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto changed = [&](const Tensor& a, const Tensor& b) {
      Tensor y = a * 1;
      pairs[i].second(y, b);
      return y.square();
    };
    BOOST_TEST_CONTEXT("pair " << i) {
      const bool wide = i != 10;  // the mask takes as many elements as there are
      const Tensor src = wide ? s : randn({8}, float64).requires_grad_();
      BOOST_TEST(equal(changed(x, src), pairs[i].first(x, src).square()));
      BOOST_TEST(rw::testing::gradcheck(changed, std::vector<Tensor>{x, src}));
    }
  }
}

BOOST_AUTO_TEST_CASE(in_place_from_its_own_memory) {
  Tensor x = arange(6, float32);
  detail::index_copy_in_place(x, 0, arange(5, -1, -1), x);
  const std::vector<float> turned = {5, 4, 3, 2, 1, 0};
  BOOST_TEST(x.to_vector() == turned, per_element());
  Tensor leaf = ones({3}).requires_grad_();
  BOOST_CHECK_THROW(detail::scatter_in_place(leaf, 0, from<int64_t>({0}), 1), AutogradError);
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = ones({2, 3}), index = from<int64_t>({0, 1});
  BOOST_CHECK_EXCEPTION(scatter(x, 0, full({1, 1}, 2), x), IndexError,
                        saying("scatter: index 2 is not in [0, 2)"));
  BOOST_CHECK_EXCEPTION(scatter(x, 0, full({1, 1}, 1), x.to(float64)), DTypeError,
                        saying("scatter: expected a source of float32, as the input, got float64"));
  BOOST_CHECK_EXCEPTION(scatter(x, 0, full({1, 1}, 1), x, Reduce::mean), Error,
                        saying("scatter: expected Reduce::sum or Reduce::prod"));
  BOOST_CHECK_EXCEPTION(index_reduce(x, 0, index, x, Reduce::sum), Error,
                        saying("index_reduce: expected another Reduce than sum"));
  BOOST_CHECK_EXCEPTION(take(x, from<int64_t>({6})), IndexError,
                        saying("take: index 6 is not in [-6, 6)"));
  BOOST_CHECK_EXCEPTION(masked_scatter(x, x > 0, ones({5})), ShapeError,
                        saying("masked_scatter: expected at least 6 elements"));
  BOOST_CHECK_EXCEPTION(one_hot(from<int64_t>({-1})), IndexError, saying("one_hot: index -1"));
}

BOOST_AUTO_TEST_CASE(a_factor_of_another_category_is_refused) {
  Tensor x = zeros({3}, int64);
  const Tensor index = from<int64_t>({0, 2}), source = ones({2}, int64);
  BOOST_CHECK_THROW(x.index_add_(0, index, source, 0.5), DTypeError);
  BOOST_TEST(equal(x, zeros({3}, int64)));
  BOOST_TEST(equal(x.index_add_(0, index, source, 3), from<int64_t>({3, 0, 3})));
}

BOOST_AUTO_TEST_CASE(a_sum_is_changed_in_place_before_backward) {
  const Tensor x = randn({3}).requires_grad_(), source = randn({2}).requires_grad_();
  Tensor y = scatter_reduce(x, 0, from<int64_t>({0, 2}), source, Reduce::sum);
  y.add_(1);
  y.sum().backward();
  BOOST_TEST(equal(source.grad(), ones({2})));
}

BOOST_AUTO_TEST_SUITE_END()
