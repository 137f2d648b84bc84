#include <rewind/ops/scan.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

// One by one.
Tensor plainly(const Tensor& x, int64_t dim) {
  const Tensor y = x.to(x.is_floating_point() ? float64 : int64).clone();
  for (int64_t k = 1; k < x.shape()[static_cast<int>(dim)]; ++k)
    y.select(dim, k).add_(y.select(dim, k - 1));
  return y;
}

// Small whole numbers, whose sums every dtype holds.
Tensor few(const Shape& shape, DType dtype) {
  return (rand(shape, float64) * 3).floor().sub(1).to(dtype);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scan)

BOOST_AUTO_TEST_CASE(sums_of_every_dtype_shape_and_order) {
  for (const DType dtype : all_dtypes)
    for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 5}, Shape{17, 2}, Shape{9, 40, 3},
                               Shape{2, 1, 600}, Shape{4, 0, 3}})
      for (int d = 0; d < shape.rank(); ++d) {
        const Tensor x = dtype == uint8 ? few(shape, int64).abs().to(uint8) : few(shape, dtype);
        const Tensor wanted = plainly(x, d);
        const Tensor turned = x.transpose(0, -1).contiguous().transpose(0, -1);
        for (const Tensor& in : {x, turned}) {
          const Tensor y = cumsum(in, d);
          BOOST_TEST((y.dtype() == (is_floating(dtype) ? dtype : int64)));
          BOOST_TEST(equal(y.to(wanted.dtype()), wanted), name(dtype) << " " << shape.str());
        }
      }
}

// Cut into pieces that are summed up apart.
BOOST_AUTO_TEST_CASE(long_rows) {
  for (const int64_t n : {4096, 4103, 40000, 65536, 100001})
    for (const int64_t rows : {1, 3}) {
      const Tensor x = few({rows, n}, int64), wanted = plainly(x.t().contiguous(), 0).t();
      BOOST_TEST(equal(cumsum(x, 1), wanted), n);
      const Tensor leaf = x.to(float64).requires_grad_();
      const Tensor y = cumsum(leaf, -1);
      BOOST_TEST(equal(y, wanted.to(float64)), n);
      y.backward(x.to(float64));
      // From the last on.
      BOOST_TEST(equal(leaf.grad(), y.detach().select(1, n - 1).unsqueeze(1) - y + x), n);
    }
}

BOOST_AUTO_TEST_CASE(sums_are_rounded_once) {
  const Tensor y = cumsum(full({1 << 22}, 0.1f), 0);
  BOOST_TEST(y.select(0, (1 << 22) - 1).item() == 0.1f * double{1 << 22},
             boost::test_tools::tolerance(1e-7));
  BOOST_TEST(equal(cumsum(ones({4000}, bfloat16), 0), (arange(4000) + 1).to(bfloat16)));
}

BOOST_AUTO_TEST_CASE(derivatives) {
  for (const int64_t dim : {0, 1, -1})
    check_gradients([=](const std::vector<Tensor>& in) { return cumsum(in[0], dim).square(); },
                    {random_leaf({3, 4, 2})}, "cumsum");
}

BOOST_AUTO_TEST_CASE(edges_and_errors) {
  BOOST_TEST(cumsum(full({}, 3.), 0).item() == 3);
  BOOST_TEST(cumsum(from<int64_t>({INT64_MAX, 1}), 0).select(0, 1).item<int64_t>() == INT64_MIN);
  BOOST_CHECK_EXCEPTION(cumsum(Tensor(), 0), Error, saying("cumsum"));
  BOOST_CHECK_EXCEPTION(cumsum(zeros({2}), 1), IndexError,
                        saying("cumsum: dimension 1 is out of range"));
}

BOOST_AUTO_TEST_CASE(logcumsumexp_of_small_logarithms_is_twice_differentiable) {
  const Tensor x = from<float>({-200, -100, -50}).requires_grad_();
  const std::vector<Tensor> loss = {logcumsumexp(x, 0).sum()}, leaves = {x};
  const std::vector<Tensor> first = grad(loss, leaves, {}, true, true);
  const std::vector<Tensor> second = grad({first[0].square().sum()}, leaves);
  BOOST_TEST(isfinite(second[0]).all().item<bool>());
}

BOOST_AUTO_TEST_SUITE_END()
