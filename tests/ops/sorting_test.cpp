#include <rewind/ops/sorting.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();

// Whether a comes before b: NaN is the greatest.
bool before(double a, double b) { return std::isnan(b) ? !std::isnan(a) : a < b; }

std::vector<int64_t> order_of(const std::vector<double>& v, bool descending) {
  std::vector<int64_t> order(v.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t k) {
    const double a = v[static_cast<size_t>(i)], b = v[static_cast<size_t>(k)];
    return descending ? before(b, a) : before(a, b);
  });
  return order;
}

// Numbers of the dtype, some of them equal, and NaN where it has them.
Tensor numbers(const Shape& shape, DType dtype, double width) {
  const Tensor x = (randn(shape, float64) * width).to(dtype);
  if (!is_floating(dtype)) return x;
  return where(lt(rand(shape), 0.05), nan, where(lt(rand(shape), 0.05), -0., x)).to(dtype);
}

// Rows along the last dimension, against the standard library.
void check_rows(const Tensor& x, bool descending, const std::string& what) {
  const auto [values, indices] = rw::sort(x, -1, descending);
  const int64_t n = x.size(-1), k = std::min<int64_t>(n, 5);
  const Tensor rows = x.reshape({-1, n}), order = indices.reshape({-1, n});
  const Tensor first =
      topk(x.dtype() == boolean ? x.to(uint8) : x, k, -1, descending).second.reshape({-1, k});
  for (int64_t r = 0; r < rows.size(0); ++r) {
    const auto wanted = order_of(rows[r].to_vector<double>(), descending);
    BOOST_TEST_REQUIRE(order[r].to_vector<int64_t>() == wanted, what);
    const std::vector<int64_t> best(wanted.begin(), wanted.begin() + k);
    BOOST_TEST_REQUIRE(first[r].to_vector<int64_t>() == best, what);
  }
  const Tensor taken = gather(x, -1, indices);
  BOOST_TEST(where(isnan(taken), 0, taken).equal(where(isnan(values), 0, values)), what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sorting)

BOOST_AUTO_TEST_CASE(rows_of_every_dtype_and_length) {
  for (const DType dtype : all_dtypes)
    for (const int64_t n : {1, 2, 23, 24, 25, 100, 1000, 5000})
      for (const double width : {3., 100.})
        for (const bool descending : {false, true}) {
          const Tensor x = dtype == boolean ? gt(randn({2, n}), 0) : numbers({2, n}, dtype, width);
          check_rows(x, descending, std::string(name(dtype)) + " " + std::to_string(n));
        }
}

// Those that are parted by their greatest bits first, with clusters far apart.
BOOST_AUTO_TEST_CASE(long_rows) {
  for (const DType dtype : {float32, float64, int64, int32}) {
    const Tensor x = numbers({300000}, dtype, 1e6);
    for (const int threads : {1, 2}) {
      const int before_this = get_num_threads();
      set_num_threads(threads);
      check_rows(x, false, name(dtype));
      check_rows(x + full({}, 1, dtype), true, name(dtype));
      check_rows(where(lt(rand({300000}), 0.001), x, x.abs().clamp(0, 7)).to(dtype), false,
                 name(dtype));
      set_num_threads(before_this);
    }
  }
}

// More than a scan keeps in order, and few columns, in rows that are long beside them.
BOOST_AUTO_TEST_CASE(first_of_few_columns) {
  for (const Shape& shape : {Shape{3000, 2}, Shape{2, 900, 7}, Shape{700, 40}})
    for (const bool ascending : {false, true})
      for (const int64_t k : {1, 5, 12, 13, 40}) {
        const int d = shape.rank() - 2;
        Tensor x = numbers(shape, float32, 2);
        if (ascending) x = rw::sort(x, d).first;
        const auto [values, indices] = topk(x, k, d);
        const auto [wanted, places] = rw::sort(x, d, true);
        BOOST_TEST(allclose(values, wanted.narrow(d, 0, k), 0, 0, true));
        BOOST_TEST(
            indices.equal(topk(x.transpose(d, -1).contiguous(), k, -1).second.transpose(d, -1)));
        BOOST_TEST(
            allclose(topk(x, k, d, true, false).first.sum(d), values.sum(d), 1e-4, 1e-4, true));
      }
}

BOOST_AUTO_TEST_CASE(columns) {
  for (const Shape& shape :
       {Shape{7, 40}, Shape{200, 3}, Shape{1000, 5}, Shape{3, 50, 17}, Shape{2, 9, 1, 4}})
    for (int d = 0; d < shape.rank(); ++d) {
      const Tensor x = numbers(shape, float32, 2);
      const Tensor turned = x.transpose(d, -1).contiguous();
      const auto [values, indices] = rw::sort(x, d);
      const auto [wanted, places] = rw::sort(turned, -1);
      BOOST_TEST(indices.equal(places.transpose(d, -1)));
      const int64_t k = std::min<int64_t>(3, shape[d]);
      BOOST_TEST(topk(x, k, d).second.equal(topk(turned, k, -1).second.transpose(d, -1)));
      BOOST_TEST(
          median(x, d).second.equal(median(turned, -1, true).second.transpose(d, -1).squeeze(d)));
      const int64_t late = (shape[d] + 2) / 3;
      BOOST_TEST(allclose(kthvalue(x, late, d).first, values.select(d, late - 1), 0, 0, true));
    }
}

BOOST_AUTO_TEST_CASE(values_by_rank) {
  for (const int64_t n : {1, 2, 255, 257, 3000, 70000}) {
    const Tensor x = randn({n}, float32);
    const Tensor sorted = rw::sort(x).first;
    for (const int64_t k : {int64_t{1}, (n + 1) / 2, n})
      BOOST_TEST(kthvalue(x, k).first.item() == sorted[k - 1].item(), n << " " << k);
    BOOST_TEST(median(x).item() == sorted[(n - 1) / 2].item());
    const Tensor whole = round(x * 3);
    BOOST_TEST(kthvalue(whole, (n + 1) / 2).first.item() ==
               rw::sort(whole).first[(n - 1) / 2].item());
  }
}

BOOST_AUTO_TEST_CASE(few_of_long_rows) {
  for (const int64_t k : {1, 10, 500}) {
    const Tensor x = randn({3, 20000});
    for (const Tensor& in :
         {x, rw::sort(x).first, rw::sort(x, -1, true).first, zeros({1, 20000})}) {
      const auto [values, indices] = topk(in, k);
      const auto [wanted, order] = rw::sort(in, -1, true);
      BOOST_TEST(values.equal(wanted.narrow(1, 0, k)));
      BOOST_TEST(indices.equal(order.narrow(1, 0, k)));
      const Tensor some = topk(in, k, -1, true, false).first;
      BOOST_TEST(rw::sort(some, -1, true).first.equal(values));
    }
  }
}

// It equals nothing, so that what is there twice is there more often.
BOOST_AUTO_TEST_CASE(nan_is_no_mode_beside_numbers) {
  for (const DType dtype : floating_dtypes) {
    const Tensor x =
        from<double>({{NAN, 1, NAN, 1, NAN, 2}, {NAN, NAN, 3, NAN, NAN, NAN}}).to(dtype);
    const auto [values, indices] = mode(x);
    BOOST_TEST(values.to_vector<double>() == (std::vector<double>{1, 3}), per_element());
    BOOST_TEST(indices.to_vector<int64_t>() == (std::vector<int64_t>{3, 2}), per_element());
    BOOST_TEST(isnan(mode(full({3}, NAN, dtype)).first).item<bool>());
  }
}

BOOST_AUTO_TEST_CASE(zeros_keep_their_signs_and_order) {
  const Tensor x = from<float>({0.f, -0.f, -1.f, -0.f, 0.f});
  const auto [values, indices] = rw::sort(x);
  BOOST_TEST(indices.to_vector<int64_t>() == (std::vector<int64_t>{2, 0, 1, 3, 4}), per_element());
  const auto v = values.to_vector<float>();
  BOOST_TEST(!std::signbit(v[1]));
  BOOST_TEST(std::signbit(v[2]));
}

BOOST_AUTO_TEST_CASE(expanded_rows_are_ordered_as_others) {
  for (const Shape& shape : {Shape{1, 9, 4}, {5, 9, 1}, {5, 1, 4}, {1, 9, 1}, {1, 1, 1}}) {
    const Tensor x = numbers(shape, float64, 2).expand({5, 9, 4}), same = x.clone();
    for (const int64_t dim : {0, 1, 2}) {
      const auto check_same = [&](const auto& f) {
        const auto [values, indices] = f(x);
        const auto [expected, places] = f(same);
        BOOST_TEST(indices.equal(places));
        BOOST_TEST(values.nan_to_num(99).equal(expected.nan_to_num(99)));
      };
      check_same([&](const Tensor& t) { return rw::sort(t, dim, true); });
      check_same([&](const Tensor& t) { return topk(t, 2, dim); });
      check_same([&](const Tensor& t) { return kthvalue(t, 3, dim); });
      check_same([&](const Tensor& t) { return mode(t, dim, true); });
      BOOST_TEST(argsort(x, dim).equal(argsort(same, dim)));
    }
  }
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = randn({2, 3});
  BOOST_CHECK_EXCEPTION(rw::sort(Tensor()), Error, saying("sort"));
  BOOST_CHECK_EXCEPTION(rw::sort(x, 2), IndexError, saying("sort: dimension 2 is out of range"));
  BOOST_CHECK_EXCEPTION(topk(x, 4), IndexError,
                        saying("topk: expected k in [0, 3], the size of dimension 1, got 4"));
  BOOST_CHECK_EXCEPTION(kthvalue(x, 0), IndexError, saying("kthvalue: expected k in [1, 3]"));
  BOOST_CHECK_EXCEPTION(median(zeros({3, 0}), 1), IndexError, saying("median: expected at least"));
  BOOST_CHECK_EXCEPTION(topk(zeros({3}, boolean), 1), DTypeError, saying("topk"));
}

BOOST_AUTO_TEST_SUITE_END()
