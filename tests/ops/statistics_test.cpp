#include <rewind/ops/statistics.h>

#include <rewind/ops/vector_norm.h>

#include <cmath>
#include <limits>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

const double infinity = std::numeric_limits<double>::infinity();

// What f gives in float32 and reduced types against float64 of the same numbers.
template <class F>
void check_types(const F& f, const Tensor& x, const std::string& what) {
  for (const DType dtype : {float32, float16, bfloat16}) {
    const Tensor in = x.to(dtype).requires_grad_(),
                 exact = in.detach().to(float64).requires_grad_();
    const Tensor y = f(in), wanted = f(exact);
    const double eps = dtype == float32 ? 1e-5 : dtype == float16 ? 4e-3 : 3e-2;
    BOOST_TEST((y.dtype() == dtype), what);
    BOOST_TEST(relative_error(y.to(float64), wanted) < eps, what << " of " << dtype);
    y.sum().backward();
    wanted.sum().backward();
    BOOST_TEST(relative_error(in.grad().to(float64), exact.grad()) < eps,
               what << ", gradient of " << dtype);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(statistics)

BOOST_AUTO_TEST_CASE(of_floating_types) {
  const Tensor x = rand({5, 60}, float64) + 0.5;
  check_types([](const Tensor& t) { return cumprod(t, 1); }, x, "cumprod");
  check_types([](const Tensor& t) { return logcumsumexp(t, 1); }, x, "logcumsumexp");
  check_types([](const Tensor& t) { return logcumsumexp(t, 0); }, x, "logcumsumexp");
  check_types([](const Tensor& t) { return nansum(t, 1); }, x, "nansum");
  for (const double p : {1., 2., 3., 0.5, -1., infinity, -infinity})
    check_types([p](const Tensor& t) { return norm(t, p, 1); }, x, "norm " + std::to_string(p));
  check_types([](const Tensor& t) { return cov(t); }, x, "cov");
}

BOOST_AUTO_TEST_CASE(norms_at_their_kinks) {
  const auto gradient = [](const std::vector<double>& v, double p) {
    const Tensor x = from(v).requires_grad_();
    norm(x, p).backward();
    return x.grad().to_vector<double>();
  };
  for (const double p : {1., 1.5, 2., 3., infinity})
    BOOST_TEST(gradient({0, 0}, p) == (std::vector<double>{0, 0}), per_element());
  BOOST_TEST(gradient({3, -3, 1}, infinity) == (std::vector<double>{0.5, -0.5, 0}), per_element());
  BOOST_TEST(gradient({3, 0, 1}, 0) == (std::vector<double>{0, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(running_totals_of_long_rows) {
  const Tensor x = (rand({2, 100003}, float64) - 0.5) * 0.01 + 1;
  const Tensor product = cumprod(x, 1);
  BOOST_TEST(relative_error(product, exp(cumsum(log(x), 1))) < 1e-10);
  const Tensor y = randn({2, 100003}, float64) * 5;
  BOOST_TEST(relative_error(logcumsumexp(y, 1), log(cumsum(exp(y), 1))) < 1e-12);
  // Steps that are too far for exponentials to be summed up together.
  const Tensor steps = from<double>({-2000, -1999, 0, 1, -5, 1000, 1000, 2000});
  const auto v = logcumsumexp(steps, 0).to_vector<double>();
  const std::vector<double> wanted = {-2000,
                                      -1999 + std::log1p(std::exp(-1)),
                                      0,
                                      1 + std::log1p(std::exp(-1)),
                                      1 + std::log(1 + std::exp(-1) + std::exp(-6)),
                                      1000,
                                      1000 + std::log(2),
                                      2000};
  for (size_t i = 0; i < v.size(); ++i)
    BOOST_TEST(std::abs(v[i] - wanted[i]) <= 1e-12 * std::abs(wanted[i]) + 1e-12, i);
}

BOOST_AUTO_TEST_CASE(extremes_so_far) {
  const Tensor x = randn({3, 2000, 3});
  for (const int64_t d : {0, 1, 2}) {
    const auto [values, indices] = cummax(x, d);
    BOOST_TEST(gather(x, d, indices).equal(values));
    BOOST_TEST(cummin(-x, d).second.equal(indices));
    const int64_t n = x.size(d);
    BOOST_TEST(values.select(d, n - 1).equal(amax(x, d)));
  }
}

// One number of long rows is selected, several come of an order: both give the same, with equal
// values among them, and the same gradients.
BOOST_AUTO_TEST_CASE(quantiles_of_long_rows) {
  const Tensor values = floor(randn({3, 700}, float64) * 40);
  for (const double q : {0., 0.3, 0.5, 1.})
    for (const Interpolation how :
         {Interpolation::linear, Interpolation::lower, Interpolation::higher,
          Interpolation::nearest, Interpolation::midpoint}) {
      const Tensor one = values.clone().requires_grad_(), two = values.clone().requires_grad_();
      const QuantileOptions options = {.dim = -1, .interpolation = how};
      const Tensor selected = quantile(one, q, options);
      const Tensor sorted = quantile(two, from<double>({q, q}), options)[0];
      BOOST_TEST(equal(selected, sorted));
      selected.sum().backward();
      sorted.sum().backward();
      BOOST_TEST(equal(one.grad(), two.grad()));
    }
  values[0][5].fill_(NAN);
  BOOST_TEST(std::isnan(quantile(values, 0.3, {.dim = -1})[0].item<double>()));
  BOOST_TEST(!std::isnan(nanquantile(values, 0.3, {.dim = -1})[0].item<double>()));
}

BOOST_AUTO_TEST_CASE(quantiles_between_values) {
  const Tensor x = from<float>({4, 1, 3, 2});
  BOOST_TEST(quantile(x, 0.5).item() == 2.5f);
  BOOST_TEST(quantile(x, 0.5, {.interpolation = Interpolation::nearest}).item() == 3.f);
  BOOST_TEST(quantile(x, from<float>({0.f, 1.f})).to_vector() == (std::vector<float>{1, 4}),
             per_element());
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = randn({2, 3});
  BOOST_CHECK_EXCEPTION(norm(Tensor()), Error, saying("norm"));
  BOOST_CHECK_EXCEPTION(norm(arange(3)), DTypeError, saying("norm: expected a floating input"));
  BOOST_CHECK_EXCEPTION(norm(x, "abc"), Error,
                        saying("norm: expected a number, \"fro\" or \"nuc\", got"));
  BOOST_CHECK_EXCEPTION(norm(x.to(float64), 2, {}, false, float32), DTypeError,
                        saying("norm: expected a floating dtype that holds float64"));
  BOOST_CHECK_EXCEPTION(quantile(x, 1.5), Error, saying("quantile: expected q in [0, 1]"));
  BOOST_CHECK_EXCEPTION(quantile(x, NAN), Error, saying("quantile: expected q in [0, 1], got nan"));
  BOOST_CHECK_EXCEPTION(diff(x, -1), Error, saying("diff: expected an order of 0 or more, got -1"));
  BOOST_CHECK_EXCEPTION(aminmax(zeros({0})), ShapeError, saying("aminmax: expected at least one"));
  BOOST_CHECK_EXCEPTION(cumprod(x, 0, boolean), DTypeError, saying("cumprod: expected a dtype"));
  BOOST_CHECK_EXCEPTION(std_mean(arange(3)), DTypeError, saying("std_mean: expected a floating"));
}

BOOST_AUTO_TEST_SUITE_END()
