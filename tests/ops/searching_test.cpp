#include <rewind/ops/searching.h>

#include <algorithm>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(searching)

BOOST_AUTO_TEST_CASE(unique_values_of_every_dtype) {
  for (const DType dtype : all_dtypes) {
    const Tensor x = (rand({40, 50}) * 30).floor().to(dtype);
    const Unique u = unique(x, {.return_inverse = true, .return_counts = true});
    BOOST_TEST((u.output.dtype() == dtype));
    BOOST_TEST(index_select(u.output, 0, u.inverse_indices.reshape(-1)).reshape({40, 50}).equal(x));
    BOOST_TEST(u.counts.sum().item<int64_t>() == x.numel());
    const auto v = u.output.to_vector<double>();
    BOOST_TEST((std::adjacent_find(v.begin(), v.end(), std::greater_equal<>()) == v.end()));
    const Unique none = unique(x);
    BOOST_TEST(none.output.equal(u.output));
    BOOST_TEST(!none.inverse_indices.defined());
    BOOST_TEST(!none.counts.defined());
  }
}

BOOST_AUTO_TEST_CASE(unique_truth_values) {
  for (const bool value : {false, true}) {
    const Unique u = unique(full({2, 3}, value), {.return_inverse = true, .return_counts = true});
    BOOST_TEST(u.output.equal(full({1}, value)));
    BOOST_TEST(u.counts.equal(full({1}, 6)));
    BOOST_TEST(u.inverse_indices.equal(zeros({2, 3}, int64)));
  }
  BOOST_TEST(unique(zeros({0}, boolean)).output.numel() == 0);
}

BOOST_AUTO_TEST_CASE(unique_slices) {
  const Tensor x = randint(0, 3, {100, 3, 2});
  for (const int64_t dim : {0, 1, 2, -1}) {
    const Unique u = unique(x, {.return_inverse = true, .return_counts = true, .dim = dim});
    BOOST_TEST(index_select(u.output, dim, u.inverse_indices).equal(x));
    BOOST_TEST(u.counts.sum().item<int64_t>() == x.size(dim));
  }
}

// Slices are in the order of their elements, whose dimensions stay in theirs.
BOOST_AUTO_TEST_CASE(unique_slices_along_the_last_of_three_dimensions) {
  const Tensor x = from({0, 0, 1, 0, 0, 1, 0, 0}).reshape({2, 2, 2});
  const Unique u = unique(x, {.return_inverse = true, .dim = 2});
  BOOST_TEST(u.output.equal(from({0, 0, 0, 1, 1, 0, 0, 0}).reshape({2, 2, 2})));
  BOOST_TEST(u.inverse_indices.to_vector<int64_t>() == std::vector<int64_t>({1, 0}), per_element());
  const Tensor y = randint(0, 2, {2, 3, 2, 20});
  const Tensor slices = y.reshape({12, 20});
  BOOST_TEST(
      unique(y, {.dim = 3}).output.reshape({12, -1}).equal(unique(slices, {.dim = 1}).output));
  BOOST_TEST(unique_consecutive(y, {.dim = 3})
                 .output.reshape({12, -1})
                 .equal(unique_consecutive(slices, {.dim = 1}).output));
}

BOOST_AUTO_TEST_CASE(places_among_boundaries) {
  for (const DType dtype : {uint8, int32, int64, float16, bfloat16, float32, float64}) {
    const Tensor edges = (rand({17}) * 60).floor().to(dtype),
                 x = (rand({300}) * 60).floor().to(dtype);
    const Tensor sorted = rw::sort(edges).first;
    auto v = sorted.to_vector<double>();
    const auto values = x.to_vector<double>();
    const auto left = searchsorted(sorted, x).to_vector<int64_t>();
    const auto right = bucketize(x, sorted, true, true).to_vector<int64_t>();
    BOOST_TEST(searchsorted(edges, x, {.sorter = argsort(edges)}).to_vector<int64_t>() == left,
               per_element());
    for (size_t i = 0; i < values.size(); ++i) {
      BOOST_TEST(left[i] == std::lower_bound(v.begin(), v.end(), values[i]) - v.begin());
      BOOST_TEST(right[i] == std::upper_bound(v.begin(), v.end(), values[i]) - v.begin());
    }
  }
}

BOOST_AUTO_TEST_CASE(counts_do_not_depend_on_threads) {
  const Tensor x = randn({200000}), numbers = randint(0, 1000, {200000});
  const int before = get_num_threads();
  set_num_threads(1);
  const Tensor bins = histc(x, 37, -2, 2), counts = bincount(numbers);
  const Histogram h = histogram(x, 37);
  set_num_threads(2);
  BOOST_TEST(histc(x, 37, -2, 2).equal(bins));
  BOOST_TEST(bincount(numbers).equal(counts));
  BOOST_TEST(histogram(x, 37).hist.equal(h.hist));
  set_num_threads(before);
  BOOST_TEST(h.hist.sum().item() == 200000.f);
  BOOST_TEST(counts.sum().item<int64_t>() == 200000);
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = randn({4});
  BOOST_CHECK_EXCEPTION(unique(Tensor()), Error, saying("unique"));
  BOOST_CHECK_EXCEPTION(unique(x, {.dim = 1}), IndexError, saying("unique: dimension 1"));
  BOOST_CHECK_EXCEPTION(searchsorted(x, x, {.side = "middle"}), Error,
                        saying("searchsorted: expected side \"left\" or \"right\""));
  BOOST_CHECK_EXCEPTION(bucketize(x, randn({2, 2})), ShapeError, saying("bucketize: expected"));
  BOOST_CHECK_EXCEPTION(histc(x, 0), Error, saying("histc: expected one bin or more, got 0"));
  BOOST_CHECK_EXCEPTION(bincount(from<int64_t>({-1})), Error, saying("bincount: expected numbers"));
  BOOST_CHECK_EXCEPTION(bincount(x), DTypeError, saying("bincount: expected integers"));
  BOOST_CHECK_EXCEPTION(isin(zeros({2}, boolean), x), DTypeError, saying("isin"));
}

BOOST_AUTO_TEST_CASE(nan_is_like_nothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor bounds = from<float>({1, 3, nan, nan, nan});
  BOOST_TEST(isin(from<float>({1, 2, 3}), bounds).to_vector<int>() == (std::vector<int>{1, 0, 1}),
             boost::test_tools::per_element());
  const Tensor rows = from<float>({1, nan, 1}).view({3, 1});
  BOOST_TEST(unique(rows, {.dim = 0}).output.size(0) == 2);
}

BOOST_AUTO_TEST_CASE(ranges_without_width_or_end) {
  BOOST_TEST(histc(full({4}, 1e8f), 5).sum().item<float>() == 4);
  BOOST_TEST(histc(from<float>({-3e38f, 0, 3e38f}), 100).sum().item<float>() == 3);
  BOOST_CHECK_EXCEPTION(bincount(from<int64_t>({std::numeric_limits<int64_t>::max()})), Error,
                        rw::test::saying("bincount: expected numbers from 0 to 2^63 - 2"));
}

BOOST_AUTO_TEST_SUITE_END()
