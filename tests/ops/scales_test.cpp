// Norms, variances and softmaxes of numbers that are large, tiny or far from zero for their
// spread, against the same in float64.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "../case.h"
#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

const BatchNormOptions exact_training{.training = true, .eps = 0};

// Their results and gradients stay in range where their input is scaled.
const Case norms[] = {
    {"batch_norm", [](In x, In w, In b) { return batch_norm(x, w, b, {}, {}, exact_training); }},
    {"layer_norm",
     [](In x, In w, In b) {
       const Tensor y = layer_norm(x, {8, 5, 5}, {}, {}, 0);
       return y * w.view({8, 1, 1}) + b.view({8, 1, 1});
     }},
    {"group_norm", [](In x, In w, In b) { return group_norm(x, 2, w, b, 0); }},
    {"instance_norm", [](In x, In w, In b) { return instance_norm(x, w, b, {}, {}, {.eps = 0}); }},
    {"std", [](In x, In w, In) { return x.std(Dims{}) * w; }},
    {"std, along rows", [](In x, In w, In) { return (x.std(Dims{3}) * 1e-3).sum() * w; }},
    {"std, across rows",
     [](In x, In w, In) {
       return (x.std(Dims{0, 1}) * 1e-3).sum() * w;
     }},
};

Tensors value_and_gradients(const Case& c, const Tensor& x, const Tensor& w, const Tensor& b,
                            const Tensor& g) {
  const Tensors leaves = {x.detach().requires_grad_(), w.detach().requires_grad_(),
                          b.detach().requires_grad_()};
  const Tensor y = c.function(leaves)[0];
  y.backward(g.to(y.dtype()).expand(y.shape()));
  Tensors all = {y.detach().to(float64)};
  for (const Tensor& leaf : leaves)
    if (leaf.grad().defined()) all.push_back(leaf.grad().to(float64));
  return all;
}

