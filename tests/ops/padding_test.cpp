#include <rewind/ops/padding.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

using Padding = std::vector<int64_t>;

const std::vector<PaddingMode> modes = {PaddingMode::zeros, PaddingMode::reflect,
                                        PaddingMode::replicate, PaddingMode::circular};

// Where an entry of a padded dimension comes from, by walking; -1 for the constant.
int64_t source(PaddingMode mode, int64_t i, int64_t n) {
  if (i >= 0 && i < n) return i;
  if (mode == PaddingMode::zeros) return -1;
  if (mode == PaddingMode::replicate) return i < 0 ? 0 : n - 1;
  if (mode == PaddingMode::circular) return (i + n) % n;
  // |i| steps from 0, turning at the ends.
  int64_t position = 0, step = i < 0 ? -1 : 1;
  for (int64_t k = 0; k < std::abs(i); ++k) {
    if (n > 1 && (position + step < 0 || position + step >= n)) step = -step;
    position += step;
  }
  return position;
}

std::vector<double> padded(const Tensor& x, const Padding& padding, PaddingMode mode,
                           double value) {
  const std::vector<double> in = x.to_vector<double>();
  const int rank = x.dim();
  Shape out = x.shape();
  std::vector<int64_t> before(static_cast<size_t>(rank), 0);
  for (size_t k = 0; 2 * k < padding.size(); ++k) {
    const int d = rank - 1 - static_cast<int>(k);
    before[static_cast<size_t>(d)] = padding[2 * k];
    out[d] += padding[2 * k] + padding[2 * k + 1];
  }
  std::vector<double> y;
  for (int64_t i = 0; i < out.numel(); ++i) {
    int64_t rest = i, from = 0, scale = 1;
    bool inside = true;
    for (int d = rank - 1; d >= 0; --d) {
      const int64_t s = source(mode, rest % out[d] - before[static_cast<size_t>(d)], x.shape()[d]);
      inside &= s >= 0;
      from += s * scale;
      rest /= out[d];
      scale *= x.shape()[d];
    }
    y.push_back(inside ? in[static_cast<size_t>(from)] : value);
  }
  return y;
}

struct Case {
  Shape shape;
  Padding padding;
};
const std::vector<Case> cases = {
    {{4}, {2, 3}},
    {{2, 5}, {1, 0}},
    {{3, 4}, {1, 2, 2, 0}},
    {{2, 3, 4, 5}, {2, 1}},
    {{2, 3, 4, 5}, {1, 2, 2, 3}},
    {{2, 3, 4, 5}, {0, 0, 1, 1}},
    {{2, 2, 3, 4}, {1, 1, 0, 2, 1, 0}},
    {{2, 3, 2, 3, 4}, {1, 2, 2, 0, 1, 1}},
    {{2, 2, 3, 2}, {1, 0, 1, 1, 0, 1, 1, 1}},
    {{3, 1, 2}, {1, 1, 0, 0}},
};

// The same values in other memory.
std::vector<Tensor> layouts(const Tensor& x) {
  std::vector<Tensor> all = {x, x.transpose(0, -1).contiguous().transpose(0, -1),
                             cat({x, x}, -1).narrow(-1, 0, x.size(-1))};
  if (x.dim() > 3) all.push_back(x.contiguous(MemoryFormat::channels_last));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_in_all_modes) {
  for (const Case& c : cases)
    for (const PaddingMode mode : modes)
      for (const Tensor& x : layouts(randn(c.shape, float64))) {
        const Tensor y = pad(x, c.padding, mode, 1.5);
        BOOST_TEST_CONTEXT(c.shape << " mode " << static_cast<int>(mode) << " " << x.strides()) {
          BOOST_TEST(y.to_vector<double>() == padded(x, c.padding, mode, 1.5), per_element());
          if (!x.is_contiguous() && x.is_contiguous(MemoryFormat::channels_last))
            BOOST_TEST(y.is_contiguous(MemoryFormat::channels_last));
        }
      }
}

BOOST_AUTO_TEST_CASE(derivatives_of_any_order_in_all_modes) {
  for (const Case& c : cases)
    for (const PaddingMode mode : modes) {
      const Tensor x = randn(c.shape, float64);
      for (const Tensor& t : {x, layouts(x).back()})
        check_gradients(
            [&](const std::vector<Tensor>& in) {
              return pad(in[0], c.padding, mode, 1.5).square();
            },
            {t.detach().requires_grad_()}, c.shape.str());
    }
}

BOOST_AUTO_TEST_CASE(negative_padding_crops) {
  const Tensor x = randn({2, 5, 6}, float64);
  const Padding padding = {-1, 2, 3, -2};
  BOOST_TEST(pad(x, padding, PaddingMode::zeros, 7).to_vector<double>() ==
                 padded(x, padding, PaddingMode::zeros, 7),
             per_element());
  BOOST_TEST(equal(pad(x, {-1, -2}), x.slice(2, 1, 4)));
  BOOST_TEST((pad(x, {-3, -3}).shape() == Shape{2, 5, 0}));
  check_gradients([&](const std::vector<Tensor>& in) { return pad(in[0], padding).square(); },
                  {random_leaf({2, 3, 4})});
}

