#include "../check.h"
#include "../dtypes.h"

#include <cmath>

#include <rewind/ops/norm.h>
#include <rewind/tensor/parallel.h>

using namespace rw;
using namespace rw::test;

namespace {

const MemoryFormat formats[] = {MemoryFormat::contiguous, MemoryFormat::channels_last};

// Mean and variance (divided by n - correction) of each channel, by plain loops.
struct Naive {
  std::vector<double> mean, var;
  int64_t n, inner, channels;

  Naive(const Tensor& x, double correction) : channels(x.size(1)) {
    const auto v = x.to_vector<double>();
    inner = x.numel() / x.size(0) / channels;
    n = x.size(0) * inner;
    mean.resize(static_cast<size_t>(channels));
    var.resize(mean.size());
    for (size_t i = 0; i < v.size(); ++i) mean[channel(i)] += v[i] / static_cast<double>(n);
    for (size_t i = 0; i < v.size(); ++i) {
      const double d = v[i] - mean[channel(i)];
      var[channel(i)] += d * d / (static_cast<double>(n) - correction);
    }
  }
  size_t channel(size_t i) const {
    return i / static_cast<size_t>(inner) % static_cast<size_t>(channels);
  }
};

Tensor naive_batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const std::vector<double>& mean, const std::vector<double>& var,
                        double eps) {
  const Naive layout(x, 0);
  const auto w = weight.to_vector<double>(), b = bias.to_vector<double>();
  auto y = x.to_vector<double>();
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t c = layout.channel(i);
    y[i] = (y[i] - mean[c]) / std::sqrt(var[c] + eps) * w[c] + b[c];
  }
  return from(y, x.shape());
}

Tensor in_format(const Tensor& t, MemoryFormat format) {
  return t.dim() == 4 ? t.contiguous(format) : t;
}

// Few and many channels, whole and broken vectors, many pieces; with and without space.
const Shape shapes[] = {{2, 1},          {5, 3},        {64, 37},       {2, 1, 3, 3},
                        {3, 6, 5, 5},    {2, 64, 9, 9}, {4, 3, 70, 70}, {2, 100, 2, 3},
                        {9, 1030, 2, 2}, {3, 5, 7},     {2, 3, 2, 3, 4}};

}  // namespace