void check_scaled(const Case& c, DType dtype, MemoryFormat order, double scale) {
  manual_seed(3);
  const Tensor x = (randn({4, 8, 5, 5}, float64) * scale).to(dtype).contiguous(order);
  const Tensor w = (rand({8}, float64) + 0.5).to(dtype), b = randn({8}, float64).to(dtype);
  const Tensor g =
      c.name.starts_with("std") ? ones({8}, dtype) : randn({4, 8, 5, 5}, float64).to(dtype);
  const Tensors got = value_and_gradients(c, x, w, b, g);
  const Tensors wanted = value_and_gradients(c, x.to(float64), w.to(float64), b.to(float64), g);
  BOOST_TEST_REQUIRE(got.size() == wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    // Gradients by x are as small as x is large.
    if (wanted[i].abs().max().item<double>() < 0x1p-120) continue;
    const double error = relative_error(got[i], wanted[i]);
    BOOST_TEST(error < (dtype == bfloat16 ? 0.02 : 1e-5), c.name << " of " << dtype << " times "
                                                                 << scale << ", result " << i
                                                                 << ": " << error);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(norms_and_deviations_take_any_scale) {
  for (const Case& c : norms)
    for (const DType dtype : {float32, bfloat16})
      for (const MemoryFormat order : {MemoryFormat::contiguous, MemoryFormat::channels_last})
        for (const double scale : {1e-30, 1e-25, 1e-20, 1e-12, 1., 1e12, 1e18, 1e19, 1e30, 1e37})
          check_scaled(c, dtype, order, scale);
}

BOOST_AUTO_TEST_CASE(statistics_of_large_batches_run_on) {
  Tensor mean = zeros({2}), variance = ones({2});
  const Tensor x = from({{1e25f, 2}, {3e25f, 4}});
  batch_norm(x, {}, {}, mean, variance, {.training = true, .momentum = 1});
  BOOST_TEST(mean[0].item<double>() == 2e25, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(mean[1].item<double>() == 3);
  BOOST_TEST(variance[1].item<double>() == 2);
}

BOOST_AUTO_TEST_CASE(a_mean_that_rounds_costs_the_variance_nothing) {
  for (const DType dtype : {float32, float64}) {
    const double base = dtype == float32 ? 0x1p24 : 0x1p53;
    const Tensor x = from<double>({base, base + 2}).to(dtype).detach().requires_grad_();
    const Tensor v = x.var(Dims{});
    BOOST_TEST(v.item<double>() == 2);
    v.backward();
    BOOST_TEST(x.grad().to_vector<double>() == std::vector<double>({-2, 2}),
               boost::test_tools::per_element());
    BOOST_TEST(x.std(Dims{}).item<double>() == std::sqrt(2.), boost::test_tools::tolerance(1e-7));
  }
  const Tensor constant = full({100}, 0.1).requires_grad_();
  constant.std(Dims{}).backward();
  BOOST_TEST((constant.grad() == 0).all().item<bool>());
}

// The gradient of x is 0, however large those of the results are.
BOOST_AUTO_TEST_CASE(the_norm_of_one_value_has_no_gradient) {
  const Case of_one[] = {
      {"layer_norm", [](In x, In w, In b) { return layer_norm(x, 1, w[0].view(1), b[0].view(1)); }},
      {"group_norm", [](In x, In w, In b) { return group_norm(x, 4, w, b); }},
      {"layer_norm, small eps", [](In x, In, In) { return layer_norm(x, 1, {}, {}, 1e-12); }},
  };
  for (const Case& c : of_one)
    for (const DType dtype : test::floating_dtypes)
      for (const int64_t rows : {1, 3, 4, 9}) {
        const Tensor x = (randn({rows, 4}, float64) * 100).to(dtype);
        const Tensor w = randn(4, dtype), b = randn(4, dtype), g = randn({rows, 4}, dtype) * 1000;
        const bool flat = c.name.starts_with("layer");
        const Tensor in = (flat ? x.reshape({-1, 1}) : x).detach().requires_grad_();
        const Tensor y = c.function({in, w, b})[0];
        y.backward(g.reshape(y.shape()));
        BOOST_TEST((in.grad() == 0).all().item<bool>(), c.name << " of " << dtype);
      }
}

BOOST_AUTO_TEST_CASE(norms_of_few_or_equal_values_are_as_good_as_their_terms) {
  for (const int64_t width : {2, 3, 5, 8, 17})
    for (const bool constant : {false, true})
      for (const DType dtype : {float32, float64}) {
        manual_seed(static_cast<uint64_t>(width));
        const Shape shape = {6, 2, width};
        const Tensor x = constant ? full(shape, 0.1, float64) : randn(shape, float64);
        const Tensor g = randn(shape, float64).to(dtype), w = ones(2, dtype);
        const Case of_few[] = {
            {"batch_norm", [&](In t) { return batch_norm(t, {}, {}, {}, {}, {.training = true}); }},
            {"layer_norm", [&](In t) { return layer_norm(t, width); }},
            {"group_norm", [](In t) { return group_norm(t, 2); }},
            {"instance_norm", [](In t) { return instance_norm(t); }},
        };
        for (const Case& c : of_few) {
          const auto gradient = [&](const Tensor& at, const Tensor& by) {
            const Tensor leaf = at.detach().requires_grad_();
            c.function({leaf})[0].backward(by);
            return leaf.grad().to(float64);
          };
          const Tensor in = x.to(dtype);
          const Tensor got = gradient(in, g), wanted = gradient(in.to(float64), g.to(float64));
          // Each term is a gradient over the deviation, at most 1 / sqrt(eps).
          const double terms = constant ? 320 : 320 * 0.1;
          const double eps = dtype == float64 ? 0x1p-50 : 0x1p-21;
          BOOST_TEST((got - wanted).abs().max().item<double>() <= 8 * eps * terms,
                     c.name << " of " << width << " values of " << dtype);
        }
      }
}

BOOST_AUTO_TEST_CASE(responses_of_steep_powers_have_gradients) {
  const Tensor x = from({0.3, -1.2, 0.7, 1.1, -0.5, 0.2, 1.4, -0.9, 0.1, 0.6}).view({1, 5, 2});
  const auto slope = [&](DType dtype, double beta) {
    const Tensor leaf = x.to(dtype).requires_grad_();
    return grad({local_response_norm(leaf, 4, 0.875, beta, 1.5625).sum()}, {leaf})[0];
  };
  // The powers go to 1e29, and to 1e-29: their squares are beyond float32.
  for (const double beta : {-88., 88.})
    BOOST_TEST(relative_error(slope(float32, beta), slope(float64, beta)) < 1e-4, beta);
}

// As in PyTorch: NaN where the variance and eps are negative together.
BOOST_AUTO_TEST_CASE(norms_take_any_eps) {
  const Tensor x = from({0., 1., 2., 3.}).to(float32).view({1, 1, 4}), row = x.view({1, 4});
  for (const double eps : {-0.5, -2.}) {
    const double first = -1.5 / std::sqrt(1.25 + eps);  // NaN for -2
    const auto holds = [&](const Tensor& y) {
      const double v = y.flatten()[0].item<float>();
      return std::isnan(first) ? std::isnan(v) : std::abs(v - first) < 1e-5;
    };
    BOOST_TEST(holds(batch_norm(x, {}, {}, {}, {}, {.training = true, .eps = eps})), eps);
    BOOST_TEST(holds(layer_norm(row, 4, {}, {}, eps)), eps);
    BOOST_TEST(holds(group_norm(x, 1, {}, {}, eps)), eps);
    BOOST_TEST(holds(instance_norm(x, {}, {}, {}, {}, {.eps = eps})), eps);
  }
}

// --- Softmax and losses -------------------------------------------------------------------------

namespace {

// Of logits along a dimension, along rows and across them.
const Case of_logits[] = {
    {"softmax", [](In x) { return softmax(x, 1); }},
    {"log_softmax", [](In x) { return log_softmax(x, 1); }},
    {"logsumexp", [](In x) { return logsumexp(x, 1) - amax(x, 1).detach(); }},
    {"cross_entropy",
     [](In x) {
       Shape labels = x.shape();
       labels.erase(1);
       return cross_entropy(x, zeros(labels, int64), {.reduction = Reduction::none});
     }},
    {"cross_entropy, smoothed",
     [](In x) {
       Shape labels = x.shape();
       labels.erase(1);
       return cross_entropy(x, zeros(labels, int64), {.label_smoothing = 0.1});
     }},
};

}  // namespace

BOOST_AUTO_TEST_CASE(large_logits_cost_no_digits) {
  for (const Case& c : of_logits)
    for (const DType dtype : test::floating_dtypes)
      for (const double offset : {-1e8, -1e6, 0., 1e4, 1e6, 1e8, 1e30})
        for (const Shape& shape : {Shape{3, 5}, {2, 33}, {2, 4, 7}, {2, 5, 3, 11}}) {
          if (std::abs(offset) > greatest(dtype)) continue;
          // What is left of small differences is the same in float64.
          const Tensor x = (randint(0, 4, shape, float64) + offset).to(dtype);
          const auto of = [&](const Tensor& at) {
            const Tensor leaf = at.detach().requires_grad_();
            const Tensor y = c.function({leaf})[0];
            y.sum().backward();
            return Tensors{y.detach().to(float64), leaf.grad().to(float64)};
          };
          const Tensor shifted = x.to(float64) - amax(x.to(float64), 1, true);
          const Tensors got = of(x), wanted = of(shifted);
          const double eps = dtype == float64 ? 1e-13 : dtype == float32 ? 1e-5 : 0.02;
          for (size_t i = 0; i < got.size(); ++i) {
            if (c.name == "logsumexp" && i == 0) continue;  // its value is as large
            BOOST_TEST((got[i] - wanted[i]).abs().max().item<double>() <= 4 * eps,
                       c.name << " of " << dtype << " at " << offset << ", result " << i);
          }
        }
}

BOOST_AUTO_TEST_CASE(bce_with_logits_keeps_its_digits_for_either_target) {
  for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum})
    for (const DType dtype : test::floating_dtypes)
      for (const double at : {-100., -30., -8., -0.5, 0., 2., 5., 8., 12., 15., 20., 30., 80.})
        for (const double target : {0., 0.25, 1.}) {
          const Tensor x = full({1}, at, dtype).requires_grad_();
          const Tensor t = full({1}, target, dtype);
          const Tensor loss = binary_cross_entropy_with_logits(x, t, reduction);
          loss.sum().backward();
          const auto softplus_of = [](double v) {
            return std::fmax(v, 0) + std::log1p(std::exp(-std::abs(v)));
          };
          const auto sigmoid_of = [](double v) { return 1 / (1 + std::exp(-v)); };
          const double value = target * softplus_of(-at) + (1 - target) * softplus_of(at);
          const double slope = (1 - target) * sigmoid_of(at) - target * sigmoid_of(-at);
          const double eps = dtype == float64 ? 1e-14 : dtype == float32 ? 1e-6 : 0.02;
          BOOST_TEST(
              std::abs(loss.item<double>() - value) <= eps * value + least_normal(dtype) * eps,
              dtype << " " << at << " for " << target << ": expected " << value << ", got "
                    << loss.item<double>());
          BOOST_TEST(std::abs(x.grad().item<double>() - slope) <=
                         eps * std::abs(slope) + least_normal(dtype) * eps,
                     dtype << " derivative at " << at << " for " << target << ": expected " << slope
                           << ", got " << x.grad().item<double>());
        }
}

// Labels that count, but for nothing: 0 / 0. What is ignored has no part in it.
BOOST_AUTO_TEST_CASE(a_loss_over_no_weight_is_nan_and_so_is_its_gradient) {
  const Tensor weight = zeros(2), labels = from<int64_t>({0, -100, 0});
  const auto check = [&](const char* name, const auto& loss_of) {
    const Tensor x = random_leaf({3, 2});
    const Tensor loss = loss_of(x);
    BOOST_TEST(std::isnan(loss.template item<double>()), name);
    loss.backward();
    const auto g = x.grad().to_vector<double>();
    BOOST_TEST((std::isnan(g[0]) && std::isnan(g[4])), name << ": " << x.grad());
    BOOST_TEST((g[2] == 0 && g[3] == 0), name << ": " << x.grad());
  };
  check("cross_entropy", [&](In x) { return cross_entropy(x, labels, {.weight = weight}); });
  check("cross_entropy, smoothed",
        [&](In x) { return cross_entropy(x, labels, {.weight = weight, .label_smoothing = 0.1}); });
  check("nll_loss", [&](In x) { return nll_loss(x, labels, {.weight = weight}); });
}