// As when padded as much as is added, and then cut.
BOOST_AUTO_TEST_CASE(negative_padding_in_other_modes) {
  const Tensor x = randn({2, 5, 6}, float64);
  for (const PaddingMode mode : {PaddingMode::reflect, PaddingMode::replicate})
    BOOST_TEST(equal(pad(x, {-4, 3, 1, -2}, mode),
                     pad(x, {0, 3, 1, 0}, mode).slice(2, 4).slice(1, 0, -2)));
  BOOST_TEST(equal(pad(x, {-2, 4}, PaddingMode::circular),
                   pad(x.slice(2, 2), {0, 4}, PaddingMode::circular)));
}

BOOST_AUTO_TEST_CASE(padding_of_other_types) {
  for (const DType dtype : test::all_dtypes)
    for (const PaddingMode mode : modes) {
      const Tensor x = arange(12).view({3, 4}).to(dtype);
      const Tensor y = pad(x, {1, 2, 2, 1}, mode, 1);
      BOOST_TEST(y.dtype() == dtype);
      BOOST_TEST(y.to_vector<double>() == padded(x, {1, 2, 2, 1}, mode, 1), per_element());
    }
}

BOOST_AUTO_TEST_CASE(gradients_in_narrower_types) {
  for (const PaddingMode mode : modes) {
    const Tensor x = randn({2, 3, 6, 7}, float64), g = randn({2, 3, 15, 15}, float64);
    const auto gradient = [&](DType dtype) {
      const Tensor leaf = x.to(dtype).detach().requires_grad_();
      return grad({pad(leaf, {4, 4, 4, 5}, mode)}, {leaf}, {g.to(dtype)})[0];
    };
    BOOST_TEST(relative_error(gradient(float32), gradient(float64)) < 1e-5);
    BOOST_TEST(relative_error(gradient(bfloat16), gradient(float64)) < 1e-2);
  }
}

BOOST_AUTO_TEST_CASE(large_images_on_all_threads) {
  for (const PaddingMode mode : modes)
    for (const MemoryFormat format : {MemoryFormat::contiguous, MemoryFormat::channels_last}) {
      const Tensor x = randn({1, 5, 90, 110}, float64).contiguous(format);
      const Tensor leaf = x.detach().requires_grad_();
      const Tensor y = pad(leaf, {3, 2, 1, 4}, mode);
      BOOST_TEST(y.to_vector<double>() == padded(x, {3, 2, 1, 4}, mode, 0), per_element());
      // <pad(x), g> = <x, pad_backward(g)>, as pad is linear.
      const Tensor g = randn(y.shape(), float64);
      const double over = (y.detach() * g).sum().item<double>();
      const double back = (x * grad({y}, {leaf}, {g})[0]).sum().item<double>();
      BOOST_TEST(over == back, boost::test_tools::tolerance(1e-9));
    }
}

BOOST_AUTO_TEST_CASE(nothing_to_pad_or_nothing_to_add) {
  const Tensor x = randn({2, 3});
  BOOST_TEST(equal(pad(x, {}), x));
  BOOST_TEST(equal(pad(x, {0, 0}, PaddingMode::reflect), x));
  BOOST_TEST(equal(pad(zeros({0}), {1, 1}, PaddingMode::zeros, 2), full({2}, 2.0)));
  BOOST_TEST((pad(zeros({0, 3}), {1, 1}, PaddingMode::circular).shape() == Shape{0, 5}));
  BOOST_TEST(equal(pad(zeros({}), {}), zeros({})));
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = zeros({2, 3});
  const auto fails = [&](const Padding& padding, PaddingMode mode, const std::string& text) {
    BOOST_CHECK_EXCEPTION(pad(x, padding, mode), ShapeError, saying(text));
  };
  BOOST_CHECK_EXCEPTION(pad(Tensor(), {1, 1}), Error, saying("pad: the input is undefined"));
  fails({1}, PaddingMode::zeros,
        "pad: expected two numbers for each of at most 2 dimensions, got 1 numbers");
  fails({1, 1, 1, 1, 1, 1}, PaddingMode::zeros, "got 6 numbers");
  fails({-2, -2}, PaddingMode::zeros,
        "pad: -2 and -2 cut more off dimension 1 of shape [2, 3] than there is");
  fails({-4, 5}, PaddingMode::zeros, "pad: -4 and 5 cut more off dimension 1");
  fails({3, 0}, PaddingMode::reflect,
        "pad: dimension 1 of shape [2, 3] can't be padded by 3 and 0; reflect takes less than its "
        "size");
  fails({0, 0, 0, 3}, PaddingMode::circular,
        "pad: dimension 0 of shape [2, 3] can't be padded by 0 and 3; circular takes at most its "
        "size");
  fails({-2, -1}, PaddingMode::replicate,
        "pad: -2 and -1 cut more off dimension 1 of shape [2, 3] than there is");
  fails({-2, 2}, PaddingMode::circular, "can't be padded by -2 and 2; circular takes at most");
  BOOST_CHECK_EXCEPTION(pad(zeros({2, 0}), {1, 0}, PaddingMode::replicate), ShapeError,
                        saying("replicate needs an element to repeat"));
}
