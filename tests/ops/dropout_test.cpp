// Dropout: what is kept, how much, the same in backward and on any number of threads.
#include <rewind/tensor/parallel.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

// The mask that a dropout after manual_seed(seed) draws, by the definition.
std::vector<float> plain_mask(int64_t n, double p, uint64_t seed) {
  std::vector<float> mask;
  for (int64_t i = 0; i < n; ++i) {
    const Philox4 r = philox(seed, static_cast<uint64_t>(i / 4));
    mask.push_back(r.v[i % 4] >= p * 0x1p32 ? static_cast<float>(1 / (1 - p)) : 0);
  }
  return mask;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_mask_is_philox_of_seed_and_place) {
  for (const int64_t n : {1, 3, 4, 10, 511, 512, 513, 5000})
    for (const double p : {0.1, 0.5, 0.9}) {
      const uint64_t seed = 0x123456789abcdefu;
      manual_seed(seed);
      BOOST_TEST((dropout(ones(n), p).to_vector() == plain_mask(n, p, seed)));
    }
}

BOOST_AUTO_TEST_CASE(the_right_share_is_kept_and_the_mean_stays) {
  manual_seed(1);
  for (const double p : {0.1, 0.5, 0.75}) {
    const Tensor y = dropout(ones(1 << 18, float64), p);
    const double zeros = eq(y, 0).to(float64).mean().item<double>();
    BOOST_TEST(std::abs(zeros - p) < 0.005);
    BOOST_TEST(std::abs(y.mean().item<double>() - 1) < 0.01);
    BOOST_TEST((eq(y, 0).to(float64) + eq(y, 1 / (1 - p)).to(float64)).mean().item<double>() == 1);
    // Neighbours are independent.
    const Tensor kept = ne(y, 0).to(float64) - (1 - p);
    const double covariance =
        (kept.slice(0, 0, -1) * kept.slice(0, 1)).mean().item<double>() / (p * (1 - p));
    BOOST_TEST(std::abs(covariance) < 0.01);
  }
}

BOOST_AUTO_TEST_CASE(every_call_draws_anew_and_a_seed_repeats) {
  const Tensor x = ones(1000);
  manual_seed(7);
  const Tensor first = dropout(x), second = dropout(x);
  manual_seed(7);
  BOOST_TEST(equal(dropout(x), first));
  BOOST_TEST(!equal(first, second));
}

BOOST_AUTO_TEST_CASE(threads_and_types_do_not_matter) {
  const Tensor x = ones(100003);
  const auto with_threads = [&](int n, DType dtype) {
    const int before = get_num_threads();
    set_num_threads(n);
    manual_seed(3);
    const Tensor y = dropout(x.to(dtype), 0.5);
    set_num_threads(before);
    return y.to(float32);
  };
  const Tensor expected = with_threads(1, float32);
  for (const int n : {1, 2, 3})
    for (const DType dtype : test::floating_dtypes)
      BOOST_TEST(equal(with_threads(n, dtype), expected));
}

BOOST_AUTO_TEST_CASE(backward_draws_the_same_mask) {
  for (const Tensor& x :
       {randn({4, 3, 5, 2}), randn({4, 3, 5, 2}).contiguous(MemoryFormat::channels_last),
        randn({2, 5, 3, 4}).transpose(0, 3)}) {
    const Tensor leaf = x.detach().requires_grad_();
    const Tensor y = dropout(leaf, 0.3);
    y.sum().backward();  // an expanded gradient
    BOOST_TEST(allclose(leaf.grad() * x, y));
    BOOST_TEST((y.is_contiguous(MemoryFormat::channels_last) ==
                x.is_contiguous(MemoryFormat::channels_last)));
  }
}

BOOST_AUTO_TEST_CASE(derivatives) {
  for (const double p : {0.0, 0.4, 1.0})
    check_gradients(
        [p](const std::vector<Tensor>& in) {
          manual_seed(11);
          return dropout(in[0], p) * in[0];
        },
        {random_leaf({3, 5})}, "p = " + std::to_string(p));
}

BOOST_AUTO_TEST_CASE(nothing_and_everything) {
  const Tensor x = from({1, NAN, -3}).requires_grad_();
  BOOST_TEST(dropout(x, 0).is_same(x));
  BOOST_TEST(dropout(x, 0.5, false).is_same(x));
  const Tensor y = dropout(x, 1);
  BOOST_TEST((y.to_vector() == std::vector<float>{0, 0, 0}));
  y.sum().backward();
  BOOST_TEST((x.grad().to_vector() == std::vector<float>{0, 0, 0}));
  BOOST_TEST((dropout(zeros({0, 3}), 0.5).shape() == Shape{0, 3}));
  BOOST_TEST((dropout(zeros({}), 0.5).shape() == Shape{}));
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  BOOST_CHECK_EXCEPTION(dropout(zeros(3), 1.5), Error,
                        saying("dropout: expected a probability in [0, 1], got 1.5"));
  BOOST_CHECK_EXCEPTION(dropout(zeros(3), NAN), Error, saying("got nan"));
  BOOST_CHECK_EXCEPTION(dropout(zeros(3, int64)), DTypeError,
                        saying("dropout: expected a floating input, got int64"));
  BOOST_CHECK_EXCEPTION(dropout(Tensor()), Error, saying("dropout"));
}