BOOST_AUTO_TEST_CASE(batch_norm_training_values) {
  for (const Shape& shape : shapes)
    for (const MemoryFormat format : formats) {
      const Tensor x = in_format(randn(shape, float64) * 2 + 5, format);
      const Shape channels = {shape[1]};
      const Tensor weight = randn(channels, float64), bias = randn(channels, float64);
      const Tensor running_mean = randn(channels, float64), running_var = rand(channels, float64);
      const auto mean_before = running_mean.to_vector<double>();
      const auto var_before = running_var.to_vector<double>();

      const Tensor y = batch_norm(x, weight, bias, running_mean, running_var,
                                  {.training = true, .momentum = 0.3, .eps = 1e-3});
      const Naive batch(x, 0), unbiased(x, 1);
      BOOST_TEST_CONTEXT("shape " << shape) {
        const Tensor expected = naive_batch_norm(x, weight, bias, batch.mean, batch.var, 1e-3);
        BOOST_TEST(relative_error(y, expected) < 1e-12);
        BOOST_TEST((x.dim() != 4 || y.is_contiguous(format)));
        for (size_t c = 0; c < batch.mean.size(); ++c) {
          BOOST_TEST(running_mean[static_cast<int64_t>(c)].item<double>() ==
                         0.7 * mean_before[c] + 0.3 * batch.mean[c],
                     boost::test_tools::tolerance(1e-12));
          BOOST_TEST(running_var[static_cast<int64_t>(c)].item<double>() ==
                         0.7 * var_before[c] + 0.3 * unbiased.var[c],
                     boost::test_tools::tolerance(1e-12));
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(batch_norm_eval_values) {
  for (const Shape& shape : shapes)
    for (const MemoryFormat format : formats) {
      const Tensor x = in_format(randn(shape, float64), format);
      const Shape channels = {shape[1]};
      const Tensor weight = randn(channels, float64), bias = randn(channels, float64);
      const Tensor mean = randn(channels, float64), var = rand(channels, float64);
      const Tensor before = mean.clone();
      const auto m = mean.to_vector<double>(), v = var.to_vector<double>();
      const Tensor y = batch_norm(x, weight, bias, mean, var);
      BOOST_TEST(relative_error(y, naive_batch_norm(x, weight, bias, m, v, 1e-5)) < 1e-12);
      BOOST_TEST((x.dim() != 4 || y.is_contiguous(format)));
      BOOST_TEST(equal(mean, before));
      const Tensor plain = batch_norm(x, {}, {}, mean, var);
      const Tensor one = ones(channels, float64), zero = zeros(channels, float64);
      BOOST_TEST(relative_error(plain, naive_batch_norm(x, one, zero, m, v, 1e-5)) < 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(batch_norm_gradients) {
  for (const bool training : {true, false})
    for (const Shape& shape : {Shape{4, 3}, Shape{2, 2, 3, 2}, Shape{2, 3, 3}, Shape{5, 17}})
      for (const MemoryFormat format : formats)
        for (const int affine : {0, 1, 2, 3}) {
          const Tensor x = in_format(randn(shape, float64), format).requires_grad_();
          const Tensor mean = randn({shape[1]}, float64), var = rand({shape[1]}, float64) + 0.5;
          std::vector<Tensor> inputs = {x};
          for (const int bit : {1, 2})
            if (affine & bit) inputs.push_back(random_leaf({shape[1]}));
          const auto f = [&](const std::vector<Tensor>& in) {
            const Tensor weight = affine & 1 ? in[1] : Tensor();
            const Tensor bias = affine & 2 ? in.back() : Tensor();
            // The running statistics would change from call to call in training.
            return training ? batch_norm(in[0], weight, bias, {}, {}, {.training = true})
                            : batch_norm(in[0], weight, bias, mean, var);
          };
          check_gradients(f, inputs, (training ? "training " : "eval ") + shape.str());
        }
}

BOOST_AUTO_TEST_CASE(batch_norm_gradients_of_some_inputs) {
  // The input of a first layer is constant.
  const Tensor x = randn({4, 3}, float64);
  const Tensor weight = random_leaf({3}), bias = random_leaf({3});
  const auto f = [](const std::vector<Tensor>& in) {
    return batch_norm(in[0], in[1], in[2], {}, {}, {.training = true});
  };
  check_gradients(f, {x, weight, bias}, "constant input");
  check_gradients(f, {random_leaf({4, 3}), weight.detach(), bias.detach()}, "constant parameters");
}

BOOST_AUTO_TEST_CASE(batch_norm_third_derivative) {
  // A gradient is a function as well; its own second derivative is the third.
  const auto gradient = [](const std::vector<Tensor>& in) {
    const enable_grad guard;
    const Tensor y = batch_norm(in[0], in[1], {}, {}, {}, {.training = true});
    return grad({(y * y * y).sum()}, {in[0]}, {}, true, true)[0];
  };
  check_gradients(gradient, {random_leaf({4, 2}), random_leaf({2})});
}

BOOST_AUTO_TEST_CASE(batch_norm_is_accurate_far_from_zero) {
  for (const Shape& shape : {Shape{4000, 6}, Shape{16, 64, 16, 16}, Shape{3, 5, 301}})
    for (const MemoryFormat format : formats)
      for (const double mean : {0.0, 100.0, -3000.0}) {
        const Tensor x = in_format(randn(shape) + mean, format).requires_grad_();
        const Tensor wide = x.detach().to(float64).requires_grad_();
        const BatchNormOptions options = {.training = true};
        const Tensor y = batch_norm(x, {}, {}, {}, {}, options);
        const Tensor expected = batch_norm(wide, {}, {}, {}, {}, options);
        BOOST_TEST(relative_error(y.to(float64), expected) < 1e-6, shape << ", mean " << mean);
        const Tensor g = randn(shape);
        y.backward(g);
        expected.backward(g.to(float64));
        BOOST_TEST(relative_error(x.grad().to(float64), wide.grad()) < 1e-6);
      }
  // The first pixels differ much from all the others, as at the edge of padded images.
  Tensor x = randn({1, 8, 64, 64}) + 1000;
  x = x.contiguous(MemoryFormat::channels_last);
  x.slice(2, 0, 2).zero_();
  const Tensor wide = x.to(float64);
  const Tensor running_var = zeros({8}), wide_var = zeros({8}, float64);
  batch_norm(x, {}, {}, zeros({8}), running_var, {.training = true});
  batch_norm(wide, {}, {}, zeros({8}, float64), wide_var, {.training = true});
  BOOST_TEST(relative_error(running_var.to(float64), wide_var) < 1e-6);
}

BOOST_AUTO_TEST_CASE(batch_norm_of_bfloat16) {
  for (const MemoryFormat format : formats)
    for (const DType parameters : {float32, bfloat16}) {
      const Tensor x =
          (randn({4, 21, 6, 6}) * 3 + 1).to(bfloat16).contiguous(format).requires_grad_();
      const Tensor weight = rand({21}).to(parameters).requires_grad_();
      const Tensor bias = randn({21}).to(parameters).requires_grad_();
      const Tensor running_mean = zeros({21}, parameters), running_var = ones({21}, parameters);
      const Tensor wide = x.detach().to(float64).requires_grad_();
      const Tensor wide_weight = weight.detach().to(float64).requires_grad_();
      const Tensor wide_bias = bias.detach().to(float64).requires_grad_();
      const Tensor wide_mean = zeros({21}, float64), wide_var = ones({21}, float64);
      const Tensor y = batch_norm(x, weight, bias, running_mean, running_var, {.training = true});
      const Tensor expected =
          batch_norm(wide, wide_weight, wide_bias, wide_mean, wide_var, {.training = true});
      BOOST_TEST(y.dtype() == bfloat16);
      BOOST_TEST(relative_error(y.to(float64), expected) < 1e-2);
      const Tensor g = randn(y.shape()).to(bfloat16);
      y.backward(g);
      expected.backward(g.to(float64));
      BOOST_TEST(weight.grad().dtype() == parameters);
      BOOST_TEST(relative_error(x.grad().to(float64), wide.grad()) < 1e-2);
      BOOST_TEST(relative_error(weight.grad().to(float64), wide_weight.grad()) < 1e-2);
      BOOST_TEST(relative_error(bias.grad().to(float64), wide_bias.grad()) < 1e-2);
      BOOST_TEST(relative_error(running_mean.to(float64), wide_mean) < 1e-2);
      BOOST_TEST(relative_error(running_var.to(float64), wide_var) < 1e-2);
    }
}

BOOST_AUTO_TEST_CASE(batch_norm_of_views_and_any_thread_count) {
  const Tensor wide = randn({3, 6, 8, 10}, float64);
  for (const MemoryFormat format : formats) {
    const Tensor view = wide.contiguous(format).slice(3, 1, Slice::none, 2);
    const BatchNormOptions options = {.training = true};
    const Tensor expected = batch_norm(view.contiguous(), {}, {}, {}, {}, options);
    BOOST_TEST(relative_error(batch_norm(view, {}, {}, {}, {}, options), expected) < 1e-14);

    const Tensor x = randn({8, 48, 32, 32}).contiguous(format);
    const int threads = get_num_threads();
    const Tensor y = batch_norm(x, {}, {}, {}, {}, options);
    set_num_threads(threads == 1 ? 3 : 1);
    BOOST_TEST(equal(batch_norm(x, {}, {}, {}, {}, options), y));
    set_num_threads(threads);
  }
}

BOOST_AUTO_TEST_CASE(batch_norm_of_an_empty_batch) {
  const Tensor x = zeros({0, 3, 4, 4}).requires_grad_();
  const Tensor weight = ones({3}).requires_grad_(), mean = zeros({3}), var = ones({3});
  const Tensor y = batch_norm(x, weight, {}, mean, var, {.training = true});
  BOOST_TEST((y.shape() == x.shape()));
  y.sum().backward();
  BOOST_TEST((x.grad().shape() == x.shape()));
  BOOST_TEST(equal(weight.grad(), zeros({3})));
  BOOST_TEST(equal(mean, zeros({3})));
  BOOST_TEST(equal(var, ones({3})));
}

BOOST_AUTO_TEST_CASE(batch_norm_of_no_channels) {
  for (const Shape& shape : {Shape{3, 0}, Shape{3, 0, 2}, Shape{0, 0}})
    for (const DType dtype : test::floating_dtypes)
      for (const bool training : {true, false}) {
        const Tensor x = zeros(shape, dtype).requires_grad_(), none = zeros({0}, dtype);
        const Tensor y =
            batch_norm(x, none, none, none.clone(), none.clone(), {.training = training});
        y.sum().backward();
        BOOST_TEST((y.shape() == shape && x.grad().shape() == shape));
      }
}

BOOST_AUTO_TEST_CASE(batch_norm_errors) {
  const Tensor x = zeros({2, 3, 4, 4}), c = ones({3});
  const auto throws = [](auto f, const std::string& message) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(message));
  };
  throws([&] { batch_norm({}, c, c, c, c); }, "batch_norm: the input is undefined");
  throws([&] { batch_norm(zeros({3}), c, c, c, c); },
         "batch_norm: expected an input [N, C] or [N, C, ...], got shape [3]");
  throws(
      [&] {
        batch_norm(zeros({2, 3}, int64), c, c, c, c);
      },
      "batch_norm: expected a floating input, got int64");
  throws([&] { batch_norm(x, ones({4}), c, c, c); },
         "batch_norm: expected a weight of shape [3] for an input [2, 3, 4, 4], got [4]");
  throws([&] { batch_norm(x, c, ones({3}, float64), c, c); },
         "batch_norm: expected a bias of the input's dtype float32, got float64");
  throws(
      [&] {
        batch_norm(x, c, c, c, ones({1, 3}));
      },
      "batch_norm: expected a running_var of shape [3]");
  throws([&] { batch_norm(x, c, c, c, {}); },
         "batch_norm: expected running_mean and running_var both, or neither");
  throws([&] { batch_norm(x, c, c, {}, {}); },
         "batch_norm: expected running_mean and running_var outside of training");
  throws(
      [&] {
        batch_norm(zeros({1, 3, 1, 1}), c, c, c, c, {.training = true});
      },
      "batch_norm: expected more than 1 value per channel when training, got input size "
      "[1, 3, 1, 1]");
}
